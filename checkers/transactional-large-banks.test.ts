/**
 * Banks of hundreds of transfers at levels at which money may get lost: what was read is guessed
 * from what was moved since the last read, what contradicts it is found first, and what is left
 * open ends without all of the time.
 */
import { expect, test } from "vitest";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import { createRandom } from "../src/random.js";
import type { Value } from "../src/history/value.js";
import type { Certificate } from "../src/verdict/certificate.js";
import { decideIsolation, isConfirmed, judgeIsolation } from "../test/judge-isolation.js";

type Told = readonly [f: "transfer" | "read" | "init", value: Value];

/** Operations one after the other, by five processes in turn. */
function inTurn(operations: readonly Told[]): History {
  return historyOf(
    operations.flatMap(([f, value], place): readonly NewEvent[] => {
      const about = { process: place % 5, f, timeNs: 0 };
      const asked = f === "read" ? null : value;
      return [
        { ...about, type: "invoke", value: asked },
        { ...about, type: "ok", value },
      ];
    }),
  );
}

interface Shape {
  readonly accounts: readonly string[];
  readonly transfers: number;
  readonly amountMax: number;
  /** Which transfers take nothing away. */
  readonly isLost: (transfer: number) => boolean;
  readonly isInitKnown: boolean;
}

/** A bank that forgets now and then to take away what it gives; every tenth time all is read. */
function lossyBank({ accounts, transfers, amountMax, isLost, isInitKnown }: Shape): History {
  const random = createRandom(7);
  const balances = new Map(accounts.map((account) => [account, 1000]));
  const operations: Told[] = isInitKnown ? [["init", Object.fromEntries(balances)]] : [];
  for (let each = 0; each < transfers; each++) {
    const [from = "", to = ""] = random.shuffle(accounts);
    const amount = 1 + random.below(amountMax);
    operations.push(["transfer", { from, to, amount }]);
    if (!isLost(each)) balances.set(from, (balances.get(from) as number) - amount);
    balances.set(to, (balances.get(to) as number) + amount);
    if (each % 10 === 9) operations.push(["read", Object.fromEntries(balances)]);
  }
  return inTurn(operations);
}

const THREE = ["a", "b", "c"];
const UNITS = { accounts: ["a", "b"], transfers: 200, amountMax: 1, isInitKnown: true } as const;

test("money that got lost among many transfers is allowed where transfers may overwrite", async () => {
  const isLost = (each: number): boolean => each % 37 === 20;
  for (const isInitKnown of [true, false]) {
    const shape = { accounts: THREE, transfers: 150, amountMax: 50, isLost, isInitKnown };
    const history = lossyBank(shape);
    for (const level of ["strong-read-committed", "monotonic-atomic-view"]) {
      const { verdict, reason } = await decideIsolation(history, level);
      expect([verdict, level]).toEqual(["valid", level]);
      expect(reason).toMatch(/Each total is taken to be what one transfer left/u);
    }
  }
});

test("one lost debit between two accounts: who sees a transfer sees both of its writes", async () => {
  const history = lossyBank({ ...UNITS, isLost: (each) => each === 100 });
  for (const level of ["read-atomic", "strong-session-causal-cerone", "prefix", "update-atomic"]) {
    const { verdict, anomalies, certificate } = await decideIsolation(history, level);
    expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "wrong-total"]);
    const at = { ...certificate, level: "monotonic-atomic-view" } as Certificate;
    expect(isConfirmed(at, history)).toBe(false);
  }
  expect((await decideIsolation(history, "monotonic-atomic-view")).verdict).toBe("valid");
});

test("two accounts that exchange with others too may hold less together", async () => {
  // Each of the first two transfers reads c as it was at first, so that one of them is lost there.
  const history = inTurn([
    ["init", { a: 10, b: 10, c: 10 }],
    ["transfer", { from: "a", to: "c", amount: 1 }],
    ["transfer", { from: "c", to: "b", amount: 2 }],
    ["read", { a: 9, b: 12, c: 8 }],
  ]);
  expect((await decideIsolation(history, "read-atomic")).verdict).toBe("valid");
  const alone = inTurn([
    ["init", { a: 10, b: 10, c: 10 }],
    ["transfer", { from: "a", to: "b", amount: 1 }],
    ["transfer", { from: "b", to: "a", amount: 2 }],
    ["read", { a: 11, b: 8, c: 10 }],
  ]);
  const { verdict, certificate, reason } = await decideIsolation(alone, "read-atomic");
  expect([verdict, reason]).toEqual(["invalid", expect.stringMatching(/read 19 in all/u)]);
  // The same reads where one of the transfers is with c.
  const withOthers = inTurn([
    ["init", { a: 10, b: 10, c: 10 }],
    ["transfer", { from: "a", to: "c", amount: 1 }],
    ["transfer", { from: "b", to: "a", amount: 2 }],
    ["read", { a: 11, b: 8, c: 10 }],
  ]);
  expect(isConfirmed(certificate as Certificate, withOthers)).toBe(false);
});

test("two balances of which no transfers lead from one to the other", async () => {
  const moves: readonly Told[] = Array.from({ length: 300 }, (): Told => {
    return ["transfer", { from: "a", to: "b", amount: 2 }];
  });
  const odd = inTurn([...moves, ["read", { a: 7 }], ["read", { a: 8 }]]);
  for (const level of ["read-committed", "strong-session-monotonic-view", "read-uncommitted"]) {
    const { verdict, anomalies, certificate } = await decideIsolation(odd, level);
    expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "garbage-read"]);
    const even = inTurn([...moves, ["read", { a: 7 }], ["read", { a: 9 }]]);
    expect(isConfirmed(certificate as Certificate, even)).toBe(false);
  }
  // What failed was moved by nobody who committed.
  const failed = historyOf([
    ...[0, 1].flatMap((process): readonly NewEvent[] => [
      { type: "invoke", process, f: "read", value: null, timeNs: 0 },
      { type: "ok", process, f: "read", value: { a: 8 - process }, timeNs: 0 },
    ]),
    {
      type: "invoke",
      process: 2,
      f: "transfer",
      value: { from: "a", to: "b", amount: 1 },
      timeNs: 0,
    },
    {
      type: "fail",
      process: 2,
      f: "transfer",
      value: { from: "a", to: "b", amount: 1 },
      timeNs: 0,
    },
  ]);
  const { anomalies, certificate } = await decideIsolation(failed, "read-committed");
  expect(anomalies[0]?.kind).toBe("G1a");
  const without = { ...certificate, level: "read-uncommitted" } as Certificate;
  expect(isConfirmed(without, failed)).toBe(false);
});

test("what cannot be decided ends by itself", async () => {
  const isLost = (each: number): boolean => each % 37 === 20;
  const shape = { accounts: THREE, transfers: 100, amountMax: 50, isLost, isInitKnown: true };
  const { verdict, reason } = await judgeIsolation("prefix", lossyBank(shape));
  expect([verdict, reason]).toEqual(["unknown", expect.stringMatching(/^Undecided: nothing/u)]);
});
