/**
 * What the operations of a register say, when every value that was seen was written once: a read
 * tells which write it saw, and a compare-and-set which one it followed.
 *
 * An identical compare-and-set (of a to a) is a read of a.
 *
 * Indeterminate operations. One that wrote a value which was *observed* (by a completed read or
 * compare-and-set, or by an indeterminate compare-and-set whose own value was observed) is the only
 * one that can have written it: it happened, at some time after its invocation. Every other one is
 * left out: take it out of an order that explains the history, and what it left is the value
 * before it, for longer; what was possible while its value stood, which nobody saw, were
 * indeterminate operations that happened to change nothing, and refusals (see
 * `refusals.ts`), which are looked at apart. An order without it is an order of the
 * history, since it need not have happened.
 */
import { FAIL, INFO, NONE, OK } from "../../../../src/history/history.js";
import { sameValue, type Value } from "../../../../src/history/value.js";
import type { Calls, MonitorQuestion } from "../monitor.js";
import { PositionNumbering, ValueNumbering } from "../numbering.js";

/** The roles that are known, and their positions. */
export const REGISTER_ROLES: readonly string[] = ["read", "write", "cas"];
const READ = 0;
const WRITE = 1;

/** What a call did: nothing that matters. */
const LEFT_OUT = 0;
/** Saw `seen`. */
export const SEES = 1;
/** Put `made` in the place of whatever there was. */
export const MAKES = 2;
/** Put `made` in the place of `seen`. */
export const SWAPS = 3;
/** Happened while the value was another one than `seen`. */
export const REFUSES = 4;
/** Happened, and says nothing. */
export const SAYS_NOTHING = 5;

/** Calls and values in numbers; `NONE` where there is none. */
export interface RegisterFacts {
  /** By call. */
  readonly kinds: Uint8Array;
  readonly seen: Int32Array;
  readonly made: Int32Array;
  /** How many values there are. */
  readonly count: number;
  /** The number of the initial value. */
  readonly initial: number;
  /** By value: the call that wrote it. */
  readonly writers: Int32Array;
  /** By value: a completed call that cannot be explained unless the register held the value. */
  readonly witnesses: Int32Array;
  valueAt(number: number): Value;
}

/** Bytes of the tables here, an operation. */
export const BYTES_OF_FACTS: number = 1 + 4 * 18;

/** Two or more indeterminate operations that wrote the same value. */
const SEVERAL = -2;

/** Reads what the calls say; a text with the reason when values are not unique. O(n). */
export function readFacts({ calls, model }: MonitorQuestion): RegisterFacts | string {
  const { count, roles } = calls;
  const numbers = new ValueNumbers(calls);
  const kinds = new Uint8Array(count);
  const seen = new Int32Array(count).fill(NONE);
  const made = new Int32Array(count).fill(NONE);
  for (let call = 0; call < count; call++) {
    const role = roles[call];
    const read = role === READ ? readRead : role === WRITE ? readWrite : readCas;
    const problem = read(call, { calls, numbers, kinds, seen, made }, model.options);
    if (problem !== undefined) return problem;
  }
  const initial = numbers.find(model.initial());
  const found = findWriters(
    { outcomes: calls.outcomes, kinds, seen, made, initial },
    numbers.count,
  );
  if (typeof found === "string") return found;
  const valueAt = (number: number): Value => numbers.valueAt(number);
  return { kinds, seen, made, count: numbers.count, initial, valueAt, ...found };
}

interface Columns {
  readonly calls: Calls;
  readonly numbers: ValueNumbers;
  readonly kinds: Uint8Array;
  readonly seen: Int32Array;
  readonly made: Int32Array;
}

type Options = MonitorQuestion["model"]["options"];

function readRead(call: number, columns: Columns, options: Options): string | undefined {
  const { calls, numbers, kinds, seen } = columns;
  if (calls.outcomes[call] === INFO) return undefined;
  if (calls.outcomes[call] === FAIL) return "a read that failed is an observation";
  const position = calls.outputs[call] as number;
  if (options["nilReads"] === "unknown" && calls.pool[position] === null) {
    kinds[call] = SAYS_NOTHING;
    return undefined;
  }
  kinds[call] = SEES;
  seen[call] = numbers.at(position);
  return undefined;
}

function readWrite(call: number, columns: Columns): string | undefined {
  const { calls, numbers, kinds, made } = columns;
  if (calls.outcomes[call] === FAIL) return "a write that failed is an observation";
  kinds[call] = MAKES;
  made[call] = numbers.at(calls.inputs[call] as number);
  return undefined;
}

function readCas(call: number, columns: Columns): string | undefined {
  const { calls, numbers, kinds, seen, made } = columns;
  const input = calls.pool[calls.inputs[call] as number];
  if (!Array.isArray(input) || input.length !== 2) return "a cas has no [old, new]";
  const from = numbers.of(input[0] as Value);
  const outcome = calls.outcomes[call];
  const refused =
    outcome === FAIL || (outcome === OK && calls.pool[calls.outputs[call] as number] === false);
  seen[call] = from;
  if (refused) {
    kinds[call] = REFUSES;
    return undefined;
  }
  const to = numbers.of(input[1] as Value);
  if (to === from) {
    kinds[call] = outcome === OK ? SEES : LEFT_OUT;
    return undefined;
  }
  kinds[call] = SWAPS;
  made[call] = to;
  return undefined;
}

type Read = Pick<Columns, "kinds" | "seen" | "made"> &
  Pick<Calls, "outcomes"> & { initial: number };

/** Which call wrote each value, and who proves it. Leaves out what nobody can have observed. */
function findWriters(
  { outcomes, kinds, seen, made, initial }: Read,
  valueCount: number,
): Pick<RegisterFacts, "writers" | "witnesses"> | string {
  const writers = new Int32Array(valueCount).fill(NONE);
  const witnesses = new Int32Array(valueCount).fill(NONE);
  /** Indeterminate ones. */
  const possible = new Int32Array(valueCount).fill(NONE);
  for (let call = kinds.length - 1; call >= 0; call--) {
    const kind = kinds[call];
    const value = made[call] as number;
    const known = outcomes[call] === OK;
    if (known && (kind === SEES || kind === SWAPS)) witnesses[seen[call] as number] = call;
    if (kind !== MAKES && kind !== SWAPS) continue;
    if (!known) possible[value] = possible[value] === NONE ? call : SEVERAL;
    else if (writers[value] !== NONE) return "a value was written twice";
    else writers[value] = call;
  }
  if (initial !== NONE && writers[initial] !== NONE) return "the initial value was written again";
  for (let start = 0; start < valueCount; start++) {
    // An indeterminate swap that happened observed what it swapped, and so on backwards.
    for (let value = start; witnesses[value] !== NONE && possible[value] !== NONE;) {
      const call = possible[value] as number;
      if (writers[value] === call) break;
      if (value === initial) return "the initial value may have been written again";
      if (call === SEVERAL || writers[value] !== NONE) return "a value may have been written twice";
      writers[value] = call;
      if (kinds[call] !== SWAPS) break;
      const before = seen[call] as number;
      if (witnesses[before] === NONE) witnesses[before] = witnesses[value] as number;
      value = before;
    }
  }
  for (let call = 0; call < kinds.length; call++) {
    const value = made[call] as number;
    if (value !== NONE && writers[value] !== call) kinds[call] = LEFT_OUT;
  }
  return { writers, witnesses };
}

/**
 * Numbers of values: by position in the pool, unless compare-and-sets have some inside.
 */
class ValueNumbers {
  readonly #pool: readonly Value[];
  readonly #positions: PositionNumbering;
  readonly #values: ValueNumbering | undefined;
  /** Number of a position → number of its value, + 1; only with compare-and-sets. */
  readonly #known: Int32Array;

  constructor({ pool, count, roles }: Calls) {
    const hasCas = roles.some((role) => role !== READ && role !== WRITE);
    this.#pool = pool;
    this.#positions = new PositionNumbering(pool.length, count);
    this.#values = hasCas ? new ValueNumbering(2 * count) : undefined;
    this.#known = new Int32Array(hasCas ? count : 0);
  }

  get count(): number {
    return this.#values?.values.length ?? this.#positions.count;
  }

  /** The number of the value at a position of the pool. */
  at(position: number): number {
    const number = this.#positions.numberOf(position);
    if (this.#values === undefined) return number;
    const known = this.#known[number] as number;
    if (known !== 0) return known - 1;
    const made = this.#values.numberOf(this.#pool[position] as Value);
    this.#known[number] = made + 1;
    return made;
  }

  /** The number of a value inside of another one. */
  of(value: Value): number {
    return (this.#values as ValueNumbering).numberOf(value);
  }

  /** The number of a value if it occurs, else `NONE`. */
  find(value: Value): number {
    for (let number = 0; number < this.count; number++) {
      if (sameValue(this.valueAt(number), value)) return number;
    }
    return NONE;
  }

  valueAt(number: number): Value {
    const { values } = this.#values ?? {};
    if (values !== undefined) return values[number] as Value;
    return this.#pool[this.#positions.positions[number] as number] as Value;
  }
}
