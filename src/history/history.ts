/**
 * The columnar history: the only evidence that a run leaves, immutable once built.
 *
 * A history of n events is a struct of typed arrays over interned pools (31 bytes an event), and
 * event and operation objects are made only when somebody asks. Codecs and the runner add events
 * through `createHistoryBuilder`, which checks them and pairs each completion with its invocation.
 */
import type { EventType, HistoryEvent, Operation, Outcome, Process } from "./operation.js";
import { canonical, type Value } from "./value.js";

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

/** Columns have one entry an event; `NONE` (-1) stands for absent keys, errors and pairs. */
export const NONE: number = -1;

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
  /** Every distinct value. */
  readonly pool: readonly Value[];
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
  build(): History;
}

/** An event that cannot follow the ones before it: the reason, in words, without position. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
}

/** Processes below this have their open operation in an array. */
const SMALL_PROCESS = 65_536;

/** Makes an empty builder. */
export function createHistoryBuilder(): HistoryBuilder {
  let capacity = 1024;
  let length = 0;
  let types = new Uint8Array(capacity);
  let processes = new Int32Array(capacity);
  let functions = new Uint16Array(capacity);
  let keys = new Int32Array(capacity);
  let values = new Int32Array(capacity);
  let errors = new Int32Array(capacity);
  let timesNs = new Float64Array(capacity);
  let pairs = new Int32Array(capacity);
  const functionNames: string[] = [];
  const functionIndex = new Map<string, number>();
  const pool: Value[] = [];
  const scalars = new Map<Value, number>();
  const composites = new Map<string, number>();
  /**
   * The index of the open invocation of each process, or `NONE`: an array for small numbers, which
   * most are.
   */
  let open = new Int32Array(64).fill(NONE);
  const openLarge = new Map<number, number>();

  const openOf = (process: number): number =>
    process < open.length ? (open[process] as number) : (openLarge.get(process) ?? NONE);

  const setOpen = (process: number, index: number): void => {
    if (process >= open.length && process < SMALL_PROCESS) {
      const more = new Int32Array(Math.max(process + 1, open.length * 2)).fill(NONE);
      open = copied(open, more);
    }
    if (process < open.length) open[process] = index;
    else if (index === NONE) openLarge.delete(process);
    else openLarge.set(process, index);
  };

  const grow = (): void => {
    capacity *= 2;
    types = copied(types, new Uint8Array(capacity));
    processes = copied(processes, new Int32Array(capacity));
    functions = copied(functions, new Uint16Array(capacity));
    keys = copied(keys, new Int32Array(capacity));
    values = copied(values, new Int32Array(capacity));
    errors = copied(errors, new Int32Array(capacity));
    timesNs = copied(timesNs, new Float64Array(capacity));
    pairs = copied(pairs, new Int32Array(capacity));
  };

  const intern = (given: Value): number => {
    // What JSON has no word for (undefined and NaN, from a client in plain JavaScript) is null, as
    // it is in a file.
    const isJson = typeof given === "number" ? Number.isFinite(given) : given !== undefined;
    const value = isJson ? given : null;
    if (value === null || typeof value !== "object") {
      const known = scalars.get(value);
      if (known !== undefined) return known;
      scalars.set(value, pool.length);
    } else {
      const text = canonical(value);
      const known = composites.get(text);
      if (known !== undefined) return known;
      composites.set(text, pool.length);
    }
    return pool.push(value) - 1;
  };

  const internFunction = (f: string): number => {
    const known = functionIndex.get(f);
    if (known !== undefined) return known;
    if (functionNames.length === 0xffff)
      throw new HistoryError("a history has at most 65,535 functions");
    functionIndex.set(f, functionNames.length);
    return functionNames.push(f) - 1;
  };

  /** Finds the pair of the event that is about to be appended; the history so far must allow it. */
  const pair = (type: number, process: number, f: string): number => {
    const opened = openOf(process);
    if (type === INVOKE) {
      if (opened !== NONE) {
        throw new HistoryError(
          `process ${process} invokes ${f} while its ${functionNames[functions[opened] as number]} (index ${opened}) ` +
            "is still open; expected its completion first, for a process does one operation at a time",
        );
      }
      setOpen(process, length);
      return NONE;
    }
    if (opened === NONE) {
      throw new HistoryError(
        `process ${process} completes ${f} (${EVENT_TYPES[type]}) that it never invoked; expected an invocation before it`,
      );
    }
    const invoked = functionNames[functions[opened] as number];
    if (invoked !== f) {
      throw new HistoryError(
        `process ${process} completes ${f} but its open operation (index ${opened}) is ${invoked}; expected ${invoked}`,
      );
    }
    setOpen(process, NONE);
    pairs[opened] = length;
    return opened;
  };

  const append: HistoryBuilder["append"] = (type, process, f, key, value, error, timeNs) => {
    if (length === capacity) grow();
    const mate = process === NEMESIS ? NONE : pair(type, process, f);
    types[length] = type;
    processes[length] = process;
    functions[length] = internFunction(f);
    // A completion is about what its invocation was about, even when its line does not repeat the
    // key.
    keys[length] =
      key === undefined ? (mate === NONE ? NONE : (keys[mate] as number)) : intern(key);
    if (mate !== NONE && keys[mate] !== NONE && keys[mate] !== keys[length]) {
      throw new HistoryError(
        `process ${process} completes ${f} with another key than its invocation (index ${mate}) has; expected the same key, or none`,
      );
    }
    values[length] = intern(value);
    errors[length] = error === undefined ? NONE : intern(error);
    timesNs[length] = timeNs;
    pairs[length] = mate;
    length++;
  };

  return {
    get length() {
      return length;
    },
    append,
    add: (event) => {
      append(
        EVENT_TYPES.indexOf(event.type),
        processNumber(event.process),
        event.f,
        event.key,
        event.value,
        event.error,
        event.timeNs,
      );
    },
    build: () =>
      createHistory({
        length,
        types: types.slice(0, length),
        processes: processes.slice(0, length),
        functions: functions.slice(0, length),
        functionNames: [...functionNames],
        keys: keys.slice(0, length),
        values: values.slice(0, length),
        errors: errors.slice(0, length),
        timesNs: timesNs.slice(0, length),
        pairs: pairs.slice(0, length),
        pool: [...pool],
      }),
  };
}

/** A history of these events, in this order. */
export function historyOf(events: Iterable<NewEvent>): History {
  const builder = createHistoryBuilder();
  for (const event of events) builder.add(event);
  return builder.build();
}

type Columns = Omit<History, "event" | "operation" | "invocations">;

function createHistory(columns: Columns): History {
  const {
    length,
    types,
    processes,
    functions,
    functionNames,
    keys,
    values,
    errors,
    timesNs,
    pairs,
    pool,
  } = columns;

  const event = (index: number): HistoryEvent => {
    if (!(index >= 0 && index < length))
      throw new RangeError(`no event ${index} in a history of ${length}`);
    const key = keys[index] as number;
    const error = errors[index] as number;
    return {
      index,
      timeNs: timesNs[index] as number,
      type: EVENT_TYPES[types[index] as number] as EventType,
      process: processOf(processes[index] as number),
      f: functionNames[functions[index] as number] as string,
      ...(key === NONE ? {} : { key: pool[key] as Value }),
      value: pool[values[index] as number] as Value,
      ...(error === NONE ? {} : { error: pool[error] as Value }),
    };
  };

  const operation = (invocation: number): Operation => {
    if (types[invocation] !== INVOKE)
      throw new RangeError(`event ${invocation} is not an invocation`);
    const completion = pairs[invocation] as number;
    const type = completion === NONE ? INFO : (types[completion] as number);
    const key = keys[invocation] as number;
    const error = completion === NONE ? NONE : (errors[completion] as number);
    return {
      invocation,
      completion: completion === NONE ? undefined : completion,
      process: processOf(processes[invocation] as number),
      f: functionNames[functions[invocation] as number] as string,
      key: key === NONE ? undefined : pool[key],
      input: pool[values[invocation] as number] as Value,
      output: type === INFO ? undefined : pool[values[completion] as number],
      outcome: EVENT_TYPES[type] as Outcome,
      error: error === NONE ? undefined : pool[error],
      invokedNs: timesNs[invocation] as number,
      completedNs: type === INFO ? Infinity : (timesNs[completion] as number),
    };
  };

  const invocations = (): Int32Array => {
    let count = 0;
    for (let i = 0; i < length; i++) if (types[i] === INVOKE && processes[i] !== NEMESIS) count++;
    const result = new Int32Array(count);
    count = 0;
    for (let i = 0; i < length; i++)
      if (types[i] === INVOKE && processes[i] !== NEMESIS) result[count++] = i;
    return result;
  };

  return { ...columns, event, operation, invocations };
}

function copied<T extends Uint8Array | Uint16Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function processNumber(process: Process): number {
  return process === "nemesis" ? NEMESIS : process;
}

function processOf(number: number): Process {
  return number === NEMESIS ? "nemesis" : number;
}
