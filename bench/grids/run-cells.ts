/** Cells of a grid of systems and what they are run with: many seeds of each, and a table. */
import { createBudget } from "../../src/checker/checker.js";
import type { RunOutcome } from "../../src/runner/run.js";
import { verifyCertificate } from "../../src/verdict/verify.js";
import { optionOf } from "./option.js";

/** A system in circumstances. */
export interface Cell {
  readonly name: string;
  readonly run: (seed: number) => Promise<RunOutcome>;
  /** The kind of anomaly that some run has to show; without it every run has to be valid. */
  readonly finds?: string | undefined;
}

/** Which seeds. */
export interface Seeds {
  readonly from: number;
  readonly seeds: number;
}

/** Those whose name has one of the texts of `--only A,B` in it; seeds by `--seeds`, `--from`. */
export function askedOf<Named extends { readonly name: string }>(
  all: readonly Named[],
  argv: readonly string[],
): readonly Named[] {
  const only = (optionOf(argv, "--only") ?? "").split(",");
  return all.filter(({ name }) => only.some((text) => name.includes(text)));
}

/**
 * Runs seeds of each, has certificates verified that need no model, and prints what was not as it
 * has to be, and a table.
 */
export async function runCells(cells: readonly Cell[], { from, seeds }: Seeds): Promise<void> {
  process.stdout.write(
    "| what | seeds | valid | invalid | as it has to be | evidence confirmed | CPU for a run |\n" +
      "|---|---|---|---|---|---|---|\n",
  );
  const all = { runs: 0, valid: 0, invalid: 0, right: 0, confirmed: 0 };
  for (const cell of cells) {
    const begun = process.cpuUsage();
    const here = { runs: 0, valid: 0, invalid: 0, right: 0, confirmed: 0 };
    for (let seed = from; seed < from + seeds; seed++) {
      const { result, history } = await cell.run(seed);
      const { verdict, reason, certificate, anomalies } = result.verdict;
      const { finds } = cell;
      here.runs++;
      if (verdict !== "unknown") here[verdict]++;
      const isRight =
        finds === undefined ? verdict === "valid" : anomalies.some(({ kind }) => kind === finds);
      if (isRight) here.right++;
      if (!isRight && finds === undefined) {
        process.stdout.write(`${cell.name}, seed ${seed}: ${verdict} ${reason}\n`);
      }
      if (certificate === undefined || "model" in certificate) continue;
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      if (verified.confirmed) here.confirmed++;
      else process.stdout.write(`${cell.name}, seed ${seed}: its evidence is not confirmed\n`);
    }
    const { user, system } = process.cpuUsage(begun);
    const name = cell.finds === undefined ? cell.name : `${cell.name}: ${cell.finds}`;
    const cpuMs = Math.round((user + system) / 1e3 / seeds);
    process.stdout.write(`${rowOf(name, here)} ${cpuMs} ms |\n`);
    for (const each of Object.keys(all) as readonly (keyof typeof all)[]) all[each] += here[each];
  }
  process.stdout.write(`${rowOf(`all ${cells.length}`, all)} |\n`);
}

function rowOf(
  name: string,
  counts: {
    readonly runs: number;
    readonly valid: number;
    readonly invalid: number;
    readonly right: number;
    readonly confirmed: number;
  },
): string {
  const { runs, valid, invalid, right, confirmed } = counts;
  return `| ${name} | ${runs} | ${valid} | ${invalid} | ${right} | ${confirmed === 0 ? "–" : confirmed} |`;
}
