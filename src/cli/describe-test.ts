/**
 * The description of a run: everything that decides it, from what was asked for and the defaults.
 */
import { randomInt } from "node:crypto";
import type { TestDescription } from "../runner/result.js";
import type { Plan } from "./plan.js";

/** What was asked for on the command line; times in milliseconds. */
export interface AskedFor {
  readonly seed?: number | undefined;
  readonly timeLimit?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly rate?: number | undefined;
  readonly operationTimeout?: number | undefined;
  readonly nemesisInterval?: number | undefined;
  readonly failFast?: boolean | undefined;
  /** 0 for not to ask. */
  readonly progressWithin?: number | undefined;
}

/** Fills in the defaults: those of the user's test file first, then those of the world. */
export function describeTest(plan: Plan, asked: AskedFor): TestDescription {
  const simulated = plan.world === "simulated";
  const { user } = plan;
  const timeLimitMs = asked.timeLimit ?? user?.timeLimitMs ?? (simulated ? 60_000 : 10_000);
  const progressMs = asked.progressWithin ?? user?.progressMs;
  // Short runs see a handful of faults too.
  const intervalMs = Math.min(simulated ? 5_000 : 1_000, Math.ceil(timeLimitMs / 10));
  return {
    version: 1,
    workload: plan.workload.name,
    system: plan.system.name,
    world: plan.world,
    nemeses: plan.nemeses.map(({ name }) => name),
    seed: asked.seed ?? user?.seed ?? randomInt(2 ** 31),
    nodeCount: plan.nodeCount,
    concurrency: asked.concurrency ?? user?.concurrency ?? 10,
    timeLimitMs,
    ratePerSecond: asked.rate ?? user?.ratePerSecond ?? 100,
    operationTimeoutMs: asked.operationTimeout ?? 1_000,
    nemesisIntervalMs: asked.nemesisInterval ?? intervalMs,
    ...(asked.failFast === true ? { failFast: true } : {}),
    ...(progressMs === undefined ? {} : { progressMs }),
    ...(plan.file === undefined ? {} : { file: plan.file }),
    ...(plan.systemFile === undefined ? {} : { systemFile: plan.systemFile }),
  };
}
