/**
 * Who certainly holds a lock, event by event, and which tokens were given.
 */
import { FAIL, INFO, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { outcomeOf, rolesOf } from "./functions.js";
import type { Limits } from "./limits.js";
import { misshapen } from "./options.js";

/** How the lock works. */
export interface LockRules {
  readonly owner: "input" | "none" | "process";
  readonly permits: number;
  readonly reentrant: boolean;
  readonly ttlNs: number;
}

/** What is wrong. */
export interface LockFaults {
  /** As many as may hold it did already, for certain, when an acquire ended. */
  twoHolders(holders: readonly number[], acquire: number): void;
  /** The token is smaller than that of an acquire that had ended before this one began. */
  tokenNotLarger(
    earlier: number,
    acquire: number,
    tokens: { readonly before: number; readonly token: number },
  ): void;
  /** Two acquires were given the same token. */
  tokenReused(other: number, acquire: number, token: number): void;
  /** The releases of an owner, more than it has acquires that may have succeeded. */
  unheld(releases: readonly number[]): void;
}

/** Counts for the details. */
export interface LockFacts {
  readonly operations: number;
  readonly acquired: number;
  readonly released: number;
  readonly tokens: number;
  /** Acquires that began while somebody else certainly held the lock. */
  readonly contended: number;
}

interface Hold {
  readonly acquire: number;
  readonly untilNs: number;
  /** How often the owner has acquired it, when it may again. */
  count: number;
}

const ACQUIRE = 1;
const RELEASE = 2;

/** Follows the lock. */
export function followLock(
  history: History,
  rules: LockRules,
  limits: Limits,
  faults: LockFaults,
): LockFacts {
  const { length, types, processes, functions, pairs, timesNs } = history;
  const { permits, ttlNs } = rules;
  const roles = rolesOf(history, { acquire: ACQUIRE, release: RELEASE });
  const ownerOf = ownersOf(history, rules);
  const holds = new Map<number | string, Hold>();
  const books = new Map<number | string, { acquires: number; releases: number[] }>();
  const releases = new OpenReleases();
  const tokens = new TokenOrder(history, faults, limits);
  let [operations, acquired, released, contended] = [0, 0, 0, 0];

  const acquire = (invocation: number, completion: number): void => {
    acquired++;
    const owner = ownerOf(invocation);
    const own = rules.owner === "none" ? undefined : holds.get(owner);
    const nowNs = timesNs[completion] as number;
    const untilNs = (timesNs[invocation] as number) + ttlNs;
    tokens.given(invocation, rules.reentrant && own !== undefined);
    // A lock that has run out when its acquire ends was certainly held at no time.
    if (untilNs <= nowNs) return;
    if (rules.reentrant && own !== undefined && own.untilNs > nowNs) {
      own.count++;
      return;
    }
    const isBrief = rules.owner !== "process" && releases.mayFollow(owner, invocation);
    // What was perhaps given back before it ended contradicts only who held it from its beginning.
    const others = holdersAt(holds, nowNs, permits).filter(
      (other) => !isBrief || (pairs[other] as number) < invocation,
    );
    if (others.length >= permits) faults.twoHolders(others, invocation);
    holds.delete(owner);
    if (isBrief) return;
    const name = rules.owner === "none" ? `#${invocation}` : owner;
    holds.set(name, { acquire: invocation, untilNs, count: 1 });
  };
  const release = (invocation: number): void => {
    if (rules.owner === "none") {
      holds.clear();
      return;
    }
    const owner = ownerOf(invocation);
    const own = holds.get(owner);
    if (own === undefined) return;
    own.count--;
    if (own.count === 0) holds.delete(owner);
  };

  for (let i = 0; i < length; i++) {
    const role = roles[functions[i] as number] as number;
    if (role === 0 || processes[i] === NEMESIS) continue;
    if (types[i] === INVOKE) {
      operations++;
      const outcome = answerTo(history, i);
      if (role === ACQUIRE) {
        tokens.begun(i);
        if (holds.size > 0) contended++;
      }
      if (outcome === FAIL) continue;
      if (role === RELEASE) {
        release(i);
        releases.begun(ownerOf(i));
      } else bookOf(books, ownerOf(i)).acquires++;
      continue;
    }
    const invocation = pairs[i] as number;
    if (types[i] !== OK || answerTo(history, invocation) !== OK) continue;
    if (role === ACQUIRE) acquire(invocation, i);
    else {
      released++;
      releases.ended(ownerOf(invocation), i);
      const book = bookOf(books, ownerOf(invocation));
      book.releases.push(invocation);
      if (rules.owner !== "none" && book.releases.length > book.acquires) {
        faults.unheld(book.releases.splice(0));
        book.acquires = 0;
      }
    }
  }
  return { operations, acquired, released, tokens: tokens.count, contended };
}

/**
 * Where operations of one owner may overlap: a release that began before an acquire ended may
 * still have followed it, unless it ended before the acquire began.
 */
class OpenReleases {
  readonly #open = new Map<number | string, number>();
  readonly #lastEnd = new Map<number | string, number>();

  begun(owner: number | string): void {
    this.#open.set(owner, (this.#open.get(owner) ?? 0) + 1);
  }

  ended(owner: number | string, event: number): void {
    this.#open.set(owner, (this.#open.get(owner) ?? 0) - 1);
    this.#lastEnd.set(owner, event);
  }

  mayFollow(owner: number | string, acquire: number): boolean {
    return (this.#open.get(owner) ?? 0) > 0 || (this.#lastEnd.get(owner) ?? NONE) > acquire;
  }
}

function bookOf(
  books: Map<number | string, { acquires: number; releases: number[] }>,
  owner: number | string,
): { acquires: number; releases: number[] } {
  const known = books.get(owner) ?? { acquires: 0, releases: [] };
  books.set(owner, known);
  return known;
}

/** Up to so many holders whose time has not run out; those whose time has are forgotten. */
function holdersAt(
  holds: Map<number | string, Hold>,
  nowNs: number,
  permits: number,
): readonly number[] {
  const holders: number[] = [];
  for (const [owner, { acquire, untilNs }] of holds) {
    if (untilNs <= nowNs) holds.delete(owner);
    else if (holders.push(acquire) === permits) break;
  }
  return holders;
}

/** A refusal is a failure. */
function answerTo(history: History, invocation: number): number {
  const outcome = outcomeOf(history, invocation);
  if (outcome !== OK) return outcome === FAIL ? FAIL : INFO;
  const completion = history.pairs[invocation] as number;
  return history.pool[history.values[completion] as number] === false ? FAIL : OK;
}

function ownersOf(history: History, { owner }: LockRules): (invocation: number) => number | string {
  const { processes, values, pool } = history;
  if (owner === "process") return (invocation) => processes[invocation] as number;
  if (owner === "none") return () => "anyone";
  return (invocation) => {
    const input = pool[values[invocation] as number] as Value;
    const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
    const named = isObject ? (input as { readonly owner?: Value }).owner : input;
    if (named === undefined || named === null) {
      throw misshapen("lock", "inputs that name the owner", input);
    }
    return canonical(named);
  };
}

/** Tokens grow from each acquire to those that begin after its end, and none is given twice. */
class TokenOrder {
  count = 0;
  readonly #history: History;
  readonly #faults: LockFaults;
  /** For each acquire, the one with the largest token of those that had ended when it began. */
  readonly #before: Int32Array;
  readonly #givenTo = new Map<number, number>();
  #largest = NONE;

  constructor(history: History, faults: LockFaults, limits: Limits) {
    limits.hold(history.length * 4);
    this.#history = history;
    this.#faults = faults;
    this.#before = new Int32Array(history.length);
  }

  /** An acquire is invoked. */
  begun(acquire: number): void {
    this.#before[acquire] = this.#largest;
  }

  /** An acquire ends; `again`: by an owner that holds the lock and is given its token again. */
  given(acquire: number, again: boolean): void {
    const token = this.#tokenOf(acquire);
    if (token === undefined) return;
    this.count++;
    const before = this.#before[acquire] as number;
    const last = before === NONE ? -Infinity : (this.#tokenOf(before) as number);
    const twin = this.#givenTo.get(token);
    if (again && twin !== undefined) return;
    if (twin !== undefined) this.#faults.tokenReused(twin, acquire, token);
    else if (token < last) this.#faults.tokenNotLarger(before, acquire, { before: last, token });
    this.#givenTo.set(token, acquire);
    if (this.#largest === NONE || token > (this.#tokenOf(this.#largest) as number)) {
      this.#largest = acquire;
    }
  }

  #tokenOf(acquire: number): number | undefined {
    const { pool, values, pairs } = this.#history;
    const output = pool[values[pairs[acquire] as number] as number] as Value;
    if (typeof output === "number") return output;
    if (typeof output !== "object" || output === null || Array.isArray(output)) return undefined;
    const { token } = output as { readonly token?: Value };
    return typeof token === "number" ? token : undefined;
  }
}
