/**
 * One search of one strategy for one known bug: trial after trial until it is found, or so many
 * whatever is found, which says more about rare bugs for the same time.
 */
import { createExplorer, type Strategy } from "../../src/campaign/explorer.js";
import { runTrial, type TrialParts } from "../../src/campaign/run-trial.js";
import type { Nemesis } from "../../src/runner/nemesis.js";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";
import { crash } from "../../nemeses/crash.js";
import { membership } from "../../nemeses/membership.js";
import { partition } from "../../nemeses/partition.js";
import { pause } from "../../nemeses/pause.js";
import { powerLoss } from "../../nemeses/power-loss.js";
import { workloadUnder, type Scenario } from "../mutants/scenario.js";

/** What came of a search. */
export interface Search {
  readonly bug: string;
  readonly strategy: Strategy;
  /** Its number: it decides all seeds. */
  readonly search: number;
  /** It was given up after so many. */
  readonly trials: number;
  /** The trial that found it first; null when none did. */
  readonly found: number | null;
  /** How many trials found it, where the search went on to its end; absent else. */
  readonly finds?: number;
  /** Virtual time of all trials, in seconds. */
  readonly virtualSeconds: number;
  /** Processor time of all trials, in seconds. */
  readonly cpuSeconds: number;
  /** Messages that were sent in all trials. */
  readonly messages: number;
}

/** Carries it out. The scenario tells the system and the workload, and nothing else. */
export async function searchFor(
  scenario: Scenario,
  {
    strategy,
    search,
    trials,
    toTheEnd = false,
  }: Pick<Search, "strategy" | "search" | "trials"> & { readonly toTheEnd?: boolean },
): Promise<Search> {
  const system = scenario.mutant();
  const workload = (): ReturnType<typeof workloadUnder> => workloadUnder(scenario.circumstances);
  const nemeses = (): readonly Nemesis[] => nemesesFor(scenario);
  const explorer = createExplorer(
    {
      test: {
        version: 1,
        workload: workload().name,
        system: system.name,
        world: "simulated",
        nemeses: nemeses().map(({ name }) => name),
        seed: 1 + search * 100_000,
        nodeCount: system.nodes.default,
        concurrency: 8,
        timeLimitMs: 10_000,
        ratePerSecond: 100,
        operationTimeoutMs: 1_000,
        nemesisIntervalMs: 500,
        failFast: true,
        progressMs: 0,
      },
      nodes: system.nodes,
      world: {},
    },
    strategy,
  );
  const parts: TrialParts = {
    system: scenario.mutant,
    workload,
    nemeses,
    world: (trial, onMessage) =>
      simulatedWorld({
        ...trial.world,
        seed: trial.test.seed,
        onMessage: (trip) => {
          messages++;
          onMessage(trip);
        },
      }),
    checkMs: 10_000,
  };
  let [virtualSeconds, cpuSeconds, messages] = [0, 0, 0];
  let found: number | null = null;
  let finds = 0;
  for (let run = 1; run <= trials; run++) {
    const trial = explorer.next();
    const outcome = await runTrial(trial, parts);
    virtualSeconds += outcome.virtualNs / 1e9;
    cpuSeconds += outcome.cpuMs / 1e3;
    if (outcome.verdict !== "invalid") {
      explorer.learn(trial, outcome);
      continue;
    }
    finds++;
    found ??= run;
    if (!toTheEnd) break;
  }
  return {
    bug: system.name,
    strategy,
    search,
    trials,
    found,
    ...(toTheEnd ? { finds } : {}),
    virtualSeconds,
    cpuSeconds,
    messages,
  };
}

/** The everyday faults that the system can suffer. */
function nemesesFor({ mutant }: Scenario): readonly Nemesis[] {
  const system = mutant();
  const all = [partition(), crash(), pause(), powerLoss()];
  return [...all, ...(system.members === undefined ? [] : [membership()])].filter(
    (nemesis) =>
      nemesis.available(system.nodes.default).available &&
      nemesis.needs.every((fault) => system.availability?.(fault).available ?? true),
  );
}
