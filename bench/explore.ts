/**
 * How soon each strategy of a campaign finds known bugs: runs that differ only in their seed
 * (uniform), runs that draw their circumstances (swarm), and runs that are chosen by signatures
 * (guided). What a bug needs is not told to any of them.
 *
 * Options: `--only NAME,NAME` (default: the bugs that are neither easy nor rare), `--trials N` (a
 * search is given up after so many, default 30), `--searches N` (of each bug and strategy, default
 * 5), `--from N` (the first search has this number, default 2), `--strategies NAME,NAME` (default
 * all), `--log FILE` (each search is a line of it; those that are there already are not done
 * again), `--to-the-end` (a search goes on after what it has found; what is counted are its finds).
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Strategy } from "../src/campaign/explorer.js";
import {
  findsOf,
  geometricMean,
  inCpuSeconds,
  inMessages,
  inSeconds,
  inTrials,
  type Estimate,
} from "./explore/means.js";
import { searchFor, type Search } from "./explore/search.js";
import { SCENARIOS } from "./mutants/all.js";
import { optionOf } from "./grids/option.js";

const STRATEGIES: readonly Strategy[] = ["uniform", "swarm", "guided"];

/**
 * Those of which runs in drawn circumstances find between one in a hundred and one in four, as
 * some thousand of them showed: what is easier says little of how to search, and what is harder
 * takes hours to say anything.
 */
const NEITHER_EASY_NOR_RARE = [
  "raft:vote-not-persisted",
  "raft:votes-any-log",
  "raft:ack-wrong-follower",
  "raft:ack-counts-unsent",
  "raft:truncates-always",
  "raft:local-reads",
  "raft:lease-outlives-election",
  "raft:duplicates-applied",
  "raft:snapshot-mislabelled",
  "raft:lost-leadership-fails",
  "multi-paxos:accepts-below-promise",
  "multi-paxos:acceptance-not-synced",
  "multi-paxos:adopts-oldest-value",
  "multi-paxos:ballots-without-node",
  "multi-paxos:gaps-skipped",
  "multi-paxos:local-reads",
  "two-phase-commit:coordinator-forgets",
  "two-phase-commit:aborts-alone",
  "two-phase-commit:votes-before-fsync",
  "three-phase-commit",
  "chain:forwards-before-fsync",
  "crdt:ties-unbroken",
];

/** Measures and prints a table. */
export async function benchExplore(argv: readonly string[]): Promise<void> {
  const bugs = optionOf(argv, "--only")?.split(",") ?? NEITHER_EASY_NOR_RARE;
  const trials = Number(optionOf(argv, "--trials") ?? 30);
  const count = Number(optionOf(argv, "--searches") ?? 5);
  const from = Number(optionOf(argv, "--from") ?? 2);
  const toTheEnd = argv.includes("--to-the-end");
  const log = optionOf(argv, "--log");
  const asked = optionOf(argv, "--strategies")?.split(",");
  const strategies = STRATEGIES.filter((strategy) => asked?.includes(strategy) ?? true);
  const known = log !== undefined && existsSync(log) ? readLog(log) : [];
  const done: Search[] = [];
  for (let search = from; search < from + count; search++) {
    for (const bug of bugs) {
      // In turn: whoever is first finds code that is not compiled yet.
      for (const strategy of search % 2 === 0 ? strategies : strategies.toReversed()) {
        const isIt = (it: Search): boolean =>
          it.bug === bug && it.strategy === strategy && it.search === search;
        const found =
          known.find(
            (it) => isIt(it) && it.trials === trials && (it.finds !== undefined) === toTheEnd,
          ) ?? (await searchFor(scenarioOf(bug), { strategy, search, trials, toTheEnd }));
        if (log !== undefined && !known.includes(found)) {
          appendFileSync(log, `${JSON.stringify(found)}\n`);
        }
        done.push(found);
      }
    }
  }
  printTable(done, bugs, strategies);
}

function readLog(file: string): readonly Search[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Search);
}

function scenarioOf(bug: string): (typeof SCENARIOS)[number] {
  const scenario = SCENARIOS.find(({ mutant }) => mutant().name === bug);
  if (scenario === undefined) throw new Error(`there is no bug ${bug}`);
  return scenario;
}

function printTable(
  searches: readonly Search[],
  bugs: readonly string[],
  strategies: readonly Strategy[],
): void {
  const row = (...cells: readonly string[]): void =>
    void process.stdout.write(`| ${cells.join(" | ")} |\n`);
  row("bug", ...strategies);
  process.stdout.write(`|---|${"---|".repeat(strategies.length)}\n`);
  for (const bug of bugs) {
    const runs = (strategy: Strategy): string => {
      const all = searches.filter((it) => it.bug === bug && it.strategy === strategy);
      const [finds, spent] = [sum(all.map(findsOf)), sum(all.map(inCpuSeconds))];
      const each = finds === 0 ? "–" : `${(spent / finds).toFixed(2)} s`;
      return `${finds} of ${all.length} in ${sum(all.map(inTrials))} runs, ${each}`;
    };
    row(`\`${bug}\``, ...strategies.map(runs));
  }
  const of = (strategy: Strategy): readonly Search[] =>
    searches.filter((it) => it.strategy === strategy);
  const found = (strategy: Strategy): string =>
    `${sum(of(strategy).map(findsOf))} in ${sum(of(strategy).map(inTrials))} runs`;
  row("found", ...strategies.map(found));
  for (const [unit, measure] of UNITS) {
    const mean = (strategy: Strategy): string =>
      inWords(geometricMean(searches, measure, { of: strategy }));
    row(`${unit} for a find (geometric mean)`, ...strategies.map(mean));
  }
  if (!strategies.includes("guided")) return;
  for (const [unit, measure] of UNITS) {
    const ratio = (by: Strategy): string =>
      by === "guided" ? "" : inWords(geometricMean(searches, measure, { of: "guided", by }));
    row(`${unit} of guided / of this`, ...strategies.map(ratio));
  }
}

const UNITS = [
  ["runs", inTrials],
  ["virtual seconds", inSeconds],
  ["seconds of the processor", inCpuSeconds],
  ["messages", inMessages],
] as const;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function inWords({ value, from, to }: Estimate): string {
  const digits = value < 10 ? 2 : 1;
  return `${value.toFixed(digits)} (${from.toFixed(digits)} to ${to.toFixed(digits)})`;
}
