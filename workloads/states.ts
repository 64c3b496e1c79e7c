/**
 * States of a store, saved and loaded (and deleted, where linearizability is asked): each value is
 * saved once. When nodes crash, what was acknowledged must be there after their recovery, and what
 * was deleted must stay away. In the end every worker loads every state.
 *
 * The operations are those of a key-value store, so that histories can be judged by all that knows
 * these: `put` saves, `get` loads.
 */
import { compose } from "../checkers/compose.js";
import { consistencyChecker, type ConsistencyLevel } from "../checkers/consistency.js";
import { durability } from "../checkers/durability.js";
import { repeat } from "../src/generator/index.js";
import type { History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { kv } from "../src/model/kv.js";
import type { Client } from "../src/runner/client.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";
import { everyoneReads, SETTLE_MS } from "./settled-reads.js";

/** How states are used, and what is asked of them. */
export interface StatesWorkloadOptions {
  /** What the history has to be. Default `linearizable`. */
  readonly level?: ConsistencyLevel;
  /** States in use at a time, at least 1. Default 4. */
  readonly keyCount?: number;
  /** Mean number of operations on a state before new ones follow, at least 1. Default 60. */
  readonly operationsPerKey?: number;
}

const DELETE_SHARE = 0.1;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function states(options: StatesWorkloadOptions = {}): Workload {
  const { level = "linearizable", keyCount = 4, operationsPerKey = 60 } = options;
  assertCounts({ keyCount, operationsPerKey });
  const isWhole = level === "linearizable";
  return {
    name: isWhole ? "states" : `states:${level}`,
    description: isWhole
      ? "states saved, loaded and deleted: linearizable, and durable over crashes"
      : `states saved and loaded; judged only by being ${level}`,
    requires: ["state"],
    optional: [],
    functions: isWhole ? ["get", "put", "delete"] : ["get", "put"],
    observes: ["get"],
    generator: () =>
      repeat(({ index, random }) => {
        const round = Math.floor(index / (keyCount * operationsPerKey));
        const key = `s${round * keyCount + random.below(keyCount)}`;
        if (random.chance(0.5)) return { f: "get", key, value: null };
        const deletes = isWhole && random.chance(DELETE_SHARE);
        return deletes ? { f: "delete", key, value: null } : { f: "put", key, value: index };
      }),
    finalGenerator: (_, history) => everyoneReads("get", history),
    checker: () => (isWhole ? linearizableAndDurable() : consistency().checker(level)),
    client: statesClient,
  };
}

function consistency(): ReturnType<typeof consistencyChecker> {
  const eventual = { reads: ["get"], replica: "process", settleMs: SETTLE_MS } as const;
  return consistencyChecker({ model: kv(), eventual });
}

const CRASHES = ["start-crash", "start-power-loss"];

/** Durability is only asked where something crashed. */
function linearizableAndDurable(): ReturnType<Workload["checker"]> {
  const whole = compose({
    consistency: consistency().checker("linearizable"),
    durability: durability({ crashes: CRASHES }),
  });
  const alone = consistency().checker("linearizable");
  const hasCrash = ({ functionNames }: History): boolean =>
    CRASHES.some((crash) => functionNames.includes(crash));
  return {
    ...whole,
    check: (history, budget) => (hasCrash(history) ? whole : alone).check(history, budget),
  };
}

function statesClient(client: Client): Client {
  return {
    invoke: async ({ f, key = null, value }) => {
      const call = f === "put" ? ["save", { value }] : [f === "get" ? "load" : "delete", null];
      const answer = await client.invoke({ f: "state", key, value: call });
      if (f !== "get") return f === "put" ? value : null;
      return answer === null ? null : (answer as { readonly value: Value }).value;
    },
    close: async () => client.close(),
  };
}
