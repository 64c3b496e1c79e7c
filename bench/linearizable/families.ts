/**
 * What is measured: families of cases, each family at growing sizes. A family is listed when there
 * is a model of its object.
 */
import type { Model } from "../../src/model/model.js";
import type { VerdictKind } from "../../src/verdict/verdict.js";
import { MODELS } from "./models.js";
import {
  accountObject,
  priorityQueueObject,
  queueObject,
  registerObject,
  setObject,
  stackObject,
  storeObject,
} from "./objects.js";
import {
  impossibleBalance,
  impossibleRead,
  lostElement,
  staleRead,
  swappedDequeues,
  swappedExtracts,
  swappedPops,
  type Planter,
} from "./plant.js";
import type { SequentialObject } from "./simulate.js";

/** One row of the table. */
export interface PlannedCase {
  readonly family: string;
  /** Distinguishes the curves of a family: clients, indeterminate operations, what is planted. */
  readonly variant: string;
  /** The kind of object, as in `MODELS`. */
  readonly object: string;
  readonly model: () => Model;
  readonly operations: number;
  readonly expected: VerdictKind;
  /** Where the history comes from: clients that are simulated, or a name known to `subjects.ts`. */
  readonly source:
    | Clients
    | { readonly named: "etcd-logs" | "kv-log" | "scrambled"; file?: string };
  /** Limits of the row's own, in place of those that were asked for. */
  readonly timeMs?: number;
  readonly memoryBytes?: number;
}

/** What simulated clients do. */
export interface Clients {
  readonly clients: number;
  readonly use: () => SequentialObject;
  readonly plant?: Planter;
  readonly indeterminate?: number;
  readonly indeterminateRate?: number;
  readonly eagerness?: number;
}

interface Plan {
  readonly family: string;
  readonly object: string;
  readonly use: () => SequentialObject;
  readonly plant: Planter;
  readonly planted: string;
  readonly eagerness?: number;
}

/** One step of a curve: N operations, C clients, K of them indeterminate (below 1: a rate). */
type Point = readonly [
  n: number,
  clients: number,
  indeterminate?: number,
  only?: "right" | "wrong",
];

const UNIQUE_SIZES = [1e4, 1e5, 1e6];
const RATE = 0.01;

const cas5 = {
  object: "cas-register-observing",
  use: () => registerObject(5, true),
  plant: impossibleRead,
  planted: "impossible read",
};
const stale = { plant: staleRead, planted: "stale read" };
const reads = { object: "register", use: () => registerObject(0, false), ...stale };
const queue = {
  object: "queue",
  use: queueObject,
  plant: swappedDequeues,
  planted: "swapped order",
};
const stack = {
  object: "stack",
  use: () => stackObject(),
  plant: swappedPops,
  planted: "swapped order",
};
const priorityQueue = {
  object: "priority-queue",
  use: priorityQueueObject,
  plant: swappedExtracts,
  planted: "swapped order",
};
const set = { object: "set", use: setObject, plant: lostElement, planted: "lost element" };

const PLANS: readonly (readonly [Plan, readonly Point[]])[] = [
  [
    { family: "cas-indeterminate", ...cas5 },
    [
      [100, 5, 12],
      [100, 5, 20],
      [1000, 10, 2],
      [1000, 10, 5],
      [1000, 10, 40],
    ],
  ],
  [
    { family: "cas", ...cas5 },
    [
      [1e3, 10],
      [1e4, 10],
      [1e5, 10],
      [200, 20],
      [1e3, 20],
      [1e3, 30],
    ],
  ],
  [
    { family: "register", ...reads },
    [
      [1e3, 4],
      [1e4, 4],
      [1e5, 4],
      [1e3, 16],
      [1e4, 16],
      [1e5, 16],
    ],
  ],
  [
    { family: "register-indeterminate", ...reads },
    [
      [1e3, 5, 8],
      [1e3, 5, 15],
      [1e4, 5, 150],
    ],
  ],
  [
    { family: "queue", ...queue },
    [
      [1e4, 4],
      [3e4, 4],
      [100, 8],
      [1e3, 8],
      [200, 16],
      [1e4, 16],
    ],
  ],
  [
    { family: "stack", ...stack },
    [
      [200, 4],
      [400, 4],
      [1e3, 4],
      [1e4, 4],
      [1e4, 8],
    ],
  ],
  [
    { family: "priority-queue", ...priorityQueue },
    [
      [1e4, 8],
      [1e5, 8],
    ],
  ],
  [
    { family: "set", ...set },
    [
      [3e4, 8],
      [1e5, 8],
    ],
  ],
  [{ family: "unique-register", ...reads }, uniquePoints(8)],
  [
    {
      family: "unique-cas-register",
      object: "cas-register",
      use: () => registerObject(0, true),
      ...stale,
    },
    uniquePoints(8),
  ],
  [{ family: "unique-queue", ...queue }, uniquePoints(8)],
  [{ family: "unique-stack", ...stack }, uniquePoints(8)],
  // For peers that know no pop of an empty stack: one that is hardly ever empty.
  [
    { family: "unique-stack-filled", ...stack, use: () => stackObject(25) },
    UNIQUE_SIZES.map((size): Point => [size, 8]),
  ],
  [{ family: "unique-priority-queue", ...priorityQueue }, uniquePoints(8)],
  [{ family: "unique-set", ...set }, uniquePoints(8)],
  [{ family: "kv", object: "kv", use: () => storeObject(1_000), ...stale }, uniquePoints(50)],
  [
    {
      family: "own-model",
      object: "account",
      use: accountObject,
      plant: impossibleBalance,
      planted: "impossible balance",
      eagerness: 0.05,
    },
    UNIQUE_SIZES.map((size): Point => [size, 10]),
  ],
];

function uniquePoints(clients: number): readonly Point[] {
  return [0, RATE].flatMap((rate) => UNIQUE_SIZES.map((size): Point => [size, clients, rate]));
}

/** Every case whose object has a model, in the order of the table. */
export function everyCase(): readonly PlannedCase[] {
  const planned = PLANS.flatMap(([plan, points]) =>
    points.flatMap((point) => [caseOf(plan, point, false), caseOf(plan, point, true)]),
  );
  return [...LOGS, ...planned, ...BUDGETS].flatMap((found) => {
    const model = MODELS[found.object];
    return model === undefined ? [] : [{ ...found, model }];
  });
}

type Unmodelled = Omit<PlannedCase, "model">;

function caseOf(plan: Plan, [operations, clients, indeterminate = 0]: Point, wrong: boolean) {
  const { family, object, use, plant, planted, eagerness } = plan;
  const isRate = indeterminate > 0 && indeterminate < 1;
  const told = isRate ? `, ${indeterminate * 100} % indeterminate` : `, K=${indeterminate}`;
  const made: Unmodelled = {
    family,
    variant: `C=${clients}${indeterminate === 0 ? "" : told}, ${wrong ? planted : "right"}`,
    object,
    operations,
    expected: wrong ? "invalid" : "valid",
    source: {
      clients,
      use,
      ...(wrong ? { plant } : {}),
      ...(isRate ? { indeterminateRate: indeterminate } : { indeterminate }),
      ...(eagerness === undefined ? {} : { eagerness }),
    },
  };
  return made;
}

const KV_LOGS = ["c01-ok", "c01-bad", "c10-ok", "c10-bad", "c50-ok", "c50-bad"];

/** Real histories; how many operations they have is known when they are read. */
const LOGS: readonly Unmodelled[] = [
  {
    family: "etcd-logs",
    variant: "all files, each on its own",
    object: "cas-register",
    operations: 0,
    expected: "unknown",
    source: { named: "etcd-logs" },
  },
  ...KV_LOGS.map((name): Unmodelled => ({
    family: "kv-logs",
    variant: name,
    object: "kv",
    operations: 0,
    expected: name.endsWith("ok") ? "valid" : "invalid",
    source: { named: "kv-log", file: `porcupine-kv/${name}.txt` },
  })),
];

/** What limits are worth on a history that no search can decide. */
const BUDGETS: readonly Unmodelled[] = [
  { ...exponential("time budget 2 s"), timeMs: 2_000, memoryBytes: 8 * 2 ** 30 },
  { ...exponential("memory budget 512 MiB"), timeMs: 120_000, memoryBytes: 512 * 2 ** 20 },
];

function exponential(variant: string): Unmodelled {
  return {
    family: "budgets",
    variant,
    object: "scrambler",
    operations: 31,
    expected: "unknown",
    source: { named: "scrambled" },
  };
}
