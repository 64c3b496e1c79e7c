/**
 * How soon each strategy of a campaign finds known bugs: runs that differ only in their seed, runs
 * that draw their circumstances (swarm), and runs that vary what got somewhere new (guided). All
 * begin with the same defaults; what a bug needs is not told to any of them.
 *
 * Options: `--only TEXT` (names that have this in them), `--trials N` (a search is given up after
 * so many runs, default 100), `--searches N` (of each bug and strategy, default 3).
 */
import { createExplorer, type Strategy } from "../src/campaign/explorer.js";
import { runTrial, type TrialParts } from "../src/campaign/run-trial.js";
import type { Nemesis } from "../src/runner/nemesis.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import { crash } from "../nemeses/crash.js";
import { membership } from "../nemeses/membership.js";
import { partition } from "../nemeses/partition.js";
import { pause } from "../nemeses/pause.js";
import { powerLoss } from "../nemeses/power-loss.js";
import { SCENARIOS } from "./mutants/all.js";
import { workloadUnder, type Scenario } from "./mutants/scenario.js";

const STRATEGIES: readonly Strategy[] = ["uniform", "swarm", "guided"];

/** Measures and prints a table. */
export async function benchExplore(argv: readonly string[]): Promise<void> {
  const only = optionOf(argv, "--only") ?? "";
  const trials = Number(optionOf(argv, "--trials") ?? 100);
  const searches = Number(optionOf(argv, "--searches") ?? 3);
  const logs = new Map<Strategy, number[]>(STRATEGIES.map((strategy) => [strategy, []]));
  process.stdout.write(`| bug | ${STRATEGIES.join(" | ")} |\n|---|---|---|---|\n`);
  for (const scenario of SCENARIOS) {
    const { name } = scenario.mutant();
    if (!name.includes(only)) continue;
    const cells: string[] = [];
    for (const strategy of STRATEGIES) {
      const runs: number[] = [];
      for (let search = 0; search < searches; search++) {
        runs.push(await runsToFind(scenario, strategy, { seed: 1 + search * 100_000, trials }));
      }
      // A search that was given up counts as twice as many runs as it had.
      const counted = runs.map((count) => (count === Infinity ? 2 * trials : count));
      logs.get(strategy)?.push(...counted.map(Math.log));
      cells.push(runs.map((count) => (count === Infinity ? "–" : count)).join(", "));
    }
    process.stdout.write(`| \`${name}\` | ${cells.join(" | ")} |\n`);
  }
  const means = STRATEGIES.map((strategy) => {
    const all = logs.get(strategy) ?? [];
    return Math.exp(all.reduce((sum, log) => sum + log, 0) / all.length).toFixed(1);
  });
  process.stdout.write(`| geometric mean of runs | ${means.join(" | ")} |\n`);
}

/** How many runs it took; Infinity when it was given up. */
async function runsToFind(
  scenario: Scenario,
  strategy: Strategy,
  { seed, trials }: { readonly seed: number; readonly trials: number },
): Promise<number> {
  const system = scenario.mutant();
  const nemeses = (): readonly Nemesis[] => [
    partition(),
    crash(),
    pause(),
    powerLoss(),
    ...(system.members === undefined ? [] : [membership()]),
  ];
  const workload = (): ReturnType<typeof workloadUnder> => workloadUnder(scenario.circumstances);
  const explorer = createExplorer(
    {
      test: {
        version: 1,
        workload: workload().name,
        system: system.name,
        world: "simulated",
        nemeses: nemeses().map(({ name }) => name),
        seed,
        nodeCount: system.nodes.default,
        concurrency: 8,
        timeLimitMs: 10_000,
        ratePerSecond: 100,
        operationTimeoutMs: 1_000,
        nemesisIntervalMs: 500,
        failFast: true,
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
      simulatedWorld({ ...trial.world, seed: trial.test.seed, onMessage }),
    checkMs: 10_000,
  };
  for (let run = 1; run <= trials; run++) {
    const trial = explorer.next();
    const outcome = await runTrial(trial, parts);
    if (outcome.verdict === "invalid") return run;
    explorer.learn(trial, outcome);
  }
  return Infinity;
}

function optionOf(argv: readonly string[], name: string): string | undefined {
  const at = argv.indexOf(name);
  return at === -1 ? undefined : argv[at + 1];
}
