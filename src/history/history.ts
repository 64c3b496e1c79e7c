/**
 * The columnar history: the only evidence that a run leaves, immutable once built.
 *
 * A history of n events is a struct of typed arrays over interned pools (31 bytes an event), and
 * event and operation objects are made only when somebody asks. Codecs and the runner add events
 * through `createHistoryBuilder`, which checks them and pairs each completion with its invocation.
 */
import { emptyColumns, withCapacity, withLength } from "./columns.js";
import { HistoryError, neverInvoked, otherKey, otherOperation, stillOpen } from "./misfits.js";
import { NONE, OpenOperations } from "./open-operations.js";
import type { EventType, HistoryEvent, Operation, Outcome, Process } from "./operation.js";
import type { Value } from "./value.js";
import { ValuePool, type Lists } from "./value-pool.js";

export { HistoryError } from "./misfits.js";
export { NONE } from "./open-operations.js";

/** The codes in `History.types`, by position. */
export const EVENT_TYPES: readonly ["invoke", "ok", "fail", "info"] = [
  "invoke",
  "ok",
  "fail",
  "info",
];
export const INVOKE = 0;
export const OK = 1;
export const FAIL = 2;
export const INFO = 3;

/** The process number of the nemesis in `History.processes`. */
export const NEMESIS: number = -1;

/** An immutable sequence of events. */
export interface History {
  readonly length: number;
  /** 0 invoke, 1 ok, 2 fail, 3 info. */
  readonly types: Uint8Array;
  /** Process numbers; `NEMESIS` for the nemesis. */
  readonly processes: Int32Array;
  /** Positions in `functionNames`. */
  readonly functions: Uint16Array;
  readonly functionNames: readonly string[];
  /** Positions in `pool`, or `NONE`. */
  readonly keys: Int32Array;
  /** Positions in `pool`. Equal values have equal positions. */
  readonly values: Int32Array;
  /** Positions in `pool`, or `NONE`. */
  readonly errors: Int32Array;
  readonly timesNs: Float64Array;
  /**
   * For an invocation the index of its completion, for a completion that of its invocation, or
   * `NONE`.
   */
  readonly pairs: Int32Array;
  /** Every distinct value, items of lists too; made when it is first asked for. */
  readonly pool: readonly Value[];
  /** The lists in the pool as positions of their items; absent when the pool was made elsewhere. */
  readonly lists?: Lists | undefined;
  /** One value of the pool, without making all of them. */
  readonly valueAt: (position: number) => Value;
  /** The pool to add values to, all of these at their positions; absent where `lists` may be. */
  readonly copyPool?: (() => ValuePool) | undefined;
  event(index: number): HistoryEvent;
  /** The operation that was invoked at this index. */
  operation(invocation: number): Operation;
  /** Indices of all invocations of client processes, ascending. */
  invocations(): Int32Array;
}

/** An event on its way into a history; its index is its position. */
export type NewEvent = Omit<HistoryEvent, "index">;

/** Builds a history event by event. */
export interface HistoryBuilder {
  readonly length: number;
  /**
   * Appends an event.
   * @throws HistoryError when it cannot follow what came before.
   */
  add(event: NewEvent): void;
  /**
   * Appends without making an event object; `key` and `error` may be undefined. The hot path of
   * codecs.
   */
  append(
    type: number,
    process: number,
    f: string,
    key: Value | undefined,
    value: Value,
    error: Value | undefined,
    timeNs: number,
  ): void;
  /** The same with positions in `pool`; `NONE` for no key or error. */
  appendAt(
    type: number,
    process: number,
    f: string,
    key: number,
    value: number,
    error: number,
    timeNs: number,
  ): void;
  /** Where codecs may put values, and lists item by item, before they append them. */
  readonly pool: ValuePool;
  build(): History;
}

/** Room for the first events: searches and shrinking make many short histories. */
const CAPACITY = 64;

/** What a builder takes beside whole operations. */
export interface BuilderOptions {
  /** Functions whose completions need no invocation before them. Default none. */
  readonly completionsAlone?: ReadonlySet<string>;
}

/** Makes an empty builder. */
export function createHistoryBuilder({ completionsAlone }: BuilderOptions = {}): HistoryBuilder {
  let capacity = CAPACITY;
  let columns = emptyColumns(capacity);
  let length = 0;
  const names = new FunctionNames();
  const pool = new ValuePool();
  const open = new OpenOperations();

  /** Finds the pair of the event that is about to be appended; the history so far must allow it. */
  const pair = (type: number, process: number, f: string): number => {
    const opened = open.of(process);
    const invoked = opened === NONE ? undefined : names.all[columns.functions[opened] as number];
    if (type === INVOKE) {
      if (invoked !== undefined) throw stillOpen({ process, f, opened, invoked });
      open.set(process, length);
      return NONE;
    }
    if (invoked === undefined && completionsAlone?.has(f) === true) return NONE;
    if (invoked === undefined) throw neverInvoked(EVENT_TYPES[type] as string, process, f);
    if (invoked !== f) throw otherOperation({ process, f, opened, invoked });
    open.set(process, NONE);
    columns.pairs[opened] = length;
    return opened;
  };

  const appendAt: HistoryBuilder["appendAt"] = (type, process, f, key, value, error, timeNs) => {
    if (length === capacity) columns = withCapacity(columns, (capacity *= 2));
    const mate = process === NEMESIS ? NONE : pair(type, process, f);
    const { keys } = columns;
    columns.types[length] = type;
    columns.processes[length] = process;
    columns.functions[length] = names.intern(f);
    // A completion is about what its invocation was about, even when its line does not repeat the
    // key.
    keys[length] = key === NONE && mate !== NONE ? (keys[mate] as number) : key;
    if (mate !== NONE && keys[mate] !== NONE && keys[mate] !== keys[length]) {
      throw otherKey(process, f, mate);
    }
    columns.values[length] = value;
    columns.errors[length] = error;
    columns.timesNs[length] = timeNs;
    columns.pairs[length] = mate;
    length++;
  };

  const append: HistoryBuilder["append"] = (type, process, f, key, value, error, timeNs) => {
    const valueAt = pool.intern(value);
    const errorAt = error === undefined ? NONE : pool.intern(error);
    appendAt(
      type,
      process,
      f,
      key === undefined ? NONE : pool.intern(key),
      valueAt,
      errorAt,
      timeNs,
    );
  };

  return {
    get length() {
      return length;
    },
    append,
    appendAt,
    pool,
    add: ({ type, process, f, key, value, error, timeNs }) => {
      append(EVENT_TYPES.indexOf(type), processNumber(process), f, key, value, error, timeNs);
    },
    build: () => {
      return createLazyHistory(
        {
          length,
          ...withLength(columns, length),
          functionNames: [...names.all],
          lists: pool.lists(),
        },
        lazily(pool),
      );
    },
  };
}

/** The pool as it is now, for a history of it. */
function lazily(pool: ValuePool): LazyPool {
  const count = pool.length;
  return {
    at: (position) => pool.at(position),
    all: () => pool.all().slice(0, count),
    copy: () => pool.copy(),
  };
}

/** The same events with other values, which stand in a copy of the history's pool. */
export function withValues(history: History, values: Int32Array, pool: ValuePool): History {
  const { length, types, processes, functions, functionNames } = history;
  const { keys, errors, timesNs, pairs } = history;
  const columns = { length, types, processes, functions, functionNames, keys, errors, timesNs };
  return createLazyHistory({ ...columns, pairs, values, lists: pool.lists() }, lazily(pool));
}

/** A history of these events, in this order. */
export function historyOf(events: Iterable<NewEvent>): History {
  const builder = createHistoryBuilder();
  for (const event of events) builder.add(event);
  return builder.build();
}

/** Every function's name, and its position. */
class FunctionNames {
  readonly all: string[] = [];
  readonly #positions = new Map<string, number>();

  intern(f: string): number {
    const known = this.#positions.get(f);
    if (known !== undefined) return known;
    if (this.all.length === 0xffff)
      throw new HistoryError("a history has at most 65,535 functions");
    this.#positions.set(f, this.all.length);
    return this.all.push(f) - 1;
  }
}

/** What a history consists of: plain data, as it goes to another thread. */
export type HistoryColumns = Omit<
  History,
  "event" | "operation" | "invocations" | "valueAt" | "copyPool"
>;

/** A pool whose values are made when they are asked for. */
export interface LazyPool {
  at(this: void, position: number): Value;
  all(this: void): readonly Value[];
  copy?(this: void): ValuePool;
}

/** The history of these columns, which must come from one. */
export function createHistory(columns: HistoryColumns): History {
  const { pool } = columns;
  return new ColumnarHistory(columns, {
    at: (position) => pool[position] as Value,
    all: () => pool,
  });
}

/** The same without its pool, which is not made before somebody asks for it. */
export function createLazyHistory(columns: Omit<HistoryColumns, "pool">, pool: LazyPool): History {
  return new ColumnarHistory(columns, pool);
}

/**
 * Of one class, for object literals with accessors have a shape each: columns are found slowly, and
 * the histories of a hundred thousand keys are kept until the engine next clears all memory.
 */
class ColumnarHistory implements History {
  readonly length: number;
  readonly types: Uint8Array;
  readonly processes: Int32Array;
  readonly functions: Uint16Array;
  readonly functionNames: readonly string[];
  readonly keys: Int32Array;
  readonly values: Int32Array;
  readonly errors: Int32Array;
  readonly timesNs: Float64Array;
  readonly pairs: Int32Array;
  readonly lists: Lists | undefined;
  readonly valueAt: (position: number) => Value;
  readonly copyPool: (() => ValuePool) | undefined;
  readonly #all: () => readonly Value[];
  #pool: readonly Value[] | undefined;

  constructor(columns: Omit<HistoryColumns, "pool">, { at, all, copy }: LazyPool) {
    this.length = columns.length;
    this.types = columns.types;
    this.processes = columns.processes;
    this.functions = columns.functions;
    this.functionNames = columns.functionNames;
    this.keys = columns.keys;
    this.values = columns.values;
    this.errors = columns.errors;
    this.timesNs = columns.timesNs;
    this.pairs = columns.pairs;
    this.lists = columns.lists;
    this.valueAt = at;
    this.copyPool = copy;
    this.#all = all;
  }

  get pool(): readonly Value[] {
    return (this.#pool ??= this.#all());
  }

  event(index: number): HistoryEvent {
    const { length, valueAt } = this;
    if (!(index >= 0 && index < length))
      throw new RangeError(`no event ${index} in a history of ${length}`);
    const key = this.keys[index] as number;
    const error = this.errors[index] as number;
    return {
      index,
      timeNs: this.timesNs[index] as number,
      type: EVENT_TYPES[this.types[index] as number] as EventType,
      process: processOf(this.processes[index] as number),
      f: this.functionNames[this.functions[index] as number] as string,
      ...(key === NONE ? {} : { key: valueAt(key) }),
      value: valueAt(this.values[index] as number),
      ...(error === NONE ? {} : { error: valueAt(error) }),
    };
  }

  operation(invocation: number): Operation {
    const { types, keys, values, errors, timesNs, valueAt } = this;
    if (types[invocation] !== INVOKE)
      throw new RangeError(`event ${invocation} is not an invocation`);
    const completion = this.pairs[invocation] as number;
    const type = completion === NONE ? INFO : (types[completion] as number);
    const key = keys[invocation] as number;
    const error = completion === NONE ? NONE : (errors[completion] as number);
    return {
      invocation,
      completion: completion === NONE ? undefined : completion,
      process: processOf(this.processes[invocation] as number),
      f: this.functionNames[this.functions[invocation] as number] as string,
      key: key === NONE ? undefined : valueAt(key),
      input: valueAt(values[invocation] as number),
      output: type === INFO ? undefined : valueAt(values[completion] as number),
      outcome: EVENT_TYPES[type] as Outcome,
      error: error === NONE ? undefined : valueAt(error),
      invokedNs: timesNs[invocation] as number,
      completedNs: type === INFO ? Infinity : (timesNs[completion] as number),
    };
  }

  invocations(): Int32Array {
    const { length, types, processes } = this;
    const result = new Int32Array(length);
    let count = 0;
    for (let i = 0; i < length; i++)
      if (types[i] === INVOKE && processes[i] !== NEMESIS) result[count++] = i;
    return result.slice(0, count);
  }
}

function processNumber(process: Process): number {
  return process === "nemesis" ? NEMESIS : process;
}

function processOf(number: number): Process {
  return number === NEMESIS ? "nemesis" : number;
}
