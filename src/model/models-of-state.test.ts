/** What leases, workflows, multi-registers and ranges accept and reject, in pairs. */
import { describe, expect, test } from "vitest";
import type { Value } from "../history/value.js";
import { kv } from "./kv.js";
import { lease } from "./lease.js";
import type { Model, ModelOperation } from "./model.js";
import { multiRegister } from "./multi-register.js";
import { workflow } from "./workflow.js";

const ok = (f: string, input: Value, output: Value = input): ModelOperation => ({
  f,
  key: undefined,
  input,
  output,
  outcome: "ok",
});
const info = (f: string, input: Value): ModelOperation => ({
  ...ok(f, input),
  output: undefined,
  outcome: "info",
});
const at = (key: Value, operation: ModelOperation): ModelOperation => ({ ...operation, key });
const txn = (...micros: Value[]): ModelOperation => ok("txn", micros);

function run(model: Model, operations: readonly ModelOperation[]): readonly Value[] {
  let states: readonly Value[] = [model.initial()];
  for (const operation of operations) {
    states = states.flatMap((state) => model.step(state, operation));
  }
  return states;
}

type Case = readonly [string, Model, accepts: ModelOperation[], rejects: ModelOperation[]];

const ranged = kv({ ranges: true });
const stored = [at("b", ok("put", 2)), at(10, ok("put", 0)), at("a", ok("put", 1))];
const loadsPending = ok("load", null, "pending");

const cases: readonly Case[] = [
  [
    "lease: tokens grow, even over one that ran out",
    lease(),
    [ok("acquire", null, 1), ok("acquire", null, 2)],
    [ok("acquire", null, 1), ok("acquire", null, 1)],
  ],
  [
    "lease: is refused only while another may stand",
    lease(),
    [ok("acquire", null, 1), ok("acquire", null, false)],
    [ok("acquire", null, 1), ok("release", 1), ok("acquire", null, false)],
  ],
  [
    "lease: a superseded token renews nothing",
    lease(),
    [ok("acquire", null, 1), ok("acquire", null, 2), ok("renew", 1, false), ok("renew", 2, true)],
    [ok("acquire", null, 1), ok("acquire", null, 2), ok("renew", 1, true)],
  ],
  [
    "lease: what was seen to have ended does not come back",
    lease(),
    [ok("acquire", null, 1), ok("renew", 1, false), ok("acquire", null, 2)],
    [ok("acquire", null, 1), ok("renew", 1, false), ok("renew", 1, true)],
  ],
  [
    "lease: nor is it in the way",
    lease(),
    [ok("acquire", null, 1), ok("renew", 1, true), ok("acquire", null, false)],
    [ok("acquire", null, 1), ok("renew", 1, false), ok("acquire", null, false)],
  ],
  [
    "lease: a renewal may give a new token, which supersedes the old one",
    lease(),
    [ok("acquire", null, 1), ok("renew", 1, 2), ok("renew", 2, 2), ok("release", 2)],
    [ok("acquire", null, 1), ok("renew", 1, 2), ok("renew", 1, 1)],
  ],
  [
    "lease: new tokens of renewals are larger too",
    lease(),
    [ok("acquire", null, 5), ok("renew", 5, 6)],
    [ok("acquire", null, 5), ok("renew", 5, 4)],
  ],
  [
    "lease: an indeterminate acquire may supersede, with a token above the known ones",
    lease(),
    [ok("acquire", null, 5), info("acquire", null), ok("renew", 6, true)],
    [ok("acquire", null, 5), info("acquire", null), ok("renew", 4, true)],
  ],
  [
    "lease: or may not",
    lease(),
    [ok("acquire", null, 5), info("acquire", null), ok("renew", 5, true)],
    [ok("acquire", null, 5), info("acquire", null), ok("renew", 6, true), ok("renew", 5, true)],
  ],
  [
    "lease: owners renew their own without a token",
    lease({ owner: "input" }),
    [ok("acquire", "a", 1), ok("renew", "a", true), ok("renew", "b", false)],
    [ok("acquire", "a", 1), ok("renew", "b", true)],
  ],
  [
    "workflow: moves along the edges",
    workflow(),
    [ok("create", null), ok("transition", ["pending", "running"])],
    [ok("create", null), ok("transition", ["pending", "completed"])],
  ],
  [
    "workflow: and only from where it is",
    workflow(),
    [ok("create", null), ok("transition", ["running", "waiting"], false), loadsPending],
    [ok("create", null), ok("transition", ["running", "waiting"])],
  ],
  [
    "workflow: refuses nothing that is legal",
    workflow(),
    [ok("create", null), ok("transition", ["pending", "completed"], false)],
    [ok("create", null), ok("transition", ["pending", "running"], false)],
  ],
  [
    "workflow: what is deleted is gone",
    workflow(),
    [ok("create", null), ok("delete", null, true), ok("load", null, null)],
    [ok("create", null), ok("delete", null, true), loadsPending],
  ],
  [
    "workflow: is created once",
    workflow(),
    [ok("create", null), ok("create", null, false)],
    [ok("create", null), ok("create", null)],
  ],
  [
    "workflow: begins where the machine does",
    workflow({ transitions: { open: ["shut"], shut: [] } }),
    [ok("create", "open"), ok("transition", ["open", "shut"])],
    [ok("create", "shut")],
  ],
  [
    "workflow: a delete that says what it found is held to it",
    workflow(),
    [ok("delete", null, null), ok("delete", null, false)],
    [ok("delete", null, true)],
  ],
  [
    "workflow: an indeterminate transition happens where it can",
    workflow(),
    [ok("create", null), info("transition", ["pending", "running"]), ok("load", null, "running")],
    [ok("create", null), info("transition", ["pending", "failed"]), ok("load", null, "failed")],
  ],
  [
    "multi-register: a transaction reads several at once",
    multiRegister({ initial: { x: 0, y: 0 } }),
    [txn(["write", "x", 1]), txn(["read", "x", 1], ["read", "y", 0])],
    [txn(["write", "x", 1]), txn(["read", "x", 1], ["read", "y", 1])],
  ],
  [
    "multi-register: and sees its own writes",
    multiRegister(),
    [txn(["w", "x", 1], ["r", "x", 1], ["w", "x", 2])],
    [txn(["w", "x", 1], ["r", "x", 1], ["w", "x", 2]), txn(["r", "x", 1])],
  ],
  [
    "multi-register: reads of null may say nothing",
    multiRegister({ initial: 0, nilReads: "unknown" }),
    [txn(["r", "x", null], ["r", "y", 0])],
    [txn(["r", "x", null], ["r", "y", 1])],
  ],
  [
    "multi-register: what an indeterminate one reads is open, what it writes is not",
    multiRegister(),
    [
      info("txn", [
        ["w", "x", 1],
        ["r", "y", null],
      ]),
      ok("read", [["r", "x", null]], [["r", "x", 1]]),
    ],
    [
      info("txn", [
        ["w", "x", 1],
        ["r", "y", null],
      ]),
      ok("read", [["r", "x", null]], [["r", "x", 2]]),
    ],
  ],
  [
    "multi-register: registers of different keys are different",
    multiRegister(),
    [at(1, txn(["w", "x", 1])), at(2, txn(["r", "x", null]))],
    [at(1, txn(["w", "x", 1])), at(2, txn(["r", "x", 1]))],
  ],
  [
    "range: the keys between, numbers before texts",
    ranged,
    [
      ...stored,
      ok(
        "range",
        [null, null],
        [
          [10, 0],
          ["a", 1],
          ["b", 2],
        ],
      ),
    ],
    [
      ...stored,
      ok(
        "range",
        [null, null],
        [
          ["a", 1],
          ["b", 2],
          [10, 0],
        ],
      ),
    ],
  ],
  [
    "range: bounds are included, and what lies outside is not",
    ranged,
    [...stored, ok("range", ["a", "b"], { a: 1, b: 2 })],
    [...stored, ok("range", ["a", "aa"], { a: 1, b: 2 })],
  ],
  [
    "range: misses nothing",
    ranged,
    [
      ...stored,
      ok(
        "range",
        ["a", "z"],
        [
          ["a", 1],
          ["b", 2],
        ],
      ),
    ],
    [...stored, ok("range", ["a", "z"], [["a", 1]])],
  ],
  [
    "range: shows nothing that was deleted",
    ranged,
    [...stored, at("a", ok("delete", null)), ok("range", ["a", "a"], [])],
    [...stored, at("a", ok("delete", null)), ok("range", ["a", "a"], [["a", null]])],
  ],
];

describe("what models accept and reject", () => {
  test.each(cases)("%s", (_, model, accepts, rejects) => {
    expect(run(model, accepts)).not.toEqual([]);
    expect(run(model, rejects)).toEqual([]);
  });
});

describe("an operation about one thing belongs to its part", () => {
  const parts: readonly (readonly [string, Model, ModelOperation, Value | undefined])[] = [
    ["one register", multiRegister(), txn(["w", "x", 1], ["r", "x", 1]), "x"],
    ["two registers", multiRegister(), txn(["w", "x", 1], ["r", "y", 1]), undefined],
    ["two of one key", multiRegister(), at(7, txn(["w", "x", 1], ["r", "y", 1])), 7],
    ["a key of a store", ranged, at("a", ok("get", null)), "a"],
    ["a range", ranged, ok("range", ["a", "b"], []), undefined],
  ];
  test.each(parts)("%s", (_, model, operation, part) => {
    expect(model.partition?.(operation)).toEqual(part);
  });
});

describe("what is wrong with the question is an error", () => {
  const errors: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["an edge to nowhere", () => workflow({ transitions: { a: ["b"] } }), /no entry for it/],
    ["a machine without states", () => workflow({ transitions: {} }), /names no state/],
    ["another beginning", () => workflow({ initial: "begun" }), /no state of the machine/],
    ["a transition of one state", () => run(workflow(), [ok("transition", "a")]), /\[from, to\]/],
    ["no micro-operations", () => run(multiRegister(), [ok("txn", 1)]), /list of \[f, register/],
    ["an unknown one", () => run(multiRegister(), [txn(["add", "x", 1])]), /micro-operation "add"/],
    [
      "other results than asked for",
      () => run(multiRegister(), [ok("txn", [["r", "x", null]], [["r", "y", 1]])]),
      /other micro-operations/,
    ],
    ["a token of letters", () => run(lease(), [ok("acquire", null, "x")]), /tokens are numbers/],
    ["a range without an end", () => run(ranged, [ok("range", 1)]), /\[from, to\]/],
    ["a full store", () => kv({ ranges: true, initial: 0 }), /keys that nobody wrote/],
  ];
  test.each(errors)("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});

test("without ranges a store is what it was", () => {
  expect(kv().options).toEqual(kv({ ranges: false }).options);
  expect(kv().initial()).toBeNull();
});
