/** What containers accept and reject, in pairs that differ in one thing, and that they project. */
import { describe, expect, test } from "vitest";
import { canonical, type Value } from "../history/value.js";
import { createRandom } from "../random.js";
import { counter } from "./counter.js";
import { deque } from "./deque.js";
import { fifoQueue } from "./fifo-queue.js";
import { log } from "./log.js";
import type { Model, ModelOperation } from "./model.js";
import { multiset } from "./multiset.js";
import { priorityQueue } from "./priority-queue.js";
import { set } from "./set.js";
import { stack } from "./stack.js";
import { uniqueIds } from "./unique-ids.js";
import { unorderedQueue } from "./unordered-queue.js";

const ok = (f: string, input: Value, output: Value = null): ModelOperation => ({
  f,
  key: undefined,
  input,
  output,
  outcome: "ok",
});
const get = (f: string, output: Value): ModelOperation => ok(f, null, output);
const info = (f: string, input: Value = null): ModelOperation => ({
  f,
  key: undefined,
  input,
  output: undefined,
  outcome: "info",
});
const fail = (f: string): ModelOperation => ({ ...info(f), outcome: "fail" });

function run(model: Model, operations: readonly ModelOperation[]): readonly Value[] {
  let states: readonly Value[] = [model.initial()];
  for (const operation of operations) {
    const next = states.flatMap((state) => model.step(state, operation));
    states = [...new Map(next.map((state) => [canonical(state), state])).values()];
  }
  return states;
}

type Case = readonly [string, Model, accepts: ModelOperation[], rejects: ModelOperation[]];

const enq = (value: Value): ModelOperation => ok("enqueue", value);
const push = (value: Value): ModelOperation => ok("push", value);
const insert = (value: Value): ModelOperation => ok("insert", value);
const append = (value: Value, offset: Value = null): ModelOperation => ok("append", value, offset);
const observant = fifoQueue({ failedDequeue: "observe" });
const ids: Model = uniqueIds();

const cases: readonly Case[] = [
  ["set: true says that it was added", set(), [ok("add", 1, true)], [ok("add", 1, false)]],
  [
    "set: other answers of changes say nothing",
    set(),
    [ok("add", 1, 1), ok("add", 1, 1), ok("remove", 1), ok("remove", 1)],
    [ok("add", 1, 1), ok("add", 1, true)],
  ],
  [
    "set: false says that there was nothing to remove",
    set(),
    [ok("remove", 1, false)],
    [ok("add", 1), ok("remove", 1, false)],
  ],
  [
    "set: contains",
    set(),
    [ok("add", 1), ok("contains", 1, true), ok("contains", 2, false)],
    [ok("add", 1), ok("contains", 2, true)],
  ],
  [
    "set: read in any order",
    set(),
    [ok("add", 10), ok("add", 9), ok("add", "a"), get("read", ["a", 10, 9])],
    [ok("add", 10), ok("add", 9), get("read", [10])],
  ],
  [
    "set: a member is there once",
    set(),
    [ok("add", 1), get("read", [1])],
    [ok("add", 1), get("read", [1, 1])],
  ],
  [
    "set: members of the beginning",
    set({ initial: [2, 1, 2] }),
    [get("read", [1, 2])],
    [get("read", [])],
  ],
  [
    "set: an indeterminate add happened where it is placed",
    set(),
    [info("add", 1), get("read", [1])],
    [info("add", 1), get("read", [])],
  ],
  [
    "multiset: copies",
    multiset(),
    [ok("add", 1), ok("add", 1), ok("remove", 1, true), ok("count", 1, 1), get("read", [1])],
    [ok("add", 1), ok("add", 1), ok("remove", 1, true), get("read", [1, 1])],
  ],
  ["multiset: nothing to remove", multiset(), [ok("remove", 1, false)], [ok("remove", 1, true)]],
  [
    "fifo-queue: first in, first out",
    fifoQueue(),
    [enq(1), enq(2), get("peek", 1), get("dequeue", 1), get("dequeue", 2), get("dequeue", null)],
    [enq(1), enq(2), get("dequeue", 2)],
  ],
  [
    "fifo-queue: empty only when it is",
    fifoQueue(),
    [get("dequeue", null)],
    [enq(1), get("dequeue", null)],
  ],
  [
    "fifo-queue: other words for empty",
    fifoQueue({ empty: "none" }),
    [get("peek", "none")],
    [get("peek", null)],
  ],
  [
    "fifo-queue: what stands for emptiness may be in it",
    fifoQueue(),
    [enq(null), enq(1), get("dequeue", null), get("dequeue", 1)],
    [enq(1), enq(null), get("dequeue", null)],
  ],
  [
    "fifo-queue: an indeterminate dequeue takes the head",
    fifoQueue(),
    [enq(1), enq(2), info("dequeue"), get("dequeue", 2)],
    [enq(1), enq(2), info("dequeue"), get("dequeue", 1)],
  ],
  [
    "fifo-queue: a failed dequeue that observes",
    observant,
    [fail("dequeue")],
    [enq(1), fail("dequeue")],
  ],
  [
    "fifo-queue: and sees no null",
    observant,
    [enq(null), get("dequeue", null)],
    [enq(null), fail("dequeue")],
  ],
  [
    "unordered-queue: any of them, each once",
    unorderedQueue(),
    [enq(1), enq(2), get("dequeue", 2), get("dequeue", 1)],
    [enq(1), enq(2), get("dequeue", 2), get("dequeue", 2)],
  ],
  [
    "unordered-queue: an indeterminate dequeue takes any",
    unorderedQueue(),
    [enq(1), enq(2), info("dequeue"), get("dequeue", 1)],
    [enq(1), info("dequeue"), get("dequeue", 1)],
  ],
  [
    "stack: last in, first out",
    stack(),
    [push(1), push(2), get("peek", 2), get("pop", 2), get("pop", 1), get("pop", null)],
    [push(1), push(2), get("pop", 1)],
  ],
  [
    "deque: two ends",
    deque(),
    [
      ok("push-back", 1),
      ok("push-front", 2),
      ok("push-back", 3),
      get("peek-back", 3),
      get("pop-front", 2),
      get("pop-back", 3),
      get("peek-front", 1),
    ],
    [ok("push-back", 1), ok("push-front", 2), get("pop-front", 1)],
  ],
  [
    "priority-queue: the smallest first",
    priorityQueue(),
    [insert(10), insert(9), get("extract", 9)],
    [insert(10), insert(9), get("extract", 10)],
  ],
  [
    "priority-queue: the largest first",
    priorityQueue({ order: "max" }),
    [insert(9), insert(10), get("peek", 10)],
    [insert(9), insert(10), get("peek", 9)],
  ],
  [
    "priority-queue: ties in any order",
    priorityQueue(),
    [insert([1, "a"]), insert([1, "b"]), get("extract", [1, "b"]), get("extract", [1, "a"])],
    [insert([2, "a"]), insert([1, "b"]), get("extract", [2, "a"])],
  ],
  [
    "counter: adds up",
    counter(),
    [ok("add", 5), ok("add", -2, 99), ok("increment", null), ok("decrement", 2), get("read", 2)],
    [ok("add", 5), ok("add", -2), get("read", 5)],
  ],
  [
    "counter: the new number",
    counter({ addReturns: "new", initial: 3 }),
    [ok("add", 2, 5)],
    [ok("add", 2, 3)],
  ],
  ["counter: the old number", counter({ addReturns: "old" }), [ok("add", 2, 0)], [ok("add", 2, 2)]],
  [
    "log: whole reads",
    log(),
    [append("a", 0), append("b"), get("read", ["a", "b"]), get("size", 2)],
    [append("a"), append("b"), get("read", ["b", "a"])],
  ],
  ["log: offsets", log(), [append("a"), append("b", 1)], [append("a"), append("b", 0)]],
  [
    "log: slices",
    log(),
    [
      append("a"),
      append("b"),
      append("c"),
      ok("read", { from: 1, limit: 1 }, ["b"]),
      ok("read", { from: 1 }, ["b", "c"]),
    ],
    [append("a"), append("b"), ok("read", { from: 1 }, ["a", "b"])],
  ],
  // The state is that of one id.
  [
    "unique-ids: never the same twice",
    ids,
    [get("generate", 7)],
    [get("generate", 7), get("generate", 7)],
  ],
  [
    "unique-ids: an indeterminate one gave any",
    ids,
    [info("generate"), get("generate", 7)],
    [get("generate", 7), info("generate"), get("generate", 7)],
  ],
];

describe("containers", () => {
  test.each(cases)("%s", (_, model, accepts, rejects) => {
    expect(run(model, accepts)).not.toEqual([]);
    expect(run(model, rejects)).toEqual([]);
  });

  test("a generate that is not known is in a part of its own", () => {
    expect(ids.partition?.(get("generate", 7))).toBe(7);
    expect(ids.partition?.(info("generate"))).toBe(null);
    expect(ids.values?.(get("generate", null))).toBe(undefined);
  });

  test("what is no option or no input is refused", () => {
    expect(() => priorityQueue({ order: "up" as "max" })).toThrow(/order is "min" or "max"/);
    expect(() => set({ initial: 1 as unknown as Value[] })).toThrow(/list of members/);
    expect(() => run(priorityQueue(), [insert("a")])).toThrow(/number or \[priority, value\]/);
    expect(() => run(log(), [ok("read", { from: -1 }, [])])).toThrow(/from 0 on/);
    expect(() => run(set(), [get("read", null)])).toThrow(/list of all elements/);
  });
});

/** Inputs of what changes a container, and results of what looks at one. */
const shapes: readonly (readonly [Model, readonly string[], readonly string[]])[] = [
  [set(), ["add", "remove", "contains"], ["read"]],
  [set({ initial: [0, 3] }), ["add", "remove", "contains"], ["read"]],
  [multiset(), ["add", "remove"], ["read"]],
  [fifoQueue(), ["enqueue"], ["dequeue", "peek"]],
  [unorderedQueue(), ["enqueue"], ["dequeue", "peek"]],
  [stack(), ["push"], ["pop", "peek"]],
  [deque(), ["push-front", "push-back"], ["pop-front", "pop-back", "peek-front", "peek-back"]],
  [priorityQueue(), ["insert"], ["extract", "peek"]],
  [priorityQueue({ order: "max" }), ["insert"], ["extract", "peek"]],
  [log(), ["append"], ["read", "size"]],
];

describe("projection and parts", () => {
  test.each(shapes)("$name", (model, changes, looks) => {
    let kept = 0;
    for (let seed = 0; seed < 300; seed++) {
      const dice = (sides: number): number => random.below(sides);
      const random = createRandom(seed);
      let states: readonly Value[] = [model.initial()];
      const history: ModelOperation[] = [];
      for (let tries = 0; tries < 24; tries++) {
        const operation = anyOperation(states[0] as Value, { changes, looks, dice });
        const next = states.flatMap((state) => model.step(state, operation));
        expectUnknownAllows(model, states, operation);
        if (model.readOnly?.(operation) === true) {
          for (const state of states) {
            for (const after of model.step(state, operation)) expect(after).toEqual(state);
          }
        }
        if (next.length === 0) continue;
        states = next;
        history.push(operation);
      }
      const keeps = (value: Value): boolean => (Number(value) * 7 + seed) % 3 === 0;
      const projected = history.flatMap((operation) => {
        const about = model.values?.(operation);
        if (about === undefined || about === "all") return [];
        if (about.length > 0 && !about.every((value) => keeps(value))) return [];
        return [model.restrict?.(operation, keeps) ?? operation];
      });
      kept += projected.length;
      expect(run(model, projected), canonical(history as unknown as Value)).not.toEqual([]);
    }
    expect(kept).toBeGreaterThan(600);
  });

  test.each([set(), set({ initial: [1] }), multiset()])("a part an element: $name", (model) => {
    const counts = { right: 0, wrong: 0 };
    for (let seed = 0; seed < 600; seed++) {
      const random = createRandom(seed);
      const history = Array.from({ length: 4 }, () =>
        ok(random.below(2) === 0 ? "add" : "remove", random.below(3), random.below(3) > 0),
      );
      const parts = [0, 1, 2].map((part) =>
        history.filter((operation) => model.partition?.(operation) === part),
      );
      const right = run(model, history).length > 0;
      expect(parts.every((part) => run(model, part).length > 0)).toBe(right);
      counts[right ? "right" : "wrong"]++;
    }
    expect(Math.min(counts.right, counts.wrong)).toBeGreaterThan(20);
  });
});

/** What is probably possible in the state: looks answer what is in it. */
function anyOperation(
  state: Value,
  {
    changes,
    looks,
    dice,
  }: {
    readonly changes: readonly string[];
    readonly looks: readonly string[];
    readonly dice: (sides: number) => number;
  },
): ModelOperation {
  const elements = state as readonly Value[];
  const change = dice(2) === 0 || looks.length === 0;
  if (change) {
    const f = changes[dice(changes.length)] as string;
    return ok(f, dice(6), dice(2) === 0 ? null : dice(2) === 0);
  }
  const f = looks[dice(looks.length)] as string;
  if (f === "read") return get(f, elements);
  if (f === "size") return get(f, elements.length);
  const seen = [elements[0], elements.at(-1), elements[dice(elements.length + 1)]][dice(3)];
  return get(f, seen ?? null);
}

function expectUnknownAllows(
  model: Model,
  states: readonly Value[],
  operation: ModelOperation,
): void {
  const unknown: ModelOperation = { ...operation, output: undefined, outcome: "info" };
  for (const state of states) {
    const free = model.step(state, unknown).map((next) => canonical(next));
    for (const next of model.step(state, operation)) expect(free).toContain(canonical(next));
  }
}
