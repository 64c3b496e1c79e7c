/** The part of `ordeal shrink` that is about cases whose order of events was chosen. */
import { orderOf } from "../explore/rerun.js";
import { shrinkOrder } from "../explore/shrink-order.js";
import { runTest, type RunOutcome } from "../runner/run.js";
import type { ShrinkBudget } from "../shrink/attempts.js";
import { sizeOf, type FailingCase } from "../shrink/failing-case.js";
import type { ShrunkRun } from "../shrink/shrink-run.js";
import { resolveCase } from "./case-parts.js";
import { explorePartsOf } from "./explore-parts.js";

/** Makes it small within a budget; `onBest` is told of each smaller case. */
export async function shrinkExplored(
  start: FailingCase,
  budget: ShrinkBudget,
  onBest: (best: FailingCase, runs: number) => void,
): Promise<ShrunkRun> {
  const { plan } = await resolveCase(start);
  const shrunk = await shrinkOrder({
    start,
    parts: (explored) => explorePartsOf(plan, explored),
    budget,
    nodesMin: plan.system.nodes.min,
    onBest,
  });
  const { best } = shrunk;
  const outcome = await outcomeOf(best);
  // What it came to is the run that a replay shows.
  const reproduced = shrunk.reproduced && outcome.result.verdict.verdict === "invalid";
  return { ...shrunk, reproduced, outcome, from: sizeOf(start), to: sizeOf(best) };
}

/** Carries the case out as a replay does. */
async function outcomeOf(failing: FailingCase): Promise<RunOutcome> {
  const { queue, options } = orderOf(failing);
  const { parts } = await resolveCase(failing, { queue });
  const system = parts.system();
  return runTest({
    test: failing.test,
    system,
    workload: parts.workload(),
    nemeses: [],
    world: parts.world(failing),
    ...options(system),
    replay: "",
  });
}
