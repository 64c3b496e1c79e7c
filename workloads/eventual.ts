/**
 * Replicas: every process writes and reads a few registers at the node that it talks to, and goes
 * on to new ones; finally all of them are read at every node, and must be the same everywhere.
 */
import { eventual as eventualChecker } from "../checkers/eventual.js";
import {
  delay,
  eachWorker,
  limit,
  repeat,
  sequence,
  sleep,
  untilOk,
} from "../src/generator/index.js";
import type { Generator } from "../src/generator/generator.js";
import type { Value } from "../src/history/value.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";
import { touchedKeys } from "./final-reads.js";

/** How the registers are used. */
export interface EventualWorkloadOptions {
  /** Registers in use at a time, at least 1. Default 4. */
  readonly keyCount?: number;
  /** Mean number of operations on a register before new ones follow, at least 1. Default 50. */
  readonly operationsPerKey?: number;
}

/** How long replicas are given to come together, once nobody writes any more. */
const SETTLE_MS = 2_000;
const ATTEMPTS = 10;
const ATTEMPT_DISTANCE_MS = 200;

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
    finalGenerator: (_, history) =>
      eachWorker(sequence(sleep(SETTLE_MS), ...touchedKeys(history).map((key) => getUntilOk(key)))),
    checker: () => eventualChecker({ replica: "process", settleMs: SETTLE_MS }),
  };
}

/** Only what did not succeed is tried again after a while. */
function getUntilOk(key: Value): Generator {
  const get = repeat({ f: "get", key, value: null });
  return untilOk(sequence(limit(1, get), limit(ATTEMPTS - 1, delay(ATTEMPT_DISTANCE_MS, get))));
}
