/**
 * Every checker without a model, taken from the catalog, on histories that it refutes: all kinds of
 * anomalies that it says it knows come up, and each has a sentence, operations that can be drawn,
 * and data that the reports hand on.
 */
import { describe, expect, test } from "vitest";
import {
  asciiTimeline,
  htmlReport,
  jsonReport,
  markdownReport,
  terminalSummary,
} from "../reports/index.js";
import { escapeHtml } from "../reports/html/escape.js";
import { createBudget } from "../src/checker/checker.js";
import { PROPERTIES } from "../src/cli/catalog.js";
import { historyOf, INVOKE, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { declaredKinds } from "./declared-kinds.js";
import { events, operations } from "./oracle/events.js";
import { LOG_CYCLES, logCycles } from "./oracle/log-cycles.js";

/** Judged by suites of their own: those of isolation. */
const ELSEWHERE = new Set(["transactional"]);

interface Broken {
  readonly options?: object;
  readonly events: readonly NewEvent[];
  readonly kinds: readonly string[];
}

const register: readonly NewEvent[] = operations(
  0,
  [0, "write", 1, 1, "ok", "x"],
  [0, "write", 2, 2, "ok", "x"],
  [1, "read", null, 1, "ok", "x"],
  [1, "read", null, 9, "ok", "y"],
);

const future: readonly NewEvent[] = operations(0, [1, "read", null, 1], [0, "write", 1, 1]);

const STALENESS: readonly Broken[] = [
  { events: register, kinds: ["stale-read", "unwritten-value"] },
  { events: future, kinds: ["read-from-the-future"] },
];

/** An instance of a workflow, and a request to move it. */
const instance = (life: string, status: string, effects: readonly string[]): Value => {
  return { life, status, retries: 0, effects };
};
const request = (id: string, from: string, to: string, timer?: string): Value => {
  return { id, life: "a", from, to, ...(timer === undefined ? {} : { timer }) };
};

/** By checker: one history, or several where one cannot have everything. */
const BROKEN: { readonly [checker: string]: Broken | readonly Broken[] } = {
  "k-atomicity": STALENESS,
  "delta-atomicity": STALENESS,
  workflow: [
    {
      events: operations(
        0,
        [0, "create", { life: "a" }, true],
        [0, "transition", request("1", "pending", "running"), true],
        [1, "transition", request("2", "running", "waiting"), true],
        [1, "transition", request("3", "waiting", "running", "2"), true],
        [1, "transition", request("4", "running", "waiting"), true],
        [1, "transition", request("5", "waiting", "running", "2"), null, "info"],
        [0, "load", null, instance("a", "running", ["1", "2", "3", "4", "5"])],
        [0, "load", null, instance("a", "running", ["2", "1"])],
        [0, "load", null, instance("a", "running", ["1", "1"])],
        [0, "load", null, instance("a", "running", ["9"])],
      ),
      kinds: [
        "illegal-transition",
        "stale-timer",
        "duplicated-effect",
        "unexpected-effect",
        "lost-effect",
      ],
    },
    {
      events: operations(
        0,
        [0, "create", { life: "a" }, true, "ok", "x"],
        [0, "load", null, null, "ok", "x"],
        [0, "create", { life: "b" }, true, "ok", "y"],
        [0, "delete", { life: "b" }, true, "ok", "y"],
        [0, "load", null, instance("b", "pending", []), "ok", "y"],
        [0, "load", null, instance("c", "pending", []), "ok", "z"],
      ),
      kinds: ["lost-instance", "resurrected-instance", "unexpected-instance"],
    },
  ],
  liveness: {
    options: { withinMs: 4 },
    events: [
      ...events(0, ["info", "nemesis", "start-pause"], ["info", "nemesis", "start-pause"]),
      ...events(2, ["info", "nemesis", "stop-pause"], ["info", "nemesis", "stop-pause"]),
      ...operations(4, [0, "read", null, null, "fail"], [0, "read", null, null, "fail"]),
      ...operations(8, [0, "read", null, 1]),
    ],
    kinds: ["no-recovery"],
  },
  predicate: {
    events: operations(0, [0, "insert", 1, 1, "ok", "x"], [1, "insert", 2, 2, "ok", "x"]),
    kinds: ["G2"],
  },
  leader: {
    options: { growing: true },
    events: operations(
      0,
      [0, "leader", null, { term: 2, leader: "n1" }],
      [1, "leader", null, { term: 2, leader: "n2" }],
      [1, "leader", null, { term: 1, leader: "n2" }],
    ),
    kinds: ["two-leaders", "term-went-back"],
  },
  "exactly-once": {
    events: operations(
      0,
      [0, "execute", "a"],
      [0, "execute", "b"],
      [1, "read", null, ["a", "a", "c"]],
    ),
    kinds: ["duplicated-effect", "lost-effect", "unexpected-effect"],
  },
  broadcast: {
    options: { maxLatencyMs: 1 },
    events: operations(
      0,
      [0, "broadcast", 1],
      [0, "broadcast", 2],
      [0, "broadcast", 3],
      [1, "read", "n1", [1, 1, 9]],
      [1, "read", "n1", [1, 2]],
    ),
    kinds: ["lost-message", "unexpected-message", "duplicated-message", "late-message"],
  },
  durability: {
    events: [
      ...operations(0, [0, "read", null, 2, "ok", "k"], [0, "write", 1, 1, "ok", "j"]),
      ...operations(5, [0, "write", 2, 2, "ok", "k"], [0, "delete", null, null, "ok", "j"]),
      ...operations(9, [0, "write", 3, 3, "ok", "k"]),
      ...events(20, ["info", "nemesis", "crash"], ["info", "nemesis", "crash"]),
      ...operations(30, [0, "read", null, 2, "ok", "k"], [0, "read", null, 1, "ok", "j"]),
      ...operations(40, [0, "read", null, 8, "ok", "k"]),
    ],
    kinds: ["lost-write", "resurrected-value", "value-from-the-future", "unexpected-value"],
  },
  "log-patterns": {
    options: { logs: { "n1.log": "0.0005 panic: out of range\n" }, every: ["0.0005", "ready"] },
    events: register,
    kinds: ["forbidden-line", "missing-line"],
  },
  eventual: [
    {
      options: { settleMs: 0 },
      events: operations(
        0,
        [0, "add", 1],
        [1, "read", "n1", { seen: [1], state: 1 }],
        [1, "read", "n2", { seen: [1], state: 2 }],
      ),
      kinds: ["conflicting-states", "diverged-replicas"],
    },
    {
      options: { settleMs: 0, withinMs: 1 },
      events: operations(
        0,
        [0, "add", 1],
        [1, "read", "n1", [1]],
        [1, "read", "n2", []],
        [1, "read", "n1", [1]],
        [1, "read", "n2", [1]],
      ),
      kinds: ["late-convergence"],
    },
  ],
  lock: {
    events: operations(
      0,
      [0, "release"],
      [0, "acquire", null, 5],
      [1, "acquire", null, 5],
      [2, "acquire", null, 4],
    ),
    kinds: ["two-holders", "token-not-larger", "token-reused", "released-unheld"],
  },
  "causal-reverse": {
    events: operations(0, [0, "write", 1], [1, "write", 2], [2, "read", null, [2]]),
    kinds: ["causal-reverse"],
  },
  "long-fork": {
    events: operations(
      0,
      [0, "txn", [["w", "x", 1]], [["w", "x", 1]]],
      [0, "txn", [["w", "y", 1]], [["w", "y", 1]]],
      ...[
        [1, null],
        [null, 1],
        [7, 1],
      ].map(([x = null, y = null]) => {
        const asked = [
          ["r", "x", null],
          ["r", "y", null],
        ];
        const told = [
          ["r", "x", x],
          ["r", "y", y],
        ];
        return [1, "txn", asked, told] as const;
      }),
    ),
    kinds: ["long-fork", "unexpected-value"],
  },
  bank: {
    options: { total: 10, accounts: ["a", "b"] },
    events: operations(
      0,
      [0, "read", null, { a: 5, b: 4 }],
      [0, "read", null, { a: -1, b: 11 }],
      [0, "read", null, { a: 10 }],
      [0, "read", null, { a: 5, b: 5, z: 0 }],
    ),
    kinds: ["wrong-total", "negative-balance", "missing-account", "unexpected-account"],
  },
  "set-full": {
    options: { linearizable: true },
    events: operations(
      0,
      [0, "add", 1],
      [0, "add", 2],
      [0, "add", 3],
      [0, "remove", 3],
      [1, "read", null, [2, 2, 3, 9]],
      [1, "read", null, [1]],
    ),
    kinds: [
      "lost-element",
      "unexpected-element",
      "resurrected-element",
      "duplicated-element",
      "stale-read",
    ],
  },
  "total-queue": {
    events: operations(
      0,
      [0, "enqueue", 1],
      [0, "enqueue", 2],
      [1, "dequeue", null, 1],
      [1, "dequeue", null, 1],
      [1, "drain", null, [9]],
      [1, "dequeue"],
    ),
    kinds: ["lost-element", "unexpected-element", "duplicated-element"],
  },
  counter: {
    events: operations(0, [0, "add", 5], [1, "read", null, 4], [1, "read", null, 6]),
    kinds: ["counter-below-bounds", "counter-above-bounds"],
  },
  "unique-ids": {
    options: { max: 5 },
    events: operations(
      0,
      [0, "generate", null, 1],
      [1, "generate", null, 1],
      [1, "generate", null, 6],
    ),
    kinds: ["duplicate-id", "id-out-of-range"],
  },
  monotonic: {
    events: operations(0, [0, "read", null, 2], [1, "read", null, 1], [0, "read", null, 1]),
    kinds: ["nonmonotonic-process", "nonmonotonic-global"],
  },
  stream: {
    options: { delivery: "exactly-once", settleMs: 1, isolation: "strict-serializable" },
    events: [
      ...operations(
        0,
        [0, "send", 1, 3, "ok", "a"],
        [0, "send", 2, 2, "ok", "a"],
        [0, "send", 3, 3, "ok", "a"],
        [0, "send", 4, null, "fail", "a"],
        [0, "send", 5, 6, "ok", "a"],
        [
          1,
          "poll",
          null,
          [
            [1, 8],
            [2, 2],
            [4, 4],
            [5, 2],
          ],
          "ok",
          "a",
        ],
        [1, "poll", null, [[7, 1]], "ok", "a"],
        [1, "poll", null, [[2, 2]], "ok", "a"],
        [1, "poll", { group: "g" }, [[2, 2]], "ok", "a"],
        [2, "poll", { group: "g" }, [[2, 2]], "ok", "a"],
        [
          2,
          "txn",
          [["send", "b", 1], ["poll"]],
          [
            ["send", "b", [0, 1]],
            ["poll", { b: [[0, 1]] }],
          ],
        ],
        [
          2,
          "txn",
          [
            ["send", "c", 1],
            ["send", "c", 2],
          ],
          [
            ["send", "c", [9, 1]],
            ["send", "c", [8, 2]],
          ],
        ],
        [
          3,
          "poll",
          null,
          [
            [8, 2],
            [9, 1],
            [8, 2],
          ],
          "ok",
          "c",
        ],
        [0, "send", 7, 4, "ok", "d"],
        [0, "send", 8, 5, "ok", "d"],
        [0, "send", 9, 6, "ok", "d"],
        [
          3,
          "poll",
          null,
          [
            [4, 7],
            [6, 9],
          ],
          "ok",
          "d",
        ],
        [4, "poll", null, [[5, 8]], "ok", "d"],
        [0, "send", 1, 0, "ok", "e"],
        [0, "send", 2, 1, "ok", "e"],
        [0, "send", 3, 2, "ok", "e"],
        [
          4,
          "poll",
          null,
          [
            [0, 1],
            [1, 2],
          ],
          "ok",
          "e",
        ],
        [5, "poll", null, [[0, 1]], "ok", "e"],
        [5, "poll", null, [[2, 3]], "ok", "e"],
        [0, "send", 1, 0, "ok", "f"],
        [6, "poll", null, [], "ok", "f"],
      ),
      ...logCycles(1_000),
    ],
    kinds: [
      "lost-write",
      "aborted-read",
      "unexpected-message",
      "inconsistent-offsets",
      "duplicate",
      "int-poll-skip",
      "poll-skip",
      "int-nonmonotonic-poll",
      "nonmonotonic-poll",
      "int-nonmonotonic-send",
      "nonmonotonic-send",
      "precommitted-read",
      ...LOG_CYCLES,
      "redelivered-message",
      "unseen",
    ],
  },
  statistics: {
    options: { minAvailability: 0.9 },
    events: operations(0, [0, "write", 1], [0, "write", 2, null, "fail"]),
    kinds: ["unavailable"],
  },
  "unhandled-errors": {
    options: { expected: ["timeout"] },
    events: [
      { type: "invoke", process: 0, f: "write", value: 1, timeNs: 0 },
      {
        type: "info",
        process: 0,
        f: "write",
        value: 1,
        error: ["NullPointerException"],
        timeNs: 9,
      },
    ],
    kinds: ["unhandled-error"],
  },
};

const CHECKERS = PROPERTIES.filter(({ name }) => !ELSEWHERE.has(name));
const CASES = CHECKERS.flatMap((entry) =>
  [BROKEN[entry.name] ?? []]
    .flat()
    .map((broken, place) => [entry.name, place, entry, broken] as const),
);

test.each(CHECKERS.map(({ name }) => name))("%s: no kind of anomaly is left out", (name) => {
  const shown = CASES.filter(([checker]) => checker === name).flatMap(([, , , { kinds }]) => kinds);
  expect(declaredKinds(name).length).toBeGreaterThan(0);
  expect([...new Set(shown)].toSorted()).toEqual(declaredKinds(name).toSorted());
});

describe.each(CASES)("%s, history %i", (name, _, entry, { options, events: given, kinds }) => {
  const history = historyOf(given);
  const ask = async () => entry.make(options).check(history, createBudget());

  test("has every kind of its anomalies", async () => {
    const found = (await ask()).anomalies.map(({ kind }) => kind);
    expect([...new Set(found)].toSorted()).toEqual([...kinds].toSorted());
  });

  test("says each in a sentence, with operations that are drawn", async () => {
    for (const { kind, message, operations: named } of (await ask()).anomalies) {
      expect(message, kind).toMatch(/^\S.* .*[.)]$/s);
      // What a log lacks has no time.
      if (kind === "missing-line") continue;
      expect(named.length, kind).toBeGreaterThan(0);
      const drawing = asciiTimeline(history, named);
      const lines = drawing.split("\n");
      for (const process of new Set(named.map((index) => history.event(index).process))) {
        const own = named.filter((index) => history.event(index).process === process);
        const drawn = lines.filter((line) => line.startsWith(`process ${process} `)).join("");
        expect([...drawn.matchAll(/├[─┄] /g)].length, `${kind}\n${drawing}`).toBe(own.length);
      }
      for (const index of named) expect(history.types[index], kind).toBe(INVOKE);
    }
  });

  test("hands its data on to the reports", async () => {
    const verdict = await ask();
    const json = JSON.parse(jsonReport(verdict)) as { readonly anomalies: unknown };
    expect(json.anomalies).toEqual(JSON.parse(JSON.stringify(verdict.anomalies)));
    const inOneLine = (text: string): string => text.replaceAll("\\", "").replaceAll(/\s+/g, " ");
    for (const anomaly of verdict.anomalies) {
      const { kind, message, details = {} } = anomaly;
      expect(Object.keys(details).length, `data of ${kind}`).toBeGreaterThan(0);
      const { certificate: __, ...bare } = verdict;
      const alone = { title: name, verdict: { ...bare, anomalies: [anomaly] }, history };
      const reports = [terminalSummary(alone, { color: false, width: 100 }), markdownReport(alone)];
      for (const report of reports) expect(inOneLine(report)).toContain(inOneLine(message));
      // What names no operation is no counterexample of any, and is told above.
      const named =
        anomaly.operations.length > 0 ? `>Counterexample: ${kind}<` : escapeHtml(message);
      expect(htmlReport(alone).includes(named), `${kind} on the page`).toBe(true);
    }
  });
});
