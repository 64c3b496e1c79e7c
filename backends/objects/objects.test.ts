/** What each object answers, and that calls that only look change nothing. */
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/history/value.js";
import { callObject, OBJECT_FUNCTIONS } from "./index.js";

type Script = readonly (readonly [f: string, argument: Value, expected: Value])[];

const REFUSED = "refused";

const SCRIPTS: { readonly [object: string]: Script } = {
  set: [
    ["read", null, []],
    ["add", 1, null],
    ["add", [2], null],
    ["add", [2], null],
    ["read", null, [1, [2]]],
    ["remove", 1, null],
    ["read", null, [[2]]],
  ],
  queue: [
    ["dequeue", null, null],
    ["enqueue", 1, null],
    ["enqueue", 2, null],
    ["dequeue", null, 1],
    ["enqueue", 3, null],
    ["drain", null, [2, 3]],
    ["drain", null, []],
  ],
  log: [
    ["send", ["x", "a"], 0],
    ["send", ["x", "b"], 1],
    ["read", { log: "x", from: 1, limit: 5 }, [[1, "b"]]],
    ["read", { log: "y" }, []],
    ["take", { log: "x", group: "g", limit: 1 }, [[0, "a"]]],
    [
      "take",
      { log: "x", group: "h", limit: 5 },
      [
        [0, "a"],
        [1, "b"],
      ],
    ],
    ["take", { log: "x", group: "g", limit: 5 }, [[1, "b"]]],
    ["take", { log: "x", group: "g", limit: 5 }, []],
    ["read", { log: "x", from: 0, limit: 1 }, [[0, "a"]]],
    // What a transaction sends itself it does not read.
    [
      "txn",
      [
        ["send", ["x", "c"]],
        ["send", ["y", "d"]],
        ["read", { log: "x", from: 1 }],
        ["read", { log: "y" }],
      ],
      [2, 0, [[1, "b"]], []],
    ],
    ["read", { log: "y" }, [[0, "d"]]],
  ],
  counter: [
    ["read", null, 0],
    ["add", 3, null],
    ["add", -1, null],
    ["read", null, 2],
  ],
  ids: [
    ["generate", null, 1],
    ["generate", null, 2],
  ],
  bank: [
    ["read", null, { a: 20, b: 20, c: 20, d: 20, e: 20 }],
    ["transfer", { from: "a", to: "b", amount: 15 }, null],
    ["transfer", { from: "a", to: "b", amount: 15 }, REFUSED],
    ["transfer", { from: "b", to: "b", amount: 5 }, null],
    ["read", null, { a: 5, b: 35, c: 20, d: 20, e: 20 }],
  ],
  registers: [
    ["txn", [["r", "x", null]], [["r", "x", null]]],
    [
      "txn",
      [
        ["w", "x", 1],
        ["r", "x", null],
      ],
      [
        ["w", "x", 1],
        ["r", "x", 1],
      ],
    ],
    [
      "txn",
      [
        ["r", "y", null],
        ["r", "x", null],
      ],
      [
        ["r", "y", null],
        ["r", "x", 1],
      ],
    ],
  ],
  lock: [
    ["release", { owner: 1 }, REFUSED],
    ["acquire", { owner: 1 }, 1],
    ["acquire", { owner: 2 }, REFUSED],
    ["release", { owner: 2 }, REFUSED],
    ["release", { owner: 1 }, null],
    ["acquire", { owner: 2 }, 2],
  ],
  election: [
    ["leader", null, null],
    ["elect", "n1", { term: 1, leader: "n1" }],
    ["elect", "n2", { term: 2, leader: "n2" }],
    ["leader", null, { term: 2, leader: "n2" }],
  ],
  state: [
    ["load", null, null],
    ["delete", null, null],
    ["delete", { expected: 1 }, { conflict: 0 }],
    ["save", { value: "a", expected: 1 }, { conflict: 0 }],
    ["save", { value: "a", expected: 0 }, { version: 1 }],
    ["load", null, { value: "a", version: 1 }],
    ["save", { value: null }, { version: 2 }],
    ["load", null, { value: null, version: 2 }],
    ["save", { value: "b", expected: 1 }, { conflict: 2 }],
    ["delete", { expected: 1 }, { conflict: 2 }],
    ["delete", { expected: 2 }, { version: 2 }],
    ["load", null, null],
    ["save", { value: "c", expected: 2 }, { conflict: 0 }],
    ["save", { value: "c", expected: 0 }, { version: 3 }],
  ],
};

test("each object has a script", () => {
  expect(Object.keys(SCRIPTS).sort()).toEqual([...OBJECT_FUNCTIONS].sort());
});

describe.each(Object.entries(SCRIPTS))("%s", (object, script) => {
  test("answers as it should", () => {
    let state: Value = null;
    for (const [f, argument, expected] of script) {
      const answer = callObject(object, state, [f, argument]);
      if (answer === undefined) throw new Error(`${object} has no ${f}`);
      if ("refusal" in answer) {
        expect(expected, `${f} ${answer.message}`).toBe(REFUSED);
        continue;
      }
      expect(answer.value, f).toEqual(expected);
      if (answer.next !== undefined) state = answer.next;
      if (/^(?:read|leader|load)$/.test(f)) expect(answer.next).toBeUndefined();
    }
  });

  test("does not know other functions, nor other shapes", () => {
    expect(callObject(object, null, ["no-such-function", null])).toBeUndefined();
    expect(callObject(object, null, "read")).toBeUndefined();
    expect(callObject("toString", null, ["read", null])).toBeUndefined();
  });
});
