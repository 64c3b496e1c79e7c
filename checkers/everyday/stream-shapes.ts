/**
 * The shapes of operations on logs: the short ones, which say one thing about one log, and lists of
 * steps, as Jepsen and Maelstrom write them (`[["send", "a", 7], ["poll"]]`).
 */
import { NONE, OK, type History } from "../../src/history/history.js";
import { canonical, sameValue, type Value } from "../../src/history/value.js";
import { misshapen } from "./options.js";

/** An operation, with what its client was told. */
export interface StreamCall {
  readonly f: string;
  /** Undefined when the operation has none. */
  readonly key: Value | undefined;
  readonly input: Value;
  /** Undefined unless it completed ok, or as far as it came was answered step by step. */
  readonly output: Value | undefined;
}

/** A message that is sent to a log; the offset is `NaN` where nobody told it. */
export interface Sent {
  readonly log: Value;
  readonly value: Value;
  readonly offset: number;
}

/** What one poll returned of one log. */
export interface Polled {
  /** Place of the poll within its operation. */
  readonly step: number;
  readonly log: Value;
  /** Pairs of [offset, value]. */
  readonly pairs: readonly Value[];
}

/** The call that was invoked at this index. */
export function streamCall(history: History, invocation: number): StreamCall {
  const { functionNames, functions, keys, values, pairs, types, valueAt } = history;
  const key = keys[invocation] as number;
  const end = pairs[invocation] as number;
  const call = {
    f: functionNames[functions[invocation] as number] as string,
    key: key === NONE ? undefined : valueAt(key),
    input: valueAt(values[invocation] as number),
    output: end === NONE ? undefined : valueAt(values[end] as number),
  };
  const isTold = end !== NONE && (types[end] === OK || areAnswers(call));
  return isTold ? call : { ...call, output: undefined };
}

/**
 * Whether what an operation ended with that did not succeed are its steps with answers: what a
 * transaction was shown before it failed it was shown all the same.
 */
function areAnswers(call: StreamCall): boolean {
  const { input, output } = call;
  const steps = stepsOf(call);
  if (steps === undefined || !Array.isArray(output) || sameValue(input, output)) return false;
  return (
    output.length === steps.length &&
    steps.every(([f], at) => {
      const answer = output[at] as Value;
      return Array.isArray(answer) && answer[0] === f;
    })
  );
}

/** Whether each poll of a call was answered. */
export function areAllAnswered(call: StreamCall): boolean {
  const { output } = call;
  if (!Array.isArray(output)) return false;
  return (output as readonly (readonly Value[])[]).every(([f, shown]) => {
    return f !== "poll" || (typeof shown === "object" && shown !== null);
  });
}

/** The steps of a call that is a list of them. */
function stepsOf({
  key,
  input,
}: Pick<StreamCall, "key" | "input">): readonly (readonly Value[])[] | undefined {
  if (key !== undefined || !Array.isArray(input) || input.length === 0) return undefined;
  const isStep = (step: Value): boolean =>
    Array.isArray(step) && (step[0] === "send" || step[0] === "poll");
  return input.every(isStep) ? (input as readonly (readonly Value[])[]) : undefined;
}

/** The messages that a call sends. */
export function sentBy(call: StreamCall): readonly Sent[] {
  const steps = stepsOf(call);
  if (steps === undefined) {
    if (call.f !== "send") return [];
    const { key = null, input, output } = call;
    const offset = typeof output === "number" ? output : offsetIn(output, input);
    return [{ log: key, value: input, offset }];
  }
  const sent: Sent[] = [];
  for (const [at, [f, log = null, value = null]] of steps.entries()) {
    if (f !== "send") continue;
    const answer = Array.isArray(call.output) ? (call.output[at] as Value) : undefined;
    const told = Array.isArray(answer) ? (answer[2] as Value | undefined) : undefined;
    sent.push({ log, value, offset: offsetIn(told, value) });
  }
  return sent;
}

/** The offset in an answer of [offset, value]; what repeats the value has told none. */
function offsetIn(answer: Value | undefined, value: Value): number {
  if (answer === undefined || answer === null || sameValue(answer, value)) return Number.NaN;
  if (Array.isArray(answer) && answer.length === 2) {
    const [offset] = answer as readonly Value[];
    if (typeof offset === "number") return offset;
    if (offset === null) return Number.NaN;
  }
  throw misshapen("stream", "sends that return an offset or [offset, value]", answer);
}

/** What a call polled, as far as it was answered. */
export function polledBy(call: StreamCall): readonly Polled[] {
  const { output = null } = call;
  const steps = stepsOf(call);
  if (steps === undefined) {
    if (call.f !== "poll") return [];
    if (call.key !== undefined) return [{ step: 0, log: call.key, pairs: pairsIn(output) }];
    return logsIn(output, 0);
  }
  return steps.flatMap(([f], at): readonly Polled[] => {
    if (f !== "poll") return [];
    const answer = Array.isArray(output) ? (output[at] as Value) : null;
    return logsIn(Array.isArray(answer) ? (answer[1] ?? null) : null, at);
  });
}

function logsIn(value: Value, step: number): readonly Polled[] {
  if (value === null) return [];
  if (typeof value !== "object" || Array.isArray(value)) throw strange(value);
  const logs = value as { readonly [log: string]: Value };
  return Object.keys(logs).map((log) => ({ step, log, pairs: pairsIn(logs[log] as Value) }));
}

/** The pairs that a poll returned of one log, which may be none. */
export function pairsIn(value: Value): readonly Value[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value as readonly Value[];
  throw strange(value);
}

/** A polled pair of offset (or null) and value, once looked at. */
export function pairIn(pair: Value): readonly [offset: number | null, value: Value] {
  if (Array.isArray(pair) && pair.length === 2) {
    const [offset] = pair as readonly Value[];
    if (typeof offset === "number" || offset === null) {
      return pair as unknown as readonly [number | null, Value];
    }
  }
  throw strange(pair);
}

function strange(value: Value): Error {
  return misshapen("stream", "polls that return lists of [offset, value]", value);
}

/** What a poll, an assign or a subscribe asks for. */
export interface Wanted {
  /** The logs that it names, as `logName` calls them; undefined when it names none. */
  readonly logs: ReadonlyMap<string, number> | undefined;
  /** The consumer group that it names. */
  readonly group: string | undefined;
}

const OWN_LOGS: Wanted = { logs: undefined, group: undefined };

/** What a poll without input asks for. */
function wantedByKey(key: Value | undefined): Wanted {
  if (key === undefined) return OWN_LOGS;
  return { logs: new Map([[logName(key), Number.NaN]]), group: undefined };
}

/**
 * Reads the input of a poll, an assign or a subscribe: a list of logs, an object from log to the
 * offset to go on from, an object with `group` and perhaps `logs`, or (with a key) an offset.
 */
export function wantedBy(call: Pick<StreamCall, "key" | "input">): Wanted {
  const { key, input } = call;
  if (input === null) return wantedByKey(key);
  if (stepsOf(call) !== undefined) return OWN_LOGS;
  const named = wantedByKey(key).logs;
  if (typeof input === "number" && key !== undefined) {
    return { logs: new Map([[logName(key), input]]), group: undefined };
  }
  if (Array.isArray(input)) {
    const logs = (input as readonly Value[]).map((log) => [logName(log), Number.NaN] as const);
    return { logs: named ?? new Map(logs), group: undefined };
  }
  if (typeof input !== "object") return { logs: named, group: undefined };
  const fields = input as { readonly [name: string]: Value };
  if (typeof fields["group"] === "string") {
    const list = fields["logs"];
    const inner = Array.isArray(list) ? wantedBy({ key, input: list }) : null;
    return { logs: inner?.logs ?? named, group: fields["group"] };
  }
  const offsets = Object.entries(fields).filter(([, offset]) => typeof offset === "number");
  return { logs: new Map(offsets as [string, number][]), group: undefined };
}

/** A log's name; a log is called the same by a key of an object and by a number. */
export function logName(log: Value): string {
  return typeof log === "string" ? log : canonical(log);
}
