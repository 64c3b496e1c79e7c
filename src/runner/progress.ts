/**
 * Progress: whether a system that nothing is done to any more answers within a bound. That it
 * answers at last can be judged in a finite run only with one (Alpern, Schneider, "Defining
 * Liveness", Information Processing Letters 21, 1985: no finite run breaks it).
 *
 * It is asked only where the run leaves it open: when nothing was answered after the faults were
 * healed, and, without faults, when operations begun after the last answer came to nothing. Then
 * the final reads are tried again, or the workload goes on where it was, until something is
 * answered or the bound is over. A run that ends by itself before (a workload whose clients are
 * done) is not judged. The judgement is a function of the history, so that cases that are made
 * small are judged alike:
 *
 * ```
 *  heal, or the last answer                                        bound
 *  |-- begun in the first half → info --|  |-- → fail: not now --|   |
 *                                              |-- ends in the last tenth, or never --|
 * ```
 */
import { clients, delay, timeLimit } from "../generator/index.js";
import type { Generator } from "../generator/generator.js";
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../history/history.js";
import type { HistoryEvent } from "../history/operation.js";
import type { Anomaly, Verdict } from "../verdict/verdict.js";
import type { Standing } from "./followed.js";
import { interpret } from "./interpreter.js";
import { workloadContext, type Drive } from "./phases.js";
import type { TestDescription } from "./result.js";
import type { Workers } from "./workers.js";

/** How long a system has when nobody says otherwise, in milliseconds on the world's clock. */
const PROGRESS_MS = { simulated: 10_000, real: 30_000 } as const;
/** Less is no time to ask in: after healing the first two seconds may pass unasked. */
export const PROGRESS_MS_MIN = 5_000;
/** So many operations of a client fit into the bound, however long each may take. */
const ATTEMPTS_MIN = 4;
/** Attempts are so far apart. */
const DISTANCE_MS = 50;
/** Fewer attempts in vain say nothing. */
const VAIN_MIN = 3;
/** How many operations an anomaly lists, and how many nodes its message. */
const LISTED = 10;

/**
 * Codes of operations that failed because the system could not do them then. Any other failure is
 * an answer: what was asked for cannot be (a comparison that does not match, an empty queue).
 */
const NOT_NOW: ReadonlySet<string> = new Set([
  "busy",
  "closed",
  "conflict",
  "deposed",
  "down",
  "full",
  "no-connection",
  "no-leader",
  "no-majority",
  "no-vote",
  "not-leader",
  "not-primary",
  "refused",
  "stopped",
  "timeout",
  "unavailable",
]);

/** The bound of a run in milliseconds; 0 when it is not to be judged. */
export function progressBoundMs(test: TestDescription): number {
  const asked = test.progressMs ?? PROGRESS_MS[test.world];
  return asked === 0 ? 0 : Math.max(asked, PROGRESS_MS_MIN, ATTEMPTS_MIN * test.operationTimeoutMs);
}

/** Asks until something is answered or the bound is over, where that is open. */
export async function askForProgress(
  options: Drive,
  workers: Workers,
  standing: Standing,
): Promise<void> {
  const { test, world, workload, script, main, signal, record, history } = options;
  const boundMs = progressBoundMs(test);
  // What a case does is all that it does.
  if (boundMs === 0 || script !== undefined || main !== undefined) return;
  const random = world.random.fork("progress");
  for (;;) {
    const soFar = history();
    const open = openSince(soFar);
    if (open === undefined || signal?.aborted === true) return;
    const leftMs = boundMs - (world.clock.nowNs() - open.sinceNs) / 1e6;
    if (leftMs <= 0) return;
    const generator = workload.finalGenerator?.(workloadContext(options), soFar) ?? standing.rest;
    await interpret({
      generator: timeLimit(leftMs, untilAnswered(delay(DISTANCE_MS, clients(generator)))),
      workers,
      record,
      clock: world.clock,
      random,
      signal: signal ?? new AbortController().signal,
    });
    const isOver = history().length === soFar.length;
    if (isOver || workload.finalGenerator === undefined) return;
    await world.clock.sleep(DISTANCE_MS);
  }
}

function untilAnswered(generator: Generator): Generator {
  const self: Generator = {
    step: (context) => {
      const step = generator.step(context);
      if (step.kind === "done") return step;
      return { ...step, next: step.next === generator ? self : untilAnswered(step.next) };
    },
    update: (event) => {
      if (event.type !== "invoke" && event.process !== "nemesis" && isAnswer(event)) return OVER;
      const next = generator.update(event);
      return next === generator ? self : untilAnswered(next);
    },
  };
  return self;
}

const OVER: Generator = { step: () => ({ kind: "done" }), update: () => OVER };

function isAnswer({ type, error }: Pick<HistoryEvent, "type" | "error">): boolean {
  if (type !== "fail") return type === "ok";
  const code = Array.isArray(error) ? (error[0] as unknown) : error;
  return !(typeof code === "string" && NOT_NOW.has(code));
}

interface Open {
  /** The index of the last heal, or of the last answer. */
  readonly since: number;
  readonly sinceNs: number;
  readonly isHealed: boolean;
  /** The invocations after it. */
  readonly tried: readonly number[];
}

/**
 * From when on nothing was answered; undefined where something was, where nothing ever was (which
 * is another matter), and where faults were not healed.
 */
function openSince(history: History): Open | undefined {
  const { length, types, processes, functionNames, functions, errors } = history;
  let healed: number | undefined;
  let answered: number | undefined;
  for (let i = length - 1; i >= 0; i--) {
    if (processes[i] === NEMESIS) {
      if (healed !== undefined) continue;
      const isHeal = functionNames[functions[i] as number] === "heal";
      if (!isHeal || errors[i] !== NONE) return undefined;
      healed = i;
    } else if (answered === undefined && types[i] !== INVOKE && isAnswerAt(history, i)) {
      if (healed === undefined && hasHeal(history)) return undefined;
      answered = i;
    }
    if (answered !== undefined && healed !== undefined) break;
  }
  if (answered === undefined) return undefined;
  const since = healed ?? answered;
  const tried: number[] = [];
  for (let i = since + 1; i < length; i++) {
    if (types[i] === INVOKE && processes[i] !== NEMESIS) tried.push(i);
  }
  if (healed === undefined && tried.length === 0) return undefined;
  return {
    since,
    sinceNs: history.timesNs[since] as number,
    isHealed: healed !== undefined,
    tried,
  };
}

function isAnswerAt(history: History, index: number): boolean {
  const type = history.types[index];
  return type === OK || (type === FAIL && isAnswer(history.event(index)));
}

function hasHeal({ functionNames }: History): boolean {
  return functionNames.includes("heal");
}

/** What a run that has stopped is charged with; undefined for one that goes on or is not judged. */
export function stopIn(
  history: History,
  { boundMs, waiting }: { readonly boundMs: number; readonly waiting: readonly string[] },
): Anomaly | undefined {
  if (boundMs === 0) return undefined;
  const open = openSince(history);
  if (open === undefined || open.tried.length < VAIN_MIN) return undefined;
  const { sinceNs, tried, isHealed } = open;
  const { timesNs, pairs } = history;
  const boundNs = boundMs * 1e6;
  let untilNs = timesNs[history.length - 1] as number;
  let [early, late] = [false, false];
  for (const index of tried) {
    const pair = pairs[index] as number;
    const endNs = pair === NONE ? Infinity : (timesNs[pair] as number);
    if ((timesNs[index] as number) - sinceNs < boundNs / 2) early = true;
    if (endNs - sinceNs >= boundNs * 0.9) late = true;
  }
  if (!early || !late) return undefined;
  untilNs = Math.max(untilNs, sinceNs);
  const since = isHealed ? "all faults were healed" : "the last answer";
  const sinceText = (sinceNs / 1e9).toFixed(3);
  const lengthText = ((untilNs - sinceNs) / 1e9).toFixed(1);
  return {
    kind: "no-progress",
    message: `The system has stopped: in the ${lengthText} s after ${since} at ${sinceText} s none of ${tried.length} operations was answered. ${waitingText(waiting)}`,
    operations: tried.slice(0, LISTED),
    details: { sinceMs: sinceNs / 1e6, boundMs, tried: tried.length, waiting },
  };
}

function waitingText(waiting: readonly string[]): string {
  if (waiting.length === 0) return "The logs of the nodes say what they did last.";
  const more = waiting.length > LISTED ? `; and ${waiting.length - LISTED} more` : "";
  return `What each node waits for: ${waiting.slice(0, LISTED).join("; ")}${more}.`;
}

/** The verdict of a run that has stopped; what its answers break goes first. */
export function withStop(verdict: Verdict, stop: Anomaly): Verdict {
  const { certificate, ...rest } = verdict;
  const isBroken = verdict.verdict === "invalid";
  const progress: Verdict = {
    verdict: "invalid",
    checker: "progress",
    reason: stop.message,
    operations: stop.operations.length,
    elapsedMs: 0,
    anomalies: [stop],
  };
  return {
    ...rest,
    verdict: "invalid",
    checker: `${verdict.checker} + progress`,
    reason: isBroken ? `${verdict.reason} ${stop.message}` : stop.message,
    anomalies: [...verdict.anomalies, stop],
    ...(certificate !== undefined && isBroken ? { certificate } : {}),
    parts: { ...(verdict.parts ?? { [verdict.checker]: verdict }), progress },
  };
}
