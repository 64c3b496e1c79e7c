/**
 * Replicas: every process writes and reads a few registers at the node that it talks to, and goes
 * on to new ones; finally all of them are read at every node, and must be the same everywhere.
 */
import { eventual as eventualChecker } from "../checkers/eventual.js";
import { repeat } from "../src/generator/index.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";
import { everyoneReads, SETTLE_MS } from "./settled-reads.js";

/** How the registers are used. */
export interface EventualWorkloadOptions {
  /** Registers in use at a time, at least 1. Default 4. */
  readonly keyCount?: number;
  /** Mean number of operations on a register before new ones follow, at least 1. Default 50. */
  readonly operationsPerKey?: number;
}

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function eventual(options: EventualWorkloadOptions = {}): Workload {
  const { keyCount = 4, operationsPerKey = 50 } = options;
  assertCounts({ keyCount, operationsPerKey });
  return {
    name: "eventual",
    description: "writes and reads at every node; in the end all nodes show the same",
    requires: ["get", "put"],
    optional: [],
    observes: ["get"],
    generator: () =>
      repeat(({ index, random }) => {
        // A register that is never written again keeps what its replicas made of it.
        const round = Math.floor(index / (keyCount * operationsPerKey));
        const key = `e${round * keyCount + random.below(keyCount)}`;
        return random.chance(0.5)
          ? { f: "get", key, value: null }
          : { f: "put", key, value: index };
      }),
    finalGenerator: (_, history) => everyoneReads("get", history),
    checker: () => eventualChecker({ replica: "process", settleMs: SETTLE_MS }),
  };
}
