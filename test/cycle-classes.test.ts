/**
 * Every class of cycles, of every kind of data that has it, without time, with the order of each
 * session and with real time: on the smallest history that has it and nothing graver. The evidence
 * is confirmed, and the level just below holds, with evidence as well.
 */
import { describe, expect, test } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { CYCLE_CLASSES } from "../checkers/transactional/cycle-search.js";
import { TIMES, type Time } from "../checkers/transactional/cycles.js";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { isConfirmed } from "./judge-isolation.js";

type Micro = readonly [f: string, about: Value, value: Value];

/** When it was there, and what it did. */
type Row = readonly [process: number, begin: number, end: number, ...micro: readonly Micro[]];

const append = (key: string, value: Value): Micro => ["append", key, value];
const write = (key: string, value: Value): Micro => ["w", key, value];
const insert = (key: string, value: Value): Micro => ["insert", key, value];
const add = (key: string, value: Value): Micro => ["add", key, value];
const increment = (key: string): Micro => ["inc", key, 1];
const read = (key: string, value: Value): Micro => ["r", key, value];
const find = (predicate: Value, value: Value): Micro => ["rp", predicate, value];

/** How to write to a key, and to read that it was written, or was not. */
interface Words {
  readonly put: (key: string) => Micro;
  readonly seen: (key: string) => Micro;
  readonly missed: (key: string) => Micro;
}

const WORDS = {
  lists: {
    put: (key) => append(key, 1),
    seen: (key) => read(key, [1]),
    missed: (key) => read(key, []),
  },
  registers: {
    put: (key) => write(key, 1),
    seen: (key) => read(key, 1),
    missed: (key) => read(key, null),
  },
  rows: {
    put: (key) => insert(key, 1),
    seen: (key) => read(key, 1),
    missed: (key) => read(key, null),
  },
  predicates: {
    // Each row has a value of its own, so that a predicate is about one row.
    put: (key) => insert(key, key.charCodeAt(0)),
    seen: (key) => find(["=", key.charCodeAt(0)], { [key]: key.charCodeAt(0) }),
    missed: (key) => find(["=", key.charCodeAt(0)], {}),
  },
  sets: {
    put: (key) => add(key, 1),
    seen: (key) => read(key, [1]),
    missed: (key) => read(key, []),
  },
  counters: { put: increment, seen: (key) => read(key, 1), missed: (key) => read(key, 0) },
} as const satisfies { readonly [kind: string]: Words };

type Kind = keyof typeof WORDS;
type Class = (typeof CYCLE_CLASSES)[number];

interface Case {
  readonly level: string;
  readonly rows: readonly Row[];
  /** Assumptions on the order of versions. */
  readonly versions?: readonly "writes-follow-reads"[];
}

type Read = Exclude<Class, "G0" | "G-cursor">;

/** Cycles without time: all at once. */
const PLAIN: { readonly [name in Read]: (words: Words) => Case } = {
  G1c: ({ put, seen }) => ({
    level: "read-committed",
    rows: [
      [0, 0, 9, put("x"), seen("y")],
      [1, 0, 9, put("y"), seen("x")],
    ],
  }),
  "G-single": ({ put, seen, missed }) => ({
    level: "consistent-view",
    rows: [
      [0, 0, 9, put("x"), put("y")],
      [1, 0, 9, missed("x"), seen("y")],
    ],
  }),
  "G-nonadjacent": ({ put, seen, missed }) => ({
    level: "snapshot-isolation",
    rows: [
      [0, 0, 9, put("x")],
      [1, 0, 9, put("y")],
      [2, 0, 9, seen("x"), missed("y")],
      [3, 0, 9, seen("y"), missed("x")],
    ],
  }),
  G2: ({ put, missed }) => ({
    level: "serializable",
    rows: [
      [0, 0, 9, missed("x"), put("y")],
      [1, 0, 9, missed("y"), put("x")],
    ],
  }),
};

/** The same where who follows another in time closes the cycle: of the process `after`. */
const TIMED: { readonly [name in Read]: (words: Words, after: number) => Case } = {
  G1c: ({ put, seen }, after) => ({
    level: "read-committed",
    rows: [
      [0, 0, 1, seen("x")],
      [after, 2, 9, put("x")],
    ],
  }),
  "G-single": ({ put, missed }, after) => ({
    level: "consistent-view",
    rows: [
      [0, 0, 1, put("x")],
      [after, 2, 9, missed("x")],
    ],
  }),
  "G-nonadjacent": ({ put, seen, missed }, after) => ({
    level: "snapshot-isolation",
    rows: [
      [0, 0, 1, put("x")],
      [after, 2, 9, missed("y")],
      [2, 0, 9, missed("x"), seen("y")],
      [3, 0, 9, put("y")],
    ],
  }),
  G2: ({ put, missed }, after) => ({
    level: "serializable",
    rows: [
      [0, 0, 1, put("z")],
      [after, 2, 9, missed("x")],
      [2, 0, 9, put("x"), missed("z")],
    ],
  }),
};

/**
 * Writes over writes. Rows and counters do not tell of two writes of the same which was first, but
 * by who read before it wrote; and additions to sets and counters do not conflict.
 */
const OVERWRITES: {
  readonly [name in "G0" | "G-cursor"]: { readonly [kind in Kind]?: (time: Time) => Case };
} = {
  G0: {
    lists: (time) => ({
      level: "read-uncommitted",
      rows:
        time === ""
          ? [
              [0, 0, 9, append("x", 1), append("y", 1)],
              [1, 0, 9, append("x", 2), append("y", 2)],
              [2, 0, 9, read("x", [1, 2]), read("y", [2, 1])],
            ]
          : [
              [0, 0, 1, append("x", 1)],
              [followerOf(time), 2, 3, append("x", 2)],
              [2, 0, 9, read("x", [2, 1])],
            ],
    }),
    registers: (time) => ({
      level: "read-uncommitted",
      versions: ["writes-follow-reads"],
      rows:
        time === ""
          ? [
              [0, 0, 9, write("x", 1), read("y", 1), write("y", 2)],
              [1, 0, 9, read("x", 1), write("x", 2), write("y", 1)],
            ]
          : [
              [0, 0, 1, read("x", 1), write("x", 2)],
              [followerOf(time), 2, 9, write("x", 1)],
            ],
    }),
  },
  "G-cursor": {
    lists: (time) => lostUpdate(time, WORDS.lists, append),
    registers: (time) => lostUpdate(time, WORDS.registers, write),
    rows: (time) => lostUpdate(time, WORDS.rows, insert),
  },
};

/** It reads x before another writes it, whom it sees, or follows, and writes x itself. */
function lostUpdate(
  time: Time,
  { put, seen, missed }: Words,
  over: (key: string, value: Value) => Micro,
): Case {
  const rows: readonly Row[] =
    time === ""
      ? [
          [0, 0, 9, missed("x"), over("x", 2), seen("y")],
          [1, 0, 9, put("x"), put("y")],
        ]
      : [
          [0, 0, 1, put("x")],
          [followerOf(time), 2, 9, missed("x"), over("x", 2)],
        ];
  return { level: "cursor-stability", rows };
}

/** Whoever follows is of the same process, or of another. */
function followerOf(time: Time): number {
  return time === "process" ? 0 : 1;
}

function caseOf(kind: Kind, name: Class, time: Time): Case | undefined {
  if (name === "G0" || name === "G-cursor") return OVERWRITES[name][kind]?.(time);
  if (time === "") return PLAIN[name](WORDS[kind]);
  return TIMED[name](WORDS[kind], followerOf(time));
}

/** The level's variant that keeps this time. */
function variantOf(level: string, time: Time): string {
  if (time === "") return level;
  if (time === "process") return `strong-session-${level}`;
  return level === "serializable" ? "strict-serializable" : `strong-${level}`;
}

/** The strongest level that such a cycle does not contradict: with less time, or the next class. */
function levelBelow(
  { level }: Case,
  { kind, name, time }: { readonly kind: Kind; readonly name: Class; readonly time: Time },
): string | undefined {
  if (time === "realtime") return variantOf(level, "process");
  if (time === "process") return level;
  const below: { readonly [each in Class]: string | undefined } = {
    G0: undefined,
    G1c: "read-uncommitted",
    "G-cursor": "read-committed",
    "G-single": "read-committed",
    // Counters have no order of moments of their own for what lies between.
    "G-nonadjacent": kind === "counters" ? "cursor-stability" : "parallel-snapshot-isolation",
    G2: "snapshot-isolation",
  };
  return below[name];
}

function historyFrom(rows: readonly Row[]): History {
  const events = rows.flatMap(([process, begin, end, ...micro]) => {
    const asked = micro.map(([f, about, value]): Value => {
      return [f, about, f === "r" || f === "rp" ? null : value];
    });
    const event = (type: "invoke" | "ok", value: Value, timeNs: number): NewEvent => {
      return { type, process, f: "txn", value, timeNs };
    };
    return [event("invoke", asked, begin), event("ok", micro, end)];
  });
  return historyOf(events.toSorted((a, b) => a.timeNs - b.timeNs));
}

/** With an anti-dependency the name says whether all of them are of items. */
function nameOf(kind: Kind, name: Class, time: Time): string {
  const isItem = name !== "G0" && name !== "G1c" && kind !== "predicates";
  return `${name}${isItem ? "-item" : ""}${time === "" ? "" : `-${time}`}`;
}

const KINDS = Object.keys(WORDS) as readonly Kind[];

const CASES = KINDS.flatMap((kind) =>
  CYCLE_CLASSES.flatMap((name) =>
    TIMES.flatMap((time) => {
      const found = caseOf(kind, name, time);
      return found === undefined
        ? []
        : [[nameOf(kind, name, time), kind, name, time, found] as const];
    }),
  ),
);

test("every class has its variants with time, of lists and of registers", () => {
  for (const kind of ["lists", "registers"] as const) {
    const names = CASES.filter(([, each]) => each === kind).map(([name]) => name);
    expect(new Set(names).size).toBe(CYCLE_CLASSES.length * TIMES.length);
  }
  expect(CASES).toHaveLength(6 * 4 * TIMES.length + 5 * TIMES.length);
});

describe.each(CASES)("%s of %s", (anomaly, kind, name, time, about) => {
  const history = historyFrom(about.rows);
  const { versions } = about;

  test("is found, alone, and confirmed", async () => {
    const level = variantOf(about.level, time);
    const checker = transactional({ level, ...(versions && { versions }) });
    const { verdict, anomalies, certificate, reason } = await checker.check(
      history,
      createBudget(),
    );
    const found = [verdict, ...anomalies.map((each) => each.kind)];
    expect(found, reason).toEqual(["invalid", anomaly]);
    if (certificate === undefined) expect.fail("no certificate");
    expect(isConfirmed(certificate, history)).toBe(true);
  });

  test("is allowed below", async () => {
    const level = levelBelow(about, { kind, name, time });
    if (level === undefined) return;
    const checker = transactional({ level, ...(versions && { versions }) });
    const { verdict, certificate, reason } = await checker.check(history, createBudget());
    expect(`${verdict}: ${reason}`).toMatch(/^valid: /);
    if (certificate === undefined) expect.fail("no certificate");
    expect(isConfirmed(certificate, history)).toBe(true);
  });
});
