/**
 * How soon each strategy of a campaign finds known bugs: runs that differ only in their seed, runs
 * that draw their circumstances (swarm), and runs that vary what got somewhere new (guided). All
 * begin with the same defaults; what a bug needs is not told to any of them.
 *
 * A bug that some run of the first few shows in every search tells nothing about strategies: it has
 * its row, and no part in the mean. A search that was given up counts as twice the runs it had.
 *
 * Options: `--only TEXT,TEXT` (names that have one of these in them), `--trials N` (a search is
 * given up after so many runs, default 100), `--searches N` (of each bug and strategy, default 3),
 * `--from N` (the first search has this number, default 0), `--strategies NAME,NAME` (default all).
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

/** What is found in so many runs, whatever the strategy, is easy. */
const EASY = 3;

/** Measures and prints a table. */
export async function benchExplore(argv: readonly string[]): Promise<void> {
  const only = (optionOf(argv, "--only") ?? "").split(",");
  const trials = Number(optionOf(argv, "--trials") ?? 100);
  const searches = Number(optionOf(argv, "--searches") ?? 3);
  const from = Number(optionOf(argv, "--from") ?? 0);
  const asked = optionOf(argv, "--strategies")?.split(",");
  const strategies = STRATEGIES.filter((strategy) => asked?.includes(strategy) ?? true);
  const logs = new Map<Strategy, number[]>(strategies.map((strategy) => [strategy, []]));
  process.stdout.write(
    `| bug | ${strategies.join(" | ")} |\n|---|${"---|".repeat(strategies.length)}\n`,
  );
  for (const scenario of SCENARIOS) {
    const { name } = scenario.mutant();
    if (!only.some((text) => name.includes(text))) continue;
    const found = new Map<Strategy, readonly number[]>();
    for (const strategy of strategies) {
      const runs: number[] = [];
      for (let search = from; search < from + searches; search++) {
        runs.push(await runsToFind(scenario, strategy, { seed: 1 + search * 100_000, trials }));
      }
      found.set(strategy, runs);
    }
    const isEasy = [...found.values()].flat().every((count) => count <= EASY);
    for (const [strategy, runs] of isEasy ? [] : found) {
      const counted = runs.map((count) => (count === Infinity ? 2 * trials : count));
      logs.get(strategy)?.push(...counted.map(Math.log));
    }
    const cells = Array.from(found.values(), (runs) =>
      runs.map((count) => (count === Infinity ? "–" : count)).join(", "),
    );
    process.stdout.write(`| \`${name}\`${isEasy ? " (easy)" : ""} | ${cells.join(" | ")} |\n`);
  }
  const means = strategies.map((strategy) => {
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
  const nemeses = (): readonly Nemesis[] =>
    [
      partition(),
      crash(),
      pause(),
      powerLoss(),
      ...(system.members === undefined ? [] : [membership()]),
    ].filter(
      (nemesis) =>
        nemesis.available(system.nodes.default).available &&
        nemesis.needs.every((fault) => system.availability?.(fault).available ?? true),
    );
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
