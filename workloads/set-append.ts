/**
 * Transactions that add to sets and read them (Jepsen's set workloads, in transactions). A set
 * tells less than a list: not who came first of those it has, but who had not come. All additions
 * differ, and no two of them conflict, so that every dependency is known all the same.
 */
import type { Workload } from "../src/runner/workload.js";
import {
  transactionalWorkload,
  type MicroOperation,
  type TransactionalWorkloadOptions,
} from "./transactions/workload.js";

const KEYS = 3;
/** Transactions on some sets before new ones follow, which keeps sets small. */
const PER_KEYS = 60;
const STEPS_MAX = 4;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function setAppend(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "set-append",
      description: "transactions that add to sets and read them",
      transaction: ({ index, random }) => {
        const first = Math.floor(index / PER_KEYS) * KEYS;
        return Array.from({ length: 1 + random.below(STEPS_MAX) }, (): MicroOperation => {
          const key = first + random.below(KEYS);
          return [random.chance(0.5) ? "r" : "add", key, null];
        });
      },
    },
    options,
  );
}
