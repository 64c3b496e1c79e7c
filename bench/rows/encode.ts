/**
 * Writes a history in the formats that other checkers read, so that they can be timed on the same
 * one. A format that cannot say what is in a history says so, and the peer sits that row out.
 */
import { encodeEvent } from "../../src/history/codec.js";
import { FAIL, INFO, INVOKE, OK, type History } from "../../src/history/history.js";
import type { HistoryEvent } from "../../src/history/operation.js";
import { canonical, type Value } from "../../src/history/value.js";

/** A history, and the kind of object that it is about. */
export interface Encodable {
  readonly history: History;
  /** `register`, `queue`, …: what the plain formats name in their first line. */
  readonly object: string;
}

/** Lines of text without their ends, or undefined when the format has no way to say it. */
export type Encoder = (subject: Encodable) => Iterable<string> | undefined;

/**
 * The formats of `--peer-format`. `events` has one event a line: `i` for a call, `o` for a return,
 * `x` for what certainly did not happen, `?` for a time-out; `intervals` one operation a line;
 * `plume` one read or write of a transaction a line, with its session; single reads and writes are
 * transactions of their own.
 */
export const ENCODERS: { readonly [format: string]: Encoder } = {
  jsonl: ({ history }) => everyEvent(history, encodeEvent),
  edn: ({ history }) => everyEvent(history, ednEvent),
  "porcupine-etcd": ({ history }) =>
    uses(history, ["read", "write", "cas"]) ? everyEvent(history, etcdEvent) : undefined,
  "porcupine-kv": ({ history }) =>
    uses(history, ["get", "put", "append"]) && !has(history, INFO)
      ? everyEvent(history, kvEvent)
      : undefined,
  events: (subject) => (isOneWord(subject.history) ? plainEvents(subject) : undefined),
  intervals,
  plume: ({ history }) => {
    if (has(history, INFO)) return undefined;
    if (uses(history, ["read", "write"])) return accessLines(history);
    return uses(history, ["txn"]) && !history.pool.includes("append")
      ? sessionLines(history)
      : undefined;
  },
};

function* everyEvent(history: History, encode: (event: HistoryEvent) => string): Iterable<string> {
  for (let index = 0; index < history.length; index++) yield encode(history.event(index));
}

/** Every read and write of transactions on registers of numbers; 0 is the initial value. */
function* sessionLines(history: History): Iterable<string> {
  for (const invocation of history.invocations()) {
    const { process, outcome, input, output } = history.operation(invocation);
    const number = outcome === "ok" ? invocation : -1;
    const micro = (outcome === "ok" ? output : input) as readonly Value[];
    for (const each of micro) {
      const [f, key, value] = each as readonly [string, Value, Value];
      yield `${f}(${canonical(key)},${canonical(value ?? 0)},${process},${number})`;
    }
  }
}

/** Every read and write of a key as a transaction; values one larger, for 0 is the initial one. */
function* accessLines(history: History): Iterable<string> {
  for (const invocation of history.invocations()) {
    const { process, f, key, outcome, input, output } = history.operation(invocation);
    const value = f === "read" ? (output ?? null) : input;
    const number = outcome === "ok" ? invocation : -1;
    const told = value === null ? 0 : Number(value) + 1;
    yield `${f === "read" ? "r" : "w"}(${canonical(key ?? 0)},${told},${process},${number})`;
  }
}

function ednEvent({ index, timeNs, type, process, f, key, value }: HistoryEvent): string {
  const text = f === "txn" ? microOperationsOf(value) : ednOf(value);
  const told = key === undefined ? text : `#jepsen.independent/Tuple [${ednOf(key)} ${text}]`;
  return `{:index ${index}, :time ${timeNs}, :type :${type}, :process ${process}, :f :${f}, :value ${told}}`;
}

/** What a transaction does, as Elle reads it: `[[:append 5 1] [:r 5 [1]]]`. */
function microOperationsOf(value: Value): string {
  const told = (value as readonly (readonly [string, ...Value[]])[]).map(
    ([f, ...rest]) => `[:${f} ${rest.map(ednOf).join(" ")}]`,
  );
  return `[${told.join(" ")}]`;
}

function etcdEvent({ type, process, f, value }: HistoryEvent): string {
  const told = type === "info" ? ":timed-out" : ednOf(value);
  return `INFO  jepsen.util - ${process}\t:${type}\t:${f}\t${told}`;
}

function kvEvent({ type, process, f, key, value }: HistoryEvent): string {
  const told = value === null ? (type === "ok" ? '""' : "nil") : JSON.stringify(canonical(value));
  return `{:process ${process}, :type :${type}, :f :${f}, :key "${canonical(key ?? null)}", :value ${told}}`;
}

function ednOf(value: Value): string {
  if (value === null) return "nil";
  return Array.isArray(value) ? `[${value.map(ednOf).join(" ")}]` : canonical(value);
}

/**
 * One event a line, fields between blanks: `i` for a call, `o` for a return, `x` for one that
 * certainly did not happen, `?` for a time-out; then process, function, key if any, and the
 * argument or result, with `nil` for none. The first line is `# model NAME`.
 */
function* plainEvents({ history, object }: Encodable): Iterable<string> {
  const { types, keys, pool } = history;
  yield `# model ${object}`;
  for (let index = 0; index < history.length; index++) {
    const { process, f, value } = history.event(index);
    const type = types[index] as number;
    const key = keys[index] as number;
    const about = key < 0 ? `${process} ${f}` : `${process} ${f} ${canonical(pool[key] as Value)}`;
    if (type === FAIL) yield `x ${about}`;
    else if (type === INFO) yield `? ${about}`;
    else yield `${type === INVOKE ? "i" : "o"} ${about} ${words(value)}`;
  }
}

/** Plain lines have no quotes: a text with blanks would fall apart. */
function isOneWord({ pool }: History): boolean {
  return pool.every((value) => typeof value !== "string" || /^\S+$/.test(value));
}

function words(value: Value): string {
  if (value === null) return "nil";
  return Array.isArray(value) ? value.map(words).join(" ") : canonical(value);
}

/** The names that the monitors of Lee & Mathur have for containers and their operations. */
const INTERVAL_NAMES: {
  readonly [object: string]: { readonly type: string; readonly functions: Functions };
} = {
  queue: { type: "queue", functions: { enqueue: "enq", dequeue: "deq" } },
  stack: { type: "stack", functions: { push: "push", pop: "pop" } },
  "priority-queue": { type: "pqueue", functions: { insert: "insert", extract: "poll" } },
  set: { type: "set", functions: { add: "insert", remove: "remove", contains: "contains" } },
};

type Functions = { readonly [f: string]: string };

/**
 * One operation a line, `method value start end` (for sets `method value result start end`), -1
 * for nothing: what the monitors of Lee & Mathur read. Every operation must have completed.
 */
function intervals({ history, object }: Encodable): Iterable<string> | undefined {
  const names = INTERVAL_NAMES[object];
  if (names === undefined || has(history, INFO) || has(history, FAIL)) return undefined;
  if (!uses(history, Object.keys(names.functions))) return undefined;
  return intervalLines(history, names);
}

function* intervalLines(
  history: History,
  { type, functions }: { readonly type: string; readonly functions: Functions },
): Iterable<string> {
  yield `# ${type}`;
  const { types, pairs } = history;
  for (let end = 0; end < history.length; end++) {
    if (types[end] !== OK) continue;
    const start = pairs[end] as number;
    const { f, value: output } = history.event(end);
    const { value: input } = history.event(start);
    const method = functions[f] as string;
    if (type === "set")
      yield `${method} ${words(input)} ${output === true ? 1 : 0} ${start} ${end}`;
    else yield `${method} ${input === null ? words(output ?? -1) : words(input)} ${start} ${end}`;
  }
}

function uses({ functionNames }: History, functions: readonly string[]): boolean {
  return functionNames.every((f) => functions.includes(f));
}

/** Whether there is an event of this type; a call that never returned counts as a time-out. */
function has({ types, pairs }: History, type: number): boolean {
  if (types.includes(type)) return true;
  return type === INFO && types.some((is, index) => is === INVOKE && pairs[index] === -1);
}
