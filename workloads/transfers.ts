/**
 * A bank as `bank` has it, judged by more than its total: by whether there is an order of transfers
 * and reads that explains every balance, as a level of isolation demands it.
 */
import { transactional } from "../checkers/transactional.js";
import type { Workload } from "../src/runner/workload.js";
import { bank, type BankWorkloadOptions } from "./bank.js";

/** How the accounts are used, and what is asked. */
export interface TransfersOptions extends BankWorkloadOptions {
  /** A level of isolation, as `ordeal list levels` names them. Default `strict-serializable`. */
  readonly level?: string;
}

const STRONGEST = "strict-serializable";

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions, and as `bank`.
 */
export function transfers({ level = STRONGEST, ...options }: TransfersOptions = {}): Workload {
  // Made at once, so that a level that is none is refused here.
  const checker = transactional({ level });
  return {
    ...bank(options),
    name: level === STRONGEST ? "transfers" : `transfers:${level}`,
    description:
      level === STRONGEST
        ? "transfers between accounts, and reads of all, in an order that explains them"
        : `transfers, judged by being ${level}`,
    checker: () => checker,
  };
}
