/**
 * Monotonic atomic view, read atomic and causal consistency of transactions: histories that each
 * level accepts and the next refuses, what is wrong with a read by itself, and long histories.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { TransactionalLevel } from "../src/consistency/level.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Certificate } from "../src/verdict/certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { decideIsolation, isConfirmed, together } from "../test/judge-isolation.js";
import { transactional } from "./transactional.js";

type Outcome = "ok" | "fail" | "info";
type Told = readonly [process: number, micro: string, outcome?: Outcome];

/** Transactions one after the other: `w x 1, r y 2`; `r y -` reads the initial value. */
function told(...transactions: readonly Told[]): History {
  const events: NewEvent[] = [];
  for (const [process, text, outcome = "ok"] of transactions) {
    const micro = text.split(", ").map((each): Value => {
      const [f = "", key = "", value = ""] = each.split(" ");
      return [f, key, value === "-" ? null : Number(value)];
    });
    const about = { process, f: "txn", timeNs: events.length, value: micro };
    events.push({ ...about, type: "invoke" }, { ...about, type: outcome });
  }
  return historyOf(events);
}

/** Asks about a level; its evidence must be confirmed. */
async function ask(history: History, level: string): Promise<Verdict> {
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate !== undefined) {
    const verified = verifyCertificate({ certificate, history, budget: createBudget() });
    expect(verified).toMatchObject({ confirmed: true });
  }
  return verdict;
}

test.each(["", "strong-session-", "strong-"])(
  "%slists of which an update is lost hold them",
  async (prefix) => {
    const event = (type: "invoke" | "ok", process: number, value: Value): NewEvent => {
      return { type, process, f: "txn", timeNs: 0, value };
    };
    const first: Value = [
      ["r", "x", null],
      ["append", "x", 1],
    ];
    const second: Value = [
      ["r", "x", null],
      ["append", "x", 2],
    ];
    const history = historyOf([
      event("invoke", 0, first),
      event("invoke", 1, second),
      event("ok", 0, first),
      event("ok", 1, second),
      event("invoke", 2, [["r", "x", null]]),
      event("ok", 2, [["r", "x", [1, 2]]]),
    ]);
    for (const level of LEVELS) {
      expect(await ask(history, `${prefix}${level}`)).toMatchObject({ verdict: "valid" });
    }
    const { verdict, reason } = await ask(history, `${prefix}snapshot-isolation`);
    expect([verdict, reason]).toMatchObject(["invalid", expect.stringMatching(/^lost-update/)]);
  },
);

const LEVELS = ["monotonic-atomic-view", "read-atomic", "causal-cerone"] as const;
const ALL = LEVELS.flatMap((level) => [level, `strong-session-${level}`]);

/** What is wrong, and the weakest level that excludes it. */
const BROKEN: readonly (readonly [
  what: string,
  history: History,
  weakest: string,
  kind: string,
  reason: RegExp,
])[] = [
  [
    "a write is missed after another of its transaction was seen",
    told([0, "w x 1, w y 1"], [1, "r x 1, r y -"]),
    "monotonic-atomic-view",
    "non-monotonic-read",
    /^non-monotonic-read: transaction 2 read "y" without 1, which transaction 0 wrote, although it sees transaction 0 \(transaction 2 read of "x" what transaction 0 wrote, 1\)\.$/,
  ],
  [
    "the same the other way round",
    told([0, "w x 1, w y 1"], [1, "r y -, r x 1"]),
    "read-atomic",
    "fractured-read",
    /^fractured-read: transaction 2 read "y" without 1/,
  ],
  [
    "an own session's write is missed",
    told([0, "w x 1"], [0, "r x -"]),
    "strong-session-read-atomic",
    "fractured-read-process",
    /\(transaction 0 completed before its process 0 began transaction 2\)/,
  ],
  [
    "a cause is missed",
    told([0, "w x 1"], [1, "r x 1, w y 1"], [2, "r y 1, r x -"]),
    "causal-cerone",
    "causality-violation",
    /\(transaction 2 read of "x" what transaction 0 wrote, 1, transaction 4 read of "y" what transaction 2 wrote, 1\)/,
  ],
  [
    "a cause by a session is missed",
    told([0, "w x 1"], [0, "w y 1"], [1, "r y 1, r x -"]),
    "strong-session-causal-cerone",
    "causality-violation-process",
    /began transaction 2, transaction 4 read of "y" what transaction 2 wrote/,
  ],
  [
    "two see two writes in two orders",
    told([0, "w x 1, w y 1"], [1, "w x 2, w z 2"], [2, "r y 1, r x 2"], [3, "r z 2, r x 1"]),
    "monotonic-atomic-view",
    "non-monotonic-read",
    /transaction 2 committed before transaction 0: transaction 6 read of "x" what transaction 0 wrote, 1, although it sees transaction 2, which wrote 2 there \(transaction 6 read of "z" what transaction 2 wrote, 2\); transaction 0 committed before transaction 2: transaction 4 read/,
  ],
  [
    "two read from each other",
    told([0, "r x 1, w y 1"], [1, "r y 1, w x 1"]),
    "monotonic-atomic-view",
    "G1c",
    /each would have to commit before itself/,
  ],
  [
    "what it wrote itself is missed",
    told([0, "w x 1"], [1, "w x 2, r x 1"]),
    "monotonic-atomic-view",
    "internal",
    /transaction 2 read "x" as 1/,
  ],
  [
    "two reads of a key differ",
    told([0, "w x 1"], [1, "r x -, r x 1"]),
    "read-atomic",
    "internal",
    /transaction 2 read "x" as 1/,
  ],
  ["nobody wrote it", told([1, "r x 7"]), "monotonic-atomic-view", "garbage-read", /nobody wrote/],
  [
    "it was rolled back",
    told([0, "w x 1", "fail"], [1, "r x 1"]),
    "monotonic-atomic-view",
    "G1a",
    /0 failed/,
  ],
  [
    "it was written in between",
    told([0, "w x 1, w x 2"], [1, "r x 1"]),
    "monotonic-atomic-view",
    "G1b",
    /in between/,
  ],
  [
    "it is written later",
    told([0, "r x 1, w x 1"]),
    "monotonic-atomic-view",
    "future-read",
    /later/,
  ],
];

/** The levels that imply a level, by their names. */
function isBroken(level: string, weakest: string): boolean {
  const rank = (name: string): number =>
    LEVELS.findIndex((each) => each === name.replace("strong-session-", ""));
  const needsSessions = weakest.startsWith("strong-session-");
  return (!needsSessions || level.startsWith("strong-session-")) && rank(level) >= rank(weakest);
}

describe.each(BROKEN)("%s", (_, history, weakest, kind, reason) => {
  test.each(ALL)("%s", async (level) => {
    const verdict = await ask(history, level);
    if (!isBroken(level, weakest)) {
      expect(verdict.verdict).toBe("valid");
      return;
    }
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.anomalies[0]?.kind).toBe(kind);
    expect(verdict.reason).toMatch(reason);
  });
});

describe("the verifier refuses", () => {
  test.each(BROKEN)("evidence against levels that allow it: %s", async (_, history, weakest) => {
    const { certificate } = await ask(history, "strong-session-causal-cerone");
    if (certificate?.kind !== "isolation-violation") throw new Error("no violation");
    for (const level of ALL as readonly (typeof certificate.level)[]) {
      const verified = verifyCertificate({
        certificate: { ...certificate, level },
        history,
        budget: createBudget(),
      });
      if (!isBroken(level, weakest)) expect(verified.confirmed, level).toBe(false);
    }
  });

  test("orders that do not show what they claim", async () => {
    const history = told([0, "w x 1, w y 1"], [1, "r y -, r x 1"]);
    const { certificate } = await ask(history, "monotonic-atomic-view");
    if (certificate?.kind !== "transaction-order") throw new Error("no order");
    const { order } = certificate;
    for (const claimed of [
      { ...certificate, level: "read-atomic" },
      { ...certificate, level: "causal-cerone" },
      { ...certificate, order: order.toReversed() },
      { ...certificate, order: order.slice(1) },
    ] as const) {
      const verified = verifyCertificate({ certificate: claimed, history, budget: createBudget() });
      expect(verified.confirmed).toBe(false);
    }
  });

  test("paths that lead elsewhere, and values that nobody wrote or several did", async () => {
    const history = told(
      [0, "w x 1"],
      [1, "r x 1, w y 1"],
      [2, "r y 1, r x -"],
      [3, "w z 1"],
      [4, "w z 1"],
      [5, "r z 1"],
    );
    const { certificate } = await ask(history, "causal-cerone");
    if (certificate?.kind !== "isolation-violation") throw new Error("no violation");
    const { phenomenon } = certificate;
    if (phenomenon.name !== "missed-write") throw new Error("nothing missed");
    const [first, second] = phenomenon.path;
    if (first === undefined || second === undefined) throw new Error("no path");
    const wrong: readonly Partial<typeof phenomenon>[] = [
      { path: [] },
      { path: [first] },
      { path: [second, first] },
      { written: 7 },
      { key: "y" },
      { reader: 2 },
      { writer: 6 },
      { path: [{ from: 0, to: 4, by: "process" }] },
      { path: [first, { from: 2, to: 4, by: "wr", key: "z", value: 1 }] },
    ];
    for (const change of wrong) {
      const verified = verifyCertificate({
        certificate: { ...certificate, phenomenon: { ...phenomenon, ...change } },
        history,
        budget: createBudget(),
      });
      expect(verified.confirmed, JSON.stringify(change)).toBe(false);
    }
  });
});

describe("what is right", () => {
  test.each([
    ["a long fork", told([0, "w x 1"], [1, "w y 1"], [2, "r x 1, r y -"], [3, "r x -, r y 1"])],
    ["a lost update", told([0, "w x 1"], [1, "r x 1, w x 2"], [2, "r x 1, w x 3"])],
    ["an indeterminate write that was seen", told([0, "w x 1", "info"], [1, "r x 1"])],
    ["one that was not", told([0, "w x 1, w y 1", "info"], [1, "r x -"])],
    ["reads of its own", told([0, "w x 1, r x 1, w x 2, r x 2"], [1, "r x 2"])],
    // Of two that wrote the value one was rolled back, so the other was read.
    ["a value of two", told([0, "w x 1", "fail"], [1, "w x 1"], [2, "r x 1"])],
  ])("%s", async (__, history) => {
    for (const level of ALL) expect(await ask(history, level)).toMatchObject({ verdict: "valid" });
  });

  test("an indeterminate transaction does not precede what its process did later", async () => {
    const history = told([0, "w x 1", "info"], [0, "r x -"], [1, "r x 1"]);
    for (const level of ALL) expect(await ask(history, level)).toMatchObject({ verdict: "valid" });
  });
});

describe("what is not known", () => {
  test("a value that was written twice", async () => {
    const twice = [
      [0, "w x 1"],
      [1, "w x 1"],
      [2, "r x 1"],
    ] as const;
    // A serial order shows it, whoever wrote what was read.
    expect((await ask(told(...twice), "read-atomic")).verdict).toBe("valid");
    const fork = [
      [3, "w y 1"],
      [4, "w z 1"],
      [5, "r y 1, r z -"],
      [6, "r y -, r z 1"],
    ] as const;
    // Where none does, one choice of whose value it was is enough.
    const { verdict, certificate } = await ask(told(...twice, ...fork), "read-atomic");
    expect(verdict).toBe("valid");
    expect(certificate).toMatchObject({ sources: [{ reader: 4, at: 0, of: 0, by: 0 }] });
    const broken = told([0, "w x 1"], [1, "w x 1, w y 1, w z 1"], [2, "r x 1, r y 1, r z -"]);
    expect((await ask(broken, "read-atomic")).verdict).toBe("invalid");
  });

  test("nothing completed", async () => {
    expect((await ask(told([0, "w x 1", "info"]), "read-atomic")).verdict).toBe("unknown");
  });

  test("causes without sessions, when memory runs out", async () => {
    const pairs = Array.from({ length: 400 }, (__, at): Told[] => [
      [0, `w k${at} 1`],
      [1, `r k${at} 1, w l${at} 1`],
      [2, `r l${at} 1`],
    ]);
    // Only sessions make it wrong.
    const history = told([5, "w x 1"], [5, "r x -"], ...pairs.flat());
    const checker = transactional({ level: "causal-cerone" });
    // A stronger level that needs less memory is asked then.
    const budget = { ...createBudget(), memoryBytes: 700_000 };
    const answer = await checker.check(history, budget);
    expect(answer).toMatchObject({
      verdict: "valid",
      certificate: { through: expect.any(String) },
    });
    const { verdict, certificate } = await ask(history, "causal-cerone");
    expect(verdict).toBe("valid");
    expect(certificate).not.toHaveProperty("through");
  });
});

describe("levels that imply these", () => {
  test.each(["prefix", "parallel-snapshot-isolation", "update-atomic", "strong-causal-cerone"])(
    "%s is refuted with them",
    async (level) => {
      const fractured = told([0, "w x 1, w y 1"], [1, "r y -, r x 1"]);
      expect((await ask(fractured, level)).verdict).toBe("invalid");
    },
  );
});

describe("lists lack what a transaction sees", () => {
  /** Appends and reads: `append x 1, r x [1]`. */
  const lists = (...transactions: readonly (readonly [number, string])[]): History => {
    const events: NewEvent[] = [];
    for (const [process, text] of transactions) {
      const micro = text.split(", ").map((each): Value => {
        const [f = "", key = "", value = ""] = each.split(" ");
        return [f, key, JSON.parse(value) as Value];
      });
      const about = { process, f: "txn", timeNs: events.length, value: micro };
      events.push({ ...about, type: "invoke" }, { ...about, type: "ok" });
    }
    return historyOf(events);
  };

  test.each([
    ["monotonic-atomic-view", "non-monotonic-read", [1, "r x [1], r y []"]],
    ["read-atomic", "fractured-read", [1, "r y [], r x [1]"]],
    ["strong-session-read-atomic", "fractured-read-process", [0, "r y []"]],
  ] as const)("%s: %s", async (level, kind, reader) => {
    const history = lists([0, "append x 1, append y 1"], reader);
    const verdict = await ask(history, level);
    expect(verdict.anomalies[0]?.kind).toBe(kind);
    expect(verdict.reason).toContain(
      'transaction 2 read "y" without 1, which transaction 0 wrote, although it sees transaction 0',
    );
    expect((await ask(history, "strong-session-causal-cerone")).verdict).toBe("invalid");
  });

  test("through another, and later in the order of versions", async () => {
    const history = lists(
      [0, "append x 1"],
      [1, "append x 2, append z 1"],
      [2, "r z [1], append y 1"],
      [3, "r y [1], r x [1]"],
      [4, "r x [1,2]"],
    );
    const verdict = await ask(history, "causal-cerone");
    expect(verdict.anomalies[0]).toMatchObject({
      kind: "causality-violation",
      message: expect.stringContaining(
        'transaction 6 read "x" without 2, which transaction 2 wrote',
      ) as string,
    });
    expect((await ask(history, "read-committed")).verdict).toBe("valid");
  });
});

test("100,000 transactions in one chain of causes, and a cycle of 20,000", async () => {
  const length = 100_000;
  const chain = Array.from({ length }, (__, at): Told => [
    at % 1000,
    at === 0 ? "w k0 1" : `r k${at - 1} 1, w k${at} 1`,
  ]);
  const right = told(...chain);
  const level = "strong-session-causal-cerone";
  const check = (history: History): Verdict | Promise<Verdict> =>
    transactional({ level }).check(history, createBudget());
  expect(await check(right)).toMatchObject({ verdict: "valid" });
  const missed = told(...chain, [1001, `r k${length - 1} 1, r k0 -`]);
  expect(await check(missed)).toMatchObject({ verdict: "invalid" });
  const ring = Array.from({ length: 20_000 }, (__, at): Told => [
    at,
    `r k${(at + 1) % 20_000} 1, w k${at} 1`,
  ]);
  const cycle = await check(told(...ring));
  expect(cycle.anomalies[0]?.kind).toBe("G1c");
  expect(cycle.anomalies[0]?.operations).toHaveLength(20_000);
});

test("a list that is read without what its own transaction appended is no atomic view", async () => {
  const history = together([
    ["append", "x", 3],
    ["r", "x", []],
  ]);
  for (const level of ["monotonic-atomic-view", "strong-monotonic-atomic-view"]) {
    const { verdict, anomalies } = await decideIsolation(history, level);
    expect([verdict, ...anomalies.map(({ kind }) => kind)]).toEqual(["invalid", "internal"]);
  }
  expect((await decideIsolation(history, "read-committed")).verdict).toBe("valid");
  // With others before it all is well.
  const right = together(
    [
      ["append", "x", 3],
      ["r", "x", [1, 3]],
    ],
    [["append", "x", 1]],
  );
  expect((await decideIsolation(right, "monotonic-atomic-view")).verdict).toBe("valid");
});

test("behind what a transaction appended itself stands whom it sees", async () => {
  const history = together(
    [
      ["append", "x", 1],
      ["append", "y", 2],
    ],
    [
      ["r", "x", []],
      ["append", "y", 3],
      ["r", "y", [2, 3]],
    ],
  );
  for (const level of ["read-atomic", "causal-cerone"]) {
    const { verdict, anomalies } = await decideIsolation(history, level);
    expect([verdict, anomalies.map(({ kind }) => kind)]).toEqual(["invalid", ["fractured-read"]]);
  }
  const later = together(
    [
      ["append", "x", 1],
      ["append", "y", 2],
    ],
    [
      ["append", "y", 3],
      ["r", "y", [2, 3]],
      ["r", "x", []],
    ],
  );
  const { verdict, anomalies } = await decideIsolation(later, "monotonic-atomic-view");
  expect([verdict, anomalies.map(({ kind }) => kind)]).toEqual(["invalid", ["non-monotonic-read"]]);
  const { certificate } = await decideIsolation(history, "monotonic-atomic-view");
  if (certificate?.kind !== "transaction-order") expect.fail("no order");
  const at = (level: TransactionalLevel): Certificate => ({ ...certificate, level });
  expect(isConfirmed(at("monotonic-atomic-view"), history)).toBe(true);
  expect(isConfirmed(at("read-atomic"), history)).toBe(false);
  expect(isConfirmed(at("monotonic-atomic-view"), later)).toBe(false);
});
