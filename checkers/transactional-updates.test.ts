import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { TransactionOrderCertificate } from "../src/verdict/isolation-certificate.js";
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

test("two readers may disagree about the order of writers", async () => {
  expect(await judgeIsolation("snapshot-isolation", FORK)).toMatchObject({ verdict: "invalid" });
  expect(await judgeIsolation("forward-consistent-view", FORK)).toMatchObject({ verdict: "valid" });
  const { verdict, certificate } = await judgeIsolation("update-serializable", FORK);
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
    const verified = verifyCertificate({ certificate: claimed, history: FORK, budget });
    expect(verified, JSON.stringify(claimed)).toMatchObject({ confirmed: false });
  }
});

test("the order of a session is kept also where a reader is left out between", async () => {
  const history = historyWith(
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
  expect(await judgeIsolation("strong-session-update-serializable", history)).toMatchObject({
    verdict: "valid",
  });
  expect(await judgeIsolation("strong-update-serializable", history)).toMatchObject({
    verdict: "invalid",
  });
});

test("one reader that agrees with no order of writers", async () => {
  // Each writer alone is serializable with the other; the reader saw the second without the first.
  const history = historyWith(
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
  );
  expect(await judgeIsolation("snapshot-isolation", history)).toMatchObject({ verdict: "valid" });
  const { verdict, anomalies } = await judgeIsolation("update-serializable", history);
  expect([verdict, anomalies.map(({ kind }) => kind)]).toEqual(["invalid", ["G2-item"]]);
});
