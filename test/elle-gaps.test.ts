/**
 * What Elle lets pass, or cannot answer (docs/elle-differences.md): each point with a history, the
 * weakest level that it violates, and a level that it keeps.
 */
import { describe, expect, test } from "vitest";
import { causal } from "../checkers/causal.js";
import { linearizable } from "../checkers/linearizable.js";
import { sequential } from "../checkers/sequential.js";
import { sessions } from "../checkers/sessions.js";
import { transactional } from "../checkers/transactional.js";
import { createBudget, type Checker } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { kv } from "../src/model/kv.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { operations } from "./oracle/events.js";

type Micro = readonly [f: "append" | "w" | "r" | "inc", key: string, value: Value];

/** Transactions at the same time, each of another process. */
function together(...rows: readonly (readonly Micro[])[]): History {
  const at = (type: "invoke" | "ok", value: Value, process: number): NewEvent => ({
    type,
    process,
    f: "txn",
    value,
    timeNs: 0,
  });
  const asked = (row: readonly Micro[]): Value =>
    row.map(([f, key, value]) => [f, key, f === "r" ? null : value]);
  return historyOf([
    ...rows.map((row, process) => at("invoke", asked(row), process)),
    ...rows.map((row, process) => at("ok", row, process)),
  ]);
}

async function kindsAt(history: History, level: string): Promise<readonly [string, ...string[]]> {
  const { verdict, anomalies, certificate } = await transactional({ level }).check(
    history,
    createBudget(),
  );
  if (certificate !== undefined) {
    const verified = verifyCertificate({ certificate, history, budget: createBudget() });
    expect(verified).toMatchObject({ confirmed: true });
  }
  return [verdict, ...anomalies.map(({ kind }) => kind)];
}

describe("transactions", () => {
  const fork: readonly (readonly Micro[])[] = [
    [["w", "x", 1]],
    [["w", "y", 1]],
    [
      ["r", "x", 1],
      ["r", "y", null],
    ],
    [
      ["r", "y", 1],
      ["r", "x", null],
    ],
  ];
  const lost: readonly (readonly Micro[])[] = [
    [
      ["r", "x", null],
      ["w", "x", 1],
    ],
    [
      ["r", "x", null],
      ["w", "x", 2],
    ],
  ];
  const skew: readonly (readonly Micro[])[] = [
    [
      ["r", "x", null],
      ["w", "y", 1],
    ],
    [
      ["r", "y", null],
      ["w", "x", 1],
    ],
  ];
  const garbage: readonly (readonly Micro[])[] = [[["w", "x", 1]], [["r", "x", 7]]];
  const garbageInList: readonly (readonly Micro[])[] = [[["append", "x", 1]], [["r", "x", [7]]]];
  const missesCause: readonly (readonly Micro[])[] = [
    [["w", "x", 1]],
    [
      ["r", "x", 1],
      ["w", "y", 1],
    ],
    [
      ["r", "y", 1],
      ["r", "x", null],
    ],
  ];
  const fractured: readonly (readonly Micro[])[] = [
    [
      ["w", "x", 1],
      ["w", "y", 1],
    ],
    [
      ["r", "x", null],
      ["r", "y", 1],
    ],
  ];
  /** Nobody knows which of two writes of x came first, and neither order is right. */
  const eitherWay: readonly (readonly Micro[])[] = [
    [
      ["w", "x", 1],
      ["w", "y", 1],
    ],
    [
      ["w", "x", 2],
      ["w", "y", 2],
    ],
    [
      ["r", "x", 1],
      ["r", "y", 2],
    ],
  ];
  /** Saw one write of a transaction, and then not the other. */
  const backwards: readonly (readonly Micro[])[] = [
    [
      ["w", "x", 1],
      ["w", "y", 1],
    ],
    [
      ["r", "x", 1],
      ["r", "y", null],
    ],
  ];

  /** Equal increments: nobody knows who was counted, but one total of x and of y is smaller. */
  const counted: readonly (readonly Micro[])[] = [
    [["inc", "x", 1]],
    [["inc", "x", 1]],
    [["inc", "y", 1]],
    [["inc", "y", 1]],
    [
      ["r", "x", 1],
      ["r", "y", 0],
    ],
    [
      ["r", "x", 0],
      ["r", "y", 1],
    ],
  ];

  test.each([
    ["long forks of counters", counted, "read-committed", "prefix", "G-nonadjacent-item"],
    ["causes that are missed", missesCause, "read-atomic", "causal-cerone", "causality-violation"],
    ["fractured reads", fractured, "monotonic-atomic-view", "read-atomic", "fractured-read"],
    [
      "non-monotonic reads",
      backwards,
      "read-committed",
      "monotonic-atomic-view",
      "non-monotonic-read",
    ],
    ["long forks", fork, "causal-cerone", "prefix", "no-version-order"],
    ["lost updates", lost, "read-committed", "parallel-snapshot-isolation", "lost-update"],
    ["lost updates, as cycles", lost, "read-committed", "cursor-stability", "G-cursor-item"],
    ["write skew", skew, "snapshot-isolation", "serializable", "G2-item"],
    ["what nobody wrote", garbage, "", "read-uncommitted", "garbage-read"],
    ["what nobody appended", garbageInList, "", "read-uncommitted", "garbage-read"],
    ["no order of versions", eitherWay, "read-committed", "read-atomic", "fractured-read"],
    [
      "no order of versions, strongly",
      eitherWay,
      "read-committed",
      "serializable",
      "fractured-read",
    ],
  ] as const)("%s", async (_, rows, allows, forbids, kind) => {
    const history = together(...rows);
    const [verdict, ...kinds] = await kindsAt(history, forbids);
    expect(verdict).toBe("invalid");
    expect(kinds).toContain(kind);
    if (allows !== "") expect(await kindsAt(history, allows)).toEqual(["valid"]);
  });

  test("a bank whose total is right, and whose balances no order explains", async () => {
    const calls: readonly (readonly [f: string, value: Value])[] = [
      ["init", { a: 5, b: 5, c: 5, d: 5 }],
      ["transfer", { from: "a", to: "b", amount: 1 }],
      ["transfer", { from: "c", to: "d", amount: 2 }],
      ["read", { a: 4, b: 6, c: 5, d: 5 }],
      ["read", { a: 5, b: 5, c: 3, d: 7 }],
    ];
    const history = historyOf(
      calls.flatMap(([f, value], process): NewEvent[] => {
        const about = { process, f, value, timeNs: 0 } as const;
        return [
          { ...about, type: "invoke" },
          { ...about, type: "ok" },
        ];
      }),
    );
    expect(await kindsAt(history, "cursor-stability")).toEqual(["valid"]);
    expect(await kindsAt(history, "serializable")).toEqual(["invalid", "G-nonadjacent-item"]);
  });

  test("levels whose own anomalies have no name: by cycles that they exclude", async () => {
    const circular = together(
      [
        ["w", "x", 1],
        ["r", "y", 1],
      ],
      [
        ["w", "y", 1],
        ["r", "x", 1],
      ],
    );
    expect(await kindsAt(circular, "monotonic-snapshot-read")).toEqual(["invalid", "G1c"]);
    const moments = await kindsAt(together(...fork), "monotonic-snapshot-read");
    expect(moments).toEqual(["invalid", "G-nonadjacent-item"]);
    expect(await kindsAt(together(...fork), "monotonic-view")).toEqual(["valid"]);
    // In the other order what one reads first may be older.
    const [x, y, one, other = []] = fork;
    const later = together(x ?? [], y ?? [], one ?? [], other.toReversed());
    expect(await kindsAt(later, "monotonic-snapshot-read")).toEqual(["valid"]);
    const missed = await kindsAt(together(...missesCause), "update-serializable");
    expect(missed).toEqual(["invalid", "G-single-item"]);
    expect(await kindsAt(together(...fork), "update-serializable")).toEqual(["valid"]);
    const forked = await kindsAt(together(...fork), "snapshot-isolation");
    expect(forked).toEqual(["invalid", "G-nonadjacent-item"]);
  });

  test("values that were written twice end nothing", async () => {
    const twice = together([["w", "x", 1]], [["w", "x", 1]], [["r", "x", 1]]);
    expect(await kindsAt(twice, "serializable")).toEqual(["valid"]);
    expect(await kindsAt(twice, "read-committed")).toEqual(["valid"]);
    const listed = together([["append", "x", 1]], [["append", "x", 1]], [["r", "x", [1]]]);
    expect(await kindsAt(listed, "serializable")).toEqual(["valid"]);
    const both = together([["append", "x", 1]], [["append", "x", 1]], [["r", "x", [1, 1, 1]]]);
    expect(await kindsAt(both, "serializable")).not.toContain("valid");
  });
});

describe("levels of single operations", () => {
  const model = kv();
  const write = (process: number, key: string, value: Value) =>
    [process, "write", value, value, "ok", key] as const;
  const read = (process: number, key: string, value: Value) =>
    [process, "read", null, value, "ok", key] as const;
  const level = (name: "causal" | "pram"): Checker => causal({ model, level: name });

  test.each([
    [
      "monotonic reads",
      sessions({ model, guarantees: ["monotonic-reads"] }),
      sessions({ model, guarantees: ["read-your-writes"] }),
      [write(0, "x", 1), read(1, "x", 1), read(1, "x", null)],
    ],
    [
      "pipelined RAM",
      level("pram"),
      sessions({ model, guarantees: ["monotonic-reads"] }),
      [write(0, "x", 1), write(0, "y", 1), read(1, "y", 1), read(1, "x", null)],
    ],
    [
      "causal consistency",
      level("causal"),
      level("pram"),
      [write(0, "x", 1), read(1, "x", 1), write(1, "y", 1), read(2, "y", 1), read(2, "x", null)],
    ],
    [
      "sequential consistency",
      sequential({ model }),
      level("causal"),
      [write(0, "x", 1), write(1, "y", 1), read(0, "y", null), read(1, "x", null)],
    ],
    [
      "linearizability",
      linearizable({ model }),
      sequential({ model }),
      [write(0, "x", 1), read(1, "x", null)],
    ],
  ] as const)("%s", async (_, violated, kept, rows) => {
    const history = historyOf(operations(0, ...rows));
    const { verdict, reason } = await violated.check(history, createBudget());
    expect(verdict, reason).toBe("invalid");
    const weaker = await kept.check(history, createBudget());
    expect(weaker.verdict, weaker.reason).toBe("valid");
  });
});
