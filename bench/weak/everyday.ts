/** Families of everyday checkers: an object or a history each, right and with one violation. */
import { bank } from "../../checkers/bank.js";
import { broadcast } from "../../checkers/broadcast.js";
import { causalReverse } from "../../checkers/causal-reverse.js";
import { counter } from "../../checkers/counter.js";
import { durability } from "../../checkers/durability.js";
import { eventual } from "../../checkers/eventual.js";
import { exactlyOnce } from "../../checkers/exactly-once.js";
import { leader } from "../../checkers/leader.js";
import { liveness } from "../../checkers/liveness.js";
import { lock } from "../../checkers/lock.js";
import { longFork } from "../../checkers/long-fork.js";
import { monotonic } from "../../checkers/monotonic.js";
import { setFull } from "../../checkers/set-full.js";
import { statistics } from "../../checkers/statistics.js";
import { stream } from "../../checkers/stream.js";
import { totalQueue } from "../../checkers/total-queue.js";
import { unhandledErrors } from "../../checkers/unhandled-errors.js";
import { uniqueIds } from "../../checkers/unique-ids.js";
import type { Checker } from "../../src/checker/checker.js";
import type { History } from "../../src/history/history.js";
import { queueObject, registerObject, storeObject } from "../linearizable/objects.js";
import {
  historyOf,
  simulate,
  type Request,
  type SequentialObject,
  type Simulation,
} from "../linearizable/simulate.js";
import type { Plan } from "./case-of.js";
import { streamHistory, streamStepsHistory, thenAllRead, withFaults } from "./histories.js";
import {
  bankObject,
  changeLast,
  collectionObject,
  counterObject,
  forkPair,
  idObject,
  leaderObject,
  lockObject,
  loseElement,
  pairsObject,
} from "./objects.js";
import { replicatedCalls } from "./replicas.js";

const SIZES = [1e3, 1e4, 1e5, 1e6];
const CLIENTS = 20;

/** What one everyday checker is measured on. */
interface Everyday {
  readonly family: string;
  readonly checker: Checker;
  /** Right, or with a violation. */
  readonly history: (operations: number, wrong: boolean) => History;
  /** What the violation is; undefined where there is none. */
  readonly planted?: string;
  /** Default `SIZES`. */
  readonly sizes?: readonly number[];
}

/** Clients of an object, with a violation that is planted when asked for. */
function clientsOf(
  use: (operations: number) => SequentialObject,
  plant: (simulation: Simulation) => void,
  rest: {
    readonly indeterminateRate?: number;
    /** What one more client asks for when all is over. */
    readonly last?: (operations: number) => readonly Request[];
  } = {},
): Everyday["history"] {
  const { last = () => [], indeterminateRate = 0 } = rest;
  return (operations, wrong) => {
    const object = use(operations);
    const shape = { object, clients: CLIENTS, operations, seed: 1, indeterminateRate };
    const simulation = simulate(shape);
    askAtLast(simulation, object, last(operations));
    if (wrong) plant(simulation);
    return historyOf(simulation);
  };
}

function askAtLast(
  { calls, events }: Simulation,
  object: SequentialObject,
  requests: readonly Request[],
): void {
  for (const request of requests) {
    const output = object.apply(request) ?? null;
    const at = events.length;
    const [process, outcome] = [CLIENTS, "ok"] as const;
    calls.push({ request, process, invokedAt: at, returnedAt: at + 1, outcome, output });
    events.push(calls.length * 2 - 2, calls.length * 2 - 1);
  }
}

/** Asks for the same of every key from 0. */
const ofKeys = (f: string, keys: number): readonly Request[] =>
  Array.from({ length: keys }, (_, key) => ({ f, key, input: null, updates: false }));

const CALLS_PER_KEY = 100;
const readAll = (operations: number): readonly Request[] =>
  ofKeys("read", operations / CALLS_PER_KEY);
const storeKeys = (operations: number): number => Math.min(1_000, operations / 100);

/** Many collections, which are read one time in ten. */
const many = (add: string) => (): SequentialObject =>
  collectionObject({ add, readsPerMille: 100, callsPerKey: CALLS_PER_KEY });

const indeterminate = clientsOf(
  () => registerObject(5, true),
  () => {},
  { indeterminateRate: 0.01 },
);

const EVERYDAY: readonly Everyday[] = [
  {
    family: "set-full",
    checker: setFull(),
    planted: "lost element",
    history: clientsOf(many("add"), loseElement, { last: readAll }),
  },
  {
    family: "total-queue",
    checker: totalQueue(),
    planted: "unexpected element",
    history: clientsOf(
      queueObject,
      changeLast("dequeue", () => 1e9),
      {
        last: () =>
          Array.from({ length: 60 }, () => ({ f: "dequeue", input: null, updates: true })),
      },
    ),
  },
  {
    family: "counter",
    checker: counter(),
    planted: "read above all bounds",
    history: clientsOf(
      counterObject,
      changeLast("read", () => 1e12),
    ),
  },
  {
    family: "unique-ids",
    checker: uniqueIds(),
    planted: "duplicate",
    history: clientsOf(
      idObject,
      changeLast("generate", () => 7),
    ),
  },
  {
    family: "bank",
    checker: bank(),
    planted: "wrong total",
    history: clientsOf(
      bankObject,
      changeLast("read", (shown) => ({ ...(shown as { readonly [name: string]: number }), a0: 1 })),
    ),
  },
  {
    family: "long-fork",
    checker: longFork(),
    planted: "long fork",
    history: clientsOf(pairsObject, forkPair),
  },
  {
    family: "causal-reverse",
    checker: causalReverse(),
    planted: "missing element",
    history: clientsOf(many("write"), loseElement, { last: readAll }),
  },
  {
    family: "monotonic",
    checker: monotonic(),
    planted: "smaller value",
    history: clientsOf(
      counterObject,
      changeLast("read", () => 1),
    ),
  },
  {
    family: "lock",
    checker: lock({ owner: "none" }),
    planted: "token given twice",
    history: clientsOf(
      lockObject,
      changeLast("acquire", () => 1),
    ),
  },
  {
    family: "broadcast",
    checker: broadcast(),
    planted: "unexpected message",
    history: clientsOf(
      (operations) =>
        collectionObject({ add: "broadcast", readsPerMille: 20_000 / operations, places: 5 }),
      changeLast("read", (shown) => [...(shown as readonly number[]), 1e9]),
    ),
  },
  {
    family: "leader",
    checker: leader(),
    planted: "two leaders",
    history: clientsOf(
      leaderObject,
      changeLast("leader", () => ({ term: 2, leader: "nobody" })),
    ),
  },
  {
    family: "exactly-once",
    checker: exactlyOnce(),
    planted: "lost effect",
    history: clientsOf(many("execute"), loseElement, { last: readAll }),
  },
  {
    family: "stream",
    checker: stream(),
    planted: "skipped message",
    history: streamHistory,
  },
  {
    family: "stream-steps",
    checker: stream(),
    planted: "skipped message",
    history: streamStepsHistory,
    // Two sends or polls a transaction: half a million of them are a million operations on logs.
    sizes: [1e3, 1e4, 1e5, 5e5, 1e6],
  },
  {
    family: "durability",
    checker: durability(),
    planted: "lost write",
    history: (operations, wrong) =>
      withFaults(
        clientsOf(
          (count) => storeObject(storeKeys(count)),
          changeLast("get", () => null),
          { last: (count) => ofKeys("get", storeKeys(count)) },
        )(operations, wrong),
        "crash",
      ),
  },
  {
    family: "eventual",
    checker: eventual(),
    planted: "diverged replica",
    history: (operations, wrong) => {
      const shape = { operations, processes: CLIENTS, keys: operations / 100, seed: 1 };
      return thenAllRead(replicatedCalls({ ...shape, wins: "began-last" }), wrong);
    },
  },
  {
    family: "liveness",
    checker: liveness({ withinMs: 1 }),
    history: (operations) => withFaults(indeterminate(operations, false), "partition"),
  },
  {
    family: "statistics",
    checker: statistics(),
    history: (operations) => withFaults(indeterminate(operations, false), "partition"),
  },
  {
    family: "unhandled-errors",
    checker: unhandledErrors({ expected: ["timeout"] }),
    history: indeterminate,
  },
];

/** Every everyday checker at growing sizes. */
export function everydayPlans(): readonly Plan[] {
  return EVERYDAY.flatMap(({ family, checker, history, planted, sizes = SIZES }) =>
    (planted === undefined ? [false] : [false, true]).flatMap((wrong) =>
      sizes.map((operations): Plan => ({
        family,
        variant: wrong ? (planted as string) : "right",
        operations,
        expected: wrong ? "invalid" : "valid",
        checker,
        history: () => history(operations, wrong),
      })),
    ),
  );
}
