/**
 * A history as the checkers of staleness see it: reads and writes of each key, as columns, one key
 * after the other.
 *
 * A compare-and-set that swapped is a read of the old and a write of the new value. That both
 * happen at one instant is not judged here; its key is *partial*: what contradicts it so taken
 * apart contradicts it as a whole, but an order of the halves proves nothing.
 */
import { FAIL, INFO, INVOKE, NEMESIS, NONE, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { assertWord } from "../everyday/options.js";
import type { Meter } from "../linearizable/meter.js";

export const READ = 0;
export const WRITE = 1;

/** The place of a completion that there is none of. */
export const NEVER: number = 0x7fff_ffff;

/** What the answers of clients mean, as in the register models. */
export interface Meaning {
  readonly initial: Value;
  readonly nilReads: "value" | "unknown";
}

/** The options of a checker that say it. @throws HarnessError `bad-argument` */
export function meaningOf(checker: string, options: Partial<Meaning>): Meaning {
  const { initial = null, nilReads = "value" } = options;
  assertWord(checker, { name: "nilReads", value: nilReads, words: ["value", "unknown"] });
  return { initial, nilReads };
}

/** Accesses of all keys: those of one key lie together, in the order of invocation. */
export interface Accesses {
  readonly history: History;
  readonly keyCount: number;
  /** By key. */
  readonly keys: readonly Value[];
  /** By key: where its accesses start; one more at the end. */
  readonly starts: Int32Array;
  readonly kinds: Uint8Array;
  readonly invocations: Int32Array;
  /** Index of the completion, or `NEVER` when it is indeterminate. */
  readonly completions: Int32Array;
  /** Numbers of values; equal values have equal numbers. */
  readonly values: Int32Array;
  readonly valueCount: number;
  /** The number of the initial value. */
  readonly initial: number;
  /** Completed accesses by key, in the order of completion: in the ranges of `starts`. */
  readonly byCompletion: Int32Array;
  /** By key: how many completed accesses it has. */
  readonly completed: Int32Array;
  /** By key: why it cannot be judged, if so. */
  readonly problems: readonly (string | undefined)[];
  /** By key: 1 when it has compare-and-sets. */
  readonly partial: Uint8Array;
  /** How many operations of clients there are, and how many completed `ok`. */
  readonly operations: number;
  readonly ok: number;
  valueAt(number: number): Value;
}

const ROLES: { readonly [f: string]: "read" | "write" | "delete" | "cas" } = {
  read: "read",
  get: "read",
  write: "write",
  put: "write",
  delete: "delete",
  cas: "cas",
};

/** Bytes of the tables here, an event. */
const BYTES_PER_EVENT = 4 * 16;

/** Reads the columns of a history; linear. @throws LimitReached */
export function readAccesses(history: History, meaning: Meaning, meter: Meter): Accesses {
  meter.reserve(BYTES_PER_EVENT * history.length);
  meter.spend(history.length);
  const collector = new Collector(history, meaning);
  for (let event = 0; event < history.length; event++) {
    if (history.types[event] !== INVOKE || history.processes[event] === NEMESIS) continue;
    collector.take(event);
  }
  meter.spend(history.length);
  return collector.finish();
}

/** Accesses in the order of invocation, keys mixed. */
class Collector {
  readonly #history: History;
  readonly #meaning: Meaning;
  readonly #values: ValueNumbers;
  readonly #keyNumbers: Int32Array;
  readonly #keys: Value[] = [];
  readonly #problems: (string | undefined)[] = [];
  readonly #partial: number[] = [];
  readonly #roles: readonly (string | undefined)[];
  readonly #keyOf: Int32Array;
  readonly #kinds: Uint8Array;
  readonly #invocations: Int32Array;
  readonly #completions: Int32Array;
  readonly #accessValues: Int32Array;
  /** The access of each invocation, or `NONE`; a second one comes right after it. */
  readonly #accessOf: Int32Array;
  #count = 0;
  #operations = 0;
  #ok = 0;

  constructor(history: History, meaning: Meaning) {
    this.#history = history;
    this.#meaning = meaning;
    this.#values = new ValueNumbers(history.pool);
    this.#keyNumbers = new Int32Array(history.pool.length + 1).fill(NONE);
    this.#roles = history.functionNames.map((f) =>
      Object.hasOwn(ROLES, f) ? ROLES[f] : undefined,
    );
    const countMax = history.length + 1;
    this.#keyOf = new Int32Array(countMax);
    this.#kinds = new Uint8Array(countMax);
    this.#invocations = new Int32Array(countMax);
    this.#completions = new Int32Array(countMax);
    this.#accessValues = new Int32Array(countMax);
    this.#accessOf = new Int32Array(history.length).fill(NONE);
  }

  take(invocation: number): void {
    const { pairs, types, functions, functionNames, values } = this.#history;
    this.#operations++;
    const completion = pairs[invocation] as number;
    const outcome = completion === NONE ? INFO : (types[completion] as number);
    if (outcome === FAIL) return;
    const isOk = outcome !== INFO;
    if (isOk) this.#ok++;
    const key = this.#keyNumber(invocation);
    const end = isOk ? completion : NEVER;
    const role = this.#roles[functions[invocation] as number];
    if (role === undefined) {
      this.#problems[key] ??=
        `${functionNames[functions[invocation] as number]} is no read or write`;
    } else if (role === "read") {
      if (isOk) this.#read(key, invocation, values[completion] as number);
    } else if (role === "write") {
      this.#add(key, WRITE, invocation, end, values[invocation] as number);
    } else if (role === "delete") {
      this.#add(key, WRITE, invocation, end, this.#values.of(null));
    } else this.#compareAndSet(key, invocation, end);
  }

  #read(key: number, invocation: number, value: number): void {
    const says = this.#meaning.nilReads === "value" || this.#values.valueAt(value) !== null;
    if (says) this.#add(key, READ, invocation, this.#history.pairs[invocation] as number, value);
  }

  #compareAndSet(key: number, invocation: number, end: number): void {
    const { pool, values } = this.#history;
    const input = pool[values[invocation] as number];
    this.#partial[key] = 1;
    if (!Array.isArray(input) || input.length !== 2) {
      this.#problems[key] ??= "a cas has no [old, new]";
      return;
    }
    if (end !== NEVER && pool[values[end] as number] === false) return;
    const from = this.#values.of(input[0] as Value);
    const to = this.#values.of(input[1] as Value);
    if (end !== NEVER) this.#add(key, READ, invocation, end, from);
    if (from !== to) this.#add(key, WRITE, invocation, end, to);
  }

  #add(key: number, kind: number, invocation: number, completion: number, value: number): void {
    const access = this.#count++;
    this.#keyOf[access] = key;
    this.#kinds[access] = kind;
    this.#invocations[access] = invocation;
    this.#completions[access] = completion;
    this.#accessValues[access] = value;
    if (this.#accessOf[invocation] === NONE) this.#accessOf[invocation] = access;
  }

  /** To have no key and to have the key null are one thing. */
  #keyNumber(invocation: number): number {
    const { keys, pool } = this.#history;
    const position = keys[invocation] as number;
    const value = position === NONE ? null : (pool[position] as Value);
    const slot = value === null ? pool.length : position;
    const known = this.#keyNumbers[slot] as number;
    if (known !== NONE) return known;
    this.#problems.push(undefined);
    this.#partial.push(0);
    return (this.#keyNumbers[slot] = this.#keys.push(value) - 1);
  }

  finish(): Accesses {
    const keyCount = this.#keys.length;
    const count = this.#count;
    const starts = new Int32Array(keyCount + 1);
    for (let access = 0; access < count; access++) {
      (starts[(this.#keyOf[access] as number) + 1] as number)++;
    }
    for (let key = 0; key < keyCount; key++) (starts[key + 1] as number) += starts[key] as number;
    const kinds = new Uint8Array(count);
    const invocations = new Int32Array(count);
    const completions = new Int32Array(count);
    const values = new Int32Array(count);
    const next = starts.slice(0, keyCount);
    const places = new Int32Array(count);
    for (let access = 0; access < count; access++) {
      const place = (next[this.#keyOf[access] as number] as number)++;
      places[access] = place;
      kinds[place] = this.#kinds[access] as number;
      invocations[place] = this.#invocations[access] as number;
      completions[place] = this.#completions[access] as number;
      values[place] = this.#accessValues[access] as number;
    }
    const initial = this.#values.of(this.#meaning.initial);
    return {
      history: this.#history,
      keyCount,
      keys: this.#keys,
      starts,
      kinds,
      invocations,
      completions,
      values,
      valueCount: this.#values.count,
      initial,
      ...this.#inOrderOfCompletion(starts, places),
      problems: this.#problems,
      partial: Uint8Array.from(this.#partial),
      operations: this.#operations,
      ok: this.#ok,
      valueAt: (number) => this.#values.valueAt(number),
    };
  }

  #inOrderOfCompletion(
    starts: Int32Array,
    places: Int32Array,
  ): Pick<Accesses, "byCompletion" | "completed"> {
    const { length, types, pairs } = this.#history;
    const byCompletion = new Int32Array(this.#count);
    const completed = new Int32Array(this.#keys.length);
    for (let event = 0; event < length; event++) {
      if (types[event] === INVOKE) continue;
      const invocation = pairs[event] as number;
      let access = invocation === NONE ? NONE : (this.#accessOf[invocation] as number);
      if (access === NONE || this.#completions[access] !== event) continue;
      for (; access < this.#count && this.#invocations[access] === invocation; access++) {
        const key = this.#keyOf[access] as number;
        const place = (starts[key] as number) + (completed[key] as number)++;
        byCompletion[place] = places[access] as number;
      }
    }
    return { byCompletion, completed };
  }
}

/** Numbers of values: positions in the pool, and more for what is only inside other values. */
class ValueNumbers {
  readonly #pool: readonly Value[];
  readonly #more: Value[] = [];
  /** Made when they are worth it. */
  #composites: Map<string, number> | undefined;
  #scalars: Map<Value, number> | undefined;
  #lookedUp = 0;

  constructor(pool: readonly Value[]) {
    this.#pool = pool;
  }

  get count(): number {
    return this.#pool.length + this.#more.length;
  }

  of(value: Value): number {
    const isScalar = typeof value !== "object" || value === null;
    const known = isScalar ? this.#scalar(value) : this.#composite(value);
    return known ?? this.#append(value);
  }

  valueAt(number: number): Value {
    const { length } = this.#pool;
    return (number < length ? this.#pool[number] : this.#more[number - length]) as Value;
  }

  #scalar(value: Value): number | undefined {
    if (this.#scalars === undefined && this.#lookedUp++ < 4) {
      const position = this.#pool.indexOf(value);
      if (position !== -1) return position;
      const more = this.#more.indexOf(value);
      return more === -1 ? undefined : this.#pool.length + more;
    }
    this.#scalars ??= new Map([...this.#pool, ...this.#more].map((each, i) => [each, i]));
    return this.#scalars.get(value);
  }

  #composite(value: Value): number | undefined {
    if (this.#composites === undefined) {
      this.#composites = new Map();
      for (const [position, each] of this.#pool.entries()) {
        if (typeof each === "object" && each !== null) {
          this.#composites.set(canonical(each), position);
        }
      }
    }
    return this.#composites.get(canonical(value));
  }

  #append(value: Value): number {
    const number = this.count;
    this.#more.push(value);
    if (typeof value !== "object" || value === null) this.#scalars?.set(value, number);
    else this.#composites?.set(canonical(value), number);
    return number;
  }
}
