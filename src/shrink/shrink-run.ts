/**
 * Makes a failing run small: fewer operations, workers, keys, faults and nodes, shorter gaps,
 * constant delays, small values; each step is kept when the run still fails in the same way.
 *
 * The order of the passes is from what saves most to what reads best, and what leaves things out is
 * repeated until it finds nothing more: a calmer world needs fewer operations.
 */
import type { RunOutcome } from "../runner/run.js";
import { Attempts, type Rerun, type ShrinkBudget } from "./attempts.js";
import { sizeOf, type CaseSize, type FailingCase } from "./failing-case.js";
import { dropFaults, dropNodes } from "./passes/faults.js";
import { dropOperations, dropUnrelated } from "./passes/operations.js";
import { closeGaps } from "./passes/times.js";
import { renameValues } from "./passes/values.js";
import { calmWorld, dropIdleWorkers } from "./passes/world.js";

/** What is made small, and how. */
export interface ShrinkRunOptions {
  readonly start: FailingCase;
  /** Carries out a case. */
  readonly rerun: Rerun;
  readonly budget: ShrinkBudget;
  /** The fewest nodes that the system can have. */
  readonly nodesMin: number;
  /** Whether `rerun` follows the settings of the world. Default true. */
  readonly settings?: boolean;
  /** Told of each smaller case. */
  readonly onBest?: (best: FailingCase, runs: number) => void;
}

/** What came of it. */
export interface ShrunkRun {
  /** False when the case did not fail when it was run again; it is then as it was given. */
  readonly reproduced: boolean;
  readonly best: FailingCase;
  /** The run of the best case. */
  readonly outcome: RunOutcome;
  readonly from: CaseSize;
  readonly to: CaseSize;
  readonly runs: number;
  /** True when the budget ended it, so that more may be possible. */
  readonly spent: boolean;
}

/** Makes a failing run as small as the budget allows. */
export async function shrinkRun(options: ShrinkRunOptions): Promise<ShrunkRun> {
  const { start, settings = true } = options;
  const attempts = new Attempts(start, options);
  const reproduced = await attempts.reproduce();
  if (reproduced) {
    await dropUnrelated(attempts);
    await untilNothing(attempts, () => leaveOut(attempts, options.nodesMin));
    if (settings) await calmWorld(attempts);
    await closeGaps(attempts);
    await untilNothing(attempts, () => leaveOut(attempts, options.nodesMin));
    await closeGaps(attempts);
    await renameValues(attempts);
  }
  return {
    reproduced,
    best: attempts.best,
    outcome: attempts.outcome as RunOutcome,
    from: sizeOf(start),
    to: sizeOf(attempts.best),
    runs: attempts.runs,
    spent: attempts.spent,
  };
}

async function leaveOut(attempts: Attempts, nodesMin: number): Promise<void> {
  await dropFaults(attempts);
  await dropOperations(attempts);
  await dropIdleWorkers(attempts);
  await dropNodes(attempts, nodesMin);
}

/** Repeats what makes the case smaller until it does not. */
async function untilNothing(attempts: Attempts, pass: () => Promise<void>): Promise<void> {
  let before: FailingCase;
  do {
    before = attempts.best;
    await pass();
  } while (attempts.best !== before && !attempts.spent);
}
