/**
 * Transactions that add to sets and read them (Jepsen's set workloads, in transactions). A set
 * tells less than a list: not who came first of those it has, but who had not come. All additions
 * differ, and no two of them conflict, so that every dependency is known all the same.
 */
import type { Workload } from "../src/runner/workload.js";
import { onFewKeys } from "./transactions/few-keys.js";
import {
  transactionalWorkload,
  type TransactionalWorkloadOptions,
} from "./transactions/workload.js";

/** So that sets are small. */
const SIZE = { keys: 3, perKeys: 60, stepsMax: 4 };

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function setAppend(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "set-append",
      description: "transactions that add to sets and read them",
      transaction: onFewKeys(SIZE, (key, random) => [
        [random.chance(0.5) ? "r" : "add", key, null],
      ]),
    },
    options,
  );
}
