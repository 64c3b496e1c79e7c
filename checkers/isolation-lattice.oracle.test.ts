/**
 * The implications between levels of isolation, pair by pair, on random histories of lists and of
 * registers: no history may keep a level and break one that it implies.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { IMPLICATIONS, implies, LEVELS } from "../src/consistency/lattice.js";
import type { TransactionalLevel } from "../src/consistency/level.js";
import type { History } from "../src/history/history.js";
import { createRandom, type Random } from "../src/random.js";
import type { VerdictKind } from "../src/verdict/verdict.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { randomSites } from "../test/oracle/random-sites.js";
import { historyOfRegisters } from "../test/oracle/small-registers.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 300);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_127);

const TIMEOUT = { timeout: 3_600_000 };

const TRANSACTIONAL = LEVELS.filter(({ family }) => family === "transactional").map(
  ({ name }) => name as TransactionalLevel,
);

const SHAPES: readonly (readonly [name: string, make: (random: Random) => History])[] = [
  ["lists", (random) => listHistory(randomLists(random))],
  ["registers", (random) => historyOfRegisters(randomSites(random))],
];

test.each(SHAPES)("%s: no level is kept without what it implies", TIMEOUT, async (_, make) => {
  const shown = new Set<string>();
  for (let number = 0; number < HISTORIES; number++) {
    const history = make(createRandom(SEED + number));
    const verdicts = new Map<string, VerdictKind>();
    for (const level of TRANSACTIONAL) {
      const checker = transactional({ level });
      verdicts.set(level, (await checker.check(history, createBudget())).verdict);
    }
    for (const stronger of TRANSACTIONAL) {
      for (const weaker of TRANSACTIONAL) {
        if (verdicts.get(stronger) !== "valid" || !implies(stronger, weaker)) continue;
        if (verdicts.get(weaker) !== "invalid") continue;
        expect.fail(`${stronger} holds, ${weaker} does not: seed ${SEED + number}`);
      }
    }
    // An edge is tried where what it leads to is broken, or what it comes from is kept.
    for (const { from, to } of IMPLICATIONS) {
      if (verdicts.get(from) === "valid" || verdicts.get(to) === "invalid") {
        shown.add(`${from} → ${to}`);
      }
    }
  }
  const missing = IMPLICATIONS.filter(
    ({ from, to }) => verdictsExist(from, to) && !shown.has(`${from} → ${to}`),
  );
  expect(missing).toEqual([]);
});

function verdictsExist(from: string, to: string): boolean {
  return [from, to].every((level) => TRANSACTIONAL.some((name) => name === level));
}
