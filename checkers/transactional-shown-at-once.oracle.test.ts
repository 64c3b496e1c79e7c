/**
 * That causal consistency with sessions is shown by an easy order, against the graph and the clocks
 * that decide it: on thousands of random histories of registers what is shown holds, and most that
 * holds is shown.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { createRandom } from "../src/random.js";
import { randomReads, spread } from "../test/oracle/random-reads.js";
import { historyOfRegisters, randomRegisters } from "../test/oracle/small-registers.js";
import { Meter } from "./linearizable/meter.js";
import { groupByKey } from "./transactional/dependencies.js";
import { layOutTransactions } from "./transactional/layout.js";
import { decide } from "./transactional/weak/decide.js";
import { sessionsOf } from "./transactional/weak/sessions.js";
import { areCausesShown } from "./transactional/weak/shown-at-once.js";
import { sourcesOf } from "./transactional/weak/sources.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 6_000);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 0);

test("what an easy order shows holds, and mostly it shows it", { timeout: 3_600_000 }, () => {
  const counts = { shown: 0, holds: 0, contradicted: 0 };
  for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
    const random = createRandom(seed);
    const size = { transactionsMin: 3, transactionsMax: 12, writesPerKeyMax: 5 };
    const made = random.chance(0.5)
      ? random.chance(0.5)
        ? randomReads(random)
        : spread(randomReads(random), random)
      : randomRegisters(random, size);
    const transactions = layOutTransactions(historyOfRegisters(made));
    const sources = sourcesOf(transactions, groupByKey(transactions));
    const sessions = sessionsOf(transactions, sources.happened);
    const known = { transactions, sources: sources.sources, sessions, moments: undefined };
    const holds = "order" in decide("causal-cerone", known, sources, new Meter(createBudget()));
    const isShown = areCausesShown(known, sources);
    if (isShown) expect(holds, `seed ${seed}`).toBe(true);
    counts.shown += isShown ? 1 : 0;
    counts.holds += holds ? 1 : 0;
    counts.contradicted += holds ? 0 : 1;
  }
  expect(counts.contradicted).toBeGreaterThan(HISTORIES / 50);
  expect(counts.holds).toBeGreaterThan(HISTORIES / 5);
  expect(counts.shown).toBeGreaterThan(counts.holds * 0.9);
});
