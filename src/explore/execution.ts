/** One execution: a run whose events happen in a chosen order. */
import { askChecker } from "../checker/ask-checker.js";
import { createBudget, type Checker } from "../checker/checker.js";
import type { Invocation } from "../generator/generator.js";
import { historyOf, type History } from "../history/history.js";
import type { HistoryEvent } from "../history/operation.js";
import type { TestDescription } from "../runner/result.js";
import { runTest } from "../runner/run.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";
import type { EventQueue } from "../simulation/event-queue.js";
import type { Verdict } from "../verdict/verdict.js";
import type { World } from "../world/world.js";
import type { ExploreBounds } from "./bounds.js";
import { ChosenQueue, type CutReason } from "./chosen-queue.js";
import type { Chooser } from "./chooser.js";
import { drive } from "./drive.js";
import { HistoryKey } from "./history-key.js";

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

/** What came of an execution. */
export interface Execution {
  readonly steps: number;
  /** The index of the step with which the last operation ended, if it did. */
  readonly decidedBy: number | undefined;
  /** Why it did not go on to its end; `known` where its history had been judged before. */
  readonly cut: CutReason | "known" | undefined;
  /** Undefined where nothing new was seen. */
  readonly judged?: { readonly history: History; readonly verdict: Verdict };
}

/**
 * Carries out one execution; `seen` holds the names of all histories so far.
 * @throws what the world, the system's client or the workload throw.
 */
export async function execute(
  parts: ExecutionParts,
  chooser: Chooser,
  seen: Set<string>,
): Promise<Execution> {
  const { bounds, test } = parts;
  let cut: Execution["cut"];
  let failure: { readonly error: unknown } | undefined;
  const end = (): void => void world.close();
  const queue = new ChosenQueue({
    chooser,
    bounds,
    onCut: (reason) => {
      cut = reason;
      end();
    },
    onError: (error) => {
      failure ??= { error };
      end();
    },
  });
  const world = parts.world(queue);
  const system = parts.system();
  const workload = parts.workload();
  const key = new HistoryKey(parts.operations.length);
  const events: HistoryEvent[] = [];
  const capture = captured(workload);
  const isNew = (): boolean => {
    const isKnown = seen.has(key.name);
    seen.add(key.name);
    return !isKnown;
  };
  const done = (): Execution => ({ steps: queue.steps, decidedBy: queue.decidedBy, cut });
  try {
    const { history, result } = await runTest({
      test,
      system,
      workload: capture.workload,
      nemeses: [],
      world,
      observers: [{ event: (event) => void events.push(event) }],
      budget: createBudget({ timeMs: parts.checkMs }),
      main: async (phase) =>
        drive(phase, {
          operations: parts.operations,
          queue,
          warmUpMs: bounds.warmUpMs,
          shared: system.open !== undefined,
          onEvent: (event) => key.take(event),
          onEnd: () => {
            if (isNew()) return;
            cut = "known";
            end();
          },
        }),
      replay: "",
    });
    return { ...done(), judged: { history, verdict: capture.verdict ?? result.verdict } };
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    if (cut === undefined) throw error;
    // What was seen until then can be wrong already.
    if (cut !== "too-long" || !isNew()) return done();
    const history = historyOf(events);
    const budget = createBudget({ timeMs: parts.checkMs });
    const checker = workload.checker(contextOf(parts, system, workload));
    return { ...done(), judged: { history, verdict: await askChecker(checker, history, budget) } };
  }
}

function contextOf({ test }: ExecutionParts, system: System, workload: Workload) {
  const known = [...workload.requires, ...workload.optional];
  const functions = new Set(known.filter((f) => system.functions.includes(f)));
  return { functions, concurrency: test.concurrency };
}

/** Keeps what the checker itself says: that a run showed little is no news where all are tried. */
function captured(workload: Workload): {
  readonly workload: Workload;
  readonly verdict: Verdict | undefined;
} {
  let verdict: Verdict | undefined;
  return {
    get verdict() {
      return verdict;
    },
    workload: {
      ...workload,
      checker: (context) => {
        const checker: Checker = workload.checker(context);
        return {
          ...checker,
          check: async (history, budget) => {
            verdict = await checker.check(history, budget);
            return verdict;
          },
        };
      },
    },
  };
}
