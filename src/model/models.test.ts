/** What each model accepts and rejects, in pairs. */
import { describe, expect, test } from "vitest";
import type { Value } from "../history/value.js";
import { casRegister } from "./cas-register.js";
import { kv } from "./kv.js";
import type { Model, ModelOperation } from "./model.js";
import { register } from "./register.js";

const op = (
  f: string,
  input: Value,
  output: Value | undefined,
  outcome: ModelOperation["outcome"] = "ok",
): ModelOperation => ({ f, key: undefined, input, output, outcome });

const ok = (f: string, input: Value, output: Value = input): ModelOperation => op(f, input, output);
const info = (f: string, input: Value): ModelOperation => op(f, input, undefined, "info");
const failed = (f: string, input: Value): ModelOperation => op(f, input, input, "fail");

/** The states after these operations; empty when one of them is impossible. */
function run(model: Model, ...operations: ModelOperation[]): readonly Value[] {
  let states: readonly Value[] = [model.initial()];
  for (const operation of operations) {
    states = states.flatMap((state) => model.step(state, operation));
  }
  return states;
}

type Case = readonly [string, Model, accepts: ModelOperation[], rejects: ModelOperation[]];

const cases: readonly Case[] = [
  [
    "register: a read sees the last write",
    register(),
    [ok("write", 1), ok("read", null, 1)],
    [ok("write", 1), ok("read", null, 2)],
  ],
  ["register: starts with null", register(), [ok("read", null)], [ok("read", null, 0)]],
  [
    "register: or with what it is told",
    register({ initial: 0 }),
    [ok("read", null, 0)],
    [ok("read", null)],
  ],
  [
    "register: composite values are compared by value",
    register(),
    [ok("write", { a: [1], b: 2 }), ok("read", null, { b: 2, a: [1] })],
    [ok("write", { a: [1], b: 2 }), ok("read", null, { b: 2, a: [2] })],
  ],
  [
    "register: reads of null may say nothing, other reads do",
    register({ initial: 0, nilReads: "unknown" }),
    [ok("read", null)],
    [ok("read", null, 1)],
  ],
  [
    "cas-register: swaps only what it expects",
    casRegister({ initial: 1 }),
    [ok("cas", [1, 2]), ok("read", null, 2)],
    [ok("cas", [2, 3])],
  ],
  [
    "cas-register: ok with false says that it did not swap",
    casRegister({ initial: 1 }),
    [ok("cas", [2, 3], false), ok("read", null, 1)],
    [ok("cas", [1, 3], false)],
  ],
  [
    "cas-register: a failure that counts saw another value",
    casRegister({ initial: 1, failedCas: "observe" }),
    [failed("cas", [2, 3]), ok("read", null, 1)],
    [failed("cas", [1, 3])],
  ],
  [
    "cas-register: an indeterminate cas swaps when it can",
    casRegister({ initial: 1 }),
    [info("cas", [1, 2]), info("cas", [7, 8]), ok("read", null, 2)],
    [info("cas", [1, 2]), ok("read", null, 1)],
  ],
  [
    "kv: append to an absent key",
    kv(),
    [ok("append", "a"), ok("append", "b"), ok("get", null, "ab")],
    [ok("append", "a"), ok("append", "b"), ok("get", null, "ba")],
  ],
  [
    "kv: delete makes it absent",
    kv(),
    [ok("put", 1), ok("delete", null), ok("get", null)],
    [ok("put", 1), ok("delete", null), ok("get", null, 1)],
  ],
  [
    "kv: read and write are other words",
    kv(),
    [ok("write", 1), ok("get", null, 1), ok("cas", [1, 2]), ok("read", null, 2)],
    [ok("write", 1), ok("read", null, 2)],
  ],
];

test.each(cases)("%s", (_, model, accepted, rejected) => {
  expect(run(model, ...accepted)).toHaveLength(1);
  expect(run(model, ...rejected)).toHaveLength(0);
});

describe.each([register(), casRegister(), kv()])("$name", (model) => {
  test("is partitioned by key, null without one", () => {
    expect(model.partition?.({ ...ok("read", null), key: "x" })).toBe("x");
    expect(model.partition?.(ok("read", null))).toBeNull();
  });

  test("what it calls read-only changes nothing, in any state", () => {
    const values: Value[] = [null, 0, 1, false];
    for (const f of model.functions ?? []) {
      for (const operation of values.flatMap((value) => [
        ok(f, f === "cas" ? [value, 1] : value, value),
        info(f, f === "cas" ? [value, 1] : value),
        failed(f, f === "cas" ? [value, 1] : value),
      ])) {
        if (model.readOnly?.(operation) !== true) continue;
        for (const state of values) {
          for (const next of model.step(state, operation)) expect(next).toBe(state);
        }
      }
    }
  });

  test("info allows at least what any result allows", () => {
    const values: Value[] = [null, 0, 1];
    for (const f of model.functions ?? []) {
      for (const input of f === "cas"
        ? [
            [0, 1],
            [1, 1],
            [null, 0],
          ]
        : values) {
        for (const state of values) {
          const free = model.step(state, info(f, input));
          for (const output of [...values, false, true]) {
            for (const next of model.step(state, ok(f, input, output)))
              expect(free).toContainEqual(next);
          }
        }
      }
    }
  });
});

test("failures count only when asked for, and only those of cas", () => {
  const observing = casRegister({ failedCas: "observe" });
  expect(observing.observesFailure?.(failed("cas", [1, 2]))).toBe(true);
  expect(observing.observesFailure?.(failed("write", 1))).toBe(false);
  expect(casRegister().observesFailure?.(failed("cas", [1, 2]))).toBe(false);
});

test("bad options and arguments are refused in words", () => {
  const options = { nilReads: "maybe" } as unknown as { nilReads: "value" };
  expect(() => register(options)).toThrow('nilReads is "value" or "unknown", not "maybe"');
  expect(() => run(casRegister(), ok("cas", 1))).toThrow("cas needs the input [old, new], not 1");
});
