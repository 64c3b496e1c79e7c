/**
 * Locks: nobody holds one while somebody else does, and fencing tokens grow.
 *
 * Reads `acquire`, whose `ok` result may be a fencing token (a number, or an object with `token`),
 * and `release`. A result of false is a refusal, as if the operation had failed. An owner certainly
 * holds the lock from the end of an `acquire` to the beginning of the next `release` that did not
 * fail. What is indeterminate may have given the lock, or given it back; it proves nothing.
 */
import type { Checker } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import { nothingOf } from "./everyday/functions.js";
import { followLock, type LockRules } from "./everyday/lock-holds.js";
import { assertBoolean, assertNumber, assertWord } from "./everyday/options.js";
import { inOrder } from "./everyday/presence.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted } from "./everyday/words.js";

/** Options of `lock`. */
export interface LockOptions {
  /**
   * Who holds it: `"process"` (default), the process that acquired it; `"input"`, whom the input
   * names, as `owner` or as a whole; `"none"`, nobody in particular, anyone may release it.
   */
  readonly owner?: "input" | "none" | "process";
  /** How many may hold it at once, as a semaphore; default 1. */
  readonly permits?: number;
  /** Whether its holder may acquire it again, with the same token; default false. */
  readonly reentrant?: boolean;
  /**
   * Milliseconds after which the lock is given up by itself, counted from the beginning of the
   * acquire; default none. A holder is then only certain for so long, on the history's clock.
   */
  readonly ttlMs?: number;
}

/**
 * Follows a lock from hand to hand.
 *
 * `two-holders`: somebody acquired the lock while somebody else certainly held it.
 *
 *     process 0  |-- acquire --|                    |-- release --|
 *     process 1                   |-- acquire --|
 *
 * `token-not-larger`: an acquire was given a smaller token than one that had ended before it began.
 *
 *     process 0  |-- acquire → 5 --|  |-- release --|
 *     process 1                                        |-- acquire → 4 --|
 *
 * `token-reused`: two acquires were given the same token.
 *
 *     process 0  |-- acquire → 5 --|
 *     process 1         |-- acquire → 5 --|
 *
 * `released-unheld`: an owner released the lock more often than it can have acquired it.
 *
 *     process 0  |-- acquire --|  |-- release --|  |-- release --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or an input without owner
 */
export function lock(options: LockOptions = {}): Checker {
  const { owner = "process", permits = 1, reentrant = false, ttlMs = Infinity } = options;
  assertWord("lock", { name: "owner", value: owner, words: ["process", "input", "none"] });
  assertNumber("lock", { permits }, 1);
  assertNumber("lock", { ttlMs });
  assertBoolean("lock", { reentrant });
  const rules: LockRules = { owner, permits, reentrant, ttlNs: ttlMs * 1e6 };
  return checkerOf({
    name: "lock",
    description: "no two hold a lock at once, and fencing tokens grow: acquire, release",
    keyed: true,
    kinds: ["two-holders", "token-not-larger", "token-reused", "released-unheld"],
    judge: (history, work) => judge(history, work, rules),
  });
}

function judge(history: History, { found, limits }: Work, rules: LockRules): Judgement {
  const said = (invocation: number): string => callText(history, invocation);
  const facts = followLock(history, rules, limits, {
    twoHolders: (holders, acquire) =>
      found.add("two-holders", () => ({
        message: `${said(acquire)} succeeded while ${holders.map(said).join(" and ")} was not yet followed by a release.`,
        operations: inOrder(...holders, acquire),
        details: { permits: rules.permits },
      })),
    tokenNotLarger: (earlier, acquire, { before, token }) =>
      found.add("token-not-larger", () => ({
        message: `${said(acquire)} was given the token ${token}, less than the ${before} of ${said(earlier)}, which had ended before it began.`,
        operations: inOrder(earlier, acquire),
        details: { token, before },
      })),
    tokenReused: (other, acquire, token) =>
      found.add("token-reused", () => ({
        message: `${said(acquire)} was given the token ${token}, as ${said(other)} was.`,
        operations: inOrder(other, acquire),
        details: { token },
      })),
    unheld: (releases) =>
      found.add("released-unheld", () => ({
        message: `${said(releases.at(-1) as number)} succeeded, although its owner cannot have held the lock.`,
        operations: inOrder(...releases),
        details: { releases: releases.length },
      })),
  });
  const { acquired, operations, contended } = facts;
  return {
    operations,
    details: { acquired, released: facts.released, tokens: facts.tokens, contended },
    holds: `The lock was acquired ${counted(acquired, "time")}, never by two at once.`,
    gap: acquired === 0 ? nothingOf("acquire", ["acquire", "release"]) : undefined,
    isEmpty: acquired === 0,
  };
}
