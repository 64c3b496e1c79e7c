/** The contract of models, on each model that ordeal ships, and on models that break it. */
import { describe, expect, test } from "vitest";
import { MODELS } from "../cli/catalog.js";
import type { Value } from "../history/value.js";
import { counter } from "../model/counter.js";
import { fencedMutex } from "../model/fenced-mutex.js";
import { kv } from "../model/kv.js";
import { lease } from "../model/lease.js";
import type { Model, ModelOperation } from "../model/model.js";
import { multiRegister } from "../model/multi-register.js";
import { mutex } from "../model/mutex.js";
import { reentrantMutex } from "../model/reentrant-mutex.js";
import { register } from "../model/register.js";
import { semaphore } from "../model/semaphore.js";
import { workflow } from "../model/workflow.js";
import { modelContract } from "./model-contract.js";

/** Every function with every input and every output, of two keys and two processes. */
function product(
  functions: {
    readonly [f: string]: readonly [inputs: readonly Value[], outputs: readonly Value[]];
  },
  keys: readonly (string | undefined)[] = ["x", "y"],
): readonly ModelOperation[] {
  return Object.entries(functions).flatMap(([f, [inputs, outputs]]) =>
    [0, 1].flatMap((process) =>
      keys.flatMap((key) =>
        inputs.flatMap((input) =>
          outputs.map((output) => ({ f, key, process, input, output, outcome: "ok" as const })),
        ),
      ),
    ),
  );
}

/** The same without keys. */
function unkeyed(functions: Parameters<typeof product>[0]): readonly ModelOperation[] {
  return product(functions, [undefined]);
}

const done = [null, false];
const changes = [true, false, null];
const taken = [[null], [null, 1, 2]] as const;
const registers = {
  read: [[null], [null, 0, 1, 2]],
  write: [[0, 1, 2], [null]],
} as const;
const cas = {
  cas: [
    [
      [0, 1],
      [1, 2],
      [2, 0],
    ],
    [true, false],
  ],
} as const;
const store = {
  ...registers,
  ...cas,
  get: [[null], [null, 1, "a", "ab"]],
  put: [[1, "a"], [null]],
  append: [["a", "b"], [null]],
  delete: [[null], [null]],
} as const;
const owned = { acquire: [["a", "b"], done], release: [["a", "b"], done] } as const;
const fenced = {
  acquire: [[null], [false, 1, 2, 3, null]],
  release: [[1, 2, 3, null], done],
} as const;
const micros: readonly Value[] = [
  [["r", "x", null]],
  [["w", "x", 1]],
  [
    ["r", "x", null],
    ["w", "y", 2],
  ],
];

const INSTANCES: readonly Value[] = [
  { life: "a", status: "pending", retries: 0, effects: [] },
  { life: "a", status: "running", retries: 0, effects: ["1"] },
  { life: "b", status: "waiting", retries: 0, effects: ["1", "2"] },
];
const REQUESTS: readonly Value[] = [
  { life: "a", id: "1", from: "pending", to: "running" },
  { life: "a", id: "2", from: "running", to: "pending" },
  { life: "b", id: "1", from: "pending", to: "running" },
  { life: "b", id: "2", from: "running", to: "waiting" },
  { life: "b", id: "3", from: "waiting", to: "running", timer: "2" },
];

/** Operations for each model, and what is also to be tried. */
const domains: {
  readonly [name: string]: readonly ModelOperation[];
} = {
  register: product(registers),
  "cas-register": product({ ...registers, ...cas }),
  kv: product(store),
  mutex: product({ acquire: [[null], done], release: [[null], done] }),
  "reentrant-mutex": product({ acquire: [[null], done], release: [[null], done] }),
  "fenced-mutex": product(fenced),
  semaphore: product({ acquire: [[null], done], release: [[null], done] }),
  lease: product({
    ...fenced,
    renew: [
      [1, 2, 3],
      [true, false, 3, 4],
    ],
  }),
  workflow: product({
    create: [[null], done],
    load: [[null], [null, "pending", "running", "waiting"]],
    transition: [
      [
        ["pending", "running"],
        ["running", "waiting"],
        ["waiting", "failed"],
      ],
      done,
    ],
    delete: [[null], [null, true, false]],
  }),
  "workflow-instances": product({
    create: [[{ life: "a" }, { life: "b" }], done],
    load: [[null], [null, ...INSTANCES]],
    transition: [REQUESTS, done],
    delete: [[{ life: "a" }, { life: "b" }], done],
  }),
  "multi-register": [
    ...product({
      txn: [micros, [null]],
      read: [[[["r", "x", null]]], [[["r", "x", 1]], [["r", "x", null]]]],
      write: [
        [
          [
            ["w", "x", 1],
            ["w", "y", 1],
          ],
          [["w", "y", 3]],
        ],
        [null],
      ],
    }),
  ].flatMap((operation) => [operation, { ...operation, key: undefined }]),
  set: unkeyed({
    add: [[1, 2], changes],
    remove: [[1, 2], changes],
    contains: [[1, 2], changes],
    read: [[null], [[], [1], [2], [2, 1]]],
  }),
  multiset: unkeyed({
    add: [[1, 2], [null]],
    remove: [[1, 2], changes],
    count: [
      [1, 2],
      [0, 1, 2],
    ],
    read: [[null], [[], [1], [2], [1, 2], [1, 1]]],
  }),
  "fifo-queue": product({ enqueue: [[1, 2], [null]], dequeue: taken, peek: taken }),
  "unordered-queue": product({ enqueue: [[1, 2], [null]], dequeue: taken, peek: taken }),
  stack: product({ push: [[1, 2], [null]], pop: taken, peek: taken }),
  deque: product({
    "push-front": [[1, 2], [null]],
    "push-back": [[1, 2], [null]],
    "pop-front": taken,
    "pop-back": taken,
    "peek-front": taken,
    "peek-back": taken,
  }),
  "priority-queue": product({
    insert: [[1, [1, "a"], 2], [null]],
    extract: [[null], [null, 1, [1, "a"], 2]],
    peek: [[null], [null, 1, [1, "a"], 2]],
  }),
  counter: product({
    add: [[null, 2, -1], [null]],
    increment: [[null], [null]],
    decrement: [[null, 2], [null]],
    read: [[null], [-1, 0, 1, 2]],
  }),
  log: product({
    append: [
      [1, 2],
      [null, 0, 1],
    ],
    read: [
      [null, { from: 1, limit: 1 }],
      [[], [1], [2], [1, 2]],
    ],
    size: [[null], [0, 1, 2]],
  }),
  "unique-ids": unkeyed({ generate: [[null], [1, 2, 3, null]] }),
};

const variants: readonly (readonly [string, Model, readonly ModelOperation[]])[] = [
  ["mutex of processes", mutex({ owner: "process" }), domains["mutex"] ?? []],
  ["mutex of names", mutex({ owner: "input" }), product(owned)],
  ["bounded reentrant mutex", reentrantMutex({ owner: "input", max: 2 }), product(owned)],
  ["checked mutex", fencedMutex({ checkToken: true }), product(fenced)],
  ["reentrant checked mutex", fencedMutex({ reentrant: true, checkToken: true }), product(fenced)],
  [
    "semaphore of processes",
    semaphore({ permits: 3, owner: "process" }),
    product({ acquire: [[1, 2], done], release: [[1, 2], done] }),
  ],
  [
    "lease of processes",
    lease({ owner: "process" }),
    product({
      ...fenced,
      renew: [
        [1, 2, null],
        [true, false, 3],
      ],
    }),
  ],
  ...(["new", "old"] as const).map((addReturns): [string, Model, readonly ModelOperation[]] => [
    `counter whose adds answer the ${addReturns} number`,
    counter({ addReturns }),
    product({
      add: [
        [2, -1, 0.1],
        [null, -1, 0, 1, 2, 0.1],
      ],
      increment: [[null], [null, 0, 1]],
      decrement: [[null], [null, 0, 1]],
      read: [[null], [-1, 0, 0.1, 2]],
    }),
  ]),
  ["observed workflow", workflow({ failedTransitions: "observe" }), domains["workflow"] ?? []],
  [
    "multi-register of Knossos",
    multiRegister({ initial: { x: 1 }, nilReads: "unknown" }),
    domains["multi-register"] ?? [],
  ],
  [
    "store with ranges",
    kv({ ranges: true }),
    [
      ...product(store),
      ...[
        [],
        [["x", 1]],
        [
          ["x", 1],
          ["y", 1],
        ],
      ].map((output): ModelOperation => ({
        f: "range",
        key: undefined,
        input: ["x", "y"],
        output,
        outcome: "ok",
      })),
    ],
  ],
];

// A model without a domain has no operations, which the suite refuses.
const ours = MODELS.map((entry) => [entry.name, entry.make(), domains[entry.name] ?? []] as const);

describe.each([...ours, ...variants])("%s", (_, model, operations) => {
  for (const { name, skipped, run } of modelContract({ model, operations })) {
    if (skipped === undefined) test(name, run);
    else test.skip(`${name} (${skipped})`, () => undefined);
  }
});

const good = register();
const goodStep: Model["step"] = (state, operation) => good.step(state, operation);
let calls = 0;

/** What each broken model violates, by the law that has to find it. */
const broken: readonly (readonly [law: RegExp, Partial<Model>])[] = [
  [/plain JSON/, { step: () => [new Map() as unknown as Value] }],
  [/arguments alone/, { step: () => [calls++] }],
  [
    /arguments alone/,
    {
      initial: () => [0],
      step: (state) => {
        (state as number[])[0] = 1;
        return [state];
      },
    },
  ],
  [/see the process/, { step: (_, { process }) => [process === 97 ? 1 : 0] }],
  [
    /unknown result allows/,
    {
      step: (state, operation) => (operation.outcome === "info" ? [7] : goodStep(state, operation)),
    },
  ],
  [/read-only/, { readOnly: () => true }],
  [/failure that is an observation/, { observesFailure: () => true }],
  // One value for all keys.
  [
    /each part/,
    {
      partition: ({ key, f }) => (f === "read" ? undefined : (key ?? null)),
      step: (state, { f, input }) =>
        f === "read" ? [state] : state === null || state === input ? [input] : [],
    },
  ],
  [
    /projected/,
    {
      step: (state, { f, input }) =>
        [Number(state) + (f === "write" ? Number(input) : 0)].filter(
          (sum) => sum === 0 || sum % 2 === 1,
        ),
    },
  ],
  [
    /look-ahead/,
    {
      lookAhead: {
        observes: ({ f }) => f === "read",
        mayLeadTo: () => false,
        restores: () => true,
        overwrites: () => false,
      },
    },
  ],
  [
    /look-ahead/,
    {
      lookAhead: {
        observes: ({ f, outcome }) => f === "read" && outcome === "ok",
        mayLeadTo: (state, { output }) => state === output,
        restores: () => false,
        overwrites: () => false,
      },
    },
  ],
  [/no function that it does not name/, { step: (state) => [state] }],
  [/every function that it names/, { functions: ["read", "write", "peek"] }],
  [/roles of its type/, { type: { name: "register", roles: { get: "read" } } }],
];

describe("each law can be broken", () => {
  test.each(broken)("%s", async (law, parts) => {
    const model: Model = { ...good, ...parts };
    const operations = product(registers);
    const found = modelContract({ model, operations }).filter(({ name }) => law.test(name));
    expect(found).toHaveLength(1);
    await expect(found[0]?.run()).rejects.toThrow(/./);
  });
});

test("a suite without operations proves nothing, and says so", async () => {
  const [first] = modelContract({ model: good, operations: [] });
  await expect(first?.run()).rejects.toThrow(/no operations/);
});
