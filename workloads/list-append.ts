/**
 * Transactions that append to lists and read them (Kingsbury & Alvaro, "Elle", VLDB 2020): who
 * reads a list sees in which order all before was written, so that every dependency is known.
 */
import type { Workload } from "../src/runner/workload.js";
import {
  transactionalWorkload,
  type MicroOperation,
  type TransactionalWorkloadOptions,
} from "./transactions/workload.js";

const KEYS = 3;
/** Transactions on some keys before new ones follow, which keeps lists short. */
const PER_KEYS = 60;
const STEPS_MAX = 4;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function listAppend(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "list-append",
      description: "transactions that append to lists and read them",
      transaction: ({ index, random }) => {
        const first = Math.floor(index / PER_KEYS) * KEYS;
        return Array.from({ length: 1 + random.below(STEPS_MAX) }, (): MicroOperation => {
          const key = first + random.below(KEYS);
          return [random.chance(0.5) ? "r" : "append", key, null];
        });
      },
    },
    options,
  );
}
