/**
 * Orders of right histories on counters that everybody uses are found without squares: eight times
 * as many transactions, twenty at a time, may take at most thirty times the processor time.
 */
import { expect, test } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";

const SMALL = 2_000;
const TIMES = 8;
/** Linear is 8, squares are 64; steps back, caches and the collector take their part. */
const GROWTH_MAX = 30;
const ROUNDS = 2;
const COUNTERS = 3;
const PROCESSES = 20;

/** Transactions that happen one after the other, at some time while each is under way. */
function busy(count: number, amountOf: (draw: number) => number): History {
  const random = createRandom(1);
  const totals = new Map<number, number>();
  const events: { readonly at: number; readonly event: NewEvent }[] = [];
  const free = Array.from({ length: PROCESSES }, () => 0);
  let now = 0;
  for (let each = 0; each < count; each++) {
    const process = random.below(PROCESSES);
    const begin = Math.max(free[process] as number, now - PROCESSES * random.float());
    now = Math.max(now, begin) + random.float();
    const end = now + PROCESSES * random.float();
    free[process] = end + 0.001;
    const done = Array.from({ length: 1 + random.below(4) }, (): Value => {
      const key = random.below(COUNTERS);
      if (random.chance(0.5)) return ["r", key, totals.get(key) ?? 0];
      const amount = amountOf(random.below(9));
      totals.set(key, (totals.get(key) ?? 0) + amount);
      return ["inc", key, amount];
    });
    const about = { process, f: "txn", value: done, timeNs: 0 } as const;
    events.push({ at: begin, event: { ...about, type: "invoke" } });
    events.push({ at: end, event: { ...about, type: "ok" } });
  }
  return historyOf(events.toSorted((a, b) => a.at - b.at).map(({ event }) => event));
}

const AMOUNTS: readonly (readonly [name: string, amountOf: (draw: number) => number])[] = [
  ["one", () => 1],
  ["one to nine", (draw) => 1 + draw],
  ["of both signs", (draw) => draw - 4],
];

test.each(AMOUNTS)("amounts %s", { timeout: 120_000 }, async (_, amountOf) => {
  for (const level of ["strict-serializable", "read-committed"]) {
    const costOf = async (count: number): Promise<number> => {
      const history = busy(count, amountOf);
      const costs: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const before = process.cpuUsage();
        const { verdict, reason } = await transactional({ level }).check(history, createBudget());
        const { user, system } = process.cpuUsage(before);
        expect(`${level}: ${verdict} ${reason}`).toMatch(/: valid /);
        costs.push(user + system);
      }
      return Math.min(...costs);
    };
    const small = await costOf(SMALL);
    const large = await costOf(SMALL * TIMES);
    expect(large / small, `${level}: ${small} µs, ${large} µs`).toBeLessThan(GROWTH_MAX);
  }
});

/** One transaction with this many micro-operations, and two that read the total. */
function large(micro: (each: number) => readonly Value[], totals: readonly number[]) {
  return (count: number): History => {
    const rows: readonly (readonly Value[])[] = [
      Array.from({ length: count }, (_, each) => micro(each)).flat(),
      ...totals.map((less): Value[] => [["r", "x", count - less]]),
    ];
    return historyOf(
      rows.flatMap((value, process): NewEvent[] =>
        (["invoke", "ok"] as const).map((type) => ({ type, process, f: "txn", value, timeNs: 0 })),
      ),
    );
  };
}

const add: Value = ["inc", "x", 1];

const LARGE = [
  ["only adds", large(() => [add], [0, 1]), "invalid"],
  ["reads after each increment", large((each) => [add, ["r", "x", each + 1]], [0]), "valid"],
  ["reads what none but a part makes", large(() => [add], [1, 2, 3, 4]), "invalid"],
] as const;

const LARGE_SMALL = 8_000;

test.each(LARGE)("one transaction that %s", { timeout: 120_000 }, async (_, make, expected) => {
  const costOf = async (count: number): Promise<number> => {
    const history = make(count);
    const costs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = process.cpuUsage();
      const { verdict, reason } = await transactional().check(history, createBudget());
      const { user, system } = process.cpuUsage(before);
      expect(verdict, reason).toBe(expected);
      costs.push(user + system);
    }
    return Math.min(...costs);
  };
  const small = await costOf(LARGE_SMALL);
  const all = await costOf(LARGE_SMALL * TIMES);
  expect(all / small, `${small} µs, ${all} µs`).toBeLessThan(GROWTH_MAX);
});

test("the time budget ends what is looked for in one transaction", async () => {
  const reads = large((each) => [add, ["r", "x", -each - 1]], [0])(20_000);
  let now = 0;
  // A clock that goes on when somebody looks at it.
  const budget = { ...createBudget({ timeMs: 1_000 }), nowMs: () => now++ };
  const { verdict, reason } = await transactional().check(reads, budget);
  expect(`${verdict} ${reason}`).toMatch(/^unknown .*out of time/);
});
