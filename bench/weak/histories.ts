/** Histories for everyday checkers that no sequential object makes. */
import {
  createHistoryBuilder,
  INFO,
  INVOKE,
  NEMESIS,
  NONE,
  OK,
  type History,
} from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { createRandom } from "../../src/random.js";
import { historyOfCalls, NOTHING, type Calls } from "./calls.js";

/** How many faults there are in a history, each half the time to the next. */
const FAULTS = 20;

/** The same history with a fault that begins and ends again and again. */
export function withFaults(history: History, fault: string): History {
  const { length, types, processes, functions, functionNames, keys, values, errors } = history;
  const builder = createHistoryBuilder();
  const every = Math.ceil(length / FAULTS);
  const valueOf = (position: number): Value => history.valueAt(position);
  for (let event = 0; event < length; event++) {
    const timeNs = history.timesNs[event] as number;
    if (event % every === every >> 2 || event % every === (3 * every) >> 2) {
      const f = `${event % every === every >> 2 ? "start" : "stop"}-${fault}`;
      for (let turn = 0; turn < 2; turn++) {
        builder.append(INFO, NEMESIS, f, undefined, null, undefined, timeNs);
      }
    }
    builder.append(
      types[event] as number,
      processes[event] as number,
      functionNames[functions[event] as number] as string,
      keys[event] === NONE ? undefined : valueOf(keys[event] as number),
      valueOf(values[event] as number),
      errors[event] === NONE ? undefined : valueOf(errors[event] as number),
      timeNs,
    );
  }
  return builder.build();
}

/**
 * Calls of replicas that converge, and then, two seconds later, a read of each key by each process.
 * With `diverged`, the last of these reads finds nothing.
 */
export function thenAllRead(calls: Calls, diverged: boolean): History {
  const { count, processes, keys, isRead, values } = calls;
  const base = historyOfCalls(calls);
  const builder = createHistoryBuilder();
  for (let event = 0; event < base.length; event++) builder.add(base.event(event));
  const last = new Map<number, number>();
  for (let call = 0; call < count; call++) {
    if (isRead[call] === 0) last.set(keys[call] as number, values[call] as number);
  }
  let timeNs = (base.timesNs.at(-1) ?? 0) + 2e9;
  const everyKey = [...new Set(keys)];
  const everyProcess = [...new Set(processes)];
  for (const key of everyKey) {
    for (const process of everyProcess) {
      const wrong = diverged && key === everyKey.at(-1) && process === everyProcess.at(-1);
      const found = wrong ? NOTHING : (last.get(key) ?? NOTHING);
      const value = found === NOTHING ? null : found;
      builder.append(INVOKE, process, "read", key, null, undefined, timeNs);
      builder.append(OK, process, "read", key, value, undefined, timeNs + 1_000);
      timeNs += 2_000;
    }
  }
  return builder.build();
}

const LOGS = 10;
const CONSUMERS = 5;
const POLLED_MAX = 20;

/**
 * Processes that send to logs and poll them, and read all to the end at last. With `skipped`, one
 * poll in the last tenth leaves a message out.
 */
export function streamHistory(operations: number, skipped: boolean): History {
  const random = createRandom(1);
  const builder = createHistoryBuilder();
  const logs: number[][] = Array.from({ length: LOGS }, () => []);
  const stands = new Int32Array(LOGS * CONSUMERS);
  let isDue = skipped;
  let number = 0;
  const poll = (process: number, log: number): void => {
    const messages = logs[log] as number[];
    const at = stands[log * CONSUMERS + process] as number;
    const end = Math.min(messages.length, at + POLLED_MAX);
    const pairs: Value[] = [];
    for (let offset = at; offset < end; offset++) pairs.push([offset, messages[offset] as number]);
    stands[log * CONSUMERS + process] = end;
    if (isDue && number > operations * 0.9 && pairs.length > 2) {
      pairs.splice(1, 1);
      isDue = false;
    }
    call(process, "poll", { log, input: null, output: pairs });
  };
  const call = (
    process: number,
    f: string,
    { log, input, output }: { readonly log: number; readonly input: Value; readonly output: Value },
  ): void => {
    builder.append(INVOKE, process, f, log, input, undefined, number * 2_000);
    builder.append(OK, process, f, log, output, undefined, number * 2_000 + 1_000);
    number++;
  };
  for (let turn = 0; turn < operations; turn++) {
    const process = random.below(CONSUMERS);
    const log = random.below(LOGS);
    if (random.below(2) === 0) {
      const offset = (logs[log] as number[]).push(number) - 1;
      call(process, "send", { log, input: number, output: offset });
    } else poll(process, log);
  }
  for (let log = 0; log < LOGS; log++) {
    for (let process = 0; process < CONSUMERS; process++) {
      while ((stands[log * CONSUMERS + process] as number) < (logs[log] as number[]).length) {
        poll(process, log);
      }
    }
  }
  return builder.build();
}

/** Steps of one transaction at most, and logs that it polls. */
const STEPS_MAX = 3;
const POLLED_LOGS = 3;

/**
 * The same by transactions, as lists of steps: each sends to logs and polls some of them. With
 * `skipped`, one poll in the last tenth leaves a message out.
 */
export function streamStepsHistory(operations: number, skipped: boolean): History {
  const random = createRandom(1);
  const builder = createHistoryBuilder();
  const logs: number[][] = Array.from({ length: LOGS }, () => []);
  const stands = new Int32Array(LOGS * CONSUMERS);
  let isDue = skipped;
  let [number, sent] = [0, 0];
  const poll = (process: number, polled: readonly number[]): Value => {
    const shown: { [log: string]: Value } = {};
    for (const log of polled) {
      const messages = logs[log] as number[];
      const at = stands[log * CONSUMERS + process] as number;
      const end = Math.min(messages.length, at + POLLED_MAX);
      if (end === at) continue;
      const pairs: Value[] = [];
      for (let offset = at; offset < end; offset++) {
        pairs.push([offset, messages[offset] as number]);
      }
      stands[log * CONSUMERS + process] = end;
      if (isDue && number > operations * 0.9 && pairs.length > 2) {
        pairs.splice(1, 1);
        isDue = false;
      }
      shown[`k${log}`] = pairs;
    }
    return shown;
  };
  const call = (process: number, input: readonly Value[], output: readonly Value[]): void => {
    const timeNs = number * 2_000;
    builder.append(INVOKE, process, "txn", undefined, input, undefined, timeNs);
    builder.append(OK, process, "txn", undefined, output, undefined, timeNs + 1_000);
    number++;
  };
  for (let turn = 0; turn < operations; turn++) {
    const process = random.below(CONSUMERS);
    const input: Value[] = [];
    const output: Value[] = [];
    for (let steps = 1 + random.below(STEPS_MAX); steps > 0; steps--) {
      const log = random.below(LOGS);
      if (random.below(2) === 0) {
        input.push(["send", `k${log}`, sent]);
        output.push(["send", log, sent++]);
      } else {
        const polled = Array.from({ length: POLLED_LOGS }, (_, at) => (log + at) % LOGS);
        input.push(["poll"]);
        output.push(["poll", poll(process, polled)]);
      }
    }
    // What a transaction sends is there when it ends.
    for (const [at, step] of output.entries()) {
      const [f, log, message] = step as readonly Value[];
      if (f !== "send") continue;
      const offset = (logs[log as number] as number[]).push(message as number) - 1;
      output[at] = ["send", `k${log as number}`, [offset, message as number]];
    }
    call(process, input, output);
  }
  for (let log = 0; log < LOGS; log++) {
    for (let process = 0; process < CONSUMERS; process++) {
      while ((stands[log * CONSUMERS + process] as number) < (logs[log] as number[]).length) {
        call(process, [["poll"]], [["poll", poll(process, [log])]]);
      }
    }
  }
  return builder.build();
}
