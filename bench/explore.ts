/**
 * How soon each strategy of a campaign finds known bugs: runs that differ only in their seed
 * (uniform), runs that draw their circumstances (swarm), and runs that are chosen by what was new
 * (guided). All begin with the same defaults; what a bug needs is not told to any of them.
 *
 * Bugs at even places of the list are those that guidance was tuned on; the others were looked at
 * only when it was done.
 *
 * Options: `--only NAME,NAME` (default: the bugs that are not easy), `--trials N` (a search is
 * given up after so many, default 30), `--searches N` (of each bug and strategy, default 5),
 * `--from N` (the first search has this number, default 2), `--strategies NAME,NAME` (default all),
 * `--log FILE` (each search is a line of it; those that are there already are not done again),
 * `--to-the-end` (a search goes on after what it has found; what is counted are its finds).
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Strategy } from "../src/campaign/explorer.js";
import {
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
 * Those that a uniform campaign did not find in five runs, without what takes minutes and what no
 * strategy had found by then in 40 runs. Those campaigns had the numbers 0 and 1.
 */
const NOT_EASY = [
  "raft:vote-not-persisted",
  "raft:double-vote",
  "raft:longest-log-wins",
  "raft:commit-past-match",
  "raft:ack-wrong-follower",
  "raft:ack-counts-unsent",
  "raft:prev-term-unchecked",
  "raft:truncates-always",
  "raft:read-before-noop",
  "raft:lease-wall-clock",
  "raft:lease-outlives-election",
  "raft:snapshot-without-sessions",
  "raft:stale-snapshot-installed",
  "multi-paxos:adopts-oldest-value",
  "two-phase-commit:coordinator-forgets",
  "two-phase-commit:aborts-alone",
  "two-phase-commit:votes-before-fsync",
  "crdt:ties-unbroken",
];

/** Measures and prints a table. */
export async function benchExplore(argv: readonly string[]): Promise<void> {
  const bugs = optionOf(argv, "--only")?.split(",") ?? NOT_EASY;
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
      for (const strategy of strategies) {
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
    const runs = (strategy: Strategy): string =>
      searches
        .filter((it) => it.bug === bug && it.strategy === strategy)
        .map(({ found, finds }) => finds ?? found ?? "–")
        .join(", ");
    row(`\`${bug}\``, ...strategies.map(runs));
  }
  const halves = [
    ["all", bugs],
    ["tuned on", bugs.filter((_, place) => place % 2 === 0)],
    ["not tuned on", bugs.filter((_, place) => place % 2 === 1)],
  ] as const;
  for (const [half, names] of halves) {
    const some = searches.filter(({ bug }) => names.includes(bug));
    if (some.length === 0) continue;
    const found = (strategy: Strategy): string => {
      const all = some.filter((it) => it.strategy === strategy);
      const sum = (of: (search: Search) => number): number =>
        all.reduce((total, search) => total + of(search), 0);
      return all.some(({ finds }) => finds !== undefined)
        ? `${sum(({ finds = 0 }) => finds)} of ${sum((search) => search.trials)} runs`
        : `${all.filter((it) => it.found !== null).length} of ${all.length}`;
    };
    row(`found (${half})`, ...strategies.map(found));
    const units = [
      ["runs", inTrials],
      ["virtual seconds", inSeconds],
      ["seconds of the processor", inCpuSeconds],
      ["messages", inMessages],
    ] as const;
    for (const [unit, measure] of units) {
      row(
        `geometric mean of ${unit} (${half})`,
        ...strategies.map((of) => inWords(geometricMean(some, measure, { of }))),
      );
    }
    if (!strategies.includes("guided")) continue;
    for (const [unit, measure] of units) {
      row(
        `${unit} of guided / of this (${half})`,
        ...strategies.map((by) =>
          by === "guided" ? "" : inWords(geometricMean(some, measure, { of: "guided", by })),
        ),
      );
    }
  }
}

function inWords({ value, from, to }: Estimate): string {
  const digits = value < 10 ? 2 : 1;
  return `${value.toFixed(digits)} (${from.toFixed(digits)} to ${to.toFixed(digits)})`;
}
