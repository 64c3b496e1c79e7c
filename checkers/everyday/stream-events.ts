/**
 * What clients sent to logs and polled from them, in columns: one pass over the history. Messages
 * and logs are numbered; each poll of a log is a *batch*, which knows where its consumer had been.
 */
import { FAIL, INFO, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Lists } from "../../src/history/value-pool.js";
import { maskOf, outcomeOf, rolesOf } from "./functions.js";
import type { Limits } from "./limits.js";
import { CompactList, IntList, UsualList } from "../../src/graph/growing.js";
import { Batches } from "./stream-batches.js";
import { Consumers, type Polling } from "./stream-consumers.js";
import type { Messages } from "./stream-messages.js";
import { StreamNumbers, type Key } from "./stream-numbers.js";
import { Pairs } from "./stream-pairs.js";
import { Shown } from "./stream-shown.js";
import { POLLS, SENDS, Steps } from "./stream-steps.js";
import {
  areAllAnswered,
  logName,
  pairsIn,
  polledBy,
  sentBy,
  streamCall,
  wantedBy,
  type StreamCall,
  type Wanted,
} from "./stream-shapes.js";

const WRITES = 1;
const ASSIGNS = 2;
/** The functions of logs, with what they do. */
const ROLES = { send: WRITES, poll: WRITES, txn: WRITES, assign: ASSIGNS, subscribe: ASSIGNS };
export const STREAM_FUNCTIONS: readonly string[] = Object.keys(ROLES);

/** Messages that were sent, in the order of their invocations. */
export class Sends {
  readonly invocations: IntList;
  readonly messages: IntList;
  /** `NaN` where nobody told it. */
  readonly offsets: CompactList;
  /** From when on it is certain, where that is not the completion of its operation. */
  readonly #certainAt = new UsualList(NONE);
  readonly #pairs: Int32Array;

  /** Makes room for so many; room that stays empty costs nothing. */
  constructor({ pairs }: Pick<History, "pairs">, room: number) {
    this.#pairs = pairs;
    this.invocations = new IntList(room);
    this.messages = new IntList(room);
    this.offsets = new CompactList(room);
  }

  get count(): number {
    return this.messages.length;
  }

  add(send: {
    readonly invocation: number;
    readonly completion: number;
    readonly message: number;
    readonly offset: number;
  }): void {
    this.invocations.push(send.invocation);
    // Most are certain when their operation completes.
    const isUsual = send.completion === this.#pairs[send.invocation];
    this.#certainAt.set(this.count, isUsual ? NONE : send.completion);
    this.messages.push(send.message);
    this.offsets.push(send.offset);
  }

  /** From this event on it is certain. */
  completionOf(send: number): number {
    const certainAt = this.#certainAt.at(send);
    return certainAt === NONE ? (this.#pairs[this.invocationOf(send)] as number) : certainAt;
  }

  invocationOf(send: number): number {
    return this.invocations.items[send] as number;
  }

  messageOf(send: number): number {
    return this.messages.items[send] as number;
  }

  offsetOf(send: number): number {
    return this.offsets.at(send);
  }
}

/** All of it. */
export interface StreamEvents {
  readonly operations: number;
  readonly logs: readonly string[];
  readonly messages: Messages;
  /**
   * What was sent for certain: what was acknowledged, then what indeterminate operations sent that
   * must have happened (stream-committed.ts).
   */
  readonly sends: Sends;
  /** How many of them were acknowledged. */
  readonly acknowledged: number;
  /** Of indeterminate operations; nobody knows when they took effect. */
  readonly open: Sends;
  /** Whether any operation both sends and polls. */
  readonly isMixed: boolean;
  /** Empty ones of consumers that wait for the log included. */
  readonly batches: Batches;
  /** What polls were shown, batch by batch. */
  readonly shown: Shown;
  /** Polls that completed ok. */
  readonly polls: number;
  /** Of each group, the first poll whose result nobody knows. */
  readonly unknownPolls: ReadonlyMap<string, number>;
}

/** Collects everything. @throws HarnessError `bad-argument` for a value that is not understood */
export function collectStream(history: History, limits: Limits): StreamEvents {
  const { length, types, processes, functions, keys, values, pairs, lists, valueAt } = history;
  const roles = rolesOf(history, ROLES);
  const isSend = maskOf(history, ["send"]);
  const isPoll = maskOf(history, ["poll"]);
  // Asking for the pool itself would make all values that are in it.
  const valueCount = lists?.starts.length ?? history.pool.length;
  const numbers = new StreamNumbers(history, valueCount, limits);
  const { messages } = numbers;
  const sends = new Sends(history, Math.max(64, length >>> 1));
  const open = new Sends(history, 64);
  const batches = new Batches(history);
  // What is shown has mostly a pair of its own in the pool; room that stays empty costs nothing.
  const shown = new Shown(messages, valueCount);
  const shownPairs = new Pairs(history, numbers, shown);
  const consumers = new Consumers(batches);
  const steps = lists === undefined ? undefined : new Steps(history, lists);
  let [operations, polls] = [0, 0];
  let isMixed = false;

  const addSent = (message: number, offset: number, i: number): void => {
    const outcome = outcomeOf(history, i);
    messages.sent(message, outcome === FAIL, i);
    if (outcome === FAIL) return;
    const send = { invocation: i, completion: pairs[i] as number, message, offset };
    (outcome === OK ? sends : open).add(send);
  };

  /** Whether all sends of steps that succeeded were read; what is left has to be read in words. */
  const sendSteps = (own: Steps, i: number, input: number): boolean => {
    const output = values[pairs[i] as number] as number;
    const count = own.countOf(input);
    for (let at = 1; at <= count; at++) {
      if (own.goTo(input, output, at) !== SENDS) continue;
      const offset = own.offset();
      if (offset === undefined) return false;
      addSent(numbers.messageAt(numbers.keyAt(own.log).log, own.message), offset, i);
    }
    return true;
  };

  const send = (i: number, outcome: number): void => {
    const [f, key] = [functions[i] as number, keys[i] as number];
    if (key !== NONE && isPoll[f] === 1) return;
    if (key !== NONE && isSend[f] === 1) {
      const offset =
        outcome === OK ? shownPairs.numberAt(values[pairs[i] as number] as number) : null;
      if (offset !== undefined) {
        const message = numbers.messageAt(numbers.keyAt(key).log, values[i] as number);
        addSent(message, offset ?? Number.NaN, i);
        return;
      }
    }
    const isPlain = key === NONE && isSend[f] === 0 && outcome === OK;
    if (isPlain && steps !== undefined) {
      const input = values[i] as number;
      const what = steps.in(input);
      if (what === POLLS || (what !== 0 && sendSteps(steps, i, input))) {
        if (what === (SENDS | POLLS) || (what === SENDS && isPoll[f] === 1)) isMixed = true;
        return;
      }
    }
    const call = streamCall(history, i);
    const sent = sentBy(call);
    for (const { log, value, offset } of sent) {
      addSent(numbers.message(numbers.log(logName(log)), value), offset, i);
    }
    if (outcome !== FAIL && sent.length > 0 && mayPoll(call)) isMixed = true;
  };

  /** What is shown of one log, from a list in the pool. */
  const takeList = ({ polling, completion }: Asked, key: Key, list: number): void => {
    const { log, name } = key;
    const stretch = shownPairs.takeList(lists as Lists, list, { log, completion });
    const { first, isGrowing } = stretch;
    consumers.takes(polling, { name, log, completion, end: shown.length, first, isGrowing });
  };

  /** What a poll of one log without input shows. */
  const pollAt = (invocation: number, completion: number, list: number): void => {
    const key = numbers.keyAt(keys[invocation] as number);
    const polling = consumers.polling(processes[invocation] as number, key.wanted);
    polls++;
    takeList({ polling, completion }, key, list);
  };

  /** What a poll that did not succeed was shown; its consumer goes on from where it was. */
  const pollInVain = (invocation: number, completion: number, call: StreamCall): void => {
    const polling = consumers.polling(processes[invocation] as number, OWN_POSITIONS);
    consumers.inVain(polling, () => {
      for (const { log, pairs: given } of polledBy(call)) {
        takeAnswer({ polling, completion }, logName(log), given);
      }
    });
    if (types[completion] === INFO) {
      consumers.lostSight(processes[invocation] as number, OWN_POSITIONS, invocation);
    }
  };

  const takeAnswer = (
    { polling, completion }: Asked,
    name: string,
    given: readonly Value[],
  ): void => {
    const log = numbers.log(name);
    const stretch = shownPairs.take(given, { log, completion });
    const { first, isGrowing } = stretch;
    consumers.takes(polling, { name, log, completion, end: shown.length, first, isGrowing });
  };

  const poll = (invocation: number, completion: number, call: StreamCall): void => {
    const polling = consumers.polling(processes[invocation] as number, wantedBy(call));
    // What it waits for is what it was assigned before it took anything.
    const waitsFor = consumers.waitsFor(polling);
    polls++;
    const asked = { polling, completion };
    const polled = polledBy(call);
    for (const { log, pairs: given } of polled) takeAnswer(asked, logName(log), given);
    for (const log of waitsFor) {
      if (!polled.some((one) => logName(one.log) === log)) takeAnswer(asked, log, []);
    }
  };

  /** A poll by steps that succeeded; false where it has to be read in words. */
  const pollSteps = (invocation: number, completion: number): boolean => {
    if (steps === undefined || keys[invocation] !== NONE) return false;
    const input = values[invocation] as number;
    const what = steps.in(input);
    if (what === 0) return false;
    if (what === SENDS && isPoll[functions[invocation] as number] === 0) return true;
    const polling = consumers.polling(processes[invocation] as number, OWN_POSITIONS);
    const waitsFor = consumers.waitsFor(polling);
    polls++;
    const asked = { polling, completion };
    const shownLogs: string[] = [];
    const { starts, items } = lists as Lists;
    const output = values[completion] as number;
    const count = steps.countOf(input);
    for (let at = 1; at <= count; at++) {
      if (steps.goTo(input, output, at) !== POLLS) continue;
      const fields = steps.shown();
      if (fields === undefined) return false;
      if (fields === NONE) continue;
      const end = fields + (items[fields] as number);
      for (let field = fields + 1; field < end; field += 2) {
        const key = numbers.keyAt(items[field] as number);
        const given = items[field + 1] as number;
        const list = starts[given] as number;
        if (list >= 0) takeList(asked, key, list);
        else takeAnswer(asked, key.name, pairsIn(valueAt(given)));
        if (waitsFor.length > 0) shownLogs.push(key.name);
      }
    }
    for (const log of waitsFor) if (!shownLogs.includes(log)) takeAnswer(asked, log, []);
    return true;
  };

  let held = 0;
  const holdShown = (): void => {
    limits.hold((shown.length - held) * 4);
    held = shown.length;
  };
  for (let i = 0; i < length; i++) {
    if (i % 65_536 === 0) {
      limits.check();
      holdShown();
    }
    const role = roles[functions[i] as number] as number;
    if (role === 0 || processes[i] === NEMESIS) continue;
    const type = types[i] as number;
    if (type === INVOKE) {
      operations++;
      const outcome = outcomeOf(history, i);
      if (role === WRITES) send(i, outcome);
      if (outcome !== INFO || role !== WRITES || isSend[functions[i] as number] === 1) continue;
      const call = streamCall(history, i);
      // What it was shown, its completion says.
      const isShown = areAllAnswered(call) && !consumers.isShared(processes[i] as number);
      if (mayPoll(call) && !isShown) {
        consumers.lostSight(processes[i] as number, wantedBy(call), i);
      }
      continue;
    }
    // Of a send all is said.
    if (isSend[functions[i] as number] === 1) continue;
    const invocation = pairs[i] as number;
    const isShort =
      type === OK && isPoll[functions[i] as number] === 1 && keys[invocation] !== NONE;
    if (
      isShort &&
      lists !== undefined &&
      shownPairs.numberAt(values[invocation] as number) === null
    ) {
      const list = lists.starts[values[i] as number] as number;
      if (list >= 0) {
        pollAt(invocation, i, list);
        continue;
      }
    }
    if (role === WRITES && type === OK && pollSteps(invocation, i)) continue;
    const call = streamCall(history, invocation);
    if (role === ASSIGNS && type !== FAIL) {
      consumers.assign(processes[i] as number, wantedBy(call), {
        isSure: type === OK,
        subscribes: call.f === "subscribe",
      });
    } else if (role === WRITES && mayPoll(call)) {
      if (type === OK) poll(invocation, i, call);
      else if (call.output !== undefined) pollInVain(invocation, i, call);
    }
  }
  holdShown();
  limits.hold(batches.count * 16 + messages.count * 24 + (sends.count + open.count) * 16);
  return {
    operations,
    logs: numbers.logs,
    messages,
    sends,
    acknowledged: sends.count,
    open,
    isMixed,
    batches,
    shown,
    polls,
    unknownPolls: consumers.unknownPolls,
  };
}

/** A poll that is being answered. */
interface Asked {
  readonly polling: Polling;
  readonly completion: number;
}

/** What steps poll. */
const OWN_POSITIONS: Wanted = { logs: undefined, group: undefined };

/** Whether a call polls; a transaction may be all sends. */
function mayPoll({ f, input }: StreamCall): boolean {
  if (f === "poll") return true;
  if (f === "send" || !Array.isArray(input)) return false;
  return input.some((step) => Array.isArray(step) && step[0] === "poll");
}
