/**
 * The model as a table: states and kinds of operations are small integers, and each transition is
 * asked of the model once. The search touches nothing but integers, so that a user's model costs
 * what ours cost.
 */
import type { Model, ModelOperation } from "../../src/model/model.js";
import type { Value } from "../../src/history/value.js";
import { stateOf } from "../../src/model/state.js";
import type { Meter } from "./meter.js";
import { States } from "./states.js";

/** The operation's result is impossible in this state. */
export const IMPOSSIBLE: number = -1;

/** Added to a kind for the answers of the model's look-ahead. */
const AHEAD = 1 << 29;

/** What a call of the model counts as, in look-ups. */
const STEP_WORK = 16;
/** Bytes of a list of next states: an array, its place in another one, and its numbers. */
const LIST_BYTES = 80;
const LIST_ENTRY_BYTES = 8;

/** A lazily filled table `state × kind → states`, in open addressing. */
export class Transitions {
  readonly kinds: ModelOperation[] = [];
  readonly model: Model;
  readonly #meter: Meter;
  readonly #states: States;
  /** Next states of nondeterministic transitions; entry `n` is coded as `-2 - n`. */
  readonly #several: number[][] = [];
  #slots = 0;
  #count = 0;
  /** Three words a slot: state + 1 (0 when empty), kind, result. */
  #table = new Int32Array(0);

  constructor(model: Model, meter: Meter) {
    this.model = model;
    this.#meter = meter;
    this.#states = new States(meter);
    this.#resize(64);
  }

  /** The number of the state before the first operation. */
  initial(): number {
    return this.#intern(this.model.initial());
  }

  /** The number of a state that comes from elsewhere (a set of states carried across). */
  numberOf(state: Value): number {
    return this.#intern(state);
  }

  /** The state with this number, frozen. */
  stateAt(number: number): Value {
    return this.#states.at(number);
  }

  /**
   * The state that `kind` leads to from `state`; `IMPOSSIBLE`; or, when it may lead to several, a
   * code below that for `several`.
   */
  next(state: number, kind: number): number {
    return this.#look(state, kind);
  }

  /** Whether the model's look-ahead lets this state still lead to this kind of operation. */
  mayLeadTo(state: number, kind: number): boolean {
    return this.#look(state, kind | AHEAD) === 1;
  }

  #look(state: number, kind: number): number {
    const mask = this.#slots - 1;
    let slot = (Math.imul(state, 0x9e3779b1) ^ Math.imul(kind, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    for (;;) {
      const at = slot * 3;
      const key = this.#table[at] as number;
      if (key === 0) return this.#ask(state, kind);
      if (key === state + 1 && this.#table[at + 1] === kind) return this.#table[at + 2] as number;
      slot = (slot + 1) & mask;
    }
  }

  /** The states behind a code below `IMPOSSIBLE`. */
  several(code: number): readonly number[] {
    return this.#several[-2 - code] as number[];
  }

  #ask(state: number, kind: number): number {
    this.#meter.spend(STEP_WORK);
    const result = kind >= AHEAD ? this.#askAhead(state, kind & ~AHEAD) : this.#step(state, kind);
    if (2 * (this.#count + 1) > this.#slots) this.#resize(2 * this.#slots);
    this.#put(state, kind, result);
    this.#count++;
    return result;
  }

  #askAhead(state: number, kind: number): number {
    const { lookAhead } = this.model;
    const given = this.#states.at(state);
    return lookAhead?.mayLeadTo(given, this.kinds[kind] as ModelOperation) === false ? 0 : 1;
  }

  #step(state: number, kind: number): number {
    const found = this.model.step(this.#states.at(state), this.kinds[kind] as ModelOperation);
    let result = IMPOSSIBLE;
    if (found.length === 1) {
      result = this.#intern(found[0] as Value);
    } else if (found.length > 1) {
      const numbers = [...new Set(found.map((next) => this.#intern(next)))];
      if (numbers.length === 1) result = numbers[0] as number;
      else {
        this.#meter.reserve(LIST_BYTES + LIST_ENTRY_BYTES * numbers.length);
        result = -1 - this.#several.push(numbers);
      }
    }
    return result;
  }

  #put(state: number, kind: number, result: number): void {
    const mask = this.#slots - 1;
    let slot = (Math.imul(state, 0x9e3779b1) ^ Math.imul(kind, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    while (this.#table[slot * 3] !== 0) slot = (slot + 1) & mask;
    this.#table[slot * 3] = state + 1;
    this.#table[slot * 3 + 1] = kind;
    this.#table[slot * 3 + 2] = result;
  }

  #resize(slots: number): void {
    this.#meter.reserve(12 * slots);
    const old = this.#table;
    this.#table = new Int32Array(3 * slots);
    this.#slots = slots;
    for (let at = 0; at < old.length; at += 3) {
      const key = old[at] as number;
      if (key !== 0) this.#put(key - 1, old[at + 1] as number, old[at + 2] as number);
    }
    this.#meter.release(4 * old.length);
  }

  #intern(given: Value): number {
    return this.#states.intern(stateOf(this.model, given));
  }
}
