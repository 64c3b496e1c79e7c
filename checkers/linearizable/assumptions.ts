/**
 * Which kinds of operations change no state: as the model says, or, when it does not, assumed until
 * shown otherwise.
 *
 * The search rests on it twice. (1) *Eager*: a required operation of a kind that changes no state
 * takes effect as soon as its result fits, without branching. (2) *Inert*: an optional operation of
 * such a kind is ignored.
 *
 * Why eager is right. Let c be a configuration, o an operation that is open and enabled in c, and q
 * any sequence that can follow c. When q has no o, q can still follow c·o, for o changed nothing.
 * When q = q1·o·q2, then q1·q2 can follow c·o and ends where q ends, if o leaves the state t
 * between q1 and q2 as it is. Inert: likewise without o.
 *
 * When the model does not say: t is a state that the search itself reaches after c·o, since q1 can
 * follow c·o (by induction over the length of q, for other eager operations on the way). So it
 * suffices that the kind of o changes none of the states that the search reached where that
 * matters, and this is confirmed before the search may say that nothing explains the history
 * (`confirm`). A kind that fails is branched on from then on, and the search starts again. That an
 * order *was* found needs no such care: the order speaks for itself.
 *
 * *Where it matters.* The search stands at t at a level at which o is open in q, or at a later one,
 * for it passes levels as early as it can; so not before the level at which o begins. The last
 * operation of q1 was invoked before o returned. If it is a required one, it is open when o
 * returns, or returns earlier, and the search gets to t when it takes effect, which is at its own
 * level at the latest: so at no later level than that of the last operation that is open when o
 * returns. If it is an optional one, at any later level. An inert operation matters from its
 * beginning on, and there each state is asked as it is reached (`settle` in moves.ts).
 */
import { HarnessError } from "../../src/errors.js";
import { canonical } from "../../src/history/value.js";
import type { Model, ModelOperation } from "../../src/model/model.js";
import type { Meter } from "./meter.js";
import type { Problem } from "./problem.js";
import { eachMeeting, Spans } from "./spans.js";
import { IMPOSSIBLE, type Transitions } from "./transitions.js";

/** An assumption fell that this attempt had relied on; caught by `decide`. */
export class AssumptionFell extends Error {}

/**
 * After so many restarts a fallen kind takes all kinds of its function with it, so that there are
 * few.
 */
const RESTARTS_BY_KIND = 4;

/** What is held about the kinds of one part; lives as long as their numbers. */
export class Assumptions {
  /** Kind → 1 when it may change a state: branch on it. */
  changing: Uint8Array = new Uint8Array(0);
  /** Kind → 1 when an optional operation of this kind may change a state: count it. */
  active: Uint8Array = new Uint8Array(0);
  /** Kind → 1 when the present attempt has let one take effect eagerly. */
  relied: Uint8Array = new Uint8Array(0);
  restarts = 0;
  /** What the present attempt reached; undefined when the model says what changes nothing. */
  readonly reached: Spans | undefined;
  readonly #model: Model;
  readonly #transitions: Transitions;
  readonly #meter: Meter;
  /** Where it matters what the present attempt relied on. */
  readonly #spans: Spans;

  constructor(model: Model, transitions: Transitions, meter: Meter) {
    this.#model = model;
    this.#transitions = transitions;
    this.#meter = meter;
    this.#spans = new Spans(meter);
    this.reached = model.readOnly === undefined ? new Spans(meter) : undefined;
  }

  /** Whether the model says itself what changes nothing. */
  get declared(): boolean {
    return this.#model.readOnly !== undefined;
  }

  /** Makes room for new kinds and forgets what the last attempt relied on. */
  begin(): void {
    const { kinds } = this.#transitions;
    this.relied = new Uint8Array(kinds.length);
    this.reached?.clear();
    const known = this.changing.length;
    if (known === kinds.length) return;
    this.changing = lengthened(this.changing, kinds.length);
    this.active = lengthened(this.active, kinds.length);
    if (this.#model.readOnly === undefined) return;
    for (let kind = known; kind < kinds.length; kind++) {
      const flag = this.#model.readOnly(kinds[kind] as ModelOperation) ? 0 : 1;
      this.changing[kind] = flag;
      this.active[kind] = flag;
    }
  }

  /**
   * A required operation of this kind changed a state. @throws AssumptionFell when the attempt
   * relied on it
   */
  changes(kind: number, state: number): void {
    this.#refuseFalseClaim(kind, state);
    this.changing[kind] = 1;
    if (this.relied[kind] === 0) return;
    if (++this.restarts > RESTARTS_BY_KIND) this.#whole(kind, this.changing);
    throw new AssumptionFell();
  }

  /** An optional operation of this kind changed a state. @throws AssumptionFell */
  activate(kind: number, state: number): never {
    this.#refuseFalseClaim(kind, state);
    this.restarts++;
    this.#whole(kind, this.active);
    throw new AssumptionFell();
  }

  /**
   * Confirms what an attempt relied on that found nothing up to this level.
   * @throws AssumptionFell
   * @throws LimitReached
   */
  confirm(problem: Problem, level: number): void {
    if (this.reached === undefined) return;
    const relied = this.#spansOfRelied(problem, level);
    this.#meter.spend(problem.levels + relied.count + this.reached.count);
    eachMeeting(relied, this.reached, (kind, state) => {
      this.#meter.spend(1);
      const next = this.#transitions.next(state, kind);
      if (next !== IMPOSSIBLE && next !== state) this.changes(kind, state);
    });
  }

  /** From where to where it matters that a kind changes nothing. */
  #spansOfRelied({ levels, kinds, begins, groups, ...problem }: Problem, level: number): Spans {
    const spans = this.#spans;
    spans.clear();
    const begun = problem.groupsBegun[level] ?? groups.length;
    const active = groups.slice(0, begun).some(({ kind }) => this.active[kind] === 1);
    for (let operation = 0; operation < levels; operation++) {
      const kind = kinds[operation] as number;
      if (this.relied[kind] === 0) continue;
      const from = begins[operation] as number;
      if (from > level) continue;
      const lastOpen = problem.open[(problem.openStart[operation + 1] as number) - 1] as number;
      spans.add(kind, from, active ? levels : lastOpen);
    }
    return spans;
  }

  /** A model that calls an operation read-only which is not would make wrong verdicts. */
  #refuseFalseClaim(kind: number, state: number): void {
    if (this.#model.readOnly === undefined) return;
    const { f } = this.#transitions.kinds[kind] as ModelOperation;
    throw new HarnessError(
      "bad-argument",
      `the model ${this.#model.name} is at fault: it calls ${f} read-only, but in the state ` +
        `${canonical(this.#transitions.stateAt(state))} it leads to another. Mend its readOnly, or leave it out.`,
    );
  }

  #whole(kind: number, flags: Uint8Array): void {
    const f = this.#transitions.kinds[kind]?.f;
    for (let other = 0; other < flags.length; other++) {
      if (this.#transitions.kinds[other]?.f === f) flags[other] = 1;
    }
  }
}

function lengthened(flags: Uint8Array, length: number): Uint8Array {
  const longer = new Uint8Array(length);
  longer.set(flags);
  return longer;
}
