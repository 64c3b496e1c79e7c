import { describe, expect, test } from "vitest";
import type { Value } from "../history/value.js";
import {
  workflowInstances,
  workflowMachine,
  type TransitionRequest,
  type WorkflowInstance,
} from "./workflow-instances.js";

const machine = workflowMachine({ retriesMax: 1 });
const request = (id: string, from: string, to: string, timer?: string): TransitionRequest => ({
  id,
  life: "a",
  from,
  to,
  ...(timer === undefined ? {} : { timer }),
});
const instance = (status: string, ...effects: string[]): WorkflowInstance => ({
  life: "a",
  status,
  retries: 0,
  effects,
});

describe("a request", () => {
  const moved: readonly (readonly [string, WorkflowInstance, TransitionRequest, string])[] = [
    ["along an edge", instance("pending"), request("1", "pending", "running"), "running"],
    [
      "of a timer that is set",
      instance("waiting", "1"),
      request("2", "waiting", "running", "1"),
      "running",
    ],
    ["that retries", instance("running", "1"), request("2", "running", "pending"), "pending"],
  ];
  test.each(moved)("%s has its effect", (_, before, asked, status) => {
    const after = machine.move(before, asked);
    expect(after).toMatchObject({ status, effects: [...before.effects, asked.id] });
    expect(after?.retries).toBe(status === "pending" ? 1 : 0);
  });

  const refused: readonly (readonly [string, WorkflowInstance | null, TransitionRequest])[] = [
    ["without an instance", null, request("1", "pending", "running")],
    ["for another life", { ...instance("pending"), life: "b" }, request("1", "pending", "running")],
    ["from elsewhere", instance("waiting"), request("1", "pending", "running")],
    ["along no edge", instance("pending"), request("1", "pending", "completed")],
    ["from a state that is none", instance("toString"), request("1", "toString", "running")],
    [
      "of a timer of an earlier wait",
      instance("waiting", "1", "2", "3"),
      request("4", "waiting", "running", "1"),
    ],
    [
      "to retry once more",
      { ...instance("running"), retries: 1 },
      request("1", "running", "pending"),
    ],
  ];
  test.each(refused)("%s is refused", (_, before, asked) => {
    expect(machine.move(before, asked)).toBeUndefined();
  });

  test("that had its effect changes nothing, wherever the instance is by now", () => {
    const before = instance("completed", "1", "2");
    expect(machine.move(before, request("1", "pending", "running"))).toBe(before);
  });
});

describe("the model", () => {
  const model = workflowInstances();
  const step = (state: Value, f: string, input: Value, output?: Value): readonly Value[] => {
    const outcome = output === undefined ? "info" : "ok";
    return model.step(state, { f, key: null, input, output: output ?? null, outcome });
  };

  test("lets an instance live, move and die, and another life begin", () => {
    const begun = { life: "a", status: "pending", retries: 0, effects: [] };
    expect(step(null, "create", { life: "a" }, true)).toEqual([begun]);
    expect(step(begun, "create", { life: "b" }, false)).toEqual([begun]);
    expect(step(begun, "create", { life: "b" }, true)).toEqual([]);
    const asked = request("1", "pending", "running");
    const running = { ...begun, status: "running", effects: ["1"] };
    expect(step(begun, "transition", asked, true)).toEqual([running]);
    expect(step(begun, "transition", asked)).toEqual([running]);
    expect(step(running, "transition", asked, true)).toEqual([running]);
    expect(step(running, "transition", asked, false)).toEqual([]);
    expect(step(running, "load", null, running)).toEqual([running]);
    expect(step(running, "load", null, begun)).toEqual([]);
    expect(step(running, "delete", { life: "b" }, true)).toEqual([]);
    expect(step(running, "delete", { life: "a" }, true)).toEqual([null]);
    expect(step(null, "load", null, null)).toEqual([null]);
  });

  test("refuses inputs that it cannot read", () => {
    expect(() => step(null, "create", null, true)).toThrow("create needs the input {life}");
    expect(() => step(null, "transition", { id: "1" }, true)).toThrow("{id, life, from, to}");
  });

  test("refuses machines that are none", () => {
    expect(() => workflowInstances({ transitions: {} })).toThrow("names no state");
    expect(() => workflowInstances({ transitions: { a: ["b"] } })).toThrow('leads to "b"');
    expect(() => workflowInstances({ retriesMax: -1 })).toThrow("0 or more");
  });
});
