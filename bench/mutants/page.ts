/**
 * `docs/mutants.md` and the cases that it names: each known bug found from seed 1 on, made small,
 * and written to a file that `ordeal replay` carries out. Everything on the page is measured here.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createBudget } from "../../src/checker/checker.js";
import type { Value } from "../../src/history/value.js";
import type { RunOutcome } from "../../src/runner/run.js";
import type { FailingCase, WorldSettings } from "../../src/shrink/failing-case.js";
import { runCase, type CaseParts } from "../../src/shrink/rerun.js";
import { scriptOf } from "../../src/shrink/script.js";
import { shrinkRun, type ShrunkRun } from "../../src/shrink/shrink-run.js";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";
import { encodeCase } from "../../src/store/case-file.js";
import { median } from "../rows/median.js";
import { SCENARIOS } from "./all.js";
import { detect, runUnder, workloadUnder, type Scenario } from "./scenario.js";

const PAGE = "docs/mutants.md";
const CASES = "examples/mutants";
const SHRINK_MS = 120_000;
const CHECK_MS = 10_000;

interface Entry {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly virtualSeconds: number;
  readonly shrunk: ShrunkRun;
  readonly seconds: number;
  /** What the same case comes to without the bug. */
  readonly twin: string;
  readonly file: string;
}

/** Finds, shrinks and writes all of these; the rows of others stay as they are on the page. */
export async function writeMutantsPage(scenarios: readonly Scenario[]): Promise<void> {
  mkdirSync(CASES, { recursive: true });
  const rows = rowsOf(readFileSync(PAGE, "utf8"));
  for (const scenario of scenarios) {
    const { name } = scenario.mutant();
    if (scenario.elusive === true) {
      rows.set(name, elusiveRow(scenario));
      continue;
    }
    const entry = await entryOf(scenario);
    if (entry === undefined) {
      process.stderr.write(`${name} was not found\n`);
      continue;
    }
    rows.set(name, rowOf(entry));
    process.stderr.write(`${rowOf(entry)}\n`);
    writeRows(rows);
  }
  writeRows(rows);
}

/** Writes the page; after each bug, so that what was measured is not lost when it is ended. */
function writeRows(rows: ReadonlyMap<string, string>): void {
  const known = SCENARIOS.map(({ mutant }) => rows.get(mutant().name)).filter(isRow);
  writeFileSync(PAGE, pageOf(known));
}

function isRow(row: string | undefined): row is string {
  return row !== undefined;
}

/** The rows of the page by the names of their bugs. */
function rowsOf(page: string): Map<string, string> {
  return new Map(
    [...page.matchAll(/^\| `([\w:-]+)` \|.*$/gm)].map((match) => [match[1] as string, match[0]]),
  );
}

async function entryOf(scenario: Scenario): Promise<Entry | undefined> {
  const { circumstances, mutant, options, seeds } = scenario;
  const { seed, virtualSeconds } = await detect(scenario, { seeds: 2 * seeds });
  if (seed === undefined) return undefined;
  const { result, history } = await runUnder(circumstances, mutant(), seed);
  const { failFast: _, ...test } = result.test;
  const start: FailingCase = {
    test,
    script: scriptOf(history, test.concurrency),
    world: (circumstances.world ?? {}) as WorldSettings,
    ...(options === undefined || Object.keys(options).length === 0
      ? {}
      : { systemOptions: options }),
  };
  const begunMs = processorMs();
  const shrunk = await shrinkRun({
    start,
    rerun: (candidate) => carryOut(candidate, scenario, mutant),
    budget: { runs: Infinity, timeMs: SHRINK_MS, nowMs: processorMs },
    nodesMin: mutant().nodes.min,
  });
  const seconds = (processorMs() - begunMs) / 1e3;
  const [anomaly] = shrunk.outcome.result.verdict.anomalies;
  const file = `${CASES}/${mutant().name.replace(":", "-")}.json`;
  const failing = { ...shrunk.best, test: shrunk.outcome.result.test };
  writeFileSync(
    file,
    encodeCase({ failing, anomaly: anomaly?.kind ?? "", about: anomaly?.message ?? "" }),
  );
  const twin = (await carryOut(failing, scenario, scenario.twin)).result.verdict.verdict;
  return { scenario, seed, virtualSeconds, shrunk, seconds, twin, file };
}

/** The processor time of this process: how busy the machine is must not change the page. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

function carryOut(
  failing: FailingCase,
  { circumstances }: Scenario,
  system: CaseParts["system"],
): Promise<RunOutcome> {
  return runCase(
    failing,
    {
      system,
      workload: () => workloadUnder(circumstances),
      nemeses: circumstances.nemeses,
      world: ({ test: { seed }, world }) => simulatedWorld({ ...world, seed }),
    },
    { budget: createBudget({ timeMs: CHECK_MS }) },
  );
}

/** The cells of operations, faults and nodes: what was found, and what is left. */
const SIZES = /\| (\d+) → (\d+) \| (\d+) → (\d+) \| (\d+) \|/;

function pageOf(rows: readonly string[]): string {
  const sizes = rows.flatMap((row) => {
    const cells = SIZES.exec(row);
    return cells === null ? [] : [cells.slice(1).map(Number)];
  });
  const of = (place: number): number => median(sizes.map((size) => size[place] as number));
  return `# Known bugs, found and made small

Generated by \`npm run bench -- mutants --write\`; every figure on this page is measured. Each bug is a typed option of a
backend (\`backends/*/variants.ts\`) and known from a paper, a course or an incident. It was looked for from seed 1 on, under the
circumstances in \`bench/mutants\`; the first failing run was made small by \`ordeal shrink\`'s engine, and the case written to a file:

\`\`\`
npx ordeal replay examples/mutants/raft-minority-quorum.json
\`\`\`

Operations and faults are those of the failing run and of the case. *Without the bug* is the verdict about the same case of the healthy
system; \`unknown\` where nothing was read in it, because the healthy system waits where the other one answers wrongly.

Not here are \`memory:panics\`, of which only the log of its node tells (the checker \`log-patterns\`), \`memory:stuck-after-restart\`, of which a small case shows no more than that a node is down (both: \`test/everyday-workloads.test.ts\`), and bugs in the use of real databases, which no simulation has:
\`sqlite:late-commit\` (\`test/real-sqlite.test.ts\`), \`postgres:lost-update\` and \`postgres:async-commit\` (\`backends/postgres.test.ts\`). Stores of states that sync late or never are in [a page of their own](state-matrix.md).

The healthy twins, each system under each of these circumstances, were clean in all runs: the 19 of \`raft\` and \`multi-paxos\` in 3,170 at 55922da, 230 seeds of four of them and 150 of fifteen, and in 7,510 with seeds from 231 on at 8ccff9f; all 37 that there were at 1797877 in
10,930 until then, 230 seeds of 36 of them, then 50 others of all, and 50 more of sixteen; and the eight of \`quorum\`, \`gossip\`, \`automerge\` and \`memory\` in 1,840 at d72ce52, 230 seeds each (\`npm run bench -- mutants --twins N --from N\`). Where the processor time of making a case small is missing, it was made before that was measured.

Median case: ${of(1)} operations, ${of(3)} ${of(3) === 1 ? "fault" : "faults"}, ${of(4)} nodes, from runs of ${of(0)} operations and ${of(2)} faults.

| bug | what it is | seeds to it | virtual time to it | operations | faults | nodes | shrinking, processor time | without the bug | case |
|---|---|---|---|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

function rowOf(entry: Entry): string {
  const { scenario, seed, virtualSeconds, shrunk, seconds, twin, file } = entry;
  const { from, to, runs } = shrunk;
  const cells: readonly Value[] = [
    `\`${scenario.mutant().name}\``,
    whatOf(scenario),
    seed,
    `${virtualSeconds.toFixed(1)} s`,
    `${from.operations} → ${to.operations}`,
    `${from.faults} → ${to.faults}`,
    to.nodes,
    `${runs} runs, ${seconds.toFixed(1)} s`,
    twin,
    `[\`${file.replace(`${CASES}/`, "")}\`](../${file})`,
  ];
  return `| ${cells.map(String).join(" | ")} |`;
}

function elusiveRow(scenario: Scenario): string {
  const none = Array.from({ length: 7 }, () => "–").join(" | ");
  return `| \`${scenario.mutant().name}\` | ${whatOf(scenario)} | ${none} | by a schedule made for it: \`backends/raft/directed.test.ts\` |`;
}

function whatOf({ mutant, source }: Scenario): string {
  const { description } = mutant();
  const what = description.replace(/^.*with a bug: /, "");
  return `${what} (${source ?? "how the protocol is"})`.replaceAll("|", "\\|");
}
