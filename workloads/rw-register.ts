/**
 * Transactions that write registers and read them, as most databases are used. A read does not tell
 * what was there before, so that the order of versions has to be found; half of the writes follow a
 * read of the same register, which tells it.
 */
import type { Workload } from "../src/runner/workload.js";
import {
  transactionalWorkload,
  type MicroOperation,
  type TransactionalWorkloadOptions,
} from "./transactions/workload.js";

const KEYS = 4;
/** Transactions on some registers before new ones follow. */
const PER_KEYS = 60;
const STEPS_MAX = 3;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function rwRegister(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "rw-register",
      description: "transactions that write registers and read them",
      transaction: ({ index, random }) => {
        const first = Math.floor(index / PER_KEYS) * KEYS;
        return Array.from({ length: 1 + random.below(STEPS_MAX) }).flatMap(
          (): readonly MicroOperation[] => {
            const key = first + random.below(KEYS);
            const write: MicroOperation = ["w", key, null];
            if (random.chance(0.5)) return [["r", key, null]];
            return random.chance(0.5) ? [["r", key, null], write] : [write];
          },
        );
      },
    },
    options,
  );
}
