/**
 * Update serializability: who only reads agrees with those that write, not with one another; what
 * is told of it, and what the verifier does not let pass.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type {
  IsolationViolationCertificate,
  TransactionOrderCertificate,
} from "../src/verdict/isolation-certificate.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { judgeIsolation } from "../test/judge-isolation.js";

/** Transactions one after the other, of these processes. */
function historyWith(...transactions: readonly (readonly [number, readonly Value[]])[]): History {
  const events = transactions.flatMap(([process, value]): NewEvent[] => {
    const about = { process, f: "txn", value, timeNs: 0 } as const;
    return [
      { ...about, type: "invoke" },
      { ...about, type: "ok" },
    ];
  });
  return historyOf(events);
}

const FORK = historyWith(
  [0, [["append", "x", 1]]],
  [1, [["append", "y", 1]]],
  [
    2,
    [
      ["r", "x", [1]],
      ["r", "y", []],
    ],
  ],
  [
    3,
    [
      ["r", "x", []],
      ["r", "y", [1]],
    ],
  ],
);

/** Readers that disagree, each with a later transaction of its session. */
const BETWEEN = historyWith(
  [0, [["append", "x", 1]]],
  [1, [["append", "y", 1]]],
  [
    2,
    [
      ["r", "x", [1]],
      ["r", "y", []],
    ],
  ],
  [
    3,
    [
      ["r", "x", []],
      ["r", "y", [1]],
    ],
  ],
  [2, [["r", "y", []]]],
  [3, [["append", "z", 1]]],
);

/** The same of registers: whatever a list holds, a register holds the last of it. */
function asRegisters(history: History): History {
  const events = Array.from({ length: history.length }, (_, at): NewEvent => {
    const { process, f, type, value, timeNs } = history.event(at);
    const micro = (value as readonly (readonly [string, Value, Value])[]).map(([kind, key, of]) =>
      kind === "r" ? [kind, key, (of as readonly Value[]).at(-1) ?? null] : ["w", key, of],
    );
    return { process, f, type, value: micro, timeNs };
  });
  return historyOf(events);
}

const SHAPES = [
  ["lists", (history: History) => history],
  ["registers", asRegisters],
] as const;

describe.each(SHAPES)("%s", (_, shaped) => {
  test("two readers may disagree about the order of writers", async () => {
    const fork = shaped(FORK);
    expect(await judgeIsolation("snapshot-isolation", fork)).toMatchObject({ verdict: "invalid" });
    expect(await judgeIsolation("forward-consistent-view", fork)).toMatchObject({
      verdict: "valid",
    });
    const { verdict, certificate } = await judgeIsolation("update-serializable", fork);
    expect(verdict).toBe("valid");
    const { readers = [], ...rest } = certificate as TransactionOrderCertificate;
    expect(readers.map(({ reader }) => reader)).toEqual([4, 6]);
    const [first, second] = readers;
    if (first === undefined || second === undefined) throw new Error("a reader is missing");
    const untrue: readonly TransactionOrderCertificate[] = [
      { ...rest, readers: [first] },
      { ...rest, readers: [first, { ...second, order: first.order }] },
      { ...rest, readers: [first, { ...second, order: second.order.slice(1) }] },
      { ...rest, readers, level: "serializable" },
      { ...rest, readers, level: "strong-update-serializable" },
      { ...rest, readers: [...readers, { reader: 0, order: [0, 2] }] },
    ];
    for (const claimed of untrue) {
      const budget = createBudget();
      const verified = verifyCertificate({ certificate: claimed, history: fork, budget });
      expect(verified, JSON.stringify(claimed)).toMatchObject({ confirmed: false });
    }
  });

  test("the order of a session is kept also where a reader is left out between", async () => {
    const history = shaped(BETWEEN);
    const { verdict, certificate } = await judgeIsolation(
      "strong-session-update-serializable",
      history,
    );
    expect(verdict).toBe("valid");
    const { view, ...rest } = certificate as TransactionOrderCertificate;
    if (view === undefined) throw new Error("nothing shows a consistent view");
    const untrue: readonly TransactionOrderCertificate[] = [
      rest,
      { ...rest, view: view.slice(1) },
      { ...rest, view: view.toReversed() },
    ];
    for (const claimed of untrue) {
      const verified = verifyCertificate({
        certificate: claimed,
        history,
        budget: createBudget(),
      });
      expect(verified, JSON.stringify(claimed)).toMatchObject({ confirmed: false });
    }
    expect(await judgeIsolation("strong-update-serializable", history)).toMatchObject({
      verdict: "invalid",
    });
  });

  test("one reader that agrees with no order of writers", async () => {
    // The writers are serializable together; the reader saw the second without the first.
    const history = shaped(
      historyWith(
        [
          0,
          [
            ["r", "x", []],
            ["r", "y", []],
            ["append", "x", 1],
          ],
        ],
        [
          1,
          [
            ["r", "y", []],
            ["append", "y", 1],
          ],
        ],
        [
          2,
          [
            ["r", "x", []],
            ["r", "y", [1]],
          ],
        ],
      ),
    );
    expect(await judgeIsolation("snapshot-isolation", history)).toMatchObject({ verdict: "valid" });
    const { verdict, anomalies } = await judgeIsolation("update-serializable", history);
    expect([verdict, anomalies.map(({ kind }) => kind)]).toEqual(["invalid", ["G2-item"]]);
  });
});

test("registers: a reader that no order of versions, which nothing shows, reconciles", async () => {
  const history = historyWith(
    [
      0,
      [
        ["w", "x", 10],
        ["w", "y", 10],
      ],
    ],
    [
      1,
      [
        ["r", "x", 10],
        ["r", "y", 10],
        ["w", "x", 11],
      ],
    ],
    [
      2,
      [
        ["r", "y", 10],
        ["w", "y", 12],
      ],
    ],
    [
      3,
      [
        ["r", "x", 10],
        ["r", "y", 12],
      ],
    ],
  );
  expect(await judgeIsolation("snapshot-isolation", history)).toMatchObject({ verdict: "valid" });
  const { verdict, anomalies, certificate, details } = await judgeIsolation(
    "update-serializable",
    history,
  );
  expect([verdict, anomalies.map(({ kind }) => kind)]).toEqual(["invalid", ["no-version-order"]]);
  expect(details?.["ruledOut"]).toEqual(["update-serializable"]);
  for (const level of ["consistent-view", "snapshot-isolation"] as const) {
    const claimed = { ...(certificate as IsolationViolationCertificate), level };
    const verified = verifyCertificate({ certificate: claimed, history, budget: createBudget() });
    expect(verified).toMatchObject({ confirmed: false });
  }
});

test("rows: who finds a row in two states, of writers that nothing tells apart, is in no order", async () => {
  const history = historyWith(
    [0, [["insert", "x", 1]]],
    [1, [["insert", "x", 1]]],
    [2, [["delete", "x"]]],
    [3, [["delete", "x"]]],
    [
      4,
      [
        ["r", "x", 1],
        ["r", "x", null],
        ["insert", "y", 1],
      ],
    ],
  );
  const { verdict, anomalies } = await judgeIsolation("update-serializable", history);
  expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "internal"]);
  expect(await judgeIsolation("read-committed", history)).toMatchObject({ verdict: "valid" });
});

test("registers: two readers on one cycle refute nothing", async () => {
  const { certificate } = await judgeIsolation("snapshot-isolation", asRegisters(FORK));
  const claimed = {
    ...(certificate as IsolationViolationCertificate),
    level: "update-serializable" as const,
  };
  const history = asRegisters(FORK);
  const verified = verifyCertificate({ certificate: claimed, history, budget: createBudget() });
  expect(verified).toMatchObject({ confirmed: false });
});

test.each<readonly [string, readonly Value[]]>([
  [
    "lists",
    [
      ["append", "x", 1],
      ["r", "x", []],
    ],
  ],
  [
    "registers",
    [
      ["w", "x", 1],
      ["r", "x", null],
    ],
  ],
  [
    "sets",
    [
      ["add", "x", 1],
      ["r", "x", []],
    ],
  ],
  [
    "rows",
    [
      ["insert", "x", 1],
      ["r", "x", null],
    ],
  ],
  [
    "rows by predicate",
    [
      ["insert", "x", 1],
      ["rp", "true", {}],
    ],
  ],
])("%s: who misses its own write is in no serial order of writers", async (_, missing) => {
  const history = historyWith([0, missing]);
  for (const level of ["update-serializable", "strong-update-serializable"]) {
    const { verdict, anomalies } = await judgeIsolation(level, history);
    expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "internal"]);
  }
  expect(await judgeIsolation("consistent-view", history)).toMatchObject({ verdict: "valid" });
});
