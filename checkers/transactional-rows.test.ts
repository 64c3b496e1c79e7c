import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { IsolationPhenomenon } from "../src/verdict/isolation-certificate.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { judgeIsolation } from "../test/judge-isolation.js";
import { rowDatabase } from "../test/oracle/row-databases.js";
import { transactional } from "./transactional.js";

/** Transactions one after the other, each of a process of its own; `init` first if it is given. */
function historyWith(init: Value, ...transactions: readonly (readonly Value[])[]): History {
  const all = init === null ? transactions : [init, ...transactions];
  const events = all.flatMap((value, at): NewEvent[] => {
    const f = init !== null && at === 0 ? "init" : "txn";
    const about = { process: at, f, value, timeNs: 0 } as const;
    return [
      { ...about, type: "invoke" },
      { ...about, type: "ok" },
    ];
  });
  return historyOf(events);
}

const PHANTOM = historyWith(
  { x: 0, y: 0 },
  [
    ["rp", ["=", 1], {}],
    ["w", "x", 1],
  ],
  [
    ["rp", ["=", 1], {}],
    ["w", "y", 1],
  ],
);

test("a phantom is a G2, which repeatable read and snapshots allow", async () => {
  expect(await judgeIsolation("repeatable-read", PHANTOM)).toMatchObject({ verdict: "valid" });
  expect(await judgeIsolation("snapshot-isolation", PHANTOM)).toMatchObject({ verdict: "valid" });
  const { verdict, anomalies } = await judgeIsolation("serializable", PHANTOM);
  expect([verdict, anomalies.map(({ kind }) => kind)]).toEqual(["invalid", ["G2"]]);
  expect(anomalies[0]?.message).toBe(
    'G2: transaction 2 did ["rp",["=",1],{}], with "y" as it was at first, before transaction 4 wrote it; transaction 4 did ["rp",["=",1],{}], with "x" as it was at first, before transaction 2 wrote it: so each would have to come before itself.',
  );
});

test("who sees the row of the other is serializable", async () => {
  const history = historyWith(
    { x: 0, y: 0 },
    [
      ["rp", ["=", 1], {}],
      ["w", "x", 1],
    ],
    [
      ["rp", ["=", 1], { x: 1 }],
      ["w", "y", 1],
    ],
  );
  expect(await judgeIsolation("strict-serializable", history)).toMatchObject({ verdict: "valid" });
});

test("a row that was deleted is not shown, and who does not show it comes later", async () => {
  const deleted: readonly Value[] = [["delete", "x"]];
  const sees = historyWith({ x: 0 }, deleted, [["rp", "true", {}]]);
  expect(await judgeIsolation("strict-serializable", sees)).toMatchObject({ verdict: "valid" });
  const missed = historyWith({ x: 0 }, deleted, [["rp", "true", { x: 0 }]]);
  expect(await judgeIsolation("serializable", missed)).toMatchObject({ verdict: "valid" });
  const strict = await judgeIsolation("strict-serializable", missed);
  expect(strict.anomalies.map(({ kind }) => kind)).toEqual(["G-single-item-realtime"]);
});

test("what was aborted, overwritten, or never meant or written", async () => {
  const events = (outcome: "fail" | "ok", read: Value): History =>
    historyOf([
      { type: "invoke", process: 0, f: "init", value: { x: 0 }, timeNs: 0 },
      { type: "ok", process: 0, f: "init", value: { x: 0 }, timeNs: 0 },
      {
        type: "invoke",
        process: 1,
        f: "txn",
        value: [
          ["w", "x", 1],
          ["w", "x", 2],
        ],
        timeNs: 0,
      },
      {
        type: outcome,
        process: 1,
        f: "txn",
        value: [
          ["w", "x", 1],
          ["w", "x", 2],
        ],
        timeNs: 0,
      },
      { type: "invoke", process: 2, f: "txn", value: [read], timeNs: 0 },
      { type: "ok", process: 2, f: "txn", value: [read], timeNs: 0 },
    ]);
  const cases: readonly (readonly [string, string, History])[] = [
    ["read-committed", "G1a", events("fail", ["rp", ["=", 0], {}])],
    ["read-committed", "G1b", events("ok", ["rp", ["mod", 2, 0], {}])],
    ["read-committed", "G1b", events("ok", ["r", "x", 1])],
    ["read-uncommitted", "garbage-read", events("ok", ["r", "x", 7])],
    ["read-uncommitted", "predicate-mismatch", events("ok", ["rp", ["=", 1], { x: 2 }])],
  ];
  for (const [level, kind, history] of cases) {
    const { verdict, anomalies } = await judgeIsolation(level, history);
    expect([kind, verdict, anomalies.map((each) => each.kind)]).toEqual([kind, "invalid", [kind]]);
  }
});

test("sets: reads that lack different elements, and half of a transaction", async () => {
  const fork = historyWith(
    null,
    [["add", "s", 1]],
    [["add", "s", 2]],
    [["r", "s", [1]]],
    [["r", "s", [2]]],
  );
  expect(await judgeIsolation("read-committed", fork)).toMatchObject({ verdict: "valid" });
  const { anomalies } = await judgeIsolation("snapshot-isolation", fork);
  expect(anomalies.map(({ kind }) => kind)).toEqual(["G-nonadjacent-item"]);
  const half = historyWith(
    null,
    [
      ["add", "s", 1],
      ["add", "t", 2],
    ],
    [
      ["r", "s", [1]],
      ["r", "t", []],
    ],
  );
  expect(await judgeIsolation("read-atomic", half)).toMatchObject({ verdict: "invalid" });
  expect(await judgeIsolation("read-committed", half)).toMatchObject({ verdict: "valid" });
});

test.each([
  "read-uncommitted",
  "read-committed",
  "monotonic-atomic-view",
  "snapshot-isolation",
  "strict-serializable",
])("%s excludes that a set shows an element twice", async (level) => {
  const read = (...shown: number[]): History =>
    historyWith(null, [["add", "x", 1]], [["add", "x", 2]], [["r", "x", shown]]);
  const [once, twice] = [read(1, 2), read(2, 1, 2)];
  const right = await judgeIsolation(level, once);
  expect(right).toMatchObject({ verdict: "valid" });
  const { verdict, anomalies } = await judgeIsolation(level, twice);
  expect([verdict, anomalies.map(({ kind, message }) => [kind, message])]).toEqual([
    "invalid",
    [
      [
        "duplicate-elements",
        'duplicate-elements: transaction 4 did ["r","x",[2,1,2]], which shows 2 in "x" more than once.',
      ],
    ],
  ]);
  const { certificate } = right;
  if (certificate === undefined) throw new Error("no certificate");
  const budget = createBudget();
  expect(verifyCertificate({ certificate, history: twice, budget })).toMatchObject({
    confirmed: false,
    reason: "Transaction 4 read an element of a set twice.",
  });
});

test("an element that a set shows once is not shown twice", () => {
  const history = historyWith(null, [["add", "x", 1]], [["r", "x", [1]]]);
  const phenomenon: IsolationPhenomenon = {
    name: "row-finding",
    kind: "duplicate-elements",
    transaction: 2,
    at: 0,
    key: "x",
    element: 1,
  };
  const certificate = { kind: "isolation-violation", level: "serializable", phenomenon } as const;
  const budget = createBudget();
  expect(verifyCertificate({ certificate, history, budget })).toMatchObject({
    confirmed: false,
    reason: "It shows nothing more than once.",
  });
});

test("an addition that is lost contradicts real time only", async () => {
  const lost = historyWith(null, [["add", "s", 1]], [["r", "s", []]]);
  expect(await judgeIsolation("serializable", lost)).toMatchObject({ verdict: "valid" });
  const { anomalies } = await judgeIsolation("strict-serializable", lost);
  expect(anomalies.map(({ kind }) => kind)).toEqual(["G-single-item-realtime"]);
});

test("all orders of a few transactions are tried where predicates leave it open", async () => {
  // Each of the two readers has missed one of two writers, whichever it was.
  const history = historyWith(
    null,
    [["insert", "x", 2]],
    [["delete", "x"]],
    [["insert", "x", 4]],
    [
      ["rp", ["=", 2], {}],
      ["rp", ["=", 4], { x: 4 }],
      ["rp", ["=", 2], { x: 2 }],
    ],
  );
  const { verdict, certificate } = await judgeIsolation("serializable", history);
  expect(verdict).toBe("invalid");
  expect(certificate?.kind).toBe("isolation-violation");
});

test("claims that do not hold are refused", async () => {
  const { certificate } = await judgeIsolation("serializable", PHANTOM);
  if (certificate?.kind !== "isolation-violation") throw new Error("there is no certificate");
  const { phenomenon } = certificate;
  if (phenomenon.name !== "row-cycle") throw new Error(phenomenon.name);
  const [one, other] = phenomenon.edges;
  if (one === undefined || other === undefined) throw new Error("the cycle is short");
  const untrue: readonly IsolationPhenomenon[] = [
    { name: "row-cycle", edges: [one] },
    { name: "row-cycle", edges: [one, { ...other, key: "y" } as typeof other] },
    { name: "row-cycle", edges: [one, { ...other, at: 1 } as typeof other] },
    { name: "row-cycle", edges: [one, { ...other, by: "wr" } as typeof other] },
    { name: "row-cycle", edges: [one, { from: other.from, to: other.to, by: "realtime" }] },
    { name: "row-finding", kind: "internal", transaction: 2, at: 0, key: "x" },
    { name: "row-finding", kind: "garbage-read", transaction: 2, at: 0, key: "x" },
  ];
  const levels = ["serializable", "snapshot-isolation"] as const;
  const whole: readonly IsolationPhenomenon[] = [phenomenon, { name: "no-row-order" }];
  for (const each of [...untrue, ...whole]) {
    // There is no serial order, but one with snapshots.
    for (const level of whole.includes(each) ? levels.slice(1) : levels) {
      const claimed = { kind: "isolation-violation", level, phenomenon: each } as const;
      const budget = createBudget();
      const verified = verifyCertificate({ certificate: claimed, history: PHANTOM, budget });
      expect(verified, JSON.stringify(each)).toMatchObject({ confirmed: false });
    }
  }
});

test("what is no transaction on rows is refused", async () => {
  const cases: readonly (readonly [RegExp, History])[] = [
    [/there is no predicate/, historyWith(null, [["rp", ["<", 2], {}]])],
    [/no transaction on rows/, historyWith(null, [["insert", "x", null]])],
    [/is added to as a set/, historyWith(null, [["add", "x", 1]], [["w", "x", 1]])],
    [/expected a list of its elements/, historyWith(null, [["add", "x", 1]], [["r", "x", "1"]])],
    [/expected an object/, historyWith(null, [["rp", "true", [1]]])],
  ];
  for (const [message, history] of cases) {
    const check = async (): Promise<unknown> => transactional().check(history, createBudget());
    await expect(check()).rejects.toThrow(message);
  }
});

/** Too many for all orders to be tried: whoever reads what `z` was last. */
const MANY: readonly (readonly Value[])[] = Array.from({ length: 100 }, (_, at) => [
  ["r", "z", at === 0 ? null : at],
  ["w", "z", at + 1],
]);

test("of many, who does not show a row comes before who made it so, though it ended later", async () => {
  const history = historyWith(
    null,
    ...MANY,
    [["insert", "x", 1]],
    [
      ["r", "x", 1],
      ["w", "x", 2],
    ],
    // As it was before, or even at first: nothing tells.
    [["rp", ["=", 2], {}]],
  );
  expect(await judgeIsolation("serializable", history)).toMatchObject({ verdict: "valid" });
  expect(await judgeIsolation("snapshot-isolation", history)).toMatchObject({ verdict: "valid" });
});

test("or who made it so comes before who took it away, though it ended later", async () => {
  const history = historyWith(
    null,
    ...MANY,
    [["delete", "x"]],
    [
      ["insert", "x", 2],
      ["insert", "y", 5],
    ],
    [
      ["rp", ["=", 5], { y: 5 }],
      ["rp", ["=", 2], {}],
    ],
  );
  expect(await judgeIsolation("serializable", history)).toMatchObject({ verdict: "valid" });
  expect(await judgeIsolation("snapshot-isolation", history)).toMatchObject({ verdict: "valid" });
});

test("to delete what a snapshot does not have is no write, so that it gets in nobody's way", async () => {
  const of = (process: number, ...value: readonly Value[]): Omit<NewEvent, "type"> => ({
    process,
    f: "txn",
    value,
    timeNs: 0,
  });
  const inserts = of(0, ["rp", "true", { x: 1 }], ["insert", "z", 1]);
  const deletes = of(1, ["rp", "true", { x: 1, y: 1 }], ["r", "z", null], ["delete", "z"]);
  const both = (...last: readonly (readonly Value[])[]): History =>
    historyOf([
      { ...of(2, ["insert", "x", 1]), type: "invoke" },
      { ...of(3, ["insert", "y", 1]), type: "invoke" },
      { ...of(2, ["insert", "x", 1]), type: "ok" },
      { ...inserts, type: "invoke" },
      { ...of(3, ["insert", "y", 1]), type: "ok" },
      // Its snapshot is later than that of the other, which has not committed then.
      { ...deletes, type: "invoke" },
      { ...inserts, type: "ok" },
      { ...deletes, type: "ok" },
      ...last.flatMap((each): NewEvent[] => [
        { ...of(4, each), type: "invoke" },
        { ...of(4, each), type: "ok" },
      ]),
    ]);
  const there = both(["r", "z", 1]);
  expect(await judgeIsolation("strong-snapshot-isolation", there)).toMatchObject({
    verdict: "valid",
  });
  // Were it one, the row would be gone, and the two could not both have committed.
  const gone = await judgeIsolation("strong-snapshot-isolation", both(["r", "z", null]));
  expect(gone.verdict).toBe("invalid");
});

test.each([
  ["snapshot-isolation", false],
  ["strong-snapshot-isolation", false],
  ["serializable", true],
  ["repeatable-read", true],
] as const)(
  "%s: few rows with few values, of which most reads are open",
  async (level, isSerial) => {
    for (const [count, keys] of [
      [100, 6],
      [100, 15],
      [300, 30],
    ] as const) {
      for (const seed of [1, 2, 3]) {
        const history = rowDatabase(seed, count, { keys, values: 3, isSerial });
        const { verdict, reason } = await judgeIsolation(level, history);
        expect(`${count} on ${keys}, seed ${seed}: ${verdict}`, reason).toMatch(/: valid$/);
      }
    }
  },
);

test("a choice that was wrong is taken back", async () => {
  // Of three that write both rows, each of two readers comes right after one.
  const history = historyWith(
    { x: 0, y: 0 },
    ...MANY,
    [
      ["w", "x", 1],
      ["w", "y", 2],
    ],
    [
      ["w", "x", 2],
      ["w", "y", 1],
    ],
    [
      ["w", "x", 1],
      ["w", "y", 1],
    ],
    [
      ["r", "x", 1],
      ["rp", ["=", 1], { x: 1 }],
    ],
    [
      ["r", "y", 1],
      ["rp", ["=", 2], { x: 2 }],
    ],
  );
  expect(await judgeIsolation("serializable", history)).toMatchObject({ verdict: "valid" });
  // There is no moment at which both are 2.
  const never = historyWith(
    { x: 0, y: 0 },
    [
      ["w", "x", 1],
      ["w", "y", 2],
    ],
    [
      ["w", "x", 2],
      ["w", "y", 1],
    ],
    [["rp", ["=", 2], { x: 2, y: 2 }]],
  );
  expect(await judgeIsolation("snapshot-isolation", never)).toMatchObject({ verdict: "invalid" });
});

test("to delete what one has read not to be there loses nobody's update", async () => {
  const writes = [["w", "y", 0]];
  const finds = [
    ["r", "y", null],
    ["delete", "y"],
  ];
  const history = historyWith(null, writes, finds);
  const { verdict, certificate } = await judgeIsolation("strong-repeatable-read", history);
  expect(verdict).toBe("invalid");
  const claimed = { ...certificate, level: "strong-cursor-stability" } as typeof certificate;
  expect(await judgeIsolation("strong-cursor-stability", history)).toMatchObject({
    verdict: "valid",
  });
  if (claimed?.kind !== "isolation-violation") throw new Error("no violation");
  const { phenomenon } = claimed;
  if (phenomenon.name !== "row-cycle") throw new Error("no cycle");
  const edges = phenomenon.edges.map((edge) =>
    edge.by === "rw" ? ({ ...edge, by: "update" } as const) : edge,
  );
  const updates = { ...claimed, phenomenon: { ...phenomenon, edges } };
  const verified = verifyCertificate({ certificate: updates, history, budget: createBudget() });
  expect(verified).toMatchObject({ confirmed: false });
});

test("a view of who deleted, perhaps what another had deleted before, is not fractured", async () => {
  const sees = [
    ["r", "y", 1],
    ["r", "z", 5],
  ];
  const withDeletions = (...value: readonly Value[]): Promise<unknown> =>
    judgeIsolation(
      "read-atomic",
      historyWith({ y: 1 }, [["delete", "y"]], [["w", "z", 5], ...value], sees),
    );
  expect(await withDeletions(["delete", "y"])).toMatchObject({ verdict: "valid" });
  expect(await withDeletions(["r", "y", 1], ["delete", "y"])).toMatchObject({ verdict: "invalid" });
  expect(await withDeletions(["w", "y", 2])).toMatchObject({ verdict: "invalid" });
});

test("who read a row that only failed transactions wrote precedes nobody by that", async () => {
  const at = (type: NewEvent["type"], process: number, value: Value): NewEvent => {
    return { type, process, f: "txn", value, timeNs: 0 };
  };
  const failed = [1, 2, 3].flatMap((process) => [
    at("invoke", process, [["w", "x", process]]),
    at("fail", process, [["w", "x", process]]),
  ]);
  const history = historyOf([
    ...failed,
    at("invoke", 4, [
      ["r", "x", null],
      ["r", "y", null],
    ]),
    at("invoke", 5, [["insert", "y", 1]]),
    at("ok", 5, [["insert", "y", 1]]),
    at("ok", 4, [
      ["r", "x", null],
      ["r", "y", 1],
    ]),
  ]);
  const { verdict, reason } = await judgeIsolation("strict-serializable", history);
  expect(verdict, reason).toBe("valid");
});
