/**
 * The checker against definitions, on thousands of histories of at most five transactions: what it
 * calls valid or invalid is, at every level that it decides, and its certificates hold. Undecided
 * is allowed only where transactions wrote what nobody read.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { createRandom, type Random } from "../src/random.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import {
  haveContradictingReads,
  holdsByPhenomena,
  holdsBySerialOrder,
  holdsBySnapshots,
  type BruteLevel,
  type Kept,
  type SmallMicro,
  type SmallTransaction,
} from "../test/oracle/isolation.js";
import { transactional } from "./transactional.js";

const HISTORIES = 3_000;
/** Seeds of rarer histories that were once judged wrongly, among a hundred thousand. */
const RARE: readonly number[] = [20526, 33944, 57579, 61760, 69097, 69318, 74404];

const LEVELS: readonly BruteLevel[] = [
  "read-uncommitted",
  "read-committed",
  "cursor-stability",
  "consistent-view",
  "parallel-snapshot-isolation",
  "snapshot-isolation",
  "repeatable-read",
  "serializable",
];

const PREFIXES: { readonly [kept in Kept]: string } = {
  nothing: "",
  session: "strong-session-",
  realtime: "strong-",
};

describe.each(Object.keys(PREFIXES) as readonly Kept[])("keeping %s", (kept) => {
  test.each(LEVELS)("%s", async (level) => {
    const name = `${PREFIXES[kept]}${level}`.replace(
      /^strong-serializable$/,
      "strict-serializable",
    );
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    for (const seed of [...Array(HISTORIES).keys(), ...RARE]) {
      const transactions = randomTransactions(createRandom(seed));
      const history = historyFrom(transactions);
      const verdict = await transactional({ level: name }).check(history, createBudget());
      counts[verdict.verdict]++;
      if (verdict.verdict === "unknown") continue;
      const about = `seed ${seed}: ${verdict.reason}`;
      // What is overwritten by what is then a matter of convention.
      if (level === "read-uncommitted" && haveContradictingReads(transactions)) continue;
      expect(verdict.verdict, about).toBe(
        holdsByPhenomena(transactions, level, kept) ? "valid" : "invalid",
      );
      if (level === "serializable") {
        expect(verdict.verdict, about).toBe(
          holdsBySerialOrder(transactions, kept) ? "valid" : "invalid",
        );
      }
      if (level === "snapshot-isolation" && transactions.length < 5) {
        expect(verdict.verdict, about).toBe(
          holdsBySnapshots(transactions, kept) ? "valid" : "invalid",
        );
      }
      const { certificate } = verdict;
      if (certificate === undefined) throw new Error(`${about}: no certificate`);
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, about).toMatchObject({ confirmed: true });
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 20);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 300);
    expect(counts.unknown).toBeLessThan(HISTORIES / 20);
  });
});

/**
 * Transactions on two keys that take effect one after the other, but now and then read too little,
 * what is aborted, or the state at their beginning.
 */
function randomTransactions(random: Random): readonly SmallTransaction[] {
  const count = 2 + random.below(4);
  const lists = new Map<string, number[]>([
    ["x", []],
    ["y", []],
  ]);
  const strange = random.float() * 0.5;
  let element = 0;
  let event = 0;
  const busy = new Map<number, number>();
  const states: Map<string, number[]>[] = [];
  const transactions: SmallTransaction[] = [];
  for (let each = 0; each < count; each++) {
    states.push(copy(lists));
    const process = random.below(3);
    const outcome = random.chance(0.8) ? "ok" : random.chance(0.5) ? "info" : "fail";
    const isLate = random.chance(0.4);
    const earliest = isLate ? event - random.below(4) : event;
    // No two at the same moment.
    const begin = Math.max(busy.get(process) ?? 0, earliest) + 0.001 * random.float();
    const seen = random.chance(strange) ? random.pick(states) : lists;
    const own = copy(seen);
    const micro: SmallMicro[] = Array.from({ length: 1 + random.below(3) }, () => {
      const key = random.pick(["x", "y"]);
      const list = own.get(key) as number[];
      if (random.chance(0.5)) {
        list.push(++element);
        return { f: "append", key, value: element };
      }
      const drop = random.chance(strange / 2) ? random.below(3) : 0;
      const value = outcome === "ok" ? list.slice(0, list.length - drop) : undefined;
      return { f: "r", key, value };
    });
    const isApplied = outcome === "ok" || (outcome === "info" && random.chance(0.6));
    const isDirty = random.chance(strange / 2);
    for (const { f, key, value } of micro) {
      if (f !== "append" || !(isApplied || isDirty)) continue;
      const list = lists.get(key) as number[];
      if (random.chance(strange / 4)) list.splice(random.below(list.length + 1), 0, value);
      else list.push(value);
    }
    event += 2;
    const returned = Math.max(begin + 0.1, event + 3 * random.float());
    const end = outcome === "ok" ? returned : Infinity;
    busy.set(process, outcome === "ok" ? end + 0.1 : begin + 0.2);
    transactions.push({ process, outcome, begin, end, micro });
  }
  return transactions;
}

function copy(lists: ReadonlyMap<string, readonly number[]>): Map<string, number[]> {
  return new Map([...lists].map(([key, list]) => [key, [...list]]));
}

/** The history: an event at each beginning and each end. */
function historyFrom(transactions: readonly SmallTransaction[]): History {
  const events: { readonly at: number; readonly event: NewEvent }[] = [];
  for (const { process, outcome, begin, end, micro } of transactions) {
    const asked = micro.map(({ f, key, value }): Value => [f, key, f === "r" ? null : value]);
    const got = micro.map(({ f, key, value }): Value => [f, key, value ?? null]);
    const about = { process, f: "txn", timeNs: 0 } as const;
    events.push({ at: begin, event: { ...about, type: "invoke", value: asked } });
    const at = outcome === "ok" ? end : begin + 0.1;
    const value = outcome === "ok" ? got : asked;
    events.push({ at, event: { ...about, type: outcome, value } });
  }
  return historyOf(events.toSorted((a, b) => a.at - b.at).map(({ event }) => event));
}
