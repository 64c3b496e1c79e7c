/**
 * Transactions that append to lists and read them (Kingsbury & Alvaro, "Elle", VLDB 2020): who
 * reads a list sees in which order all before was written, so that every dependency is known.
 */
import type { Workload } from "../src/runner/workload.js";
import { onFewKeys } from "./transactions/few-keys.js";
import {
  transactionalWorkload,
  type TransactionalWorkloadOptions,
} from "./transactions/workload.js";

/** So that lists are short. */
const SIZE = { keys: 3, perKeys: 60, stepsMax: 4 };

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function listAppend(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "list-append",
      description: "transactions that append to lists and read them",
      transaction: onFewKeys(SIZE, (key, random) => [
        [random.chance(0.5) ? "r" : "append", key, null],
      ]),
    },
    options,
  );
}
