/** Families of registers: causal consistency, sessions, one order for all, staleness. */
import { causal } from "../../checkers/causal.js";
import { deltaAtomicity } from "../../checkers/delta-atomicity.js";
import { kAtomicity } from "../../checkers/k-atomicity.js";
import { sequential } from "../../checkers/sequential.js";
import { sessions } from "../../checkers/sessions.js";
import type { Checker } from "../../src/checker/checker.js";
import type { History } from "../../src/history/history.js";
import { kv } from "../../src/model/kv.js";
import type { Value } from "../../src/history/value.js";
import { storeObject } from "../linearizable/objects.js";
import { historyOf, simulate, type SequentialObject } from "../linearizable/simulate.js";
import { historyOfCalls, plantOlderRead, type Calls } from "./calls.js";
import type { Plan } from "./case-of.js";
import { callsOfClauses, CONTRADICTION, randomClauses } from "./clauses.js";
import { callsInOneOrder, type OrderShape } from "./one-order.js";
import { replicatedCalls, type ReplicasShape } from "./replicas.js";

const model = kv();
const KEYS = 1_000;
const SIZES = [1e3, 1e4, 1e5, 1e6];

function historyWith(calls: Calls, wrong: boolean): History {
  if (wrong) plantOlderRead(calls);
  return historyOfCalls(calls);
}

interface Level {
  readonly family: string;
  readonly checker: Checker;
  readonly wins: ReplicasShape["wins"];
  readonly sizes: readonly number[];
}

const CAUSAL_MEMORY = causal({ model, level: "causal-memory" });
const LEVELS: readonly Level[] = [
  { family: "causal", checker: causal({ model }), wins: "came-last", sizes: SIZES },
  {
    family: "causal-convergence",
    checker: causal({ model, level: "causal-convergence" }),
    wins: "began-last",
    sizes: SIZES,
  },
  { family: "sessions", checker: sessions({ model }), wins: "began-last", sizes: SIZES },
  {
    family: "pram",
    checker: causal({ model, level: "pram" }),
    wins: "came-last",
    sizes: [2e3, 1e4, 1e5],
  },
  {
    family: "causal-memory",
    checker: CAUSAL_MEMORY,
    wins: "came-last",
    sizes: [1e3, 2e3, 1e4, 1e5],
  },
];

/** Replicated registers, which all levels allow but linearizability and sequential consistency. */
export function replicatedPlans(): readonly Plan[] {
  return LEVELS.flatMap(({ family, checker, wins, sizes }) =>
    [false, true].flatMap((wrong) =>
      sizes.map((operations): Plan => {
        const processes = 50;
        const keys = Math.min(KEYS, operations / 100);
        return {
          family,
          variant: `C=${processes}, ${wrong ? "older read" : "right"}`,
          operations,
          expected: wrong ? "invalid" : "valid",
          checker,
          model,
          history: () =>
            historyWith(replicatedCalls({ operations, processes, keys, wins, seed: 1 }), wrong),
        };
      }),
    ),
  );
}

const ONE_ORDER = sequential({ model });
const ORDER_SIZES = [1e3, 1e4, 1e5];
const WAYS: readonly OrderShape["way"][] = ["replicas", "shifted"];

/** One order for all: linearizable or not, wrong, and hard. */
export function sequentialPlans(): readonly Plan[] {
  const processes = 20;
  const shape = (operations: number, way: OrderShape["way"], keys: number): OrderShape => ({
    operations,
    processes,
    keys,
    way,
    seed: 1,
  });
  const plan = (
    rest: Pick<Plan, "variant" | "operations" | "expected" | "history"> & Partial<Plan>,
  ): Plan => ({ family: "sequential", checker: ONE_ORDER, model, ...rest });
  const linearizable = ORDER_SIZES.map((operations) =>
    plan({
      variant: `C=${processes}, linearizable`,
      operations,
      expected: "valid",
      history: () => simulated(storeObject(KEYS), processes, operations),
    }),
  );
  const others = [1_000, 10].flatMap((keys) =>
    WAYS.flatMap((way) =>
      [false, true].flatMap((wrong) =>
        ORDER_SIZES.map((operations) => {
          const fewer = Math.min(keys, operations / 100);
          return plan({
            variant: `C=${processes}, ${keys} keys, ${way}, ${wrong ? "older read" : "right"}`,
            operations,
            expected: wrong ? "invalid" : "valid",
            history: () => historyWith(callsInOneOrder(shape(operations, way, fewer)), wrong),
          });
        }),
      ),
    ),
  );
  const byCases = ORDER_SIZES.map((operations) =>
    plan({
      variant: `C=${processes}, replicas, wrong in each of 8 cases`,
      operations,
      expected: "invalid",
      history: () =>
        historyOfCalls(
          callsOfClauses(
            CONTRADICTION,
            callsInOneOrder(shape(operations, "replicas", operations / 100)),
          ),
        ),
    }),
  );
  return [...linearizable, ...others, ...byCases, ...clausePlans(plan)];
}

/** Few variables can be decided, many take longer than anybody waits. */
function clausePlans(
  plan: (
    rest: Pick<Plan, "variant" | "operations" | "expected" | "history"> & Partial<Plan>,
  ) => Plan,
): readonly Plan[] {
  const of = (
    variables: number,
    perVariable: number,
    seed: number,
  ): Pick<Plan, "operations" | "history"> => {
    const clauses = Math.round(variables * perVariable);
    return {
      operations: 2 * variables + 6 * clauses,
      history: () => historyOfCalls(callsOfClauses(randomClauses(variables, clauses, seed))),
    };
  };
  const hard = {
    variant: "clauses, 400 variables",
    expected: "unknown",
    ...of(400, 4.26, 1),
  } as const;
  return [
    plan({ variant: "clauses, 20 variables, satisfiable", expected: "valid", ...of(20, 3.5, 1) }),
    plan({ variant: "clauses, 8 variables, none", expected: "invalid", ...of(8, 8, 1) }),
    plan({ ...hard, variant: `${hard.variant}, 2 s`, timeMs: 2_000, memoryBytes: 2 ** 33 }),
    plan({ ...hard, variant: `${hard.variant}, 64 MiB`, timeMs: 60_000, memoryBytes: 2 ** 26 }),
  ];
}

function simulated(object: SequentialObject, clients: number, operations: number): History {
  return historyOf(simulate({ object, clients, operations, seed: 1 }));
}

/** A store whose reads may return what was replaced last. */
function staleStore(): SequentialObject {
  const fresh = storeObject(KEYS);
  const replaced = new Map<number, Value>();
  const present = new Map<number, Value>();
  let turn = 0;
  return {
    request: (random) => fresh.request(random),
    apply: (request) => {
      const key = request.key as number;
      const output = fresh.apply(request);
      if (request.f === "get") return turn++ % 10 === 0 ? (replaced.get(key) ?? null) : output;
      replaced.set(key, present.get(key) ?? null);
      present.set(key, request.input);
      return output;
    },
  };
}

/** How stale reads are. */
export function stalenessPlans(): readonly Plan[] {
  const clients = 50;
  const check: readonly (readonly [string, Checker, Checker])[] = [
    ["k-atomicity", kAtomicity({ max: 2 }), kAtomicity({ max: 1 })],
    ["delta-atomicity", deltaAtomicity({ maxMs: 1e6 }), deltaAtomicity({ maxMs: 1e-6 })],
  ];
  return check.flatMap(([family, wide, narrow]) =>
    SIZES.flatMap((operations): Plan[] => {
      const fresh = (): History => simulated(storeObject(KEYS), clients, operations);
      const stale = (): History => simulated(staleStore(), clients, operations);
      const plan = { family, operations, model };
      const told = `C=${clients}`;
      return [
        { ...plan, variant: `${told}, fresh`, expected: "valid", checker: narrow, history: fresh },
        {
          ...plan,
          variant: `${told}, stale, allowed`,
          expected: "valid",
          checker: wide,
          history: stale,
        },
        {
          ...plan,
          variant: `${told}, stale`,
          expected: "invalid",
          checker: narrow,
          history: stale,
        },
      ];
    }),
  );
}
