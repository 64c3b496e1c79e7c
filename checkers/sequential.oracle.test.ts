/**
 * Sequential consistency against brute force, on registers with unique and with repeated writes, on
 * stores with two keys (which must not be taken apart), and on queues, one of which nothing is
 * known of.
 */
import { describe, expect, test } from "vitest";
import { type CallShape, type HistoryShape } from "../test/oracle/random-history.js";
import { expectAgreement, type Compared } from "../test/oracle/differential.js";
import { hasSequentialOrder } from "../test/oracle/brute-force.js";
import type { Value } from "../src/history/value.js";
import { kv } from "../src/model/kv.js";
import { fifoQueue } from "../src/model/fifo-queue.js";
import { casRegister } from "../src/model/cas-register.js";
import { register } from "../src/model/register.js";
import type { Model } from "../src/model/model.js";
import { sequential } from "./sequential.js";

const compared: Compared = {
  checker: (model) => sequential({ model, nothingCompleted: "valid" }),
  isRight: hasSequentialOrder,
};

const read: CallShape = {
  f: "read",
  weight: 2,
  input: () => null,
  outputs: ({ known }) => [null, known(), known(), known()],
};
const uniqueWrite: CallShape = {
  f: "write",
  input: ({ fresh }) => fresh(),
  outputs: (_, input) => [input],
};

/** Two registers in one: the key is in the input, since brute force does not take keys apart. */
const pair: Model = {
  name: "pair",
  options: {},
  initial: () => [null, null],
  step: (state, { input, output, outcome }) => {
    const [place, value] = input as readonly [number, Value];
    const registers = state as readonly Value[];
    if (value !== "read") return [registers.with(place, value)];
    return outcome === "info" || output === registers[place] ? [state] : [];
  },
};

/** The same as two registers with a partition. */
const partitioned: Model = {
  ...register(),
  name: "partitioned",
  functions: ["call"],
  type: { name: "register", roles: { "call-write": "write", "call-read": "read" } },
  initial: () => [null, null],
  step: (state, operation) => pair.step(state, operation),
  partition: ({ input }) => (input as readonly Value[])[0],
  values: () => "all",
  readOnly: ({ input }) => (input as readonly Value[])[1] === "read",
};

const onPairs: CallShape = {
  f: "call",
  input: ({ dice, fresh }) => [dice(2), dice(2) === 0 ? "read" : fresh()],
  outputs: ({ known }, input) =>
    (input as readonly Value[])[1] === "read" ? [null, known(), known()] : [input],
};

const queue: Model = {
  name: "queue",
  options: {},
  initial: () => [],
  step: (state, { f, input, output, outcome }) => {
    const items = state as readonly Value[];
    if (f === "enqueue") return [[...items, input]];
    if (items.length === 0) return outcome === "info" || output === null ? [items] : [];
    return outcome === "info" || output === items[0] ? [items.slice(1)] : [];
  },
};

const shapes: readonly [string, HistoryShape][] = [
  [
    "a register with unique writes",
    { model: register(), operationsMax: 9, calls: [read, uniqueWrite] },
  ],
  [
    "a register with repeated writes",
    {
      model: register({ initial: 0 }),
      operationsMax: 8,
      calls: [
        { ...read, outputs: () => [0, 1, 2] },
        { f: "write", input: ({ dice }) => dice(3), outputs: (_, input) => [input] },
      ],
    },
  ],
  [
    "a cas-register",
    {
      model: casRegister({ failedCas: "observe" }),
      operationsMax: 7,
      calls: [
        read,
        uniqueWrite,
        {
          f: "cas",
          input: ({ dice, known }) => [known(), dice(3)],
          outputs: (_, input) => [input, false],
          fails: true,
        },
      ],
    },
  ],
  ["two registers in one state", { model: pair, operationsMax: 8, calls: [onPairs] }],
  ["two registers with a partition", { model: partitioned, operationsMax: 8, calls: [onPairs] }],
  [
    "a queue that a monitor knows",
    {
      model: fifoQueue(),
      operationsMax: 8,
      calls: [
        { f: "enqueue", input: ({ fresh }) => fresh(), outputs: (_, input) => [input] },
        { f: "dequeue", input: () => null, outputs: ({ known }) => [null, known(), known()] },
      ],
    },
  ],
  [
    "a queue",
    {
      model: queue,
      operationsMax: 8,
      calls: [
        { f: "enqueue", input: ({ fresh }) => fresh(), outputs: (_, input) => [input] },
        { f: "dequeue", input: () => null, outputs: ({ known }) => [null, known(), known()] },
      ],
    },
  ],
];

/** A store as one register a key, whose state is one for all keys: brute force takes it whole. */
const wholeStore: Model = {
  ...kv(),
  initial: () => ({}),
  step: (state, { f, key, input, output, outcome }) => {
    const store = state as { readonly [key: string]: Value };
    const name = key as string;
    if (f === "write") return [{ ...store, [name]: input }];
    return outcome === "info" || output === (store[name] ?? null) ? [state] : [];
  },
};

test("stores with unique writes agree with brute force, and some need a schedule", async () => {
  const shape: HistoryShape = {
    model: kv(),
    keys: ["x", "y"],
    stateOfPart: true,
    operationsMax: 9,
    calls: [read, uniqueWrite],
  };
  const counts = await expectAgreement(() => shape, {
    ...compared,
    isRight: (history) => hasSequentialOrder(history, wholeStore),
  });
  expect(counts.valid).toBeGreaterThan(0);
  expect(counts.invalid).toBeGreaterThan(0);
  expect(counts.searches["schedule"] ?? 0).toBeGreaterThan(0);
});

describe.each(shapes)("%s", (_, shape) => {
  test("agrees with brute force", async () => {
    const counts = await expectAgreement(() => shape, compared);
    const all = counts.valid + counts.invalid;
    expect(counts.valid).toBeGreaterThan(all / 20);
    expect(counts.invalid).toBeGreaterThan(all / 50);
  });
});
