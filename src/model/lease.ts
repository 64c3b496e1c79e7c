/**
 * A lock that ends by itself. A sequential model has no clock, so that a lease may end at any time
 * after it was given; what is promised is what holds in spite of that:
 *
 * 1. `acquire` answers a token (a number) larger than every token before it, or false. From then on
 *    every lease before it has ended, whether it had run out or not.
 * 2. `acquire` answers false only while a lease may stand: one was given, and was neither released
 *    nor seen to have ended. (Also to its own holder: some stores refuse, others give a new lease.)
 * 3. `renew` and `release` succeed only for the lease that was given last, and only while it may
 *    stand. So they fail with a superseded token; and once a lease was released, or one of its
 *    renewals refused, it has ended for good: no renewal brings it back.
 * 4. A `renew` or `release` that answers false says that the lease it names does not stand: it was
 *    superseded, released, or has ended. So it is always possible, and ends the lease if it names
 *    the one that was given last.
 * 5. `renew` answers a new token, larger than every one before it, or the same one, null or true
 *    for the token that the lease has.
 *
 * Which lease is meant is told by the token in the input of `renew` and `release`, or by the owner
 * (option `owner`), or by both, which then must both fit; without either, the one that stands.
 *
 * That a lease has run out needs no state of its own until somebody sees it: while it may stand,
 * all is possible that is possible when it has ended, and the refusals of rule 2 beside. A token
 * that an indeterminate `acquire` or `renew` gave is not known: any number above the last known one
 * may be it, and a request that was refused with such a number tells nothing.
 */
import { HarnessError } from "../errors.js";
import { canonical, type Value } from "../history/value.js";
import { argumentOf, askerOf, checkedOwner, isRefusal, type OwnerOptions } from "./lock-rules.js";
import { byKey, type Model, type ModelOperation } from "./model.js";

/** The lease that was given last, and the last token that is known. */
type Lease = readonly [
  /** Whose it is; null when it has ended, or none was given. */
  holder: string | null,
  /** Null when it is not known. */
  token: number | null,
  last: number | null,
];

/**
 * A lease with `acquire` → token or false, `renew` and `release`, per key where the history has
 * keys. The option `owner` (default `"none"`) says who may renew and release it.
 */
export function lease(options: OwnerOptions = {}): Model {
  const owner = checkedOwner(options.owner ?? "none");
  return {
    name: "lease",
    options: { owner },
    origin: { module: import.meta.url, factory: "lease" },
    functions: ["acquire", "renew", "release"],
    initial: (): Value => [null, null, null],
    step: (state, operation): readonly Value[] => {
      const given = state as Lease;
      switch (operation.f) {
        case "acquire":
          return acquired(given, operation, askerOf(operation, owner));
        case "renew":
        case "release": {
          const token = tokenOf(argumentOf(operation, "token", owner), `${operation.f} is given`);
          return used(given, operation, { asker: askerOf(operation, owner), token });
        }
        default:
          return [];
      }
    },
    partition: byKey,
    ...(owner === "process" ? { observesProcess: true } : {}),
    readOnly: ({ f, outcome, output }) => f === "acquire" && outcome === "ok" && output === false,
  };
}

function acquired(state: Lease, operation: ModelOperation, asker: string): readonly Lease[] {
  const [holder, token, last] = state;
  if (isRefusal(operation)) return holder === null ? [] : [state];
  const given = tokenAnswered(operation);
  if (operation.outcome === "ok") {
    return isAbove(given, last) ? [[asker, given, given ?? last]] : [];
  }
  const granted: Lease = [asker, null, last];
  if (holder === null) return [granted];
  return holder === asker && token === null ? [state] : [granted, state];
}

/** A renewal or a release of the lease that `named` tells. */
function used(
  state: Lease,
  operation: ModelOperation,
  named: { readonly asker: string; readonly token: number | null },
): readonly Lease[] {
  const [holder, token, last] = state;
  const fits =
    holder === named.asker &&
    (named.token === null || (token === null ? isAbove(named.token, last) : named.token === token));
  if (!fits) return isRefusal(operation) || operation.outcome !== "ok" ? [state] : [];
  if (operation.outcome !== "ok") {
    // The lease may have a new token that nobody knows; that it may have ended goes without saying.
    const renewed: Lease = [holder, null, last];
    return operation.f === "renew" && token !== null ? [renewed, state] : [state];
  }
  const known = token ?? named.token;
  const high = known ?? last;
  if (isRefusal(operation)) {
    return token === null && named.token !== null ? [state] : [[null, null, last]];
  }
  if (operation.f === "release") return [[null, null, high]];
  const answered = tokenAnswered(operation);
  if (answered === null || answered === known) return [[holder, known, high]];
  return isAbove(answered, high) ? [[holder, answered, answered]] : [];
}

function isAbove(token: number | null, last: number | null): boolean {
  return token === null || last === null || token > last;
}

function tokenAnswered({ f, outcome, output }: ModelOperation): number | null {
  if (outcome !== "ok" || typeof output === "boolean") return null;
  return tokenOf(output ?? null, `${f} answers`);
}

function tokenOf(value: Value, what: string): number | null {
  if (value === null || typeof value === "number") return value;
  throw new HarnessError(
    "malformed-input",
    `${what} the token ${canonical(value)}; tokens are numbers`,
  );
}
