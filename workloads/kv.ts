/**
 * A key-value store: gets, puts, and (where the system has them) appends and deletes, judged by
 * linearizability.
 *
 * All workers work on a few keys at a time, each operation on any of them, so that a store that
 * mixes up keys, or orders them wrongly within one connection, is seen too. After a bounded number
 * of operations new keys follow, which keeps each key cheap to check. Every value is written once
 * only. Finally every key is got once more.
 */
import { linearizable } from "../checkers/linearizable.js";
import { repeat } from "../src/generator/index.js";
import type { Random } from "../src/random.js";
import { kv as kvModel } from "../src/model/kv.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";
import { finalReads } from "./final-reads.js";

/** How the store is used. */
export interface KvWorkloadOptions {
  /** Keys in use at a time, at least 1. Default 5. */
  readonly keyCount?: number;
  /** Mean number of operations on a key before new keys follow, at least 1. Default 120. */
  readonly operationsPerKey?: number;
}

/** How often each function is used, relative to the others that the system has. */
const WEIGHTS: readonly (readonly [f: string, weight: number])[] = [
  ["get", 10],
  ["put", 5],
  ["append", 4],
  ["delete", 1],
];

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function kv(options: KvWorkloadOptions = {}): Workload {
  const { keyCount = 5, operationsPerKey = 120 } = options;
  assertCounts({ keyCount, operationsPerKey });
  return {
    name: "kv",
    description: "gets, puts, appends and deletes on several keys at once; linearizable",
    requires: ["get", "put"],
    optional: ["append", "delete"],
    observes: ["get"],
    generator: ({ functions }) => {
      const weights = WEIGHTS.filter(([f]) => functions.has(f));
      return repeat(({ index, random }) => {
        const round = Math.floor(index / (keyCount * operationsPerKey));
        const key = `k${round * keyCount + random.below(keyCount)}`;
        const f = draw(weights, random);
        return { f, key, value: f === "get" || f === "delete" ? null : `${f[0]}${index} ` };
      });
    },
    finalGenerator: (_, history) => finalReads("get", history),
    checker: () => linearizable({ model: kvModel() }),
  };
}

function draw(weights: typeof WEIGHTS, random: Random): string {
  let mark = random.below(weights.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [f, weight] of weights) {
    if (mark < weight) return f;
    mark -= weight;
  }
  return "get";
}
