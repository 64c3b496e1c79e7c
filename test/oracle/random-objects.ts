/**
 * Small random histories of objects that are no registers, or do not say so, for the differential
 * tests of causality and sessions.
 */
import type { NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { counter } from "../../src/model/counter.js";
import { fifoQueue } from "../../src/model/fifo-queue.js";
import { kv } from "../../src/model/kv.js";
import { log } from "../../src/model/log.js";
import type { Model } from "../../src/model/model.js";
import { register } from "../../src/model/register.js";
import { set } from "../../src/model/set.js";
import type { Dice } from "./random-history.js";

/** Two registers, of which nothing is said but what a step does. */
export const unknownRegisters: Model = {
  name: "unknown-registers",
  options: {},
  initial: () => ({}),
  step: (state, { f, key, input, output, outcome }) => {
    const values = state as { readonly [key: string]: Value };
    if (f === "write") return [{ ...values, [key as string]: input }];
    const value = values[key as string] ?? null;
    return outcome === "info" || output === value ? [state] : [];
  },
  readOnly: ({ f }) => f === "read",
};

const { type: _, ...parted } = register();

/** The same, which says that keys are apart. */
export const partedRegisters: Model = parted;

/** The smallest and the largest number so far. */
const extremes: Model = {
  name: "extremes",
  options: {},
  initial: () => [0, 0],
  step: (state, { f, input, output, outcome }) => {
    const [least, most] = state as readonly [number, number];
    if (f === "note") {
      return [[Math.min(least, input as number), Math.max(most, input as number)]];
    }
    const answer = f === "least" ? least : most;
    return outcome === "info" || output === answer ? [state] : [];
  },
  readOnly: ({ f }) => f !== "note",
};

/** A function, what it may be given, and what it may return; its input when that is not said. */
type Call = readonly [f: string, inputs: readonly Value[], outputs?: readonly Value[]];

/** Calls of an object. */
export interface ObjectShape {
  readonly model: Model;
  readonly updates: readonly Call[];
  readonly reads: readonly Call[];
  readonly keys?: readonly string[];
}

/** Objects that are no registers. */
export const OBJECTS: readonly (readonly [string, ObjectShape])[] = [
  [
    "a set",
    {
      model: set(),
      updates: [
        ["add", ["a", "b"]],
        ["remove", ["a", "b"]],
      ],
      reads: [
        ["contains", ["a", "b"], [true, false]],
        ["read", [null], [[], ["a"], ["b"], ["a", "b"]]],
      ],
    },
  ],
  [
    "a counter",
    { model: counter(), updates: [["add", [1, 2]]], reads: [["read", [null], [0, 1, 2, 3, 4]]] },
  ],
  [
    "a log",
    {
      model: log(),
      updates: [["append", ["a", "b", "c"]]],
      reads: [["read", [null], [[], ["a"], ["b"], ["a", "b"], ["b", "a"], ["a", "c"]]]],
    },
  ],
  [
    "a queue",
    {
      model: fifoQueue(),
      updates: [["enqueue", [1, 2, 3]]],
      reads: [["dequeue", [null], [1, 2, 3]]],
    },
  ],
  [
    "a store with appends",
    {
      model: kv(),
      keys: ["x", "y"],
      updates: [["append", ["a", "b"]]],
      reads: [["get", [null], [null, "a", "b", "ab", "ba"]]],
    },
  ],
  [
    "a model of a user",
    {
      model: extremes,
      updates: [["note", [-2, -1, 1, 2]]],
      reads: [
        ["least", [null], [0, -1, -2]],
        ["most", [null], [0, 1, 2]],
      ],
    },
  ],
];

/** The events of a few operations; what is returned is anything that could be. */
export function randomObject(dice: Dice, shape: ObjectShape): NewEvent[] {
  const events: NewEvent[] = [];
  const count = 3 + dice(3);
  const ended = new Set<number>();
  for (let number = 0; number < count; number++) {
    const process = dice(3);
    if (ended.has(process)) continue;
    const isRead = dice(5) < (2 * number < count ? 1 : 4);
    const [f, inputs, outputs] = pick(dice, isRead ? shape.reads : shape.updates);
    const input = pick(dice, inputs);
    const key = shape.keys === undefined ? {} : { key: pick(dice, shape.keys) };
    const about = { timeNs: number, process, f, ...key };
    events.push({ ...about, type: "invoke", value: input });
    if (dice(9) === 0) {
      ended.add(process);
      if (dice(2) === 0) events.push({ ...about, type: "info", value: null });
      continue;
    }
    const value = outputs === undefined ? input : pick(dice, outputs);
    events.push({ ...about, type: "ok", value });
  }
  return events;
}

function pick<Item>(dice: Dice, items: readonly Item[]): Item {
  return items[dice(items.length)] as Item;
}
