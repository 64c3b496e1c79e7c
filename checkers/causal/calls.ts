/**
 * What clients asked of registers, as columns: key, value written, value seen. Values and keys are
 * numbers, equal for equal values, so that nothing else has to be compared.
 */
import { FAIL, INFO, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, sameValue, type Value } from "../../src/history/value.js";
import { byKey, type Model } from "../../src/model/model.js";

/** Reads, writes and swaps that may have happened, in the order of invocation. */
export interface Calls {
  readonly count: number;
  readonly invocations: Int32Array;
  readonly processes: Int32Array;
  readonly processCount: number;
  readonly keys: Int32Array;
  readonly keyCount: number;
  /** Number of the value that it writes, or `NONE`. */
  readonly written: Int32Array;
  /** Number of the value that it saw (or must have seen, if it happened), or `NONE`. */
  readonly seen: Int32Array;
  /** 1 for what completed `ok`. */
  readonly isCertain: Uint8Array;
  /** The number of the value before all writes. */
  readonly initial: number;
  /** All numbers of values are below this. */
  readonly valueCount: number;
  readonly leftOut: ReadonlyMap<string, number>;
  readonly ok: number;
  readonly operations: number;
}

/** Collects them; undefined when the model is no register, or an operation is about all keys. */
export function collectCalls(history: History, model: Model): Calls | undefined {
  if (model.type?.name !== "register") return undefined;
  const collector = new Collector(history, model);
  const { length, types, processes } = history;
  for (let event = 0; event < length; event++) {
    if (types[event] !== INVOKE || processes[event] === NEMESIS) continue;
    if (!collector.take(event)) return undefined;
  }
  return collector.finish();
}

class Collector {
  readonly #history: History;
  /** Its columns: a history may have to look for each that it is asked for. */
  readonly #of: Pick<History, "types" | "pairs" | "values" | "functions" | "processes">;
  readonly #model: Model;
  readonly #roles: readonly (string | undefined)[];
  readonly #numbers: ValueNumbers;
  readonly #nilSaysNothing: boolean;
  readonly #initial: number;
  readonly #processes = new Map<number, number>();
  readonly #keys: KeyNumbers;
  readonly #columns: {
    readonly invocations: Int32Array;
    readonly processes: Int32Array;
    readonly keys: Int32Array;
    readonly written: Int32Array;
    readonly seen: Int32Array;
    readonly isCertain: Uint8Array;
  };
  readonly #leftOut = new Map<string, number>();
  readonly #tainted = new Set<number>();
  #count = 0;
  #ok = 0;
  #operations = 0;

  constructor(history: History, model: Model) {
    this.#history = history;
    const { types, pairs, values, functions, processes } = history;
    this.#of = { types, pairs, values, functions, processes };
    this.#model = model;
    this.#roles = history.functionNames.map((f) => roleOf(model, f));
    this.#numbers = new ValueNumbers(history);
    this.#nilSaysNothing = model.options["nilReads"] === "unknown";
    this.#initial = this.#numbers.of(model.initial());
    this.#keys = new KeyNumbers(history, model);
    const size = history.length;
    this.#columns = {
      invocations: new Int32Array(size),
      processes: new Int32Array(size),
      keys: new Int32Array(size),
      written: new Int32Array(size),
      seen: new Int32Array(size),
      isCertain: new Uint8Array(size),
    };
  }

  /** Takes one operation; false when it is about all keys. */
  take(event: number): boolean {
    const { types, pairs, values, functions } = this.#of;
    this.#operations++;
    const completion = pairs[event] as number;
    const outcome = completion === NONE ? INFO : (types[completion] as number);
    const key = this.#keys.of(event);
    if (key === NONE) return false;
    if (outcome === OK) this.#ok++;
    const input = values[event] as number;
    const output = completion === NONE ? NONE : (values[completion] as number);
    switch (this.#roles[functions[event] as number] ?? "") {
      case "write":
        if (outcome !== FAIL) this.#add({ event, key, outcome, written: input, seen: NONE });
        break;
      case "read": {
        const saysNothing = this.#nilSaysNothing && this.#history.pool[output] === null;
        if (outcome === OK && !saysNothing) {
          this.#add({ event, key, outcome, written: NONE, seen: output });
        }
        break;
      }
      case "cas":
        this.#takeSwap({ event, key, outcome, input, output });
        break;
      default:
        this.#takeOther(event, key, outcome);
    }
    return true;
  }

  #takeSwap(swap: {
    readonly event: number;
    readonly key: number;
    readonly outcome: number;
    readonly input: number;
    readonly output: number;
  }): void {
    const { event, key, outcome, input, output } = swap;
    const { pool } = this.#history;
    if (outcome === FAIL) {
      const operation = this.#history.operation(event);
      if (this.#model.observesFailure?.(operation) === true) this.#leaveOut(REFUSED);
      return;
    }
    if (outcome === OK && pool[output] === false) {
      this.#leaveOut(REFUSED);
      return;
    }
    const given = pool[input] as Value;
    if (!Array.isArray(given) || given.length !== 2) {
      // The model says what is wrong with it.
      this.#model.step(this.#model.initial(), this.#history.operation(event));
      return;
    }
    const [seen, written] = given.map((value: Value) => this.#numbers.of(value));
    this.#add({ event, key, outcome, written: written as number, seen: seen as number });
  }

  /** What is no register's: fine when it puts one value whatever was there (a delete). */
  #takeOther(event: number, key: number, outcome: number): void {
    if (outcome === FAIL) return;
    const operation = this.#history.operation(event);
    if (this.#model.readOnly?.(operation) === true) {
      if (outcome === OK) this.#leaveOut(operation.f);
      return;
    }
    if (this.#model.lookAhead?.overwrites(operation) === true) {
      const [put] = this.#model.step(this.#model.initial(), { ...operation, outcome: "info" });
      if (put !== undefined) {
        this.#add({ event, key, outcome, written: this.#numbers.of(put), seen: NONE });
        return;
      }
    }
    this.#leaveOut(`${operation.f} (with its key)`);
    this.#tainted.add(key);
  }

  #leaveOut(what: string): void {
    this.#leftOut.set(what, (this.#leftOut.get(what) ?? 0) + 1);
  }

  #add(call: {
    readonly event: number;
    readonly key: number;
    readonly outcome: number;
    readonly written: number;
    readonly seen: number;
  }): void {
    const name = this.#of.processes[call.event] as number;
    let process = this.#processes.get(name);
    if (process === undefined) {
      process = this.#processes.size;
      this.#processes.set(name, process);
    }
    const at = this.#count++;
    const columns = this.#columns;
    columns.invocations[at] = call.event;
    columns.processes[at] = process;
    columns.keys[at] = call.key;
    columns.written[at] = call.written;
    columns.seen[at] = call.seen;
    columns.isCertain[at] = call.outcome === OK ? 1 : 0;
  }

  finish(): Calls {
    const columns = this.#columns;
    if (this.#tainted.size > 0) {
      let kept = 0;
      for (let at = 0; at < this.#count; at++) {
        if (this.#tainted.has(columns.keys[at] as number)) continue;
        for (const column of Object.values(columns)) column[kept] = column[at] as number;
        kept++;
      }
      this.#count = kept;
    }
    const count = this.#count;
    return {
      count,
      invocations: columns.invocations.subarray(0, count),
      processes: columns.processes.subarray(0, count),
      keys: columns.keys.subarray(0, count),
      written: columns.written.subarray(0, count),
      seen: columns.seen.subarray(0, count),
      isCertain: columns.isCertain.subarray(0, count),
      processCount: this.#processes.size,
      keyCount: this.#keys.count,
      initial: this.#initial,
      valueCount: this.#numbers.count,
      leftOut: this.#leftOut,
      ok: this.#ok,
      operations: this.#operations,
    };
  }
}

const REFUSED = "refused compare-and-set";

function roleOf({ type }: Model, f: string): string | undefined {
  const roles = type?.roles ?? {};
  return Object.hasOwn(roles, f) ? roles[f] : undefined;
}

/** Numbers of values: their positions in the pool, further ones for those that are not there. */
class ValueNumbers {
  count: number;
  readonly #pool: readonly Value[];
  #byText: Map<string, number> | undefined;

  constructor({ pool }: History) {
    this.#pool = pool;
    this.count = pool.length;
  }

  of(value: Value): number {
    if (this.#byText === undefined) {
      // One look (for the initial value) is cheaper than a table of all.
      const found = this.#pool.findIndex((other) => sameValue(other, value));
      if (found !== -1) return found;
      this.#byText = new Map(this.#pool.map((each, position) => [canonical(each), position]));
    }
    const text = canonical(value);
    let number = this.#byText.get(text);
    if (number === undefined) {
      number = this.count++;
      this.#byText.set(text, number);
    }
    return number;
  }
}

/** Numbers of keys, from 0; a history of one register has one. */
class KeyNumbers {
  count = 0;
  readonly #history: History;
  readonly #keys: Int32Array;
  readonly #model: Model;
  readonly #isWhole: boolean;
  readonly #isByKey: boolean;
  /** By position in the pool, the first for no key. */
  readonly #byPosition: Int32Array;
  readonly #byText = new Map<string, number>();

  constructor(history: History, model: Model) {
    this.#history = history;
    this.#keys = history.keys;
    this.#model = model;
    this.#isWhole = model.partition === undefined;
    this.#isByKey = model.partition === byKey;
    this.#byPosition = new Int32Array(history.pool.length + 1).fill(NONE);
  }

  /** `NONE` for an operation about all keys. */
  of(event: number): number {
    if (this.#isWhole || this.#isByKey) {
      const position = this.#isWhole ? 0 : (this.#keys[event] as number) + 1;
      const known = this.#byPosition[position] as number;
      if (known !== NONE) return known;
      // No key and the key null are one (see `byKey`).
      const value = position === 0 ? null : (this.#history.pool[position - 1] as Value);
      return (this.#byPosition[position] = this.#named(value));
    }
    const part = this.#model.partition?.(this.#history.operation(event));
    return part === undefined ? NONE : this.#named(part);
  }

  #named(part: Value): number {
    const text = canonical(part);
    let number = this.#byText.get(text);
    if (number === undefined) {
      number = this.count++;
      this.#byText.set(text, number);
    }
    return number;
  }
}
