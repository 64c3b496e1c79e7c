/**
 * The page of stores under faults is in step with what the tables are about, nothing in it is
 * empty, and what it says of a sample of cells comes out again. All simulated cells by hand:
 * ORDEAL_MATRIX_CELLS=10000.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { anomalyOf, fillCell } from "../bench/matrix/cell.js";
import { readTable, type ReadCell } from "../bench/matrix/page.js";
import { ABSENT, ASKS, MATRICES, type MatrixFault, type MatrixRow } from "../bench/matrix/rows.js";
import { makeSystem } from "../src/cli/catalog.js";
import { createRandom } from "../src/random.js";

const page = readFileSync(
  fileURLToPath(new URL("../docs/state-matrix.md", import.meta.url)),
  "utf8",
);
const COLUMNS = 4;
const SAMPLE = Number(process.env["ORDEAL_MATRIX_CELLS"] ?? 5);

interface Sampled {
  readonly row: MatrixRow;
  readonly fault: MatrixFault;
  readonly rate: number;
  readonly cell: ReadCell;
}

const cells = MATRICES.flatMap(({ title, rows, faults, rate }): Sampled[] =>
  rows.flatMap((row, i) =>
    faults.map((fault, j) => {
      const cell = readTable(page, title).rows[i]?.[COLUMNS + j] ?? { text: "" };
      return { row, fault, rate, cell };
    }),
  ),
);
const simulated = cells.filter(({ row }) => makeSystem(row.system).worlds.includes("simulated"));
const nameOf = ({ row, fault }: Sampled): string => `${row.system}, ${row.workload}, ${fault.name}`;
const sampleOf = (wants: (cell: ReadCell) => boolean): readonly (readonly [string, Sampled])[] =>
  createRandom(1)
    .shuffle(simulated.filter(({ cell }) => wants(cell)))
    .slice(0, SAMPLE)
    .map((each) => [nameOf(each), each]);

describe("the page", () => {
  test.each(MATRICES)("has the table $title, with all its rows and columns", (matrix) => {
    const { head, rows } = readTable(page, matrix.title);
    const names = matrix.faults.map(({ name }) => name);
    expect(head).toEqual(["store", "strategy", "recovery", "asked", ...names]);
    expect(rows.map((row) => row.slice(0, COLUMNS).map(({ text }) => text))).toEqual(
      matrix.rows.map((row) => [row.store, row.strategy, row.recovery, ASKS[row.workload]]),
    );
  });

  test("leaves no cell empty, and none without its command or its reason", () => {
    for (const each of cells) {
      const { text, command, reason } = each.cell;
      const isTold =
        /^kept \(\d+\)$/.test(text) ||
        (/^(?:`[a-z-]+`|unknown) \[\d+\]$/.test(text) && command !== undefined) ||
        (text.startsWith("– (") && reason !== undefined);
      expect(isTold, `${nameOf(each)}: "${text}"`).toBe(true);
    }
  });

  test("says why there are no other rows", () => {
    for (const [what, why] of ABSENT) expect(page).toContain(`| ${what} | ${why} |`);
  });

  test("has no anomaly where a strategy keeps what it promises", () => {
    for (const each of cells) {
      const { row, fault, cell } = each;
      const { promise } = makeSystem(row.system);
      const isPromised =
        row.workload === (promise.consistency === "eventual" ? "workflow:eventual" : "workflow") &&
        fault.nemeses.every((nemesis) => promise.under.some((kind) => FAULT_OF[kind] === nemesis));
      if (isPromised && promise.consistency !== "none") {
        expect(cell.text, nameOf(each)).toMatch(/^kept|^–/);
      }
    }
  });
});

const FAULT_OF: { readonly [kind: string]: string } = {
  kill: "crash",
  "power-loss": "power-loss",
  pause: "pause",
  "cut-link": "partition",
};

describe("what it says comes out again", () => {
  test.each(sampleOf(({ text }) => text.startsWith("kept")))(
    "kept: %s",
    async (_, { row, fault, rate }) => {
      const again = await fillCell(row, fault, { rate, runs: { simulated: 1, real: 1 } });
      expect(again.kind).toBe("kept");
    },
    120_000,
  );

  test.each(sampleOf(({ text }) => text.startsWith("`")))(
    "found: %s",
    async (_, { cell }) => {
      expect(`\`${await anomalyOf(cell.command ?? "")}\``).toBe(cell.text.replace(/ \[.*/, ""));
    },
    120_000,
  );

  test.each(sampleOf(({ text }) => text.startsWith("–")))(
    "not there: %s",
    async (_, { row, fault, rate, cell }) => {
      const again = await fillCell(row, fault, { rate, runs: { simulated: 1, real: 1 } });
      expect(again).toEqual({ kind: "impossible", reason: cell.reason });
    },
  );
});
