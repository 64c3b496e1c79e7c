/**
 * Reentrant mutexes: one owner holds it at a time, several times if it likes. The algorithm is in
 * `locks/schedule.ts`.
 */
import type { LockOwner } from "../../../src/model/lock-rules.js";
import { countOption, decideLock, type LockRules } from "./locks/decide.js";
import { rolesOf } from "./locks/requests.js";
import type { Monitor } from "./monitor.js";

const OWNERS: readonly LockOwner[] = ["process", "input"];

const RULES: LockRules = {
  owners: OWNERS,
  limitsOf: (model) => {
    const isUnlimited = (model.options["max"] ?? null) === null;
    const each = isUnlimited ? Infinity : countOption(model, "max");
    return each === undefined ? undefined : { total: Infinity, each, holders: 1 };
  },
};

/** Decides reentrant mutexes whose owners have one call at a time. */
export const reentrantMutexHolds: Monitor = {
  name: "reentrant-mutex-holds",
  type: "reentrant-mutex",
  roles: rolesOf(RULES.owners),
  decide: (question) => decideLock(question, RULES),
};
