/**
 * Transactions that add to counters and read them. A total tells less than a list: not who was
 * counted, but only whose amounts it may be made of. So amounts differ, and counters are used by
 * few transactions before new ones follow.
 */
import type { Workload } from "../src/runner/workload.js";
import { onFewKeys } from "./transactions/few-keys.js";
import {
  transactionalWorkload,
  type TransactionalWorkloadOptions,
} from "./transactions/workload.js";

const SIZE = { keys: 3, perKeys: 40, stepsMax: 4 };
/** Amounts are powers of two up to this one, which few sums have in common. */
const POWER_MAX = 6;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function increments(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "increments",
      description: "transactions that add to counters and read them",
      transaction: onFewKeys(SIZE, (key, random) => {
        if (random.chance(0.5)) return [["r", key, null]];
        return [["inc", key, 2 ** random.below(POWER_MAX + 1)]];
      }),
      // Who tries again adds the same.
      numbered: (transaction) => transaction,
    },
    options,
  );
}
