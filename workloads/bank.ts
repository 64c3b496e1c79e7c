/** Banks: money moves between accounts, and every read of all of them shows the same total. */
import { bank as bankChecker } from "../checkers/bank.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";
import { assertRetries, tryingAgain } from "./transactions/try-again.js";

/** The accounts that a bank has from the beginning. */
const ACCOUNTS = ["a", "b", "c", "d", "e"];
const LARGEST = 5;

/** How the accounts are used. */
export interface BankWorkloadOptions extends ObjectWorkloadOptions {
  /**
   * How often a client tries the same again that lost against others (a deadlock, a conflict, …),
   * each time as an operation of its own. Default 0.
   */
  readonly retries?: number;
}

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1, and retries below 0.
 */
export function bank({ retries = 0, ...options }: BankWorkloadOptions = {}): Workload {
  assertRetries(retries);
  return objectWorkload(
    {
      name: "bank",
      description: "transfers between accounts, and reads of all, which show the same total",
      object: "bank",
      functions: ["transfer", "read"],
      observes: ["read"],
      finalRead: "read",
      generator: () =>
        tryingAgain({
          draw: ({ random }) => {
            if (random.chance(0.5)) return { f: "read", value: null };
            const [from = "", to = ""] = random.shuffle(ACCOUNTS);
            return { f: "transfer", value: { from, to, amount: 1 + random.below(LARGEST) } };
          },
          again: (lost) => lost,
          retries,
        }),
      checker: () => bankChecker({ accounts: ACCOUNTS }),
    },
    options,
  );
}
