/**
 * Runs a generator without a world: every operation gets the answer and latency that a function
 * gives it. For tests of generators and for the docs.
 *
 * It decides as the runner's interpreter does, in these steps: (1) take every completion that is
 * due, in the order of time; (2) ask the generator with `decide`; (3) carry out a dispatch at once,
 * and go on with its `next`; or go on with the `next` of a pending step and wait until its wake
 * time or the next completion, whichever comes first; or, when it is done, wait for the operations
 * that are under way, and end.
 */
import { assert } from "../errors.js";
import type { HistoryEvent, Process } from "../history/operation.js";
import type { Value } from "../history/value.js";
import { createRandom, type Random } from "../random.js";
import { decide } from "./ask.js";
import type { Dispatch, Generator } from "./generator.js";

/** How an operation ends. */
export interface SimulatedAnswer {
  /**
   * `info` makes the worker go on as a new process. The nemesis's operations always end as `info`.
   */
  readonly type: "ok" | "fail" | "info";
  /** From 0 up. */
  readonly latencyMs: number;
  /** Default: the invocation's value. */
  readonly value?: Value;
  readonly error?: Value;
}

/** How a generator is run. */
export interface SimulateOptions {
  /** Client workers. Default 5. */
  readonly concurrency?: number;
  /** Whether there is a nemesis. Default false. */
  readonly nemesis?: boolean;
  /** Default 0. */
  readonly seed?: number;
  /** Answers an operation; `random` is a stream of its own. Default: `ok` after 1 ms. */
  readonly answer?: (invocation: HistoryEvent, random: Random) => SimulatedAnswer;
  /** Stops there, for generators without end. Default 1,000. */
  readonly maxEvents?: number;
  /** Stops when the next thing to happen is later than this; virtual time. Default: an hour. */
  readonly limitMs?: number;
}

/**
 * Gives the history of a generator, as events in the order of time.
 * @throws HarnessError `harness-failure` for a generator that breaks the rules (see `ask.ts`).
 */
export function simulate(generator: Generator, options: SimulateOptions = {}): HistoryEvent[] {
  const { concurrency = 5, maxEvents = 1_000, limitMs = 3_600_000 } = options;
  const answer = options.answer ?? ((): SimulatedAnswer => ({ type: "ok", latencyMs: 1 }));
  const root = createRandom(options.seed ?? 0);
  const random = root.fork("generator");
  const answers = root.fork("answers");
  const workers: Process[] = Array.from({ length: concurrency }, (_, worker) => worker);
  const open = new Map<Process, Completion>();
  const events: HistoryEvent[] = [];
  let current = generator;
  let timeNs = 0;

  const record = (event: Omit<HistoryEvent, "index" | "timeNs">): HistoryEvent => {
    const whole: HistoryEvent = { index: events.length, timeNs, ...event };
    events.push(whole);
    current = current.update(whole);
    return whole;
  };

  const begin = ({ process, f, key, value }: Dispatch): void => {
    const type = process === "nemesis" ? "info" : "invoke";
    const invocation = key === undefined ? { f, value } : { f, key, value };
    const event = record({ type, process, ...invocation });
    const reply = answer(event, answers);
    const { error } = reply;
    open.set(process, {
      dueNs: timeNs + Math.round(reply.latencyMs * 1e6),
      event: {
        ...invocation,
        type: process === "nemesis" ? "info" : reply.type,
        process,
        value: reply.value ?? value,
        ...(error === undefined ? {} : { error }),
      },
    });
  };

  const complete = ({ event }: Completion): void => {
    const { process } = event;
    open.delete(process);
    record(event);
    if (event.type === "info" && process !== "nemesis") {
      workers[process % concurrency] = process + concurrency;
    }
  };

  while (events.length < maxEvents) {
    const soonest = firstOf(open.values());
    if (soonest !== undefined && soonest.dueNs <= timeNs) {
      complete(soonest);
      continue;
    }
    const processes: Process[] = options.nemesis === true ? ["nemesis", ...workers] : [...workers];
    const free = processes.filter((process) => !open.has(process));
    const step = decide(current, { timeNs, free, processes, random });
    if (step.kind === "dispatch") {
      current = step.next;
      begin(step.dispatch);
      continue;
    }
    if (step.kind === "done" && soonest === undefined) break;
    if (step.kind === "pending") current = step.next;
    const wakeNs = step.kind === "pending" ? (step.wakeNs ?? Infinity) : Infinity;
    timeNs = Math.min(wakeNs, soonest?.dueNs ?? Infinity);
    assert(Number.isFinite(timeNs), "a generator that waits for nothing got past decide");
    if (timeNs > limitMs * 1e6) break;
  }
  return events;
}

interface Completion {
  readonly dueNs: number;
  readonly event: Omit<HistoryEvent, "index" | "timeNs">;
}

/** The completion that is due first; among equals, that of the operation that was invoked first. */
function firstOf(completions: Iterable<Completion>): Completion | undefined {
  let first: Completion | undefined;
  for (const completion of completions) {
    if (first === undefined || completion.dueNs < first.dueNs) first = completion;
  }
  return first;
}
