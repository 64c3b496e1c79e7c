/**
 * One cell of a table: the row's system under the column's faults, with one seed after the other,
 * each run as the command line would have it. It is `kept` when all of them are valid; else it has
 * the first anomaly, with the command that shows it again.
 */
import { createBudget } from "../../src/checker/checker.js";
import { describeTest } from "../../src/cli/describe-test.js";
import { makeNemesis, makeSystem } from "../../src/cli/catalog.js";
import { planOf, type Plan } from "../../src/cli/plan.js";
import { replayCommandOf } from "../../src/cli/replay-command.js";
import { realWorld } from "../../src/real/real-world.js";
import type { TestDescription } from "../../src/runner/result.js";
import { runTest } from "../../src/runner/run.js";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";
import type { Verdict } from "../../src/verdict/verdict.js";
import type { Matrix, MatrixFault, MatrixRow } from "./rows.js";

/** What a cell says. */
export type Cell =
  | { readonly kind: "kept"; readonly runs: number }
  | {
      readonly kind: "anomaly";
      readonly name: string;
      readonly command: string;
    }
  /** Some runs proved nothing, none went wrong. */
  | { readonly kind: "unknown"; readonly reason: string; readonly command: string }
  | { readonly kind: "impossible"; readonly reason: string };

/** How many runs a cell takes; a real one takes real time. */
export interface CellRuns {
  readonly simulated: number;
  readonly real: number;
}

const LENGTH_MS = { simulated: 10_000, real: 6_000 } as const;
const CHECK_MS = 30_000;

/** Fills a cell. */
export async function fillCell(
  row: MatrixRow,
  fault: MatrixFault,
  {
    rate,
    runs,
    from = 1,
  }: { readonly rate: number; readonly runs: CellRuns; readonly from?: number },
): Promise<Cell> {
  const possible = nemesesFor(row, fault);
  if ("reason" in possible) return { kind: "impossible", reason: possible.reason };
  const plan = await planOf({
    workload: row.workload,
    system: row.system,
    nemesis: possible.names.join(",") || "none",
  });
  const count = runs[plan.world];
  let unknown: Cell | undefined;
  let done = 0;
  for (let seed = from; seed < from + count; seed++) {
    const test = describeTest(plan, { seed, timeLimit: LENGTH_MS[plan.world], rate });
    const verdict = await verdictOf(plan, test);
    done++;
    const command = commandOf(plan, test);
    if (verdict.verdict === "invalid") return { kind: "anomaly", name: nameOf(verdict), command };
    if (verdict.verdict === "unknown") {
      unknown ??= { kind: "unknown", reason: verdict.reason, command };
    }
  }
  return unknown ?? { kind: "kept", runs: done };
}

/** Runs what a command of a cell says; the anomaly that it shows, undefined for none. */
export async function anomalyOf(command: string): Promise<string | undefined> {
  const words = command.split(" ");
  const option = (name: string): string | undefined => {
    const at = words.indexOf(name);
    return at === -1 ? undefined : words[at + 1];
  };
  const plan = await planOf({
    workload: words[words.indexOf("run") + 1] as string,
    system: option("--system"),
    nemesis: option("--nemesis"),
    world: option("--world"),
  });
  const test = describeTest(plan, {
    seed: Number(option("--seed")),
    timeLimit: Number(option("--time-limit")?.replace(/s$/, "")) * 1000,
    rate: option("--rate") === undefined ? undefined : Number(option("--rate")),
  });
  const verdict = await verdictOf(plan, test);
  return verdict.verdict === "invalid" ? nameOf(verdict) : undefined;
}

async function verdictOf(plan: Plan, test: TestDescription): Promise<Verdict> {
  const { system, workload } = plan;
  const { seed } = test;
  const { result } = await runTest({
    test,
    system,
    workload,
    // Some remember what they have done.
    nemeses: test.nemeses.map((name) => makeNemesis(name)),
    world: plan.world === "simulated" ? simulatedWorld({ seed }) : realWorld({ seed }),
    budget: createBudget({ timeMs: CHECK_MS }),
    replay: "",
  });
  return result.verdict;
}

/** The gravest thing that is wrong: a rule of workflows that is broken says more than the level. */
function nameOf({ anomalies, parts }: Verdict): string {
  const rules = parts?.["workflow"] ?? parts?.["durability"];
  return rules?.anomalies[0]?.kind ?? anomalies[0]?.kind ?? "violation";
}

/** A real run is not repeated exactly; it is made once more. */
function commandOf(plan: Plan, test: TestDescription): string {
  return replayCommandOf({ ...test, world: "simulated" }, plan, "").replace(
    " --world simulated",
    "",
  );
}

/** The nemeses of a column that a row's system can suffer, or why there is none. */
function nemesesFor(
  row: MatrixRow,
  { nemeses, name }: MatrixFault,
): { readonly names: readonly string[] } | { readonly reason: string } {
  const system = makeSystem(row.system);
  const world = system.worlds.includes("simulated")
    ? simulatedWorld({ seed: 1 })
    : realWorld({ seed: 1 });
  const reasons: string[] = [];
  const names = nemeses.filter((each) => {
    const nemesis = makeNemesis(each);
    const checks = [
      ...nemesis.needs.map((need) => world.availability(need)),
      ...nemesis.needs.map((need) => system.availability?.(need) ?? ({ available: true } as const)),
      nemesis.available(system.nodes.default),
    ];
    const refused = checks.find(({ available }) => !available);
    if (refused?.available === false) reasons.push(refused.reason);
    return refused === undefined;
  });
  void world.close();
  const isAll = nemeses.length > 1;
  if (isAll && names.length > 0) return { names };
  const [reason] = reasons;
  return reason === undefined ? { names } : { reason: `${name}: ${reason}` };
}

/** All cells of a table, in rows. */
export async function fillMatrix(
  { rows, faults, rate }: Matrix,
  options: {
    readonly runs: CellRuns;
    readonly onCell: (row: MatrixRow, fault: MatrixFault, cell: Cell) => void;
  },
): Promise<readonly (readonly Cell[])[]> {
  const filled: Cell[][] = [];
  for (const row of rows) {
    const cells: Cell[] = [];
    filled.push(cells);
    for (const fault of faults) {
      const cell = await fillCell(row, fault, { rate, runs: options.runs });
      options.onCell(row, fault, cell);
      cells.push(cell);
    }
  }
  return filled;
}
