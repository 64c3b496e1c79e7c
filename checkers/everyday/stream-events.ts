/**
 * What clients sent to logs and polled from them, in columns: one pass over the history. Messages
 * and logs are numbered; each poll of a log is a *batch*, which knows where its consumer had been.
 */
import { FAIL, INFO, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Lists } from "../../src/history/value-pool.js";
import { maskOf, outcomeOf, rolesOf } from "./functions.js";
import type { Limits } from "./limits.js";
import { Consumers } from "./stream-consumers.js";
import { StreamNumbers, type Message } from "./stream-numbers.js";
import {
  logName,
  pairIn,
  polledBy,
  sentBy,
  streamCall,
  wantedBy,
  type StreamCall,
} from "./stream-shapes.js";

const WRITES = 1;
const ASSIGNS = 2;
/** The functions of logs, with what they do. */
const ROLES = { send: WRITES, poll: WRITES, txn: WRITES, assign: ASSIGNS, subscribe: ASSIGNS };
export const STREAM_FUNCTIONS: readonly string[] = Object.keys(ROLES);

/** A message that was acknowledged. */
export interface AcknowledgedSend {
  readonly invocation: number;
  readonly completion: number;
  readonly message: number;
  /** `NaN` where nobody told it. */
  readonly offset: number;
}

/** What one poll that completed ok returned of one log. */
export interface Batch {
  readonly invocation: number;
  readonly completion: number;
  readonly log: number;
  /** The group that it polled for; undefined for a consumer of its own. */
  readonly group: string | undefined;
  /** What it shows: from here to there in `seenMessages` and `seenOffsets`. */
  readonly start: number;
  readonly end: number;
  /** The batch that its consumer polled before; undefined where that is not known. */
  readonly previous: Batch | undefined;
  /** Whether it cannot have been shown anything in between. */
  readonly isNext: boolean;
  /** The offset that was asked for; `NaN` for none. */
  readonly from: number;
  /** From which offset on the consumer has been shown everything up to the end of this batch. */
  readonly since: number;
}

/** All of it. */
export interface StreamEvents {
  readonly operations: number;
  readonly logs: readonly string[];
  readonly messages: readonly Message[];
  /** In the order of their invocations. */
  readonly acknowledged: readonly AcknowledgedSend[];
  /** In the order of their completions, empty ones of consumers that wait for the log included. */
  readonly batches: readonly Batch[];
  readonly seenMessages: readonly number[];
  /** `NaN` where nobody told it. */
  readonly seenOffsets: readonly number[];
  /** Polls that completed ok. */
  readonly polls: number;
  /** Of each group, the first poll whose result nobody knows. */
  readonly unknownPolls: ReadonlyMap<string, number>;
}

/** Collects everything. @throws HarnessError `bad-argument` for a value that is not understood */
export function collectStream(history: History, limits: Limits): StreamEvents {
  const { length, types, processes, functions, keys, values, pairs, pool, lists } = history;
  const roles = rolesOf(history, ROLES);
  const isSend = maskOf(history, ["send"]);
  const isPoll = maskOf(history, ["poll"]);
  limits.hold(pool.length * 4);
  const numbers = new StreamNumbers(pool);
  const acknowledged: AcknowledgedSend[] = [];
  const batches: Batch[] = [];
  const seenMessages: number[] = [];
  const seenOffsets: number[] = [];
  const consumers = new Consumers();
  let [operations, polls] = [0, 0];

  const addSent = (number: number, offset: number, i: number): void => {
    const message = numbers.messages[number] as Message;
    const outcome = outcomeOf(history, i);
    if (outcome === FAIL) {
      if (message.failedSend === NONE) message.failedSend = i;
      return;
    }
    message.copies++;
    if (message.firstSend === NONE) message.firstSend = i;
    if (outcome !== OK) return;
    acknowledged.push({ invocation: i, completion: pairs[i] as number, message: number, offset });
  };

  const send = (i: number, outcome: number): void => {
    const [f, key] = [functions[i] as number, keys[i] as number];
    if (key !== NONE && isPoll[f] === 1) return;
    if (key !== NONE && isSend[f] === 1 && outcome === OK) {
      const offset = pool[values[pairs[i] as number] as number];
      if (typeof offset === "number") {
        addSent(numbers.messageAt(numbers.logAt(key), values[i] as number), offset, i);
        return;
      }
    }
    for (const { log, value, offset } of sentBy(streamCall(history, i, outcome === OK))) {
      addSent(numbers.message(numbers.log(logName(log)), value), offset, i);
    }
  };

  const show = (number: number, offset: number, completion: number): void => {
    const message = numbers.messages[number] as Message;
    if (message.polledAt === NONE) message.polledAt = completion;
    seenMessages.push(number);
    seenOffsets.push(offset);
  };

  /** What a poll of one log without input shows, item by item. */
  const pollAt = (invocation: number, completion: number, { starts, items }: Lists): void => {
    const key = keys[invocation] as number;
    const log = numbers.logAt(key);
    const wanted = numbers.wantedAt(key);
    const found = consumers.pollOf(processes[invocation] as number, wanted);
    polls++;
    const start = seenMessages.length;
    let first = Infinity;
    const list = starts[values[completion] as number] as number;
    const listEnd = list + 1 + (items[list] as number);
    for (let at = list + 1; at < listEnd; at++) {
      const pair = starts[items[at] as number] as number;
      const told = pair < 0 || items[pair] !== 2 ? undefined : pool[items[pair + 1] as number];
      // What is no pair is refused in words.
      if (told !== null && typeof told !== "number") pairIn(pool[items[at] as number] as Value);
      const offset = (told as number | null) ?? Number.NaN;
      if (first === Infinity && !Number.isNaN(offset)) first = offset;
      show(numbers.messageAt(log, items[pair + 2] as number), offset, completion);
    }
    const [end, name] = [seenMessages.length, numbers.logs[log] as string];
    batches.push(found.batch({ name, log, invocation, completion, start, end, first }));
  };

  const poll = (invocation: number, completion: number, call: StreamCall): void => {
    const found = consumers.pollOf(processes[invocation] as number, wantedBy(call));
    polls++;
    const add = (name: string, given: readonly Value[]): void => {
      const log = numbers.log(name);
      const start = seenMessages.length;
      let first = Infinity;
      for (let k = 0; k < given.length; k++) {
        const pair = pairIn(given[k] as Value);
        const offset = pair[0] ?? Number.NaN;
        show(numbers.message(log, pair[1]), offset, completion);
        if (first === Infinity && !Number.isNaN(offset)) first = offset;
      }
      const end = seenMessages.length;
      const batch = found.batch({ name, log, invocation, completion, start, end, first });
      batches.push(batch);
    };
    const steps = polledBy(call);
    for (const { log, pairs: given } of steps) add(logName(log), given);
    for (const log of found.waitsFor) {
      if (!steps.some((step) => logName(step.log) === log)) add(log, []);
    }
  };

  for (let i = 0; i < length; i++) {
    if (i % 65_536 === 0) {
      limits.check();
      limits.hold(seenMessages.length * 0.5);
    }
    const role = roles[functions[i] as number] as number;
    if (role === 0 || processes[i] === NEMESIS) continue;
    const type = types[i] as number;
    if (type === INVOKE) {
      operations++;
      const outcome = outcomeOf(history, i);
      if (role === WRITES) send(i, outcome);
      if (outcome !== INFO || role !== WRITES) continue;
      const call = streamCall(history, i, false);
      if (mayPoll(call)) consumers.lostSight(processes[i] as number, wantedBy(call), i);
      continue;
    }
    const invocation = pairs[i] as number;
    const isShort =
      type === OK && isPoll[functions[i] as number] === 1 && keys[invocation] !== NONE;
    if (isShort && lists !== undefined && pool[values[invocation] as number] === null) {
      if ((lists.starts[values[i] as number] as number) >= 0) {
        pollAt(invocation, i, lists);
        continue;
      }
    }
    const call = streamCall(history, invocation, type === OK);
    if (role === ASSIGNS && type !== FAIL) {
      consumers.assign(processes[i] as number, wantedBy(call), {
        isSure: type === OK,
        subscribes: call.f === "subscribe",
      });
    } else if (role === WRITES && type === OK && mayPoll(call)) poll(invocation, i, call);
  }
  limits.hold(seenMessages.length * 16 + batches.length * 100 + numbers.messages.length * 100);
  return {
    operations,
    logs: numbers.logs,
    messages: numbers.messages,
    acknowledged,
    batches,
    seenMessages,
    seenOffsets,
    polls,
    unknownPolls: consumers.unknownPolls,
  };
}

/** Whether a call polls; a transaction may be all sends. */
function mayPoll({ f, input }: StreamCall): boolean {
  if (f === "poll") return true;
  if (f === "send" || !Array.isArray(input)) return false;
  return input.some((step) => Array.isArray(step) && step[0] === "poll");
}
