/**
 * Right histories are carried out at once, and what is carried out is an order; wrong ones come to
 * a dead end. Whether each order explains what was read, and keeps real time, is asked of the
 * verifier, which shares nothing with it.
 */
import { describe, expect, test } from "vitest";
import { makeTransactions } from "../../../bench/transactional/transactions.js";
import { createBudget } from "../../../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import { createRandom } from "../../../src/random.js";
import { verifyCertificate } from "../../../src/verdict/verify.js";
import { transactional } from "../../transactional.js";
import { groupByKey } from "../dependencies.js";
import { layOutTransactions } from "../layout.js";
import { carryOut } from "./carry-out.js";

function orderOf(history: History): readonly number[] | undefined {
  const transactions = layOutTransactions(history);
  const found = carryOut(transactions, groupByKey(transactions));
  return found === undefined || "torn" in found
    ? undefined
    : Array.from(found.order, (each) => transactions.invocations[each] as number);
}

function confirmed(history: History, order: readonly number[]): boolean {
  const level = "strict-serializable";
  const certificate = { kind: "transaction-order", level, manner: "serial", order } as const;
  return verifyCertificate({ certificate, history, budget: createBudget() }).confirmed;
}

/** One transaction is called, carried out and answered after the other, where `at` says so. */
function history(...events: readonly (readonly [process: number, ...Value[][]])[]): History {
  const open = new Set<number>();
  return historyOf(
    events.map(([process, ...value]): NewEvent => {
      const type = open.has(process) ? "ok" : "invoke";
      if (type === "ok") open.delete(process);
      else open.add(process);
      return { type, process, f: "txn", value, timeNs: 0 };
    }),
  );
}

test.each([1_000, 30_000])("%i transactions that were right are carried out", (transactions) => {
  const right = makeTransactions({ transactions, on: "registers" });
  const order = orderOf(right) ?? [];
  expect(order.length).toBe(transactions);
  expect(confirmed(right, order)).toBe(true);
});

test("one stale read leaves no order", async () => {
  const wrong = makeTransactions({ transactions: 10_000, on: "registers", stale: "one" });
  expect(orderOf(wrong)).toBeUndefined();
  const transactions = layOutTransactions(wrong);
  const found = carryOut(transactions, groupByKey(transactions));
  const torn = found !== undefined && "torn" in found ? [...found.torn] : [];
  expect(torn.length).toBeGreaterThan(1);
  expect(torn.length).toBeLessThanOrEqual(6);
  const { verdict, certificate } = await transactional().check(wrong, createBudget());
  expect(verdict).toBe("invalid");
  if (certificate === undefined) throw new Error("there is no evidence");
  const budget = createBudget();
  expect(verifyCertificate({ certificate, history: wrong, budget }).confirmed).toBe(true);
});

test("who reads what was overwritten before it was invoked leaves none, with whom that rests on", () => {
  const events = history(
    [0, ["w", "x", 1]],
    [0, ["w", "x", 1]],
    [0, ["w", "y", 1]],
    [0, ["w", "y", 1]],
    [0, ["w", "x", 2]],
    [0, ["w", "x", 2]],
    [1, ["r", "x", null]],
    [1, ["r", "x", 1]],
  );
  const transactions = layOutTransactions(events);
  const found = carryOut(transactions, groupByKey(transactions));
  expect(found).toEqual({ torn: Int32Array.of(0, 2, 3) });
});

describe("what completed first need not come first", () => {
  test("who reads what is overwritten comes before", () => {
    const found = orderOf(
      history(
        [0, ["w", "x", 1]],
        [0, ["w", "x", 1]],
        [1, ["r", "x", null]],
        [2, ["w", "x", 2]],
        [2, ["w", "x", 2]],
        [1, ["r", "x", 1]],
      ),
    );
    expect(found).toEqual([0, 2, 3]);
  });

  test("a guess about two that overlap is turned", () => {
    // Who completes first, the writer of 1, has to come last: its x is what is read in the end.
    const overlapping = history(
      [0, ["w", "x", 1], ["r", "y", null]],
      [1, ["w", "x", 2], ["w", "y", 2]],
      [0, ["w", "x", 1], ["r", "y", 2]],
      [2, ["r", "x", null]],
      [1, ["w", "x", 2], ["w", "y", 2]],
      [2, ["r", "x", 1]],
    );
    expect(orderOf(overlapping)).toEqual([1, 0, 3]);
  });

  test("not where real time has it otherwise", () => {
    const found = orderOf(
      history(
        [0, ["w", "x", 1]],
        [0, ["w", "x", 1]],
        [1, ["w", "x", 2]],
        [1, ["w", "x", 2]],
        [2, ["r", "x", null]],
        [2, ["r", "x", 1]],
      ),
    );
    expect(found).toBeUndefined();
  });
});

test("random histories: every order that is found is one, and few right ones have none", () => {
  const counts = { right: 0, found: 0 };
  for (let seed = 0; seed < 2_000; seed++) {
    const random = createRandom(seed);
    const isRight = random.chance(0.7);
    const made = randomHistory(seed, isRight ? 0 : 0.2);
    const order = orderOf(made);
    if (order !== undefined) expect(confirmed(made, order), `seed ${seed}`).toBe(true);
    if (!isRight) continue;
    counts.right++;
    if (order !== undefined) counts.found++;
  }
  expect(counts.right).toBeGreaterThan(1_300);
  expect(counts.found / counts.right).toBeGreaterThan(0.99);
});

/** Clients that take turns; a read may be of an older store, a transaction may fail or be lost. */
function randomHistory(seed: number, staleness: number): History {
  const random = createRandom(1_000_000 + seed);
  const keys = 1 + random.below(4);
  const clients = 2 + random.below(5);
  const stores: Value[][] = Array.from({ length: keys }, () => [null]);
  const events: NewEvent[] = [];
  const open: (readonly [readonly Value[][], NewEvent | undefined] | undefined)[] = [];
  const processes = Array.from({ length: clients }, (_, at) => at);
  let value = 0;
  for (let turn = 0; turn < 12 * clients; turn++) {
    const client = random.below(clients);
    const process = processes[client] as number;
    const [asked, answer] = open[client] ?? [];
    if (asked === undefined) {
      const next = Array.from({ length: 1 + random.below(3) }, (): Value[] => {
        const key = random.below(keys);
        return random.chance(0.5) ? ["r", key, null] : ["w", key, ++value];
      });
      open[client] = [next, undefined];
      events.push({ type: "invoke", process, f: "txn", value: next, timeNs: 0 });
    } else if (answer === undefined) {
      const type = random.chance(0.1) ? "fail" : random.chance(0.1) ? "info" : "ok";
      const own = new Map<number, Value>();
      const got = asked.map(([f, at, written]): Value[] => {
        const key = at as number;
        const store = stores[key] as Value[];
        if (f === "w") own.set(key, written ?? null);
        const old = random.chance(staleness) ? random.below(store.length) : store.length - 1;
        const seen = own.get(key) ?? store[old] ?? null;
        return f === "w" ? ["w", key, written ?? null] : ["r", key, seen];
      });
      const takesEffect = type === "ok" || (type === "info" && random.chance(0.5));
      if (takesEffect) for (const [key, written] of own) (stores[key] as Value[]).push(written);
      const said = type === "ok" ? got : asked.map((each) => [...each]);
      open[client] = [asked, { type, process, f: "txn", value: said, timeNs: 0 }];
    } else {
      events.push(answer);
      if (answer.type === "info") processes[client] = clients + turn;
      open[client] = undefined;
    }
  }
  return historyOf(events);
}
