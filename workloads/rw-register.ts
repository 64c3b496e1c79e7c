/**
 * Transactions that write registers and read them, as most databases are used. A read does not tell
 * what was there before, so that the order of versions has to be found; half of the writes follow a
 * read of the same register, which tells it.
 */
import type { Workload } from "../src/runner/workload.js";
import { onFewKeys } from "./transactions/few-keys.js";
import {
  transactionalWorkload,
  type MicroOperation,
  type TransactionalWorkloadOptions,
} from "./transactions/workload.js";

const SIZE = { keys: 4, perKeys: 60, stepsMax: 3 };

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function rwRegister(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "rw-register",
      description: "transactions that write registers and read them",
      transaction: onFewKeys(SIZE, (key, random) => {
        const write: MicroOperation = ["w", key, null];
        if (random.chance(0.5)) return [["r", key, null]];
        return random.chance(0.5) ? [["r", key, null], write] : [write];
      }),
    },
    options,
  );
}
