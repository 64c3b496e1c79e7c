/**
 * Fenced mutexes: a mutex whose acquisitions return growing tokens. The algorithm is in
 * `locks/schedule.ts`, what tokens tell in `locks/tokens.ts`. Those that are reentrant, or look at
 * the tokens of releases, are for the general search.
 */
import { ANY_OWNER, decideLock, ONE_HOLDER, type LockRules } from "./locks/decide.js";
import { rolesOf } from "./locks/requests.js";
import { tokens } from "./locks/tokens.js";
import type { Monitor } from "./monitor.js";

const RULES: LockRules = { owners: ANY_OWNER, limitsOf: () => ONE_HOLDER, outputs: tokens };

/** Decides fenced mutexes without owners, and those whose owners have one call at a time. */
export const fencedMutexHolds: Monitor = {
  name: "fenced-mutex-holds",
  type: "fenced-mutex",
  roles: rolesOf(RULES.owners),
  decide: (question) => decideLock(question, RULES),
};
