/**
 * Sets and logs that only grow: what separates the levels there, how violations are told, that the
 * verifier refuses evidence that was tampered with, and what is left to others.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { LevelName } from "../src/consistency/level.js";
import {
  createHistoryBuilder,
  historyOf,
  type History,
  type NewEvent,
} from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { log } from "../src/model/log.js";
import type { Model } from "../src/model/model.js";
import { set } from "../src/model/set.js";
import type { Certificate } from "../src/verdict/certificate.js";
import type { CollectionEdge } from "../src/verdict/collection-certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { makeChecker } from "../src/cli/catalog.js";

type Call = readonly [process: number, f: string, input: Value, output?: Value, key?: string];

/** Calls one after the other; without an output one is indeterminate. */
function history(...calls: readonly Call[]): History {
  return historyOf(
    calls.flatMap(([process, f, input, output, key], timeNs): NewEvent[] => {
      const about = { process, f, timeNs, ...(key === undefined ? {} : { key }) };
      return [
        { ...about, type: "invoke", value: input },
        output === undefined
          ? { ...about, type: "info", value: input }
          : { ...about, type: "ok", value: output },
      ];
    }),
  );
}

async function ask(model: Model, level: LevelName, of: History): Promise<Verdict> {
  return makeChecker(level, model).check(of, createBudget());
}

function confirms(certificate: Certificate, model: Model, of: History): boolean {
  return verifyCertificate({ certificate, history: of, model, budget: createBudget() }).confirmed;
}

const LEVELS: readonly LevelName[] = [
  "sequential",
  "causal-convergence",
  "causal-memory",
  "causal",
  "pram",
  "session-guarantees",
  "read-your-writes",
  "monotonic-reads",
  "monotonic-writes",
  "writes-follow-reads",
];

/** Histories, what each level says, and the kinds of what breaks the levels in that order. */
const CASES: readonly (readonly [string, Model, History, string, readonly string[]])[] = [
  [
    "in order",
    log(),
    history([0, "append", "a", "a"], [0, "append", "b", "b"], [1, "read", null, ["a", "b"]]),
    "++++++++++",
    [],
  ],
  [
    "two elements, each seen without the other",
    set(),
    history(
      [0, "add", "a", "a"],
      [1, "add", "b", "b"],
      [2, "read", null, ["a"]],
      [3, "read", null, ["b"]],
    ),
    "-+++++++++",
    ["not-sequentially-consistent"],
  ],
  [
    "an answer that is seen without the question",
    set(),
    history(
      [0, "add", "question", true],
      [1, "contains", "question", true],
      [1, "add", "answer", true],
      [2, "read", null, ["answer"]],
    ),
    "----++++++",
    ["not-sequentially-consistent", "missing-element", "missing-element", "missing-element"],
  ],
  [
    "entries of one process, backwards",
    log(),
    history([0, "append", "a", "a"], [0, "append", "b", "b"], [1, "read", null, ["b", "a"]]),
    "------++-+",
    [
      "not-sequentially-consistent",
      "misplaced-element",
      "misplaced-element",
      "misplaced-element",
      "view-cycle",
      "session-guarantees-violation",
      "monotonic-writes-violation",
    ],
  ],
  [
    "entries of two processes, listed in both orders",
    log(),
    history(
      [0, "append", "a", "a"],
      [1, "append", "b", "b"],
      [2, "read", null, ["a", "b"]],
      [3, "read", null, ["b", "a"]],
    ),
    "--+++-----",
    [
      "not-sequentially-consistent",
      "diverging-lists",
      "session-guarantees-violation",
      "read-your-writes-violation",
      "monotonic-reads-violation",
      "monotonic-writes-violation",
      "writes-follow-reads-violation",
    ],
  ],
  [
    "a list that grows at its beginning",
    log(),
    history(
      [0, "append", "a", "a"],
      [1, "append", "b", "b"],
      [2, "read", null, ["a"]],
      [2, "read", null, ["b", "a"]],
    ),
    "-+-+-+++++",
    ["not-sequentially-consistent", "view-cycle", "view-cycle"],
  ],
  [
    "lists of two keys that fit causality one by one, but not together",
    log(),
    history(
      [0, "append", "b", "b", "x"],
      [0, "append", "c", "c", "y"],
      [1, "append", "d", "d", "y"],
      [1, "append", "a", "a", "x"],
      [2, "read", null, ["a", "b"], "x"],
      [2, "read", null, ["c", "d"], "y"],
    ),
    "---+--++-+",
    [
      "not-sequentially-consistent",
      "diverging-lists",
      "view-cycle",
      "view-cycle",
      "session-guarantees-violation",
      "monotonic-writes-violation",
    ],
  ],
  [
    "an own element that is not there",
    set(),
    history([0, "add", "a", "a"], [1, "add", "b", "b"], [0, "read", null, ["b"]]),
    "-------+++",
    [
      "not-sequentially-consistent",
      "missing-element",
      "missing-element",
      "missing-element",
      "view-cycle",
      "read-your-writes-violation",
      "read-your-writes-violation",
    ],
  ],
  [
    "an element that is no longer there",
    set(),
    history([0, "add", "a"], [1, "contains", "a", true], [1, "contains", "a", false]),
    "------+-++",
    [
      "not-sequentially-consistent",
      "missing-element",
      "missing-element",
      "missing-element",
      "view-cycle",
      "monotonic-reads-violation",
      "monotonic-reads-violation",
    ],
  ],
  [
    "an element that is seen before it is added",
    log(),
    history([0, "read", null, ["a"]], [0, "append", "a", "a"]),
    "------+++-",
    [
      "not-sequentially-consistent",
      "causality-cycle",
      "causality-cycle",
      "causality-cycle",
      "view-cycle",
      "session-guarantees-violation",
      "writes-follow-reads-violation",
    ],
  ],
  [
    "an element that nobody added",
    set(),
    history([0, "add", "a", "a"], [1, "read", null, ["a", "b"]]),
    "----------",
    Array.from({ length: 10 }, () => "thin-air-read"),
  ],
  [
    "an entry that is there twice",
    log(),
    history([0, "append", "a", "a"], [1, "read", null, ["a", "a"]]),
    "----------",
    Array.from({ length: 10 }, () => "repeated-element"),
  ],
  [
    "an addition that finds its element there",
    set(),
    history([0, "add", "a", false], [1, "read", null, ["a"]]),
    "----------",
    Array.from({ length: 10 }, () => "refused-addition"),
  ],
];

describe.each(CASES)("%s", (_, model, of, expected, kinds) => {
  test("is classified, with evidence that is confirmed", async () => {
    let holds = "";
    const told: string[] = [];
    for (const level of LEVELS) {
      const { verdict, anomalies, certificate } = await ask(model, level, of);
      holds += verdict === "valid" ? "+" : "-";
      told.push(...anomalies.map(({ kind }) => kind));
      if (certificate === undefined) expect.fail(`${level}: no certificate`);
      expect(confirms(certificate, model, of), level).toBe(true);
    }
    expect(holds).toBe(expected);
    expect(told).toEqual(kinds);
  });

  test("a circle that is cut, turned round or said of others is refused", async () => {
    for (const level of LEVELS) {
      const { certificate } = await ask(model, level, of);
      if (certificate?.kind !== "collection-violation" || certificate.cycle.length === 0) continue;
      const { cycle } = certificate;
      for (const at of cycle.keys()) {
        const cut = cycle.toSpliced(at, 1);
        expect(confirms({ ...certificate, cycle: cut }, model, of)).toBe(false);
        const turned = cycle.with(at, turnedRound(cycle[at] as CollectionEdge));
        expect(confirms({ ...certificate, cycle: turned }, model, of)).toBe(false);
      }
      // What breaks a level does not break one that holds.
      for (const other of ["causal", "causal-convergence", "causal-memory", "pram"] as const) {
        const { verdict } = await ask(model, other, of);
        const forged = confirms({ ...certificate, promise: other }, model, of);
        if (verdict === "valid") expect(forged, `${level} said of ${other}`).toBe(false);
      }
      for (const other of LEVELS.slice(6)) {
        const { verdict } = await ask(model, other, of);
        const promise = [other as "read-your-writes"];
        const forged = confirms({ ...certificate, promise }, model, of);
        if (verdict === "valid") expect(forged, `${level} said of ${other}`).toBe(false);
      }
    }
  });

  test("an order that is not whole, or said of a level that is broken, is refused", async () => {
    const broken = new Set<LevelName>();
    for (const level of LEVELS) {
      if ((await ask(model, level, of)).verdict === "invalid") broken.add(level);
    }
    for (const level of LEVELS) {
      const { certificate } = await ask(model, level, of);
      if (certificate?.kind !== "collection-order") continue;
      const { order, views = [] } = certificate;
      for (const at of (order ?? []).keys()) {
        const fewer = (order ?? []).toSpliced(at, 1);
        expect(confirms({ ...certificate, order: fewer }, model, of)).toBe(false);
        const twice = [...(order ?? []), (order ?? [])[at] as number];
        expect(confirms({ ...certificate, order: twice }, model, of)).toBe(false);
      }
      for (const at of views.keys()) {
        expect(confirms({ ...certificate, views: views.toSpliced(at, 1) }, model, of)).toBe(false);
        const view = views[at] as (typeof views)[number];
        const turned = { ...view, order: view.order.toReversed() };
        expect(confirms({ ...certificate, views: views.with(at, turned) }, model, of)).toBe(false);
      }
      for (const other of broken) {
        const promise = (
          LEVELS.indexOf(other) > 5 ? [other] : other
        ) as (typeof certificate)["promise"];
        if (other === "sequential" || other === "session-guarantees") continue;
        expect(confirms({ ...certificate, promise }, model, of), `${level}, ${other}`).toBe(false);
      }
    }
  });
});

function turnedRound(edge: CollectionEdge): CollectionEdge {
  return { ...edge, from: edge.to, to: edge.from };
}

test("a violation is told step by step", async () => {
  const [, model, of] = CASES[2] as (typeof CASES)[number];
  const { reason, anomalies } = await ask(model, "causal", of);
  expect(reason).toBe(
    "A read does not show an element whose addition precedes it causally: " +
      'process 1 saw it: add "question" → true (event 0), contains "question" → true (event 2); ' +
      'process 1: contains "question" → true (event 2), then add "answer" → true (event 4); ' +
      'process 2 saw it: add "answer" → true (event 4), read → ["answer"] (event 6); ' +
      'process 2 did not see it: add "question" → true (event 0), read → ["answer"] (event 6).',
  );
  expect(anomalies[0]?.operations).toEqual([0, 2, 4, 6]);
});

describe("what a history does not say", () => {
  test("an indeterminate addition may have happened or not", async () => {
    const seen = history([0, "add", "a"], [0, "add", "b", "b"], [1, "read", null, ["a", "b"]]);
    const unseen = history([0, "add", "a"], [0, "add", "b", "b"], [1, "read", null, ["b"]]);
    const both = history(
      [0, "add", "a"],
      [1, "read", null, ["a"]],
      [0, "read", null, []],
      [2, "read", null, []],
    );
    for (const of of [seen, unseen, both]) {
      expect((await ask(set(), "causal-memory", of)).verdict).toBe("valid");
      expect((await ask(set(), "session-guarantees", of)).verdict).toBe("valid");
    }
  });

  test("removals, repeated elements, offsets, sizes and slices are searched", async () => {
    const removed = history(
      [0, "add", "a", true],
      [0, "remove", "a", true],
      [1, "read", null, ["a"]],
      [1, "read", null, []],
    );
    const twice = history([0, "add", "a", "a"], [1, "add", "a", "a"], [1, "read", null, ["a"]]);
    for (const of of [removed, twice]) {
      const { verdict, certificate } = await ask(set(), "causal", of);
      expect([verdict, certificate?.kind]).toEqual(["valid", "sequential-order"]);
    }
    const more: readonly Call[] = [
      [1, "append", "b", 1],
      [1, "size", null, 2],
      [1, "read", { from: 1 }, ["b"]],
    ];
    for (const call of more) {
      const first: Call = [0, "append", "a", "a"];
      const right = history(first, call[1] === "append" ? call : [0, "append", "b", "b"], call);
      const { verdict } = await ask(
        log(),
        "causal",
        call[1] === "append" ? history(first, call) : right,
      );
      expect(verdict, call[1]).toBe("valid");
    }
    const wrong = history([0, "append", "a", "a"], [0, "append", "b", 0]);
    expect((await ask(log(), "causal", wrong)).verdict).toBe("invalid");
  });

  test("what is left out takes nothing from what the rest breaks", async () => {
    const of = history(
      [0, "add", "a", "a", "x"],
      [0, "read", null, [], "x"],
      [1, "add", "b", true, "y"],
      [1, "remove", "b", true, "y"],
    );
    const { anomalies, certificate } = await ask(set(), "causal", of);
    expect(anomalies.map(({ kind }) => kind)).toEqual(["missing-element"]);
    if (certificate?.kind !== "collection-violation") expect.fail("no circle");
    expect(confirms(certificate, set(), of)).toBe(true);
  });

  test("a circle through a key from which something is removed is refused", async () => {
    const of = history([0, "add", "a", "a"], [0, "read", null, []], [1, "remove", "a"]);
    expect((await ask(set(), "causal", of)).verdict).toBe("valid");
    const cycle = [
      { from: 0, to: 2, by: "session" },
      { from: 2, to: 0, by: "lacks" },
    ] as const;
    const model = { name: "set", options: set().options };
    const promise = "causal";
    expect(confirms({ kind: "collection-violation", model, promise, cycle }, set(), of)).toBe(
      false,
    );
  });
});

test("twenty thousand operations are decided, and so is one stale read among them", async () => {
  for (const model of [set(), log()]) {
    for (const isStale of [false, true]) {
      const of = grownHistory(model, 20_000, isStale);
      const budget = createBudget({ timeMs: 30_000 });
      const { verdict, reason } = await makeChecker("causal-memory", model).check(of, budget);
      expect(verdict, reason).toBe(isStale ? "invalid" : "valid");
      expect(reason.length).toBeLessThan(2000);
    }
  }
});

/** Processes that see everything at once, but for one read near the end. */
function grownHistory(model: Model, count: number, isStale: boolean): History {
  const builder = createHistoryBuilder();
  const states = new Map<string, string[]>();
  for (let at = 0; at < count; at++) {
    const key = `k${at % 97}`;
    const process = (at * 7) % 11;
    const state = states.get(key) ?? [];
    const isRead = at % 3 === 0 || state.length >= 100;
    const f = isRead ? "read" : model.name === "set" ? "add" : "append";
    const stale = isStale && at >= 0.9 * count && isRead && state.length > 2;
    const value: Value = isRead ? (stale ? state.slice(0, 1) : state) : `e${at}`;
    builder.append(0, process, f, key, isRead ? null : value, undefined, 2 * at);
    builder.append(1, process, f, key, value, undefined, 2 * at + 1);
    if (!isRead) states.set(key, [...state, `e${at}`]);
  }
  return builder.build();
}
