/** Levels below snapshots, and update serializability, of rows and sets: accepts, rejects. */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Certificate } from "../src/verdict/certificate.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { judgeIsolation } from "../test/judge-isolation.js";

/** Transactions one after the other, each of a process of its own. */
function historyWith(...transactions: readonly (readonly Value[])[]): History {
  return historyOf(transactions.flatMap(eventsOf));
}

function eventsOf(value: readonly Value[], process: number): readonly NewEvent[] {
  const about = { process, f: "txn", value, timeNs: 0 } as const;
  return [
    { ...about, type: "invoke" },
    { ...about, type: "ok" },
  ];
}

/** The verdicts at some levels. */
async function verdictsOf(history: History, levels: readonly string[]): Promise<string[]> {
  const verdicts: string[] = [];
  for (const level of levels) {
    const { verdict } = await judgeIsolation(level, history);
    verdicts.push(`${level}: ${verdict}`);
  }
  return verdicts;
}

function isConfirmed(certificate: Certificate, history: History): boolean {
  return verifyCertificate({ certificate, history, budget: createBudget() }).confirmed;
}

const FORK = historyWith(
  [["add", "s", 1]],
  [["add", "s", 2]],
  [["r", "s", [1]]],
  [["r", "s", [2]]],
);

test("a long fork is causal and update serializable, and no prefix", async () => {
  const levels = ["prefix", "parallel-snapshot-isolation", "causal-cerone", "update-serializable"];
  expect(await verdictsOf(FORK, levels)).toEqual([
    "prefix: invalid",
    "parallel-snapshot-isolation: valid",
    "causal-cerone: valid",
    "update-serializable: valid",
  ]);
});

test("readers that disagree have an order each, with the same versions", async () => {
  const { certificate } = await judgeIsolation("update-serializable", FORK);
  if (certificate?.kind !== "transaction-order") throw new Error("there is no order");
  const { readers = [] } = certificate;
  expect(readers.length).toBeGreaterThan(0);
  expect(isConfirmed({ ...certificate, readers: readers.slice(1) }, FORK)).toBe(false);
  const turned = readers.map(({ reader, order }) => ({ reader, order: order.toReversed() }));
  expect(isConfirmed({ ...certificate, readers: turned }, FORK)).toBe(false);
  const level = "serializable";
  expect(isConfirmed({ ...certificate, level }, FORK)).toBe(false);
});

test("with the order of sessions they have a consistent view as well", async () => {
  const level = "strong-session-update-serializable";
  const { certificate, verdict } = await judgeIsolation(level, FORK);
  expect(verdict).toBe("valid");
  if (certificate?.kind !== "transaction-order") throw new Error("there is no order");
  const { view = [], readers = [], ...rest } = certificate;
  expect(view.toSorted((a, b) => a - b)).toEqual([0, 2, 4, 6]);
  expect(isConfirmed({ ...rest, readers }, FORK)).toBe(false);
  expect(isConfirmed({ ...rest, readers, view: view.slice(1) }, FORK)).toBe(false);
  expect(isConfirmed({ ...rest, readers, view: view.toReversed() }, FORK)).toBe(false);
  // In real time the second element was there when the first was read.
  const strong = "strong-update-serializable" as const;
  expect((await judgeIsolation(strong, FORK)).verdict).toBe("invalid");
  expect(isConfirmed({ ...certificate, level: strong }, FORK)).toBe(false);
});

test("what one reader saw, the next one of its session does", async () => {
  const values: readonly (readonly Value[])[] = [
    [["add", "s", 1]],
    [["add", "s", 2]],
    [["r", "s", [1]]],
    [["r", "s", [2]]],
  ];
  const by = (...processes: readonly number[]): History =>
    historyOf(values.flatMap((value, at) => eventsOf(value, processes[at] as number)));
  const levels = ["update-serializable", "strong-session-update-serializable"];
  expect(await verdictsOf(by(0, 1, 2, 3), levels)).toEqual(levels.map((each) => `${each}: valid`));
  expect(await verdictsOf(by(0, 1, 2, 2), levels)).toEqual([
    "update-serializable: valid",
    "strong-session-update-serializable: invalid",
  ]);
});

test("one that reads a row in two states at once is in no order, as trying all shows", async () => {
  const init = { process: 9, f: "init", value: { y: 2 }, timeNs: 0 } as const;
  const made = (shown: Value): History =>
    historyOf([
      { ...init, type: "invoke" },
      { ...init, type: "ok" },
      ...eventsOf([["w", "y", 0]], 0),
      ...eventsOf(
        [
          ["rp", ["mod", 2, 0], { y: 0 }],
          ["rp", ["=", 0], shown],
          ["rp", ["=", 2], {}],
        ],
        1,
      ),
      ...eventsOf([["insert", "y", 11]], 2),
    ]);
  const level = "update-serializable";
  const { verdict, certificate } = await judgeIsolation(level, made({}));
  expect(verdict).toBe("invalid");
  expect(certificate).toMatchObject({ phenomenon: { name: "no-row-order" } });
  if (certificate === undefined) throw new Error("there is no evidence");
  expect((await judgeIsolation(level, made({ y: 0 }))).verdict).toBe("valid");
  expect(isConfirmed(certificate, made({ y: 0 }))).toBe(false);
});

test("who writes has to agree with all who write, and with each reader", async () => {
  const skew = historyWith(
    [
      ["r", "s", []],
      ["add", "t", 1],
    ],
    [
      ["r", "t", []],
      ["add", "s", 2],
    ],
  );
  expect(await verdictsOf(skew, ["update-serializable", "snapshot-isolation"])).toEqual([
    "update-serializable: invalid",
    "snapshot-isolation: valid",
  ]);
  // The reader sees the second, which precedes the first, and not the first's other element.
  const reader = historyWith(
    [["add", "s", 1]],
    [
      ["r", "s", []],
      ["add", "t", 2],
    ],
    [
      ["r", "s", [1]],
      ["r", "t", []],
    ],
  );
  expect(await verdictsOf(reader, ["update-serializable", "consistent-view"])).toEqual([
    "update-serializable: invalid",
    "consistent-view: valid",
  ]);
});

test("what was seen does not vanish, or was not there at first", async () => {
  const both: readonly Value[] = [
    ["add", "s", 1],
    ["add", "t", 2],
  ];
  const levels = ["monotonic-atomic-view", "read-atomic", "read-committed"];
  const vanished = historyWith(both, [
    ["r", "s", [1]],
    ["r", "t", []],
  ]);
  expect(await verdictsOf(vanished, levels)).toEqual([
    "monotonic-atomic-view: invalid",
    "read-atomic: invalid",
    "read-committed: valid",
  ]);
  const late = historyWith(both, [
    ["r", "t", []],
    ["r", "s", [1]],
  ]);
  expect(await verdictsOf(late, levels)).toEqual([
    "monotonic-atomic-view: valid",
    "read-atomic: invalid",
    "read-committed: valid",
  ]);
  const { anomalies } = await judgeIsolation("read-atomic", late);
  expect(anomalies.map(({ kind }) => kind)).toEqual(["fractured-read"]);
});

test("cursor stability: of a row that is read and then written, the last version is read", async () => {
  const insert: readonly Value[] = [["insert", "x", 0]];
  const reads = ["r", "x", 0];
  const lost = historyWith(insert, [reads, ["w", "x", 1]], [reads, ["w", "x", 2]]);
  const kept = historyWith(insert, [reads, ["w", "x", 1]], [reads, ["insert", "y", 2]]);
  const levels = ["cursor-stability", "read-committed"];
  expect(await verdictsOf(lost, levels)).toEqual([
    "cursor-stability: invalid",
    "read-committed: valid",
  ]);
  expect(await verdictsOf(kept, levels)).toEqual([
    "cursor-stability: valid",
    "read-committed: valid",
  ]);
  // An order of commits alone does not show it.
  const order = [0, 2, 4];
  const level = "cursor-stability";
  const claimed = { kind: "transaction-order", manner: "commit", level, order } as const;
  expect(isConfirmed(claimed, lost)).toBe(false);
  expect(isConfirmed({ ...claimed, level: "read-committed" }, lost)).toBe(true);
});

test("cursor stability: what is read after an own write may be any version", async () => {
  const left = [
    ["r", "x", 3],
    ["w", "x", 4],
    ["insert", "y", 1],
  ] as const;
  const reading = (...last: readonly Value[]): History =>
    historyWith([["insert", "x", 3]], left, [["r", "y", 1], ...last]);
  const level = "cursor-stability";
  const after = reading(["w", "x", 5], ["r", "x", 3]);
  expect(await verdictsOf(after, [level])).toEqual([`${level}: valid`]);
  const before = reading(["r", "x", 3], ["w", "x", 5]);
  expect(await verdictsOf(before, [level])).toEqual([`${level}: invalid`]);
  const { certificate } = await judgeIsolation(level, before);
  if (certificate?.kind !== "isolation-violation") throw new Error("nothing contradicts it");
  expect(isConfirmed(certificate, after)).toBe(false);
});

test("of which version a read is that may be of several has to be said, and so", async () => {
  // Of either insertion, of which one is of a transaction that was seen, and has to be.
  const history = historyWith(
    [["insert", "x", 1]],
    [
      ["w", "x", 1],
      ["insert", "y", 2],
    ],
    [
      ["r", "y", 2],
      ["r", "x", 1],
    ],
    // Two that disagree, so that no snapshots show the level.
    [["insert", "p", 4]],
    [["insert", "q", 5]],
    [
      ["r", "p", 4],
      ["r", "q", null],
    ],
    [
      ["r", "p", null],
      ["r", "q", 5],
    ],
  );
  const { certificate, verdict } = await judgeIsolation("causal-cerone", history);
  expect(verdict).toBe("valid");
  if (certificate?.kind !== "transaction-order") throw new Error("there is no order");
  const { sights = [] } = certificate;
  expect(sights.map(({ reader, key, of }) => [reader, key, of])).toContainEqual([4, "x", 2]);
  const other = sights.map(({ reader, key, at = 0 }) => ({ reader, key, at, of: 0 }));
  expect(isConfirmed({ ...certificate, sights: other }, history)).toBe(false);
  expect(isConfirmed({ ...certificate, sights: [] }, history)).toBe(false);
});
