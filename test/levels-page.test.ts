/**
 * The table in `docs/transactions.md` of which levels are decided for which histories: where it
 * says so, every one of some random histories gets a verdict. Whatever comes with one can be read
 * back from a file.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { isolationShapeError } from "../src/cli/isolation-shapes.js";
import { levelNamed } from "../src/consistency/lattice.js";
import type { History } from "../src/history/history.js";
import { createRandom } from "../src/random.js";
import { randomCommittedLists, randomCommittedRegisters } from "./oracle/random-committed.js";
import { listHistory } from "./oracle/random-lists.js";
import { randomRows } from "./oracle/random-rows.js";
import { randomListSites, randomSites } from "./oracle/random-sites.js";
import { historyOfRegisters } from "./oracle/small-registers.js";

type Fields = Parameters<typeof isolationShapeError>[0];

const HISTORIES = 25;
/** By kind of history: its cell in a row of the table. */
const SHAPES: readonly (readonly [name: string, cell: number, make: (seed: number) => History])[] =
  [
    ["lists", 2, (seed) => listHistory(randomListSites(createRandom(seed)))],
    ["registers", 3, (seed) => historyOfRegisters(randomSites(createRandom(seed)))],
    ["lists read committed", 2, (seed) => listHistory(randomCommittedLists(createRandom(seed)))],
    [
      "registers read committed",
      3,
      (seed) => historyOfRegisters(randomCommittedRegisters(createRandom(seed))),
    ],
    ["predicates", 4, (seed) => randomRows(seed, "predicates")],
    ["sets", 4, (seed) => randomRows(seed, "sets")],
  ];
const PREFIXES = ["", "strong-session-", "strong-"];

/** The rows of the table, by their first cell. */
function rows(): readonly (readonly string[])[] {
  const page = readFileSync(new URL("../docs/transactions.md", import.meta.url), "utf8");
  const table = page.split("<!-- levels:begin -->")[1]?.split("<!-- levels:end -->")[0] ?? "";
  return table
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")));
}

test("each level is in the table", () => {
  expect(rows().length).toBeGreaterThan(12);
});

test.each(SHAPES)(
  "%s: what is said to be decided is",
  { timeout: 120_000 },
  async (shape, cell, make) => {
    for (const cells of rows()) {
      const [, base = ""] = cells;
      if (cells[cell]?.startsWith("✓") !== true) continue;
      for (const prefix of PREFIXES) {
        const level = levelNamed(`${prefix}${base}`)?.name ?? expect.fail(`no level ${base}`);
        for (let seed = 0; seed < HISTORIES; seed++) {
          const history = make(seed);
          const answer = await transactional({ level }).check(history, createBudget());
          const { verdict, reason, certificate } = answer;
          if (certificate !== undefined) {
            // As it comes back from a file.
            const read = JSON.parse(JSON.stringify(certificate)) as typeof certificate & Fields;
            expect(isolationShapeError(read), `${level} of ${shape}, seed ${seed}`).toBe("");
          }
          if (verdict === "unknown" && !reason.startsWith("Nothing was proved")) {
            expect.fail(`${level} of ${shape}, seed ${seed}: ${reason}`);
          }
        }
      }
    }
  },
);
