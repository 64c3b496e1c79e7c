/**
 * Monotonic snapshot reads and monotonic views, by examples in pairs, and what the verifier makes
 * of evidence that is not right.
 */
import { describe, expect, test } from "vitest";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { decideIsolation, isConfirmed, together, type ToldMicro } from "../test/judge-isolation.js";

/** Transactions one after the other, of one process. */
function inTurn(...rows: readonly (readonly ToldMicro[])[]): History {
  return historyOf(
    rows.flatMap((row): NewEvent[] => {
      const asked = row.map(([f, key, value]): Value => [f, key, f === "r" ? null : value]);
      const about = { process: 0, f: "txn", timeNs: 0 } as const;
      return [
        { ...about, type: "invoke", value: asked },
        { ...about, type: "ok", value: row },
      ];
    }),
  );
}

const WRITERS: readonly (readonly ToldMicro[])[] = [[["append", "x", 1]], [["append", "y", 1]]];
const FORK: readonly (readonly ToldMicro[])[] = [
  ...WRITERS,
  [
    ["r", "x", [1]],
    ["r", "y", []],
  ],
  [
    ["r", "y", [1]],
    ["r", "x", []],
  ],
];

describe("monotonic snapshot reads", () => {
  const level = "monotonic-snapshot-read";

  test("exclude a long fork whose readers both looked first where something was new", async () => {
    const { verdict, anomalies } = await decideIsolation(together(...FORK), level);
    expect(verdict).toBe("invalid");
    expect(anomalies.map(({ kind }) => kind)).toEqual(["G-nonadjacent-item"]);
  });

  test("allow one in which somebody looked first where nothing was yet", async () => {
    const history = together(...FORK.with(3, (FORK[3] ?? []).toReversed()));
    const { verdict, certificate } = await decideIsolation(history, level);
    expect(verdict).toBe("valid");
    expect(certificate).toMatchObject({ kind: "transaction-order", manner: "points" });
    expect((await decideIsolation(history, "snapshot-isolation")).verdict).toBe("invalid");
  });

  test("allow lost updates, and what changes between two reads", async () => {
    const history = together(
      [
        ["r", "x", []],
        ["append", "x", 1],
      ],
      [
        ["r", "x", []],
        ["append", "x", 2],
      ],
      [
        ["r", "x", []],
        ["r", "x", [1]],
        ["r", "x", [1, 2]],
      ],
    );
    expect((await decideIsolation(history, level)).verdict).toBe("valid");
    expect((await decideIsolation(history, "cursor-stability")).verdict).toBe("invalid");
  });

  test("exclude that a later read is of an earlier moment, or misses what was written", async () => {
    const back = together([["append", "x", 1]], [
      ["r", "x", [1]],
      ["r", "x", []],
    ] as const);
    expect((await decideIsolation(back, level)).verdict).toBe("invalid");
    const own = together([
      ["append", "x", 1],
      ["r", "x", []],
    ] as const);
    const { verdict, anomalies } = await decideIsolation(own, level);
    expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "internal"]);
  });

  test("keep the order of sessions, or of time, when they have to", async () => {
    const stale = inTurn([["append", "x", 1]], [["r", "x", []]]);
    expect((await decideIsolation(stale, level)).verdict).toBe("valid");
    for (const kept of ["strong-session-", "strong-"]) {
      const { verdict, anomalies } = await decideIsolation(stale, `${kept}${level}`);
      expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "G-single-item-process"]);
    }
  });

  test("of registers depend on the order of versions, of which none may do", async () => {
    const read = (key: string, value: number): ToldMicro => ["r", key, value];
    const both: readonly ToldMicro[] = [
      ["w", "x", 1],
      ["w", "y", 1],
    ];
    const others: readonly ToldMicro[] = [
      ["w", "x", 2],
      ["w", "y", 2],
    ];
    const torn = together(
      both,
      others,
      [read("x", 1), read("y", 2), read("x", 1)],
      [read("y", 2), read("x", 1), read("y", 2)],
    );
    const { verdict, anomalies } = await decideIsolation(torn, level);
    expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "no-version-order"]);
    const fine = together(both, others, [read("x", 1), read("y", 2)]);
    expect((await decideIsolation(fine, level)).verdict).toBe("valid");
  });
});

describe("a monotonic view", () => {
  const level = "monotonic-view";

  test("allows a long fork, and excludes a cause that is missed later on", async () => {
    expect((await decideIsolation(together(...FORK), level)).verdict).toBe("valid");
    const missed = together(
      [["append", "x", 1]],
      [
        ["r", "x", [1]],
        ["append", "y", 1],
      ] as const,
      [
        ["r", "y", [1]],
        ["r", "x", []],
      ] as const,
    );
    const { verdict, anomalies } = await decideIsolation(missed, level);
    expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "G-single-item"]);
  });

  test("says nothing of what was read before", async () => {
    const skew = together(
      [
        ["append", "x", 1],
        ["append", "y", 1],
      ] as const,
      [
        ["r", "x", []],
        ["r", "y", [1]],
      ] as const,
    );
    expect((await decideIsolation(skew, level)).verdict).toBe("valid");
    expect((await decideIsolation(skew, "consistent-view")).verdict).toBe("invalid");
  });

  test("counts who was written over, from the write on", async () => {
    const left: readonly ToldMicro[] = [
      ["append", "y", 1],
      ["append", "x", 1],
    ];
    const seen: readonly ToldMicro[] = [["r", "y", [1, 2]]];
    const after = together(
      left,
      [
        ["append", "y", 2],
        ["r", "x", []],
      ] as const,
      seen,
    );
    expect((await decideIsolation(after, level)).verdict).toBe("invalid");
    const before = together(
      left,
      [
        ["r", "x", []],
        ["append", "y", 2],
      ] as const,
      seen,
    );
    expect((await decideIsolation(before, level)).verdict).toBe("valid");
  });
});

test("who writes a register twice has written over others from the first time on", async () => {
  const history = together(
    [
      ["w", "y", 1],
      ["r", "x", null],
      ["w", "y", 2],
    ],
    [
      ["w", "y", 3],
      ["w", "x", 4],
    ],
    [
      ["r", "x", 4],
      ["r", "y", 2],
    ],
  );
  const { verdict, anomalies } = await decideIsolation(history, "monotonic-view");
  expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "no-version-order"]);
});

test("an order that nothing shows decides a monotonic view where somebody reads after a write", async () => {
  /** It writes over x what the other left, or the other way round; then it misses y. */
  const missing = [
    ["append", "x", 1],
    ["r", "y", []],
  ] as const;
  const other = [
    ["append", "x", 2],
    ["append", "y", 1],
  ] as const;
  const open = together(missing, other);
  expect((await decideIsolation(open, "monotonic-view")).verdict).toBe("valid");
  // Whoever comes first, the second has written over it and misses what it left.
  const both = together(
    [
      ["append", "x", 1],
      ["append", "y", 1],
      ["r", "z", []],
    ],
    [
      ["append", "x", 2],
      ["append", "z", 1],
      ["r", "y", []],
    ],
  );
  const { verdict, anomalies } = await decideIsolation(both, "monotonic-view");
  expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "no-version-order"]);
});

test("what a transaction reads of its own first write tells nothing of others", async () => {
  const history = together(
    [
      ["w", "x", 1],
      ["w", "x", 2],
      ["r", "x", 1],
    ],
    [["w", "x", 3]],
  );
  expect((await decideIsolation(history, "monotonic-view")).verdict).toBe("valid");
  expect((await decideIsolation(history, "monotonic-snapshot-read")).verdict).toBe("invalid");
});

describe("the verifier refuses", () => {
  test("orders of moments that explain nothing, or are not whole", async () => {
    const history = together(...FORK.with(3, (FORK[3] ?? []).toReversed()));
    const { certificate } = await decideIsolation(history, "monotonic-snapshot-read");
    if (certificate?.kind !== "transaction-order") expect.fail("no order");
    const { order } = certificate;
    expect(order).toHaveLength(8);
    expect(isConfirmed({ ...certificate, order: order.slice(1) }, history)).toBe(false);
    expect(isConfirmed({ ...certificate, order: order.toReversed() }, history)).toBe(false);
    expect(isConfirmed({ ...certificate, order: [...order, 0] }, history)).toBe(false);
    expect(isConfirmed({ ...certificate, level: "snapshot-isolation" }, history)).toBe(false);
  });

  test("cycles in which somebody read before it depended on who precedes it", async () => {
    const history = together(...FORK.with(3, (FORK[3] ?? []).toReversed()));
    const { certificate } = await decideIsolation(history, "snapshot-isolation");
    if (certificate?.kind !== "isolation-violation") expect.fail("no violation");
    const other = { ...certificate, level: "monotonic-snapshot-read" } as const;
    expect(isConfirmed(other, history)).toBe(false);
  });
});
