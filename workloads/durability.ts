/**
 * Durability: puts, deletes and gets of many keys, judged by what crashes leave: what was
 * acknowledged must be there, and what was deleted must stay away. For the nemeses crash and
 * power-loss; in a run without them the same history has to be linearizable.
 */
import { durability as durabilityChecker } from "../checkers/durability.js";
import { linearizable } from "../checkers/linearizable.js";
import { perKey, repeat } from "../src/generator/index.js";
import { NEMESIS } from "../src/history/history.js";
import { kv } from "../src/model/kv.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";
import { finalReads } from "./final-reads.js";

/** How the keys are used. */
export interface DurabilityWorkloadOptions {
  /** Workers that share a key, at least 1; all of them when there are fewer. Default 2. */
  readonly groupSize?: number;
  /** Operations on a key before its group goes on to the next, at least 1. Default 60. */
  readonly operationsPerKey?: number;
}

const DELETE_SHARE = 0.1;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function durability(options: DurabilityWorkloadOptions = {}): Workload {
  const { groupSize = 2, operationsPerKey = 60 } = options;
  assertCounts({ groupSize, operationsPerKey });
  return {
    name: "durability",
    description: "puts, deletes and gets between crashes; what was acknowledged survives them",
    requires: ["get", "put"],
    optional: ["delete"],
    observes: ["get"],
    generator: ({ functions }) =>
      perKey({
        keys: (index) => `d${index}`,
        groupSize,
        limitPerKey: operationsPerKey,
        generator: () =>
          repeat(({ index, random }) => {
            if (random.chance(0.4)) return { f: "get", value: null };
            const deletes = functions.has("delete") && random.chance(DELETE_SHARE);
            return deletes ? { f: "delete", value: null } : { f: "put", value: index };
          }),
      }),
    finalGenerator: (_, history) => finalReads("get", history),
    checker: () => durableOrLinearizable(),
  };
}

function durableOrLinearizable(): ReturnType<Workload["checker"]> {
  const [durable, atomic] = [durabilityChecker(), linearizable({ model: kv() })];
  return {
    name: "durability",
    description: durable.description,
    check: (history, budget) =>
      (history.processes.includes(NEMESIS) ? durable : atomic).check(history, budget),
  };
}
