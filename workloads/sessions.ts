/**
 * Sessions: every process writes and reads a few registers at the node that it talks to, and goes
 * on to new ones. Whatever the others do, it must see what it wrote, and never less than it has
 * seen.
 */
import { sessions as sessionsChecker } from "../checkers/sessions.js";
import { repeat } from "../src/generator/index.js";
import { kv } from "../src/model/kv.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";

/** How the registers are used. */
export interface SessionsWorkloadOptions {
  /** Registers in use at a time, at least 1. Default 2. */
  readonly keyCount?: number;
  /** Mean number of operations on a register before new ones follow, at least 1. Default 50. */
  readonly operationsPerKey?: number;
}

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function sessions(options: SessionsWorkloadOptions = {}): Workload {
  const { keyCount = 2, operationsPerKey = 50 } = options;
  assertCounts({ keyCount, operationsPerKey });
  return {
    name: "sessions",
    description: "writes and reads at every node; each client sees its own, and never less again",
    requires: ["get", "put"],
    optional: [],
    observes: ["get"],
    generator: () =>
      repeat(({ index, random }) => {
        const round = Math.floor(index / (keyCount * operationsPerKey));
        const key = `s${round * keyCount + random.below(keyCount)}`;
        return random.chance(0.6)
          ? { f: "get", key, value: null }
          : { f: "put", key, value: index };
      }),
    checker: () =>
      sessionsChecker({ model: kv(), guarantees: ["read-your-writes", "monotonic-reads"] }),
  };
}
