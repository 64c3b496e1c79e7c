/**
 * The account of a verification: what its search has cost, held against the budget.
 */
import { VerificationUndecided } from "./claims.js";
import type { VerificationBudget } from "./verify.js";

/** Counts time and memory. */
export interface Account {
  tick(): void;
  remember(bytes: number): void;
  forget(bytes: number): void;
}

/** Starts counting. */
export function createAccount(budget: VerificationBudget): Account {
  const startMs = budget.nowMs();
  let ticks = 0;
  let bytes = 0;
  return {
    tick: () => {
      if (ticks++ % 256 !== 0 || budget.nowMs() - startMs < budget.timeMs) return;
      throw new VerificationUndecided(
        `Neither confirmed nor refuted: the search took more than ${budget.timeMs} ms. Raise the time budget.`,
      );
    },
    remember: (more) => {
      bytes += more;
      if (bytes <= budget.memoryBytes) return;
      throw new VerificationUndecided(
        `Neither confirmed nor refuted: the search took more than ${budget.memoryBytes} bytes. Raise the memory budget.`,
      );
    },
    forget: (fewer) => {
      bytes -= fewer;
    },
  };
}
