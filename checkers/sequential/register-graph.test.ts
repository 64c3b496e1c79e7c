/** Registers that would need more memory than they are worth are left to the search. */
import { expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { historyOf, type NewEvent } from "../../src/history/history.js";
import { kv } from "../../src/model/kv.js";
import { Meter } from "../linearizable/meter.js";
import { Transitions } from "../linearizable/transitions.js";
import { layOutByProcess } from "./layout.js";
import { createGraph, type Registers } from "./register-graph.js";
import { wantsOf, type Wants } from "./wants.js";

/** So many processes, each of which writes a key of its own. */
function graphOf(processes: number): Registers {
  const events = Array.from({ length: processes }, (_, process): NewEvent[] => {
    const write = { process, f: "write", key: process, value: process, timeNs: process };
    return [
      { ...write, type: "invoke" },
      { ...write, type: "ok" },
    ];
  });
  const model = kv();
  const transitions = new Transitions(model, new Meter(createBudget()));
  const layout = layOutByProcess(historyOf(events.flat()), model);
  const wants = wantsOf(layout, model, transitions) as Wants;
  return createGraph(layout, wants, transitions.initial());
}

test("there is no graph where every operation would have a clock of thousands of processes", () => {
  expect(graphOf(100)).toMatchObject({ chains: { length: 100 }, writes: { length: 100 } });
  // No column a process and key either, of which there would be as many.
  expect(graphOf(9_000)).toBeUndefined();
});
