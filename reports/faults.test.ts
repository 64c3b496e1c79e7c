import { describe, expect, test } from "vitest";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { faultsOf } from "./faults.js";

const nemesis = (timeNs: number, f: string, more: Partial<NewEvent> = {}): NewEvent => {
  return { timeNs, type: "info", process: "nemesis", f, value: null, ...more };
};
const spans = (...events: NewEvent[]): (readonly [string, number, number])[] =>
  faultsOf(historyOf(events)).map(({ name, startNs, endNs }) => [name, startNs, endNs]);

describe("faultsOf", () => {
  test("a fault reaches from the first word of its start to the last of its stop", () => {
    expect(
      spans(
        nemesis(1, "start-partition"),
        nemesis(2, "start-partition", { value: ["n1"] }),
        nemesis(5, "stop-partition"),
        nemesis(6, "stop-partition"),
        nemesis(8, "start-partition"),
        nemesis(9, "start-partition"),
      ),
    ).toEqual([
      ["partition", 1, 6],
      ["partition", 8, Infinity],
    ]);
  });

  test("faults overlap, and heal ends all", () => {
    expect(
      spans(
        nemesis(1, "start-crash"),
        nemesis(2, "start-crash"),
        nemesis(3, "start-pause"),
        nemesis(4, "start-pause"),
        nemesis(7, "heal"),
        nemesis(9, "heal"),
      ),
    ).toEqual([
      ["crash", 1, 9],
      ["pause", 3, 9],
    ]);
  });

  test("one that took no effect is none, and the next of its name is", () => {
    expect(
      spans(
        nemesis(1, "start-crash"),
        nemesis(2, "start-crash", { error: "no such process" }),
        nemesis(3, "start-crash"),
        nemesis(4, "start-crash"),
      ),
    ).toEqual([["crash", 3, Infinity]]);
  });

  test("a stop that failed ends nothing", () => {
    expect(
      spans(
        nemesis(1, "start-crash"),
        nemesis(2, "start-crash"),
        nemesis(3, "stop-crash"),
        nemesis(4, "stop-crash", { error: "would not start" }),
      ),
    ).toEqual([["crash", 1, Infinity]]);
  });

  test("histories with one event a fault, named start and stop, work too", () => {
    expect(
      spans(nemesis(1, "start"), nemesis(3, "stop"), nemesis(5, "start"), nemesis(7, "stop")),
    ).toEqual([
      ["fault", 1, 3],
      ["fault", 5, 7],
    ]);
  });

  test("a client's function of that name is no fault", () => {
    expect(spans({ timeNs: 1, type: "invoke", process: 0, f: "start-job", value: null })).toEqual(
      [],
    );
  });
});
