/**
 * Semaphores: `acquire` and `release` of permits, all of equally many, or by owners who have one
 * call at a time. Which of several amounts fit together is a question of sums of subsets else, and
 * a failure says nothing. The algorithm is in `locks/schedule.ts`.
 */
import { ANY_OWNER, countOption, decideLock, type LockRules } from "./locks/decide.js";
import { rolesOf } from "./locks/requests.js";
import type { Monitor } from "./monitor.js";

const RULES: LockRules = {
  owners: ANY_OWNER,
  limitsOf: (model) => {
    const total = countOption(model, "permits");
    return total === undefined ? undefined : { total, each: Infinity, holders: Infinity };
  },
  hasPermits: true,
};

/** Decides semaphores. */
export const semaphoreHolds: Monitor = {
  name: "semaphore-holds",
  type: "semaphore",
  roles: rolesOf(RULES.owners),
  decide: (question) => decideLock(question, RULES),
};
