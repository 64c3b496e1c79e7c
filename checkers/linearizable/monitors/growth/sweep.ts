/**
 * Decides whether something can have grown as it was seen to (see `growth.ts`), in O(n log n).
 *
 * The sweep over the events takes steps as late as it can: when a call completes that needs a
 * height, or that is a step itself. The next place is taken by the step that is bound to it, else
 * by the open free step that completes first.
 *
 * That is exact. Let any right order be given, and follow the sweep through it, event by event; an
 * invariant is that the order has taken all places that the sweep has taken, and that the same
 * steps are open in both but for those that the order has taken in addition.
 *
 * - A place that has to be taken by the time of a completion has been taken by then in every order.
 *   The step that is bound to it takes it in every order, so that it has begun by then, or there is
 *   no order.
 * - If a free place is taken by `x` in the sweep and by `y` in the order, `x` completes first. To
 *   exchange the two in the order is right: both are open when the sweep takes the place, so that
 *   `x` may have the earlier of the two places; and `y` the later one, at which `x` was open still,
 *   for `y` completes after `x`. Nobody sees a difference, for the places are free. If `x` took no
 *   place in the order it is indeterminate, and so is `y`, which completes never as well.
 * - To take a place later than the order does makes the height lower, which matters to nobody
 *   before the next completion that needs it: a call that looks needs the height to be `most` or
 *   less at one moment at which it is `least` or more. The height only grows, so that it needs to
 *   be `most` or less at the invocation, and `least` or more at the completion; it then looks at
 *   the first moment at which it is `least`, or at once.
 *
 * An indeterminate step completes never: it takes a place only when nothing else is open, or if it
 * is bound to it. So nothing has to be guessed about those.
 */
import { NONE } from "../../../../src/history/history.js";
import type { Meter } from "../../meter.js";
import type { Timeline } from "../timeline.js";
import { isFree, LEFT_OUT, LOOKS, type Conflict, type Growth } from "./growth.js";
import { OpenSteps } from "./open-steps.js";

/** An order of effect, or why there is none. */
export type Swept = { readonly kind: "order"; readonly order: Int32Array } | Conflict;

const BYTES_PER_CALL = 7 * 4;

/** Looks for an order of effect. @throws LimitReached */
export function sweep(growth: Growth, timeline: Timeline, meter: Meter): Swept {
  meter.reserve(BYTES_PER_CALL * timeline.starts.length);
  meter.spend(4 * timeline.starts.length);
  return new Sweep(growth, timeline).run();
}

class Sweep {
  readonly #growth: Growth;
  readonly #timeline: Timeline;
  readonly #open: OpenSteps;
  readonly #taken: Int32Array;
  readonly #causes: Int32Array;
  /** By height: the last call that waits for it; by call: the one before it. */
  readonly #waiting: Int32Array;
  readonly #previous: Int32Array;
  readonly #isDone: Uint8Array;
  readonly #order: Int32Array;
  #length = 0;
  #height = 0;
  #event = 0;
  #conflict: Conflict | undefined;

  constructor(growth: Growth, timeline: Timeline) {
    const count = timeline.starts.length;
    this.#growth = growth;
    this.#timeline = timeline;
    this.#open = new OpenSteps();
    this.#taken = new Int32Array(growth.total + 2).fill(NONE);
    this.#causes = new Int32Array(growth.total + 2).fill(NONE);
    this.#waiting = new Int32Array(growth.total + 2).fill(NONE);
    this.#previous = new Int32Array(count);
    this.#isDone = new Uint8Array(count);
    this.#order = new Int32Array(count);
  }

  run(): Swept {
    const { starts, callAt, length } = this.#timeline;
    const { kinds } = this.#growth;
    for (let event = 0; event < length; event++) {
      const call = callAt[event] as number;
      if (kinds[call] === LEFT_OUT) continue;
      this.#event = event;
      if (starts[call] === event) this.#begin(call);
      else this.#complete(call);
      if (this.#conflict !== undefined) return this.#conflict;
    }
    return { kind: "order", order: this.#order.subarray(0, this.#length) };
  }

  #begin(call: number): void {
    const { kinds, least, most } = this.#growth;
    if (kinds[call] === LOOKS) {
      const maximum = most[call] as number;
      const minimum = least[call] as number;
      if (this.#height > maximum) this.#tooHigh(call, this.#causes[maximum + 1] as number);
      else if (this.#height >= minimum) this.#order[this.#length++] = call;
      else {
        this.#previous[call] = this.#waiting[minimum] as number;
        this.#waiting[minimum] = call;
      }
    } else if (isFree(this.#growth, call)) {
      this.#open.add(call, this.#timeline.ends[call] as number);
    }
  }

  #complete(call: number): void {
    const minimum = this.#growth.least[call] as number;
    while (this.#height < minimum) if (!this.#step(call)) return;
    if (!isFree(this.#growth, call)) return;
    // Every other open step completes later, so that this one takes the first free place.
    while (this.#isDone[call] === 0) if (!this.#step(call)) return;
  }

  /** Takes the next place; false when nothing can. */
  #step(cause: number): boolean {
    const place = this.#height + 1;
    let step = this.#growth.bound[place] as number;
    if (step === NONE) {
      step = this.#open.takeFirst(this.#timeline.callAt);
      if (step === NONE) {
        this.#conflict = { ...this.#grown(), kind: "too-low", cause };
        return false;
      }
    } else if ((this.#timeline.starts[step] as number) > this.#event) {
      this.#tooHigh(step, cause);
      return false;
    }
    this.#height = place;
    this.#taken[place] = step;
    this.#causes[place] = cause;
    this.#isDone[step] = 1;
    this.#order[this.#length++] = step;
    let looks = this.#waiting[place] as number;
    for (; looks !== NONE; looks = this.#previous[looks] as number) {
      this.#order[this.#length++] = looks;
    }
    return true;
  }

  #tooHigh(call: number, cause: number): void {
    this.#conflict = { ...this.#grown(), kind: "too-high", call, cause };
  }

  #grown(): Pick<Conflict, "event" | "height" | "taken" | "causes"> {
    return {
      event: this.#event,
      height: this.#height,
      taken: this.#taken,
      causes: this.#causes,
    };
  }
}
