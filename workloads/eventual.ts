/**
 * Replicas: every process writes and reads a few registers at the node that it talks to; finally
 * all of them are read at every node, twice, and must be the same everywhere.
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
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";

/** How the registers are used. */
export interface EventualWorkloadOptions {
  /** Registers, at least 1. Default 4. */
  readonly keyCount?: number;
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
  const { keyCount = 4 } = options;
  assertCounts({ keyCount });
  const keys = Array.from({ length: keyCount }, (_, i) => `e${i}`);
  return {
    name: "eventual",
    description: "writes and reads at every node; in the end all nodes show the same",
    requires: ["get", "put"],
    optional: [],
    observes: ["get"],
    generator: () =>
      repeat(({ index, random }) => {
        const key = random.pick(keys);
        return random.chance(0.5)
          ? { f: "get", key, value: null }
          : { f: "put", key, value: index };
      }),
    finalGenerator: () =>
      eachWorker(
        sequence(
          sleep(SETTLE_MS),
          ...[...keys, ...keys].map((key) =>
            limit(
              ATTEMPTS,
              untilOk(delay(ATTEMPT_DISTANCE_MS, repeat({ f: "get", key, value: null }))),
            ),
          ),
        ),
      ),
    checker: () => eventualChecker({ replica: "process", settleMs: SETTLE_MS }),
  };
}
