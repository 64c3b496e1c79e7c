/**
 * Update atomicity and forward consistent views: smallest histories that they allow and exclude,
 * beside the levels next to them, with evidence that falls when it is changed.
 */
import { describe, expect, test } from "vitest";
import type { Value } from "../src/history/value.js";
import type {
  IsolationViolationCertificate,
  TransactionOrderCertificate,
} from "../src/verdict/isolation-certificate.js";
import { isConfirmed, judgeIsolation, together, type ToldMicro } from "../test/judge-isolation.js";

/** 1 appended to y after 0, and reads x without what 0 appended there. */
const MISSED = together(
  [
    ["append", "x", 1],
    ["append", "y", 1],
  ],
  [
    ["r", "x", []],
    ["append", "y", 2],
  ],
  [["r", "y", [1, 2]]],
);

/** The answer without its question: what 1 saw 2 need not see. */
const SKEWED = together(
  [["append", "x", 1]],
  [
    ["r", "x", [1]],
    ["append", "y", 1],
  ],
  [
    ["r", "y", [1]],
    ["r", "x", []],
  ],
  [["r", "x", [1]]],
);

/** 0 and 1 wrote x: whichever came first, a read misses the other. */
const REGISTERS = together(
  [
    ["r", "x", null],
    ["w", "x", 1],
  ],
  [
    ["w", "x", 2],
    ["w", "y", 3],
  ],
  [
    ["r", "x", 1],
    ["r", "y", 3],
  ],
);

describe("update atomicity", () => {
  test("who overwrites a transaction sees all of it", async () => {
    expect((await judgeIsolation("read-atomic", MISSED)).verdict).toBe("valid");
    const { verdict, anomalies, certificate } = await judgeIsolation("update-atomic", MISSED);
    expect(verdict).toBe("invalid");
    expect(anomalies[0]).toMatchObject({ kind: "G-single-item", operations: [0, 1] });
    expect(anomalies[0]?.details).toMatchObject({
      edges: [
        { by: "ww", micro: expect.anything() as Value },
        { by: "rw", micro: expect.anything() as Value },
      ],
    });
    const found = certificate as IsolationViolationCertificate;
    expect(isConfirmed({ ...found, level: "read-atomic" }, MISSED)).toBe(false);
    expect(isConfirmed({ ...found, level: "strong-update-atomic" }, MISSED)).toBe(true);
  });

  test("what these saw is another matter", async () => {
    const skewed = await judgeIsolation("parallel-snapshot-isolation", SKEWED);
    expect(skewed.verdict).toBe("invalid");
    const { verdict, certificate } = await judgeIsolation("update-atomic", SKEWED);
    expect(verdict).toBe("valid");
    const order = certificate as TransactionOrderCertificate;
    expect(order.manner).toBe("commit");
    const untrue: readonly TransactionOrderCertificate[] = [
      { ...order, level: "causal-cerone" },
      { ...order, level: "parallel-snapshot-isolation" },
      { ...order, level: "consistent-view" },
      { ...order, order: order.order.toReversed() },
      { ...order, order: order.order.slice(1) },
    ];
    for (const claimed of untrue) {
      expect(isConfirmed(claimed, SKEWED), JSON.stringify(claimed)).toBe(false);
    }
    // In no order is what is missed left out.
    for (const claimed of [
      [0, 1, 2],
      [1, 0, 2],
    ]) {
      const missed = { ...order, order: claimed };
      expect(isConfirmed(missed, MISSED), claimed.join()).toBe(false);
    }
  });

  test("registers: no order of versions, each cycle of which is needed", async () => {
    const { verdict, anomalies, certificate } = await judgeIsolation("update-atomic", REGISTERS);
    expect(verdict).toBe("invalid");
    expect(anomalies[0]?.kind).toBe("no-version-order");
    const found = certificate as IsolationViolationCertificate;
    const { phenomenon } = found;
    if (phenomenon.name !== "no-version-order") throw new Error("another phenomenon");
    for (const place of phenomenon.contradictions.keys()) {
      const contradictions = phenomenon.contradictions.toSpliced(place, 1);
      const less = { ...found, phenomenon: { ...phenomenon, contradictions } };
      expect(isConfirmed(less, REGISTERS)).toBe(false);
    }
    expect(isConfirmed({ ...found, level: "read-atomic" }, REGISTERS)).toBe(false);
  });

  const KEYS = Array.from({ length: 100 }, (_, at) => `k${at}`);
  const wide = KEYS.map((key): ToldMicro => ["append", key, "wide"]);

  test.each([
    ["before", [], "invalid"],
    ["before, and seen", ["wide"], "valid"],
  ] as const)("one that wrote many keys, %s", async (_, seen, verdict) => {
    const of = together(
      wide,
      [
        ["r", "k0", [...seen]],
        ["append", "k9", "narrow"],
      ],
      [["r", "k9", ["wide", "narrow"]]],
    );
    expect((await judgeIsolation("read-atomic", of)).verdict).toBe("valid");
    expect((await judgeIsolation("update-atomic", of)).verdict).toBe(verdict);
  });

  test.each([
    ["after", [], "invalid"],
    ["after, and sees", [1], "valid"],
  ] as const)("one that wrote many keys, %s", async (_, seen, verdict) => {
    const of = together(
      [
        ["append", "x", 1],
        ["append", "k9", "narrow"],
      ],
      [["r", "x", [...seen]], ...wide],
      [["r", "k9", ["narrow", "wide"]]],
    );
    expect((await judgeIsolation("read-atomic", of)).verdict).toBe("valid");
    expect((await judgeIsolation("update-atomic", of)).verdict).toBe(verdict);
  });
});

test.each(["", "strong-session-", "strong-"])(
  "a %sforward consistent view is a consistent view where starts are not known",
  async (prefix) => {
    for (const of of [MISSED, SKEWED, REGISTERS]) {
      const { verdict } = await judgeIsolation(`${prefix}consistent-view`, of);
      const forward = await judgeIsolation(`${prefix}forward-consistent-view`, of);
      expect(forward.verdict).toBe(verdict);
      expect(forward.details).toMatchObject({ level: `${prefix}forward-consistent-view` });
      expect(forward.certificate).toMatchObject({ level: `${prefix}forward-consistent-view` });
    }
  },
);
