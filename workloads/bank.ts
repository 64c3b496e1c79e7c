/** Banks: money moves between accounts, and every read of all of them shows the same total. */
import { bank as bankChecker } from "../checkers/bank.js";
import { repeat } from "../src/generator/index.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

/** The accounts that a bank has from the beginning. */
const ACCOUNTS = ["a", "b", "c", "d", "e"];
const LARGEST = 5;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function bank(options: ObjectWorkloadOptions = {}): Workload {
  return objectWorkload(
    {
      name: "bank",
      description: "transfers between accounts, and reads of all, which show the same total",
      object: "bank",
      functions: ["transfer", "read"],
      observes: ["read"],
      finalRead: "read",
      generator: () =>
        repeat(({ random }) => {
          if (random.chance(0.5)) return { f: "read", value: null };
          const [from = "", to = ""] = random.shuffle(ACCOUNTS);
          return { f: "transfer", value: { from, to, amount: 1 + random.below(LARGEST) } };
        }),
      checker: () => bankChecker({ accounts: ACCOUNTS }),
    },
    options,
  );
}
