/** One execution: a run whose events happen in a chosen order. */
import { askChecker } from "../checker/ask-checker.js";
import { createBudget, type Checker } from "../checker/checker.js";
import type { Invocation } from "../generator/generator.js";
import { historyOf } from "../history/history.js";
import type { HistoryEvent } from "../history/operation.js";
import type { TestDescription } from "../runner/result.js";
import { runTest } from "../runner/run.js";
import type { System } from "../runner/system.js";
import type { Workload, WorkloadContext } from "../runner/workload.js";
import type { EventQueue } from "../simulation/event-queue.js";
import type { Verdict } from "../verdict/verdict.js";
import type { World } from "../world/world.js";
import type { ExploreBounds } from "./bounds.js";
import { ChosenQueue } from "./chosen-queue.js";
import type { Chooser } from "./chooser.js";
import { drive } from "./drive.js";
import { HistoryKey } from "./history-key.js";
import type { CutReason } from "./queue-options.js";

/** What executions are made of. */
export interface ExecutionParts {
  /** Its nemeses are none: what goes wrong is in the bounds. */
  readonly test: TestDescription;
  readonly system: () => System;
  readonly workload: () => Workload;
  /** A simulated world whose events come from this queue. */
  readonly world: (queue: EventQueue) => World;
  /** The operations of each worker, in their order. */
  readonly operations: readonly (readonly Invocation[])[];
  readonly bounds: ExploreBounds;
  /** For the check of one history, in milliseconds. */
  readonly checkMs: number;
}

/** What is explored, as plain data. */
export type Explored = Pick<ExecutionParts, "test" | "operations" | "bounds">;

/** What came of an execution. */
export interface Execution {
  readonly steps: number;
  /** The index of the step with which the last operation ended, if it did. */
  readonly decidedBy: number | undefined;
  /** Why it did not go on to its end. */
  readonly cut: CutReason | undefined;
  /** Whether all nodes said what was in their memories, where the chooser looked. */
  readonly remembers: boolean;
  /** A name for what clients have seen; absent where the execution was given up. */
  readonly name?: string;
  /** Undefined where clients saw what they have seen before. */
  readonly judged?: Judged;
}

/** A history, and what is to be said of it. */
export interface Judged {
  readonly events: readonly HistoryEvent[];
  readonly verdict: Verdict;
}

/** How an execution is carried out. */
export interface ExecuteOptions {
  readonly chooser: Chooser;
  /** The names of all histories so far; those of others are not judged, and are added. */
  readonly seen: Set<string>;
  /** Whether the chooser looks at states. Default false. */
  readonly looks?: boolean;
}

/**
 * Carries out one execution.
 * @throws what the world, the system's client or the workload throw.
 */
export async function execute(
  parts: ExecutionParts,
  { chooser, seen, looks = false }: ExecuteOptions,
): Promise<Execution> {
  const { bounds, test } = parts;
  let ended: CutReason | "whole" | undefined;
  let failure: { readonly error: unknown } | undefined;
  let remembers = false;
  const end = (why: CutReason | "whole"): void => {
    ended = why;
    remembers = queue.remembers;
    void world.close();
  };
  const queue = new ChosenQueue({
    chooser,
    bounds,
    waitMs: test.operationTimeoutMs,
    ...(looks
      ? {
          looks: {
            insight: () => world.insight,
            history: () => key.name,
            said: (node) => said.get(node) ?? "",
          },
        }
      : {}),
    endsDecided: looks && !bounds.final,
    onCut: end,
    onError: (error) => {
      failure ??= { error };
      void world.close();
    },
  });
  const world = parts.world(queue);
  const system = parts.system();
  const workload = parts.workload();
  const key = new HistoryKey(parts.operations.length);
  const events: HistoryEvent[] = [];
  const said = new Map<string, string>();
  const take = (event: HistoryEvent): void => {
    events.push(event);
    if (event.process !== "nemesis") key.take(event);
  };
  try {
    await runTest({
      test,
      system,
      workload: { ...workload, checker: () => NO_CHECK },
      nemeses: [],
      world,
      observers: [
        { event: take, log: (node, _, line) => said.set(node, line.replaceAll(/\d+/g, "#")) },
      ],
      main: async (phase) =>
        drive(phase, {
          operations: parts.operations,
          queue,
          warmUpMs: bounds.warmUpMs,
          shared: system.open !== undefined,
          ...(bounds.final ? {} : { onEnd: () => end("whole") }),
        }),
      replay: "",
    });
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    if (ended === undefined) throw error;
  }
  const cut = ended === "whole" ? undefined : ended;
  const { steps, decidedBy } = queue;
  const execution = { steps, decidedBy, cut, remembers };
  // What was seen before a bound was reached can be wrong already.
  if (cut === "asleep") return execution;
  const { name } = key;
  if (seen.has(name)) return { ...execution, name };
  seen.add(name);
  const history = historyOf(events);
  const budget = createBudget({ timeMs: parts.checkMs });
  const checker = workload.checker(contextOf(parts, system, workload));
  const verdict = await askChecker(checker, history, budget);
  return { ...execution, name, judged: { events, verdict } };
}

function contextOf({ test }: ExecutionParts, system: System, workload: Workload): WorkloadContext {
  const known = [...workload.requires, ...workload.optional];
  const functions = new Set(known.filter((f) => system.functions.includes(f)));
  return { functions, concurrency: test.concurrency };
}

/** For a run that is judged elsewhere: here by its clients' history alone, and only when new. */
const NO_CHECK: Checker = {
  name: "none",
  description: "judges nothing",
  check: (history) => ({
    verdict: "unknown",
    checker: "none",
    reason: "not judged",
    operations: history.invocations().length,
    elapsedMs: 0,
    anomalies: [],
  }),
};
