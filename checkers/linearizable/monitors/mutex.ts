/**
 * Mutexes, whoever may release them: a semaphore of one permit. The algorithm is in
 * `locks/schedule.ts`.
 */
import { ANY_OWNER, decideLock, ONE_HOLDER, type LockRules } from "./locks/decide.js";
import { rolesOf } from "./locks/requests.js";
import type { Monitor } from "./monitor.js";

const RULES: LockRules = { owners: ANY_OWNER, limitsOf: () => ONE_HOLDER };

/** Decides mutexes without owners, and those whose owners have one call at a time. */
export const mutexHolds: Monitor = {
  name: "mutex-holds",
  type: "mutex",
  roles: rolesOf(RULES.owners),
  decide: (question) => decideLock(question, RULES),
};
