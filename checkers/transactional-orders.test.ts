/**
 * Strong levels of registers: what is told of an order and of a refutation, what the verifier does
 * not let pass, and what ends at the budget.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";
import type {
  IsolationPhenomenon,
  IsolationViolationCertificate,
  OrderContradiction,
} from "../src/verdict/isolation-certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { transactional } from "./transactional.js";

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

async function judge(history: History, level: string): Promise<Verdict> {
  return transactional({ level }).check(history, createBudget());
}

/** Two write x; who reads, shows one order to one, and the other to another. */
const BOTH_WAYS = together(
  [["w", "x", 1]],
  [["w", "x", 2]],
  [
    ["r", "x", 1],
    ["w", "a", 1],
  ],
  [
    ["r", "x", 2],
    ["w", "b", 1],
  ],
  [
    ["r", "x", 1],
    ["r", "b", 1],
  ],
  [
    ["r", "x", 2],
    ["r", "a", 1],
  ],
);

/** Two see the writes of two others in opposite orders. */
const LONG_FORK = together(
  [
    ["w", "x", 1],
    ["w", "y", 1],
  ],
  [["w", "x", 2]],
  [["w", "y", 2]],
  [
    ["r", "x", 2],
    ["r", "y", 1],
  ],
  [
    ["r", "x", 1],
    ["r", "y", 2],
  ],
);

/** Two that read what the other overwrites. */
const SKEW = together(
  [
    ["w", "x", 1],
    ["w", "y", 1],
  ],
  [
    ["r", "x", 1],
    ["r", "y", 1],
    ["w", "x", 2],
  ],
  [
    ["r", "x", 1],
    ["r", "y", 1],
    ["w", "y", 2],
  ],
);

describe("refutations", () => {
  test("a long fork has no order of snapshots, and may be of parallel ones", async () => {
    const refused = await judge(LONG_FORK, "snapshot-isolation");
    expect(refused.anomalies.map(({ kind }) => kind)).toEqual(["no-version-order"]);
    expect(refused.anomalies[0]?.operations).toEqual([0, 1, 2, 3, 4]);
    const parallel = await judge(LONG_FORK, "parallel-snapshot-isolation");
    expect(parallel.verdict).toBe("valid");
    const readers = await judge(LONG_FORK, "update-serializable");
    expect(readers.verdict).toBe("valid");
    const moments = await judge(LONG_FORK, "monotonic-snapshot-read");
    expect(moments.verdict).toBe("valid");
    const fine = await judge(LONG_FORK, "causal-cerone");
    expect(fine.verdict).toBe("valid");
  });

  test("what contradicts a weaker level is told instead", async () => {
    const refused = await judge(BOTH_WAYS, "serializable");
    expect(refused.anomalies.map(({ kind }) => kind)).toEqual(["causality-violation"]);
  });

  test("write skew is not serializable, and may be of snapshots", async () => {
    const refused = await judge(SKEW, "serializable");
    expect(refused.anomalies.map(({ kind }) => kind)).toEqual(["no-version-order"]);
    expect(refused.reason).toBe(
      "no-version-order: no order of the versions explains what 3 transactions read and wrote. " +
        'If transaction 2 comes before transaction 0: transaction 2 wrote "y" before transaction 0 did; transaction 2 read of "y" what transaction 0 wrote, 1: a cycle. ' +
        'If transaction 1 comes before transaction 0: transaction 1 wrote "x" before transaction 0 did; transaction 1 read of "x" what transaction 0 wrote, 1: a cycle. ' +
        'If transaction 0 comes before transaction 2 and transaction 0 comes before transaction 1: transaction 1 read of "y" what transaction 0 wrote, which transaction 2 overwrote; ' +
        'transaction 2 read of "x" what transaction 0 wrote, which transaction 1 overwrote: a cycle.',
    );
    expect(refused.details?.["ruledOut"]).toEqual(["repeatable-read"]);
    expect((await judge(SKEW, "snapshot-isolation")).verdict).toBe("valid");
  });
});

describe("the verifier", () => {
  type Refutation = Extract<IsolationPhenomenon, { readonly name: "no-version-order" }>;

  async function refutation(): Promise<{
    readonly whole: IsolationViolationCertificate;
    readonly phenomenon: Refutation;
  }> {
    const { certificate: whole } = await judge(SKEW, "serializable");
    if (whole?.kind !== "isolation-violation" || whole.phenomenon.name !== "no-version-order") {
      throw new Error("no refutation of orders");
    }
    return { whole, phenomenon: whole.phenomenon };
  }

  function isConfirmed(certificate: IsolationViolationCertificate): boolean {
    const budget = createBudget();
    return verifyCertificate({ certificate, history: SKEW, budget }).confirmed;
  }

  test("confirms it as it is, at its level and at stronger ones", async () => {
    const { whole } = await refutation();
    expect(isConfirmed(whole)).toBe(true);
    expect(isConfirmed({ ...whole, level: "strict-serializable" })).toBe(true);
  });

  test("refuses it at weaker levels", async () => {
    const { whole } = await refutation();
    for (const level of ["snapshot-isolation", "read-committed", "read-uncommitted"] as const) {
      expect(isConfirmed({ ...whole, level }), level).toBe(false);
    }
  });

  test("refuses it without one of its cycles, without an edge, and without an order", async () => {
    const { whole, phenomenon } = await refutation();
    const { contradictions } = phenomenon;
    const claims: Refutation[] = [];
    for (const [place, one] of contradictions.entries()) {
      claims.push({ ...phenomenon, contradictions: contradictions.toSpliced(place, 1) });
      const less: OrderContradiction[] = [{ ...one, edges: one.edges.slice(1) }];
      if (one.orders.length > 0) less.push({ ...one, orders: one.orders.slice(1) });
      for (const each of less) {
        claims.push({ ...phenomenon, contradictions: contradictions.with(place, each) });
      }
    }
    expect(claims.length).toBeGreaterThan(5);
    for (const claimed of claims) {
      expect(isConfirmed({ ...whole, phenomenon: claimed }), JSON.stringify(claimed)).toBe(false);
    }
  });

  test("refuses steps that do not follow", async () => {
    const { whole, phenomenon } = await refutation();
    const less = { ...phenomenon, contradictions: phenomenon.contradictions.slice(0, 1) };
    for (const steps of [[[]], [[[0, 1] as const], []]]) {
      expect(isConfirmed({ ...whole, phenomenon: { ...less, steps } })).toBe(false);
    }
  });
});

test("who reads two keys that another writes, and writes one of them, updated that one", async () => {
  const about = { process: 0, f: "txn", timeNs: 0 } as const;
  const first: Value = [
    ["w", "x", 1],
    ["w", "y", 1],
  ];
  const second: Value = [
    ["r", "x", null],
    ["r", "y", null],
    ["w", "y", 2],
  ];
  const history = historyOf([
    { ...about, type: "invoke", value: first },
    { ...about, type: "ok", value: first },
    { ...about, type: "invoke", value: second },
    { ...about, type: "ok", value: second },
  ]);
  const { certificate, reason } = await judge(history, "strong-session-cursor-stability");
  expect(reason).toContain('transaction 2 read null of "y" before transaction 0 wrote 1');
  if (certificate === undefined) throw new Error("no certificate");
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  expect(verified).toMatchObject({ confirmed: true });
});

describe("budgets", () => {
  /** Of each of many keys one writer is read while another writes it, and all overlap. */
  function random(seed: number, transactions: number, keys: number): History {
    const random = createRandom(seed);
    const made: Micro[][] = Array.from({ length: transactions }, () => []);
    for (let key = 0; key < keys; key++) {
      const few = new Set<number>();
      while (few.size < 3) few.add(random.below(transactions));
      const [a, b, other] = [...few] as [number, number, number];
      const [writer, reader] = [Math.min(a, b), Math.max(a, b)];
      made[writer]?.push(["w", String(key), 1]);
      made[reader]?.push(["r", String(key), 1]);
      made[other]?.push(["w", String(key), 2]);
    }
    return together(...random.shuffle(made));
  }

  test("random constraints, as many as are hardest, end in time and say what to do", async () => {
    const history = random(0, 1_000, 2_000);
    const startedMs = performance.now();
    const checker = transactional({ level: "serializable" });
    const verdict = await checker.check(history, createBudget({ timeMs: 400 }));
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    expect(verdict.verdict).toBe("unknown");
    expect(verdict.reason).toContain("out of time");
    expect(verdict.reason).toContain("--time-budget");
  });

  test("where there is no memory for a search, that is said", async () => {
    const history = random(0, 1_000, 2_000);
    const checker = transactional({ level: "serializable" });
    const verdict = await checker.check(history, createBudget({ memoryBytes: 2 ** 20 }));
    expect(verdict.verdict).toBe("unknown");
    expect(verdict.reason).toContain("--memory-budget");
  });

  test("few constraints are decided, however many transactions overlap", async () => {
    expect((await judge(random(1, 2_000, 2_000), "serializable")).verdict).not.toBe("unknown");
  });
});
