/**
 * Whether an operation can still be explained when it sees some of the updates that are left, in
 * any order: what the guarantees say of that is not looked at, so that a state is given up only
 * when it is hopeless. Tried when so few updates are left that this costs less than what it spares.
 */
import { canonical, type Value } from "../../src/history/value.js";
import type { Operation } from "../../src/history/operation.js";
import { hidden, type Call } from "../causal/objects/operations.js";
import type { Meter } from "../linearizable/meter.js";

/** Each more takes twice as much. */
const LEFT_MAX = 8;

/** Remembers what was tried. */
export class Prospects {
  readonly #updates: readonly Call[];
  readonly #hidden: readonly Operation[];
  readonly #step: (state: Value, operation: Operation) => readonly Value[];
  readonly #meter: Meter;
  /** Operation → state and updates that are left → whether there are prospects. */
  readonly #known = new Map<Call, Map<string, boolean>>();

  constructor(
    updates: readonly Call[],
    about: {
      readonly step: (state: Value, operation: Operation) => readonly Value[];
      readonly meter: Meter;
    },
  ) {
    this.#updates = updates;
    this.#hidden = updates.map(({ operation }) => hidden(operation));
    this.#step = about.step;
    this.#meter = about.meter;
  }

  /** The updates that are left, as positions; undefined when these are too many. */
  without(placed: ReadonlySet<Call>): readonly number[] | undefined {
    if (this.#updates.length - placed.size > LEFT_MAX) return undefined;
    return this.#updates.flatMap((update, at) => (placed.has(update) ? [] : [at]));
  }

  /** @throws LimitReached */
  has(call: Call, state: Value, left: readonly number[]): boolean {
    const name = `${left.join()} ${canonical(state)}`;
    let ofCall = this.#known.get(call);
    if (ofCall === undefined) this.#known.set(call, (ofCall = new Map()));
    const known = ofCall.get(name);
    if (known !== undefined) return known;
    this.#meter.reserve(2 * name.length + 40);
    const found =
      this.#step(state, call.operation).length > 0 ||
      left.some((at, place) => {
        if (this.#updates[at] === call) return false;
        const rest = left.toSpliced(place, 1);
        const next = this.#step(state, this.#hidden[at] as Operation);
        return next.some((each) => this.has(call, each, rest));
      });
    ofCall.set(name, found);
    return found;
  }
}
