import { describe, expect, test } from "vitest";
import { clients, simulate } from "../generator/index.js";
import { createHistoryBuilder, type NewEvent } from "../history/history.js";
import { follow } from "./follow.js";
import { scriptOf, type ScriptedOperation } from "./script.js";

const EVENTS: readonly NewEvent[] = [
  { timeNs: 5, type: "invoke", process: 0, f: "write", value: 1 },
  { timeNs: 6, type: "info", process: "nemesis", f: "start-crash", value: null },
  { timeNs: 7, type: "info", process: 0, f: "write", value: 1 },
  { timeNs: 8, type: "info", process: "nemesis", f: "start-crash", value: { nodes: ["n2"] } },
  { timeNs: 9, type: "invoke", process: 2, f: "read", key: "k", value: null },
  { timeNs: 10, type: "ok", process: 2, f: "read", key: "k", value: 1 },
  { timeNs: 12, type: "info", process: "nemesis", f: "heal", value: null },
  { timeNs: 13, type: "info", process: "nemesis", f: "heal", value: null },
  { timeNs: 2e9 + 20, type: "invoke", process: 1, f: "read", value: null },
  { timeNs: 2e9 + 21, type: "ok", process: 1, f: "read", value: 1 },
];

describe("scriptOf", () => {
  test("tells workers from processes, what faults did, and what came after healing", () => {
    const builder = createHistoryBuilder();
    for (const event of EVENTS) builder.add(event);
    expect(scriptOf(builder.build(), 2)).toEqual({
      operations: [
        { worker: 0, atNs: 5, f: "write", value: 1 },
        { worker: 0, atNs: 9, f: "read", key: "k", value: null },
      ],
      faults: [{ atNs: 6, invocation: { f: "start-crash", value: { nodes: ["n2"] } } }],
      untilNs: 12,
      final: [{ worker: 1, atNs: 7, f: "read", value: null }],
    });
  });

  test("takes all for the main phase where nothing was healed", () => {
    const builder = createHistoryBuilder();
    for (const event of EVENTS.slice(0, 6)) builder.add(event);
    const script = scriptOf(builder.build(), 2);
    expect(script.operations).toHaveLength(2);
    expect(script).toMatchObject({ untilNs: 10, final: [] });
  });
});

describe("follow", () => {
  const operation = (worker: number, atMs: number, f: string): ScriptedOperation => ({
    worker,
    atNs: atMs * 1e6,
    f,
    value: null,
  });

  test("begins each operation at its time, or when its worker is free again", () => {
    const generator = clients(
      follow({ operations: [operation(0, 2, "a"), operation(0, 3, "b"), operation(1, 1, "c")] }),
    );
    const events = simulate(generator, {
      concurrency: 2,
      seed: 1,
      answer: () => ({ type: "ok", latencyMs: 5 }),
    });
    const begun = events
      .filter(({ type }) => type === "invoke")
      .map(({ f, process, timeNs }) => [f, process, timeNs / 1e6]);
    expect(begun).toEqual([
      ["c", 1, 1],
      ["a", 0, 2],
      ["b", 0, 7],
    ]);
  });
});
