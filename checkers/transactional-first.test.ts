/** What `init` says of registers, lists and sets. */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { transactional, type TransactionalOptions } from "./transactional.js";

/** Transactions one after the other, after an `init`. */
function historyWith(init: Value, ...transactions: readonly Value[]): History {
  const events = [init, ...transactions].flatMap((value, process): readonly NewEvent[] => {
    const about = { process, f: process === 0 ? "init" : "txn", timeNs: 0, value };
    return [
      { ...about, type: "invoke" },
      { ...about, type: "ok" },
    ];
  });
  return historyOf(events);
}

async function ask(history: History, options: TransactionalOptions): Promise<Verdict> {
  const verdict = await transactional(options).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate === undefined) throw new Error(verdict.reason);
  expect(verifyCertificate({ certificate, history, budget: createBudget() })).toMatchObject({
    confirmed: true,
  });
  return verdict;
}

test("a read of what a register held at first is one of its initial version", async () => {
  const history = historyWith({ x: 5, y: 6 }, [["r", "x", 5]], [["w", "x", 1]], [["r", "x", 1]]);
  const verdict = await ask(history, { level: "strict-serializable" });
  expect(verdict).toMatchObject({ verdict: "valid", details: { keys: 1, leftOut: 0 } });
});

test("a read of it after somebody wrote another value is stale", async () => {
  const history = historyWith({ x: 5 }, [["w", "x", 1]], [["r", "x", 5]]);
  expect(await ask(history, { level: "serializable" })).toMatchObject({ verdict: "valid" });
  const { verdict, reason, anomalies } = await ask(history, { level: "strict-serializable" });
  expect(verdict).toBe("invalid");
  expect(reason).toMatch(/Null is what init says was there at first\.$/);
  expect(anomalies[0]).toMatchObject({ kind: "G-single-item-realtime" });
});

test("rules of versions hold beside it", async () => {
  const history = historyWith({ x: 5 }, [["w", "x", 1]], [["w", "x", 2]], [["r", "x", 1]]);
  const { anomalies } = await ask(history, { level: "read-committed", versions: ["realtime"] });
  expect(anomalies).toMatchObject([{ kind: "cyclic-versions" }]);
});

test("what nobody wrote and init does not say is from nowhere", async () => {
  const history = historyWith({ x: 5 }, [["r", "x", 7]]);
  const { anomalies } = await ask(history, { level: "read-uncommitted" });
  expect(anomalies).toMatchObject([{ kind: "garbage-read" }]);
});

test("whoever writes the same again, or finds nothing, has to do with rows", async () => {
  const again = historyWith({ x: 5 }, [["w", "x", 1]], [["w", "x", 5]], [["r", "x", 5]]);
  expect(await ask(again, { level: "strict-serializable" })).toMatchObject({ verdict: "valid" });
  const deleted = historyWith({ x: 5 }, [["delete", "x"]], [["r", "x", null]]);
  expect(await ask(deleted, { level: "strict-serializable" })).toMatchObject({ verdict: "valid" });
});

const LEVELS_OF_ROWS = [
  "read-uncommitted",
  "read-committed",
  "cursor-stability",
  "monotonic-atomic-view",
  "read-atomic",
  "serializable",
];

test.each(LEVELS_OF_ROWS)(
  "%s: what was there at first is there until it is deleted",
  async (level) => {
    const histories = [
      historyWith({ x: 5 }, [["r", "x", null]]),
      historyWith({ x: 5 }, [["w", "x", 1]], [["r", "x", null]]),
      historyWith(
        { x: 5 },
        [
          ["r", "x", null],
          ["w", "x", 6],
        ],
        [["r", "x", 6]],
      ),
      historyWith({ x: 5 }, [["r", "x"]], [["insert", "y", 1]]),
    ];
    for (const history of histories) {
      const { verdict, anomalies } = await ask(history, { level });
      expect(verdict).toBe("invalid");
      expect(anomalies[0]).toMatchObject({ kind: "garbage-read" });
      expect(anomalies[0]?.message).toMatch(/was there at first, and nobody deletes it/);
    }
  },
);

test("to write null is to delete", async () => {
  const found = historyWith({ x: 5 }, [["w", "x", null]], [["r", "x", null]], [["r", "y", null]]);
  expect(await ask(found, { level: "strict-serializable" })).toMatchObject({ verdict: "valid" });
  const again = historyWith({ x: 5 }, [["w", "x", null]], [["w", "x", 5]], [["r", "x", 5]]);
  expect(await ask(again, { level: "strict-serializable" })).toMatchObject({ verdict: "valid" });
  const hidden = historyWith({ x: 5 }, [["w", "x", null]], [["rp", "true", {}]]);
  expect(await ask(hidden, { level: "strict-serializable" })).toMatchObject({ verdict: "valid" });
  const stale = historyWith({ x: 5 }, [["w", "x", null]], [["r", "x", 5]]);
  expect(await ask(stale, { level: "serializable" })).toMatchObject({ verdict: "valid" });
  const { anomalies } = await ask(stale, { level: "strict-serializable" });
  expect(anomalies).toMatchObject([{ kind: "G-single-item-realtime" }]);
});

test("whoever finds what it deleted by null contradicts itself", async () => {
  const history = historyWith({ x: 5 }, [
    ["w", "x", null],
    ["r", "x", 5],
  ]);
  expect(await ask(history, { level: "read-committed" })).toMatchObject({ verdict: "valid" });
  const { anomalies } = await ask(history, { level: "read-atomic" });
  expect(anomalies).toMatchObject([{ kind: "internal", key: "x" }]);
});

test("who deletes by null what is not there gets in the way of nobody", async () => {
  const both = (written: Value): History => {
    const one = { process: 1, f: "txn", timeNs: 0, value: [READS_Y, ["w", "y", written]] } as const;
    const other = { process: 2, f: "txn", timeNs: 0, value: [READS_Y, ["w", "y", 7]] } as const;
    const first = { process: 0, f: "init", timeNs: 0, value: { x: 5 } } as const;
    const last = { process: 3, f: "txn", timeNs: 0, value: [["delete", "x"]] } as const;
    return historyOf([
      { ...first, type: "invoke" },
      { ...first, type: "ok" },
      { ...one, type: "invoke" },
      { ...other, type: "invoke" },
      { ...one, type: "ok" },
      { ...other, type: "ok" },
      { ...last, type: "invoke" },
      { ...last, type: "ok" },
    ]);
  };
  const level = "snapshot-isolation";
  expect(await ask(both(null), { level })).toMatchObject({ verdict: "valid" });
  expect(await ask(both(6), { level })).toMatchObject({ verdict: "invalid" });
});

const READS_Y = ["r", "y", null];

const ODD = ["mod", 2, 1];

test.each(LEVELS_OF_ROWS)(
  "%s: a predicate shows what was there at first until it is not meant any more",
  async (level) => {
    const missed = [
      historyWith({ x: 5 }, [["rp", "true", {}]]),
      historyWith({ x: 5, y: 2 }, [["rp", "true", { y: 2 }]]),
      historyWith({ x: 5 }, [["w", "x", 3]], [["rp", ODD, {}]]),
      // It does not show what its own transaction wrote either.
      historyWith({ x: 5 }, [
        ["w", "x", 3],
        ["rp", "true", null],
      ]),
    ];
    for (const history of missed) {
      const { verdict, anomalies } = await ask(history, { level });
      expect(verdict).toBe("invalid");
      const first = anomalies.find(({ kind }) => kind !== "internal");
      expect(first).toMatchObject({ kind: "predicate-read-miss", key: "x" });
      expect(first?.message).toMatch(/does not show "x": it was there at first/);
    }
    const explained = [
      historyWith({ x: 5 }, [["delete", "x"]], [["rp", "true", {}]]),
      historyWith({ x: 5 }, [["w", "x", 4]], [["rp", ODD, {}]]),
      historyWith({ x: 4 }, [["rp", ODD, {}]]),
      historyWith({ x: null }, [["rp", "true", {}]]),
    ];
    for (const history of explained) {
      expect(await ask(history, { level })).toMatchObject({ verdict: "valid" });
    }
  },
);

test("a predicate that only an aborted deletion explains is no miss", async () => {
  const about = { f: "txn", timeNs: 0 } as const;
  const first = { process: 0, f: "init", timeNs: 0, value: { x: 5 } } as const;
  const history = historyOf([
    { ...first, type: "invoke" },
    { ...first, type: "ok" },
    { ...about, type: "invoke", process: 1, value: [["delete", "x"]] },
    { ...about, type: "fail", process: 1, value: [["delete", "x"]] },
    { ...about, type: "invoke", process: 2, value: [["rp", "true", null]] },
    { ...about, type: "ok", process: 2, value: [["rp", "true", {}]] },
  ]);
  expect(await ask(history, { level: "read-uncommitted" })).toMatchObject({ verdict: "valid" });
  const { anomalies } = await ask(history, { level: "read-committed" });
  expect(anomalies).toMatchObject([{ kind: "G1a" }]);
});

test("a miss that is none is refused as evidence", () => {
  const history = historyWith(
    { x: 5, y: 4 },
    [["delete", "x"]],
    [
      ["rp", ODD, {}],
      ["r", "x", 7],
    ],
  );
  const claims: readonly (readonly [key: string, at: number, reason: string])[] = [
    ["x", 0, "Somebody wrote that."],
    ["y", 0, "It is what was there at first."],
    ["x", 1, "The read was not so."],
  ];
  for (const [key, at, reason] of claims) {
    const phenomenon = {
      name: "row-finding",
      kind: "predicate-read-miss",
      transaction: 4,
      at,
      key,
    } as const;
    const certificate = { kind: "isolation-violation", level: "serializable", phenomenon } as const;
    const verified = verifyCertificate({ certificate, history, budget: createBudget() });
    expect(verified).toMatchObject({ confirmed: false, reason });
  }
});

test("a key that is a number is the same as its text", async () => {
  const history = historyWith({ 1: 5 }, [["r", 1, 5]]);
  expect(await ask(history, { level: "serializable" })).toMatchObject({ verdict: "valid" });
});

test.each<readonly [string, History, RegExp]>([
  ["a list", historyWith({ x: [1] }, [["append", "x", 2]]), /appended to as a list/],
  ["a set", historyWith({ x: [1] }, [["add", "x", 2]]), /added to as a set/],
  ["no rows", historyWith([1], [["r", "x", 1]]), /are no rows/],
  [
    "two",
    historyOf(
      [0, 1].flatMap(
        (process) =>
          [
            { type: "invoke", process, f: "init", timeNs: 0, value: { x: 1 } },
            { type: "ok", process, f: "init", timeNs: 0, value: { x: 1 } },
            { type: "invoke", process, f: "txn", timeNs: 0, value: [["r", "x", 1]] },
            { type: "ok", process, f: "txn", timeNs: 0, value: [["r", "x", 1]] },
          ] as const,
      ),
    ),
    /expected one, ok before the first/,
  ],
  [
    "a row that is read as gone beside lists",
    historyWith({ x: 1 }, [["r", "x", null]], [["append", "y", 2]]),
    /^operation 2 reads that nothing is at x, of which init says that it holds 1 at first: .* no lists/,
  ],
  [
    "null that is written beside lists",
    historyWith(
      { x: 5 },
      [
        ["append", "y", 1],
        ["w", "x", null],
      ],
      [["r", "x", 5]],
    ),
    /^operation 2 writes null to x, of which init says that it holds 5 at first: /,
  ],
  [
    "what was there at first and is written beside lists",
    historyWith({ x: 5 }, [["append", "y", 1]], [["w", "x", 5]]),
    /^operation 4 writes once more what was there at first to x, /,
  ],
])("%s is refused", async (_, history, message) => {
  const check = async (): Promise<Verdict> => transactional().check(history, createBudget());
  await expect(check).rejects.toThrow(message);
});

test("an empty list is one that nobody appended to", async () => {
  const history = historyWith({ x: [] }, [["append", "x", 2]], [["r", "x", [2]]]);
  expect(await ask(history, { level: "strict-serializable" })).toMatchObject({ verdict: "valid" });
});
