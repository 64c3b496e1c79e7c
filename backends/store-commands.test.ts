import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sameValue, type Value } from "../src/history/value.js";
import { casRegister } from "../src/model/cas-register.js";
import { kv } from "../src/model/kv.js";
import {
  applyChange,
  applyCommand,
  keyText,
  KV_FUNCTIONS,
  REGISTER_FUNCTIONS,
  type Command,
} from "./store-commands.js";

const run = (state: Map<string, Value>, command: Command) => {
  const { answer, change } = applyCommand(state, command);
  if (change !== undefined) applyChange(state, change);
  return answer;
};

describe("the commands of stores", () => {
  test("agree with the models, whatever comes", () => {
    const text = fc.constantFrom("", "a", "b");
    const command: fc.Arbitrary<Command> = fc.oneof(
      fc.record({ f: fc.constant("read"), key: fc.constant(null), value: fc.constant(null) }),
      fc.record({ f: fc.constant("write"), key: fc.constant(null), value: text }),
      fc.record({
        f: fc.constant("cas"),
        key: fc.constant(null),
        value: fc.tuple(fc.option(text), text),
      }),
      fc.record({
        f: fc.constantFrom("get", "delete"),
        key: fc.constantFrom(1, "1"),
        value: fc.constant(null),
      }),
      fc.record({ f: fc.constantFrom("put", "append"), key: fc.constantFrom(1, "1"), value: text }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const state = new Map<string, Value>();
        const models = new Map<string, Value>();
        for (const { f, key, value } of commands) {
          const model = REGISTER_FUNCTIONS.includes(f)
            ? casRegister({ failedCas: "observe" })
            : kv();
          const held = models.get(keyText(key)) ?? null;
          const answer = run(state, { f, key, value });
          const [next] = model.step(held, {
            f,
            key,
            input: value,
            output: answer.outcome === "ok" ? answer.value : value,
            outcome: answer.outcome,
          });
          expect(next).not.toBeUndefined();
          models.set(keyText(key), next as Value);
        }
        for (const [key, value] of models)
          expect(sameValue(state.get(key) ?? null, value)).toBe(true);
      }),
    );
  });

  test("change nothing themselves", () => {
    const state = new Map<string, Value>([["null", 1]]);
    for (const f of [...REGISTER_FUNCTIONS, ...KV_FUNCTIONS]) {
      applyCommand(state, { f, key: null, value: f === "cas" ? [1, 2] : "x" });
    }
    expect([...state]).toEqual([["null", 1]]);
  });

  test.each([
    [{ f: "cas", key: null, value: [7, 2] }, "mismatch"],
    [{ f: "cas", key: null, value: 7 }, "bad-argument"],
    [{ f: "append", key: null, value: 7 }, "bad-argument"],
    [{ f: "append", key: null, value: "x" }, "wrong-type"],
    [{ f: "increment", key: null, value: 1 }, "unsupported"],
  ] as const)("%j fails for certain, as %s", (command, code) => {
    const state = new Map<string, Value>([["null", 1]]);
    expect(applyCommand(state, command)).toEqual({
      answer: { outcome: "fail", code, message: expect.any(String) as string },
    });
  });

  test("cas compares by value, and sees what was never written as null", () => {
    const state = new Map<string, Value>();
    expect(run(state, { f: "cas", key: "k", value: [null, { a: 1, b: 2 }] }).outcome).toBe("ok");
    expect(run(state, { f: "cas", key: "k", value: [{ b: 2, a: 1 }, 3] }).outcome).toBe("ok");
    expect(state.get('"k"')).toBe(3);
  });
});
