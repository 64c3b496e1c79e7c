/**
 * An order of effect for the calls of a lock, made while walking over the history: a call takes
 * effect when it ends, and others before it only if it cannot without them. An acquisition that
 * finds too much held needs releases that are open; a release of what is not held needs open
 * acquisitions of its owner. Of several the one that ends first, indeterminate ones last.
 *
 * **One owner** (a lock without owners), all calls about equally many permits: when a call is stuck
 * nothing explains the history. By induction over ends: let some order explain the rest of the
 * history from here on, let x be the call that ends next, and let w be what the order has up to
 * that end, x included. None of w ends before x, so that all of w can wait until just before that
 * end, where all of w is open. Let x be an acquisition (a release likewise, with held and free
 * exchanged), and one that is open in w before x change places with x: both are open, so that x is
 * the first acquisition of w. What stands before x are releases. If there is room at first, x goes
 * to the front: after it and k releases there is held what was held, plus one, minus k, at most
 * what had been allowed and, as k releases were possible before, not below none. If there is none,
 * the first of w is a release; x goes behind that one. So x, or a release and x, come first, and
 * what is left of w can as well come after the end of x. The release may be the open one y that
 * ends first: if y stands later in the order, both change places, and the other one, which ends
 * later, is still open where y was; if y is nowhere it is indeterminate, and so is the other one,
 * which is then left out in its stead.
 *
 * **Owners of whom each has one call at a time**: releases that completed take effect at once when
 * they are invoked. At every moment each owner then holds the least that it can: what it acquired
 * has completed, and what it released was invoked before, and an owner's own calls have one order.
 * So when a call is stuck nothing explains the history. An indeterminate call is the last of its
 * owner; a release is used when somebody needs room, an acquisition never.
 *
 * In other cases the order is right when it is found, and nothing is known when it is not: see
 * `stuck.ts`. Refusals are put where the order allows them, if it does.
 */
import { INFO, NONE } from "../../../../src/history/history.js";
import type { Meter } from "../../meter.js";
import { OpenCalls } from "./open-calls.js";
import { ACQUIRE, REFUSED_ACQUIRE, RELEASE, type Requests } from "./requests.js";
import type { Windows } from "./windows.js";

/** How much can be held at once. */
export interface Limits {
  /** By all together. */
  readonly total: number;
  /** By each owner. */
  readonly each: number;
  /** By how many owners. */
  readonly holders: number;
}

/** What there is to order. */
export interface LockQuestion {
  readonly requests: Requests;
  readonly windows: Windows;
  readonly limits: Limits;
}

/** An order, or a call that cannot have taken effect by its end. */
export type Scheduled =
  | {
      readonly kind: "order";
      readonly order: Int32Array;
      /** Whether every refusal has a place in it. */
      readonly hasRefusals: boolean;
    }
  | { readonly kind: "stuck"; readonly call: number };

/** Bytes of the tables here, an operation. */
export const BYTES_OF_SCHEDULE: number = 4 * 6;

/** Whether a stuck call refutes the history. */
export function isExact({ isEven, isSequential, ownerCount }: Requests): boolean {
  return isSequential || (ownerCount <= 1 && isEven);
}

/** Walks over all calls. O(n log n), beside refusals that wait. @throws LimitReached */
export function schedule(question: LockQuestion, meter: Meter): Scheduled {
  const { windows } = question;
  const { starts, ends, byStart, byEnd } = windows;
  const walk = new Walk(question, meter);
  let next = 0;
  for (let place = 0; place < byEnd.length; place++) {
    const call = byEnd[place] as number;
    const end = ends[call] as number;
    for (; next < byStart.length; next++) {
      const begun = byStart[next] as number;
      if ((starts[begun] as number) > end) break;
      walk.begin(begun);
    }
    if (!walk.end(call)) return { kind: "stuck", call };
  }
  return { kind: "order", order: walk.order(), hasRefusals: walk.hasRefusals };
}

class Walk {
  hasRefusals = true;
  readonly #requests: Requests;
  readonly #limits: Limits;
  readonly #meter: Meter;
  readonly #releasesAtOnce: boolean;
  readonly #order: Int32Array;
  #length = 0;
  readonly #isPlaced: Uint8Array;
  /** By owner: twice its number for its acquisitions, one more for its releases. */
  readonly #open: OpenCalls;
  /** Owners that may have something to release: what stands here is looked at before use. */
  readonly #releasing: number[] = [];
  /** Refusals that wait for their moment. */
  #waiting: number[] = [];
  readonly #held: Float64Array;
  #total = 0;
  #holders = 0;

  constructor({ requests, windows, limits }: LockQuestion, meter: Meter) {
    const { count } = requests.calls;
    this.#requests = requests;
    this.#limits = limits;
    this.#meter = meter;
    this.#releasesAtOnce = requests.ownerCount > 1 || !requests.isEven;
    this.#order = new Int32Array(count);
    this.#isPlaced = new Uint8Array(count);
    this.#open = new OpenCalls(windows.ranks, 2 * requests.ownerCount);
    this.#held = new Float64Array(requests.ownerCount);
  }

  order(): Int32Array {
    return this.#order.subarray(0, this.#length);
  }

  begin(call: number): void {
    const { kinds, owners, amounts, calls } = this.#requests;
    const kind = kinds[call] as number;
    const owner = owners[call] as number;
    if (kind > RELEASE) {
      if (this.#isRefused(call)) this.#place(call);
      else this.#waiting.push(call);
      return;
    }
    if (kind === ACQUIRE) {
      this.#open.push(2 * owner, call);
      return;
    }
    this.#open.push(2 * owner + 1, call);
    const held = this.#held[owner] as number;
    const atOnce = this.#releasesAtOnce && calls.outcomes[call] !== INFO;
    if (atOnce && this.#open.first(2 * owner + 1) === call && held >= (amounts[call] as number)) {
      this.#releaseFirst(owner);
    } else if (held > 0) {
      this.#releasing.push(owner);
    }
  }

  /** False when the call cannot have taken effect. */
  end(call: number): boolean {
    const { kinds, owners, amounts } = this.#requests;
    const kind = kinds[call] as number;
    const owner = owners[call] as number;
    if (kind > RELEASE) {
      if (this.#isPlaced[call] === 1) return true;
      this.#waiting = this.#waiting.filter((other) => other !== call);
      this.hasRefusals = false;
      return true;
    }
    while (this.#isPlaced[call] === 0) {
      if (kind === RELEASE && (this.#held[owner] as number) >= (amounts[call] as number)) {
        this.#releaseFirst(owner);
      } else if (!this.#acquireFirst(owner)) {
        return false;
      }
    }
    return true;
  }

  #acquireFirst(owner: number): boolean {
    const call = this.#open.first(2 * owner);
    if (call === NONE) return false;
    const amount = this.#requests.amounts[call] as number;
    while (!this.#hasRoom(owner, amount)) {
      const releasing = this.#releasingOwner(owner, amount);
      if (releasing === NONE) return false;
      this.#releaseFirst(releasing);
    }
    this.#open.shift(2 * owner);
    if (this.#held[owner] === 0) this.#holders++;
    this.#held[owner] = (this.#held[owner] as number) + amount;
    this.#total += amount;
    if (this.#open.first(2 * owner + 1) !== NONE) this.#releasing.push(owner);
    this.#take(call);
    return true;
  }

  #hasRoom(owner: number, amount: number): boolean {
    const { total, each, holders } = this.#limits;
    const held = this.#held[owner] as number;
    return (
      this.#total + amount <= total &&
      held + amount <= each &&
      (held > 0 || this.#holders < holders)
    );
  }

  /** Who can release something, so that this one has room. */
  #releasingOwner(owner: number, amount: number): number {
    if ((this.#held[owner] as number) + amount > this.#limits.each) {
      return this.#canRelease(owner) ? owner : NONE;
    }
    for (let last = this.#releasing.at(-1); last !== undefined; last = this.#releasing.at(-1)) {
      if (this.#canRelease(last)) return last;
      this.#releasing.pop();
    }
    return NONE;
  }

  #canRelease(owner: number): boolean {
    const first = this.#open.first(2 * owner + 1);
    const { amounts } = this.#requests;
    return first !== NONE && (this.#held[owner] as number) >= (amounts[first] as number);
  }

  #releaseFirst(owner: number): void {
    const call = this.#open.first(2 * owner + 1);
    const amount = this.#requests.amounts[call] as number;
    this.#open.shift(2 * owner + 1);
    this.#held[owner] = (this.#held[owner] as number) - amount;
    if (this.#held[owner] === 0) this.#holders--;
    this.#total -= amount;
    this.#take(call);
  }

  /** A call takes effect, and refusals that waited for this may follow. */
  #take(call: number): void {
    this.#place(call);
    if (this.#waiting.length === 0) return;
    this.#meter.spend(this.#waiting.length);
    this.#waiting = this.#waiting.filter((refused) => {
      if (!this.#isRefused(refused)) return true;
      this.#place(refused);
      return false;
    });
  }

  #place(call: number): void {
    this.#order[this.#length++] = call;
    this.#isPlaced[call] = 1;
  }

  /** Whether the lock as it is now refuses that. */
  #isRefused(call: number): boolean {
    const { kinds, owners, amounts } = this.#requests;
    const owner = owners[call] as number;
    const amount = amounts[call] as number;
    if (kinds[call] === REFUSED_ACQUIRE) return !this.#hasRoom(owner, amount);
    return (this.#held[owner] as number) < amount;
  }
}
