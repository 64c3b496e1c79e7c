/**
 * Pairs of registers, and transactions that read both and write one of them: two such that see
 * neither's write exclude each other in every serial order, and are fine under snapshot isolation
 * (Berenson et al., "A Critique of ANSI SQL Isolation Levels", 1995, A5B). Each register is written
 * once, so that the order of its versions is known, and new pairs follow.
 */
import type { Workload } from "../src/runner/workload.js";
import {
  transactionalWorkload,
  type MicroOperation,
  type TransactionalWorkloadOptions,
} from "./transactions/workload.js";

/** Transactions on a pair, of which two write. */
const PER_PAIR = 6;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function writeSkew(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "write-skew",
      description: "transactions that read two registers and write one of them",
      transaction: ({ index, random }) => {
        const pair = Math.floor(index / PER_PAIR);
        const keys = [`${pair}.x`, `${pair}.y`];
        const reads = random.shuffle(keys).map((key): MicroOperation => ["r", key, null]);
        const written = keys[index % PER_PAIR];
        return written === undefined ? reads : [...reads, ["w", written, null]];
      },
    },
    options,
  );
}
