/**
 * Levels of registers at which not every anti-dependency counts: parallel snapshot isolation and
 * cursor stability, where only the search for an order of versions decides, and what the verifier
 * does not let pass.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { TransactionOrderCertificate } from "../src/verdict/isolation-certificate.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { judgeIsolation } from "../test/judge-isolation.js";

type Micro = readonly [f: string, key: string, value: Value];

/** All are invoked, and then all complete, in this order. */
function together(...transactions: readonly (readonly Micro[])[]): History {
  const events: NewEvent[] = [];
  for (const type of ["invoke", "ok"] as const) {
    for (const [process, value] of transactions.entries()) {
      events.push({ process, f: "txn", type, value, timeNs: events.length });
    }
  }
  return historyOf(events);
}

/** Two see the writes of two others in opposite orders. */
const LONG_FORK = together(
  [["w", "x", 1]],
  [["w", "y", 1]],
  [
    ["r", "x", 1],
    ["r", "y", null],
  ],
  [
    ["r", "x", null],
    ["r", "y", 1],
  ],
);

/** The same, but the two that write also write the same, so that one saw the other. */
const FORK_WITH_CONFLICT = together(
  [
    ["w", "x", 1],
    ["w", "z", 1],
  ],
  [
    ["w", "y", 1],
    ["w", "z", 2],
  ],
  [
    ["r", "x", 1],
    ["r", "y", null],
  ],
  [
    ["r", "x", null],
    ["r", "y", 1],
  ],
);

/** 1 reads x and writes it; what 2 writes blindly comes between, as a and b show. */
const LOST_TO_BLIND_WRITE = together(
  [
    ["w", "x", 1],
    ["w", "a", 1],
  ],
  [
    ["r", "x", 1],
    ["r", "b", 1],
    ["w", "x", 2],
  ],
  [
    ["r", "a", 1],
    ["w", "x", 3],
    ["w", "b", 1],
  ],
);

test("a long fork is of parallel snapshots, and of no others", async () => {
  for (const level of [
    "parallel-snapshot-isolation",
    "strong-session-parallel-snapshot-isolation",
  ]) {
    const verdict = await judgeIsolation(level, LONG_FORK);
    expect(verdict).toMatchObject({ verdict: "valid", certificate: { manner: "commit" } });
  }
  const snapshots = await judgeIsolation("snapshot-isolation", LONG_FORK);
  expect(snapshots.verdict).toBe("invalid");
});

test("who writes the same sees one another: whichever comes first, one read misses a write", async () => {
  const verdict = await judgeIsolation("parallel-snapshot-isolation", FORK_WITH_CONFLICT);
  expect(verdict).toMatchObject({
    verdict: "invalid",
    anomalies: [{ kind: "no-version-order", operations: [0, 1, 2, 3] }],
    details: { ruledOut: ["repeatable-read", "consistent-view"] },
  });
  expect(verdict.reason).toContain("If transaction 0 comes before transaction 1");
  expect(verdict.reason).toContain("If transaction 1 comes before transaction 0");
  // Causality, which knows of no conflicts, is kept.
  const causal = await judgeIsolation("causal-cerone", FORK_WITH_CONFLICT);
  expect(causal.verdict).toBe("valid");
});

test("an update is lost also to who has read nothing", async () => {
  const verdict = await judgeIsolation("cursor-stability", LOST_TO_BLIND_WRITE);
  expect(verdict).toMatchObject({ verdict: "invalid", anomalies: [{ kind: "no-version-order" }] });
  const committed = await judgeIsolation("read-committed", LOST_TO_BLIND_WRITE);
  expect(committed.verdict).toBe("valid");
  // Who does not write what it has read loses nothing by it.
  const skew = together(
    [
      ["w", "x", 1],
      ["w", "y", 1],
    ],
    [
      ["r", "x", null],
      ["r", "y", 1],
    ],
  );
  expect((await judgeIsolation("cursor-stability", skew)).verdict).toBe("valid");
  expect((await judgeIsolation("consistent-view", skew)).verdict).toBe("invalid");
});

test("orders of versions that do not show a level are refused", () => {
  const refusalOf = (
    level: TransactionOrderCertificate["level"],
    order: readonly number[],
  ): string => {
    const certificate = { kind: "transaction-order", level, manner: "commit", order } as const;
    const history = level === "cursor-stability" ? LOST_TO_BLIND_WRITE : FORK_WITH_CONFLICT;
    const verified = verifyCertificate({ certificate, history, budget: createBudget() });
    return verified.confirmed ? "confirmed" : verified.reason;
  };
  expect(refusalOf("parallel-snapshot-isolation", [0, 1, 2, 3])).toMatch(
    /Transaction 3 depends on/,
  );
  expect(refusalOf("consistent-view", [1, 0, 2, 3])).toMatch(/Transaction 2 depends on/);
  expect(refusalOf("cursor-stability", [0, 2, 1])).toMatch(/Transaction 1 did not see all/);
  expect(refusalOf("cursor-stability", [0, 1, 2])).toMatch(/not yet committed/);
});
