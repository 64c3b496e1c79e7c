/**
 * What stores of states keep when they are killed or lose their power:
 * `npm run bench -- durability [--kills N] [--power-losses N] [--only TEXT]`. Each line is one
 * store on trial (`durability/trial.ts`), judged by the checker of durability.
 */
import { parseArgs } from "node:util";
import { findPostgres } from "../backends/postgres/programs.js";
import { killPostgres, killProcesses, type KillOptions } from "./durability/kills.js";
import { losePowers } from "./durability/power-losses.js";
import type { TrialResult } from "./durability/trial.js";

interface Line {
  readonly store: string;
  readonly fault: string;
  readonly run: () => Promise<TrialResult>;
}

/** Puts the stores on trial and prints a table. */
export async function benchDurability(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      kills: { type: "string", default: "100" },
      "power-losses": { type: "string", default: "1000" },
      only: { type: "string", default: "" },
    },
  });
  const killing = (name: string): KillOptions => ({
    kills: count(values.kills),
    seed: 1,
    onKill: (count) => {
      if (count % 100 === 0) process.stderr.write(`${name}: ${count} kills\n`);
    },
  });
  const losing = { losses: count(values["power-losses"]), seed: 1 };
  const lines: Line[] = [
    { store: "file", fault: "kill -9", run: () => killProcesses("file", killing("file")) },
    {
      store: "file, fsync never",
      fault: "kill -9",
      run: () => killProcesses("file, fsync never", killing("file, fsync never")),
    },
    { store: "sqlite", fault: "kill -9", run: () => killProcesses("sqlite", killing("sqlite")) },
    { store: "file", fault: "power loss", run: () => losePowers(losing) },
    {
      store: "file, fsync every so often",
      fault: "power loss",
      run: () => losePowers(losing, { fsync: { everyMs: 100 } }),
    },
    {
      store: "file, fsync never",
      fault: "power loss",
      run: () => losePowers(losing, { fsync: "never" }),
    },
  ];
  if (findPostgres() === undefined) {
    process.stdout.write("PostgreSQL is not installed here, and left out\n\n");
  } else {
    lines.push(
      { store: "postgres", fault: "kill -9", run: () => killPostgres(killing("postgres")) },
      {
        store: "postgres, synchronous_commit off",
        fault: "kill -9",
        run: () => killPostgres(killing("postgres"), { synchronousCommit: false }),
      },
    );
  }
  process.stdout.write(
    "| store | fault | struck | acknowledged | loaded after | lost or wrong | verdict | seconds |\n" +
      "|---|---|---:|---:|---:|---:|---|---:|\n",
  );
  for (const { store, fault, run } of lines) {
    if (!`${store}, ${fault}`.includes(values.only)) continue;
    const start = performance.now();
    const result = await run();
    process.stdout.write(`${row({ store, fault, result, start })}\n`);
  }
}

function count(text: string): number {
  const found = Number(text);
  if (Number.isSafeInteger(found) && found > 0) return found;
  throw new Error(`a number of faults is an integer from 1 on, not ${text}`);
}

function row(of: {
  readonly store: string;
  readonly fault: string;
  readonly result: TrialResult;
  readonly start: number;
}): string {
  const { crashes, acknowledged, loads, refused, verdict } = of.result;
  const number = (value: number): string => value.toLocaleString("en");
  const counts = (verdict.details?.["anomalies"] ?? {}) as { readonly [kind: string]: number };
  const wrong = Object.entries(counts).map(([kind, count]) => `${number(count)} ${kind}`);
  if (refused > 0) wrong.push(`${number(refused)} refused as corrupt`);
  const cells = [
    of.store,
    of.fault,
    number(crashes),
    number(acknowledged),
    number(loads),
    wrong.join(", ") || "0",
    verdict.verdict,
    ((performance.now() - of.start) / 1000).toFixed(0),
  ];
  return `| ${cells.join(" | ")} |`;
}
