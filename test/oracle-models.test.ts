/**
 * Every model of the catalog against brute force, with values that are unique and that repeat,
 * indeterminate operations, failures that observe, several processes and keys, ties in time. Each
 * certificate is verified, each counterexample minimal. A model without a shape here is a failure.
 */
import { expect, test } from "vitest";
import { MODELS, type ModelEntry } from "../src/cli/catalog.js";
import type { Value } from "../src/history/value.js";
import { expectAgreement, LINEARIZABLE } from "./oracle/differential.js";
import type { CallShape, Dice, HistoryShape, Moment } from "./oracle/random-history.js";

type Make = ModelEntry["make"];
type ShapeOf = (dice: Dice, make: Make) => HistoryShape;

/** A function by its inputs, or how to make one, and all of its outputs. */
function call(
  f: string,
  inputs: readonly Value[] | ((moment: Moment) => Value),
  outputs: readonly Value[] = [null],
): CallShape {
  const input =
    typeof inputs === "function"
      ? inputs
      : ({ dice }: Moment): Value => inputs[dice(inputs.length)] ?? null;
  return { f, input, outputs: () => outputs, fails: true };
}

/** All lists of up to so many of the items. */
function lists<Item extends Value>(items: readonly Item[], sizeMax: number): readonly Item[][] {
  if (sizeMax === 0) return [[]];
  const shorter = lists(items, sizeMax - 1);
  const longest = shorter.filter(({ length }) => length === sizeMax - 1);
  return [...shorter, ...longest.flatMap((list) => items.map((item) => [...list, item]))];
}

/** Instances near the beginning of a life, and the requests that lead to them. */
const instancesOf = (life: string): readonly Value[] => [
  { life, status: "pending", retries: 0, effects: [] },
  { life, status: "running", retries: 0, effects: ["1"] },
  { life, status: "waiting", retries: 0, effects: ["1", "2"] },
  { life, status: "pending", retries: 1, effects: ["1", "4"] },
];
const requestsOf = (life: string): readonly Value[] => [
  { life, id: "1", from: "pending", to: "running" },
  { life, id: "2", from: "running", to: "waiting" },
  { life, id: "3", from: "waiting", to: "running", timer: "2" },
  { life, id: "4", from: "running", to: "pending" },
];

const none = [null];
const bits = [0, 1];
const small = [0, 1, 2];
const places = [0, 1, 2, 3, 4, 5, 6, 7];
const truth = [true, false, null];
const done = [null, false];

/** What is put in: of a history either unique, or of few. */
function valuesOf(dice: Dice): (moment: Moment) => Value {
  return dice(2) === 0 ? ({ fresh }) => fresh() : (moment) => moment.dice(3);
}

/** Without keys, or with two; the state is that of one. */
function keysOf(dice: Dice): Pick<HistoryShape, "keys" | "stateOfPart"> {
  return dice(2) === 0 ? { stateOfPart: true } : { stateOfPart: true, keys: ["x", "y"] };
}

/** One of the two meanings of a failure. */
function failure(dice: Dice): "ignore" | "observe" {
  return dice(2) === 0 ? "ignore" : "observe";
}

function registers(words: { readonly read: string; readonly write: string }, cas: boolean) {
  return (dice: Dice, make: Make): HistoryShape => {
    const value = valuesOf(dice);
    const seen = [null, ...places];
    const pair = (moment: Moment): Value => [moment.dice(3), value(moment)];
    return {
      model: make({
        initial: dice(2) === 0 ? null : 0,
        nilReads: dice(2) === 0 ? "value" : "unknown",
        ...(cas ? { failedCas: failure(dice) } : {}),
      }),
      operationsMax: 8,
      ...keysOf(dice),
      calls: [
        call(words.write, value),
        { ...call(words.read, none, seen), weight: 2 },
        ...(cas ? [call("cas", pair, [true, false])] : []),
      ],
    };
  };
}

const store: ShapeOf = (dice, make) => {
  const base = registers({ read: "get", write: "put" }, true)(dice, make);
  if (dice(3) === 0) return base;
  const texts = ["a", "b"];
  const seen = [null, ...lists(texts, 3).map((list) => list.join(""))];
  const calls = [
    call("append", texts),
    call("put", texts),
    call("delete", none),
    call("get", none, seen),
  ];
  if (dice(2) === 0) return { ...base, calls };
  const stored = (key: string): readonly Value[] => seen.slice(2, 6).map((value) => [key, value]);
  const ranges = [[], ...["x", "y"].flatMap((key) => stored(key).map((entry) => [entry]))];
  const both = stored("x").flatMap((one) => stored("y").map((other) => [one, other]));
  // Ranges need the state of the whole store.
  return {
    model: make({ ranges: true, failedCas: failure(dice) }),
    operationsMax: 7,
    keys: ["x", "y"],
    calls: [
      ...calls,
      call(
        "range",
        [
          ["x", "y"],
          [null, null],
        ],
        [...ranges, ...both],
      ),
    ],
  };
};

function locks(options: readonly object[], calls: readonly CallShape[]): ShapeOf {
  return (dice, make) => ({
    model: make(options[dice(options.length)]),
    operationsMax: 8,
    ...keysOf(dice),
    calls,
  });
}

function containers(
  words: { readonly inserts: readonly string[]; readonly takes: readonly string[] },
  options: (dice: Dice) => object,
): ShapeOf {
  return (dice, make) => {
    const value = valuesOf(dice);
    return {
      model: make({ empty: dice(3) === 0 ? "none" : null, ...options(dice) }),
      operationsMax: 8,
      ...keysOf(dice),
      calls: [
        ...words.inserts.map((f) => ({ ...call(f, value), weight: words.takes.length })),
        ...words.takes.map((f) => ({
          ...call(f, none, [null, "none", ...places]),
          weight: words.inserts.length,
        })),
      ],
    };
  };
}

const owners = [{ owner: "none" }, { owner: "process" }];
const tokens = [1, 2, 3, 4, 5, false];
const micros: readonly Value[] = [
  [["r", "x", null]],
  [["w", "x", 1]],
  [["w", "y", 2]],
  [
    ["r", "x", null],
    ["w", "y", 1],
  ],
  [
    ["r", "x", null],
    ["r", "y", null],
  ],
];

/** The results that a transaction might have. */
function seenBy(input: Value): readonly Value[] {
  let found: readonly Value[][] = [[]];
  for (const [f = null, register = null, value = null] of input as readonly Value[][]) {
    const seen = f === "r" ? [null, 1, 2] : [value];
    found = found.flatMap((before) => seen.map((each) => before.concat([[f, register, each]])));
  }
  return found;
}

const shapes: { readonly [model: string]: ShapeOf } = {
  register: registers({ read: "read", write: "write" }, false),
  "cas-register": registers({ read: "read", write: "write" }, true),
  kv: store,
  mutex: locks(owners, [call("acquire", none, done), call("release", none, done)]),
  "reentrant-mutex": locks(
    [{}, { max: 2 }],
    [call("acquire", none, done), call("release", none, done)],
  ),
  "fenced-mutex": locks(
    [{}, { checkToken: true }, { reentrant: true }],
    [call("acquire", none, tokens), call("release", [1, 2, 3], done)],
  ),
  semaphore: locks(
    [{ permits: 1 }, { permits: 3 }, { permits: 2, owner: "process" }],
    [call("acquire", [null, 1], done), call("release", [null, 1], done)],
  ),
  lease: locks(
    [{}, { owner: "process" }],
    [
      call("acquire", none, tokens),
      call("renew", [1, 2, 3], [true, false, 3]),
      call("release", [1, 2, 3], done),
    ],
  ),
  workflow: (dice, make) => ({
    model: make({ failedTransitions: failure(dice) }),
    operationsMax: 8,
    ...keysOf(dice),
    calls: [
      call("create", none, done),
      call("load", none, [null, "pending", "running", "waiting"]),
      call(
        "transition",
        [
          ["pending", "running"],
          ["running", "pending"],
          ["running", "waiting"],
        ],
        done,
      ),
      call("delete", none, truth),
    ],
  }),
  "workflow-instances": (dice, make) => ({
    model: make(dice(2) === 0 ? {} : { retriesMax: dice(2) }),
    operationsMax: 8,
    ...keysOf(dice),
    calls: [
      call("create", [{ life: "a" }, { life: "b" }], [true, false]),
      call("load", none, [null, ...instancesOf("a"), ...instancesOf("b")]),
      call("transition", [...requestsOf("a"), ...requestsOf("b")], [true, false]),
      call("delete", [{ life: "a" }, { life: "b" }], [true, false]),
    ],
  }),
  "multi-register": (dice, make) => ({
    model: make({ nilReads: dice(2) === 0 ? "value" : "unknown", initial: dice(3) || null }),
    operationsMax: 7,
    calls: [{ ...call("txn", micros), outputs: (_, input) => seenBy(input) }],
  }),
  set: (dice, make) => ({
    model: make(dice(2) === 0 ? {} : { initial: [1] }),
    operationsMax: 8,
    calls: [
      call("add", valuesOf(dice), truth),
      call("remove", small, truth),
      call("contains", small, truth),
      ...(dice(2) === 0 ? [] : [call("read", none, subsets([0, 1, 2, 3]))]),
    ],
  }),
  multiset: (dice, make) => ({
    model: make(),
    operationsMax: 8,
    calls: [
      call("add", valuesOf(dice), none),
      call("remove", small, truth),
      call("count", small, [0, 1, 2]),
      ...(dice(2) === 0 ? [] : [call("read", none, lists(small, 3))]),
    ],
  }),
  "fifo-queue": containers({ inserts: ["enqueue"], takes: ["dequeue", "peek"] }, (dice) => ({
    failedDequeue: failure(dice),
  })),
  "unordered-queue": containers({ inserts: ["enqueue"], takes: ["dequeue", "peek"] }, (dice) => ({
    failedDequeue: failure(dice),
  })),
  stack: containers({ inserts: ["push"], takes: ["pop", "peek"] }, (dice) => ({
    failedPop: failure(dice),
  })),
  deque: containers(
    {
      inserts: ["push-front", "push-back"],
      takes: ["pop-front", "pop-back", "peek-front", "peek-back"],
    },
    (dice) => ({ failedPop: failure(dice) }),
  ),
  "priority-queue": containers({ inserts: ["insert"], takes: ["extract", "peek"] }, (dice) => ({
    order: dice(2) === 0 ? "min" : "max",
    failedExtract: failure(dice),
  })),
  counter: (dice, make) => ({
    model: make({ addReturns: (["nothing", "new", "old"] as const)[dice(3)], initial: dice(2) }),
    operationsMax: 8,
    ...keysOf(dice),
    calls: [
      call("add", [null, 2, -1], [null, ...places]),
      call("increment", none, [null, ...places]),
      call("decrement", none, [null, -1, ...places]),
      { ...call("read", none, [-1, ...places]), weight: 2 },
    ],
  }),
  log: (dice, make) => ({
    model: make(),
    operationsMax: 7,
    ...keysOf(dice),
    calls: [
      {
        ...call("append", dice(2) === 0 ? ({ fresh }) => fresh() : bits, [null, ...small]),
        weight: 2,
      },
      call("read", none, lists(dice(2) === 0 ? [1, 2, 3] : bits, 3)),
      call("read", [{ from: 1, limit: 1 }], lists(small, 1)),
      call("size", none, small),
    ],
  }),
  "unique-ids": (_, make) => ({
    model: make(),
    operationsMax: 8,
    stateOfPart: true,
    calls: [call("generate", none, [null, ...places])],
  }),
};

function subsets(items: readonly Value[]): readonly (readonly Value[])[] {
  const [first, ...others] = items;
  if (first === undefined) return [[]];
  return subsets(others).flatMap((some) => [some, [first].concat(some)]);
}

test.each(MODELS.map((entry) => [entry.name, entry] as const))("%s", async (name, entry) => {
  const shapeOf = shapes[name];
  if (shapeOf === undefined) expect.fail(`no shape for the model ${name}`);
  const { valid, invalid } = await expectAgreement(
    (dice) => shapeOf(dice, (options) => entry.make(options)),
    {
      ...LINEARIZABLE,
      histories: 400,
    },
  );
  // A shape that makes only one of the verdicts tests half.
  expect(Math.min(valid, invalid)).toBeGreaterThan((valid + invalid) / 50);
});
