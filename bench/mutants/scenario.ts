/**
 * A scenario: a system with a known bug, its twin without it, and the circumstances under which a
 * run tells them apart. Which circumstances a bug needs is half of what is known about it.
 */
import { createBudget } from "../../src/checker/checker.js";
import type { Value } from "../../src/history/value.js";
import type { Nemesis } from "../../src/runner/nemesis.js";
import type { TestDescription } from "../../src/runner/result.js";
import { runTest, type RunOutcome } from "../../src/runner/run.js";
import type { System } from "../../src/runner/system.js";
import type { Workload } from "../../src/runner/workload.js";
import { simulatedWorld, type SimulationOptions } from "../../src/simulation/simulated-world.js";
import { kv } from "../../workloads/kv.js";

/** What a run is made of beside the system; times in milliseconds. */
export interface Circumstances {
  /** New ones for each run. */
  readonly nemeses: () => readonly Nemesis[];
  /** Default: a few keys that are read, written, appended to and deleted by all. */
  readonly workload?: () => Workload;
  /** Default: the system's own. */
  readonly nodeCount?: number;
  /** Mean time between the beginnings and ends of faults. Default 500. */
  readonly intervalMs?: number;
  /** Operations per second, over all clients. Default 100. */
  readonly rate?: number;
  /** Length of the main phase. Default 10,000. */
  readonly lengthMs?: number;
  /** Default 8. */
  readonly concurrency?: number;
  readonly world?: Omit<SimulationOptions, "seed">;
  /** Whether a run ends at its first violation. Default true. */
  readonly failFast?: boolean;
  /**
   * As that of a test. Default 0: what tells a bug from its twin are wrong answers, not late ones.
   */
  readonly progressMs?: number;
}

/** A bug, and how to find it. */
export interface Scenario {
  readonly mutant: () => System;
  /** The options that the mutant was made with, beside its bug; it is found by its name else. */
  readonly options?: { readonly [name: string]: Value };
  /** Where the bug is known from. */
  readonly source?: string;
  readonly twin: () => System;
  readonly circumstances: Circumstances;
  /** So many seeds, from 1 on, find the bug; a few times as many as it took when this was set. */
  readonly seeds: number;
  /** Set when random runs have not found it yet: it takes a schedule that is made for it. */
  readonly elusive?: boolean;
}

/** Everything that a run is judged by within this time is enough; it is far less by far. */
const CHECK_MS = 10_000;

/** One run of a system under such circumstances. */
export async function runUnder(
  circumstances: Circumstances,
  system: System,
  seed: number,
): Promise<RunOutcome> {
  const { nemeses: makeNemeses, intervalMs = 500, rate = 100, lengthMs = 10_000 } = circumstances;
  const nemeses = makeNemeses();
  const workload = workloadUnder(circumstances);
  const test: TestDescription = {
    version: 1,
    workload: workload.name,
    system: system.name,
    world: "simulated",
    nemeses: nemeses.map(({ name }) => name),
    seed,
    nodeCount: circumstances.nodeCount ?? system.nodes.default,
    concurrency: circumstances.concurrency ?? 8,
    timeLimitMs: lengthMs,
    ratePerSecond: rate,
    operationTimeoutMs: 1_000,
    nemesisIntervalMs: intervalMs,
    failFast: circumstances.failFast ?? true,
    progressMs: circumstances.progressMs ?? 0,
  };
  const budget = createBudget({ timeMs: CHECK_MS });
  const world = simulatedWorld({ seed, ...circumstances.world });
  return runTest({ test, system, workload, nemeses, world, budget, replay: "" });
}

/** The workload of a run. */
export function workloadUnder({ workload }: Circumstances): Workload {
  return workload?.() ?? kv({ keyCount: 3, operationsPerKey: 60 });
}

/** How a bug was found. */
export interface Detection {
  /** The seed that found it; undefined when none did. */
  readonly seed: number | undefined;
  /** Virtual time of all runs up to that moment, in seconds. */
  readonly virtualSeconds: number;
}

/** Runs a scenario's mutant with one seed after the other until it is caught. */
export async function detect(
  { circumstances, mutant }: Scenario,
  { from = 1, seeds }: { readonly from?: number; readonly seeds: number },
): Promise<Detection> {
  let virtualNs = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const { result } = await runUnder(circumstances, mutant(), seed);
    virtualNs += result.firstViolation?.timeNs ?? result.durationNs;
    if (result.verdict.verdict === "invalid") return { seed, virtualSeconds: virtualNs / 1e9 };
  }
  return { seed: undefined, virtualSeconds: virtualNs / 1e9 };
}
