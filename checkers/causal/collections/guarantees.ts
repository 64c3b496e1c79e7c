/**
 * Session guarantees of collections: what a read sees of its key is what it shows, and of other
 * keys, and operations that show nothing, see no more than they must. So what is visible is known:
 * with read-your-writes what the session added before, with monotonic-reads what its earlier reads
 * showed. A read must show what of its key is visible; and there must be one order of additions
 * that keeps all lists, with monotonic-writes the order of sessions, and with writes-follow-reads
 * what was visible before what its session adds later. That is a graph with O(shown) edges.
 */
import { NONE } from "../../../src/history/history.js";
import type { SessionGuarantee } from "../../../src/verdict/certificate.js";
import type { Meter } from "../../linearizable/meter.js";
import type { AdditionsByKey } from "./additions.js";
import { shownBy } from "./causes.js";
import { ADDS, FINDS, MISSES, READS, type Collections } from "./layout.js";
import { ListTree } from "./listed.js";
import { cycleIn, orderOf } from "./order.js";
import { Constraints, FOLLOWS, SESSION, type CollectionStep } from "./steps.js";

/** An order of additions; or a contradiction, with the guarantee that it breaks, if it is one. */
export type Guaranteed =
  | { readonly kind: "order"; readonly order: readonly number[] }
  | {
      readonly kind: "cyclic";
      readonly broken?: "read-your-writes" | "monotonic-reads";
      readonly cycle: readonly CollectionStep[];
    };

/** Decides. @throws LimitReached */
export function decideGuarantees(
  about: {
    readonly collections: Collections;
    readonly additions: AdditionsByKey;
    readonly meter: Meter;
  },
  guarantees: readonly SessionGuarantee[],
): Guaranteed {
  const { collections, meter } = about;
  const isAsked = new Set(guarantees);
  const missing = new Visible(collections, isAsked, meter).missing();
  if (missing !== undefined) return missing;
  const constraints = new Constraints(collections, false);
  constrain(constraints, isAsked, meter);
  if (collections.isOrdered) new ListTree(collections, meter).constrain(constraints);
  const order = orderOf(constraints, meter);
  if (order === undefined) return { kind: "cyclic", cycle: cycleIn(constraints) };
  const isAddition = (operation: number): boolean => collections.kinds[operation] === ADDS;
  return { kind: "order", order: Array.from(order).filter((each) => isAddition(each)) };
}

/** Looks for what is visible to a read that does not show it, session by session. */
class Visible {
  readonly #collections: Collections;
  readonly #hasOwn: boolean;
  readonly #hasSeen: boolean;
  readonly #meter: Meter;
  /** Addition → the read of the present session that showed it first, or `NONE`. */
  readonly #seenBy: Int32Array;
  /** Key → what the session showed of it, and how much it added. */
  #seen = new Map<number, number[]>();
  #added = new Map<number, number>();

  constructor(collections: Collections, isAsked: ReadonlySet<SessionGuarantee>, meter: Meter) {
    this.#collections = collections;
    this.#hasOwn = isAsked.has("read-your-writes");
    this.#hasSeen = isAsked.has("monotonic-reads");
    this.#meter = meter;
    this.#seenBy = new Int32Array(collections.count).fill(NONE);
  }

  missing(): Guaranteed | undefined {
    const { starts } = this.#collections;
    if (!this.#hasOwn && !this.#hasSeen) return undefined;
    for (let session = 0; session + 1 < starts.length; session++) {
      const end = starts[session + 1] as number;
      for (let operation = starts[session] as number; operation < end; operation++) {
        const found = this.#look(operation);
        if (found !== undefined) return found;
      }
      for (const all of this.#seen.values()) for (const add of all) this.#seenBy[add] = NONE;
      this.#seen = new Map();
      this.#added = new Map();
    }
    return undefined;
  }

  #look(operation: number): Guaranteed | undefined {
    const { kinds, keys, shows, sessions } = this.#collections;
    const kind = kinds[operation] as number;
    const key = keys[operation] as number;
    if (kind === ADDS) {
      this.#added.set(key, (this.#added.get(key) ?? 0) + 1);
      return undefined;
    }
    if (kind === MISSES) {
      const add = shows[operation] as number;
      if (add === NONE) return undefined;
      const isOwn = sessions[add] === sessions[operation] && add < operation;
      if (isOwn && this.#hasOwn) return this.#unread(add, operation);
      return this.#hasSeen && this.#seenBy[add] !== NONE ? this.#unseen(add, operation) : undefined;
    }
    const shown = shownBy(this.#collections, operation);
    this.#meter.spend(shown.length);
    let own = 0;
    let again = 0;
    for (const add of shown) {
      if (sessions[add] === sessions[operation] && add < operation) own++;
      if (this.#seenBy[add] !== NONE) again++;
    }
    const seen = this.#seen.get(key) ?? [];
    if (kind === READS && this.#hasOwn && own < (this.#added.get(key) ?? 0)) {
      return this.#unread(this.#ownMissing(operation), operation);
    }
    if (kind === READS && this.#hasSeen && again < seen.length) {
      const there = new Set(shown);
      return this.#unseen(seen.find((add) => !there.has(add)) as number, operation);
    }
    for (const add of shown) {
      if (this.#seenBy[add] !== NONE) continue;
      this.#seenBy[add] = operation;
      seen.push(add);
    }
    this.#seen.set(key, seen);
    return undefined;
  }

  #ownMissing(read: number): number {
    const { sessions, starts, kinds, keys } = this.#collections;
    const there = new Set(shownBy(this.#collections, read));
    let add = starts[sessions[read] as number] as number;
    while (kinds[add] !== ADDS || keys[add] !== keys[read] || there.has(add)) add++;
    return add;
  }

  #unread(add: number, read: number): Guaranteed {
    const cycle = [
      { from: add, to: read, by: "session" },
      { from: read, to: add, by: "lacks" },
    ] as const;
    return { kind: "cyclic", broken: "read-your-writes", cycle };
  }

  #unseen(add: number, read: number): Guaranteed {
    const before = this.#seenBy[add] as number;
    const cycle = [
      { from: add, to: before, by: "shows" },
      { from: before, to: read, by: "session" },
      { from: read, to: add, by: "lacks" },
    ] as const;
    return { kind: "cyclic", broken: "monotonic-reads", cycle };
  }
}

/** What orders additions: those of a session, and what was visible to it. */
function constrain(
  constraints: Constraints,
  isAsked: ReadonlySet<SessionGuarantee>,
  meter: Meter,
): void {
  const { collections } = constraints;
  const { starts, parents, kinds, isCertain } = collections;
  const follows = isAsked.has("writes-follow-reads");
  const isMonotonic = isAsked.has("monotonic-writes");
  // What completed sees what its session added before, and so comes after that, and before what its
  // session adds later; of itself the latter only knows when it completed.
  const inOrder = isMonotonic || (follows && isAsked.has("read-your-writes"));
  if (!follows && !inOrder) return;
  /** Operation → sessions of one that come after it. */
  const children = new Map<number, number[]>();
  for (const [session, parent] of parents.entries()) {
    if (parent !== NONE) children.set(parent, [...(children.get(parent) ?? []), session]);
  }
  /** Addition → the session that it is known to come before. */
  const isKnown = new Int32Array(collections.count).fill(NONE);
  for (let session = 0; session + 1 < starts.length; session++) {
    if (parents[session] !== NONE) continue;
    /** The last addition, and that before the last operation. */
    let last: number = NONE;
    let lastBefore: number = NONE;
    let gathered: number = NONE;
    const write = (add: number): void => {
      const before = isMonotonic || isCertain[add] === 1 ? last : lastBefore;
      if (before !== NONE && inOrder) constraints.add(before, add, SESSION);
      if (gathered !== NONE) constraints.add(gathered, add, SESSION);
    };
    const end = starts[session + 1] as number;
    for (let operation = starts[session] as number; operation < end; operation++) {
      if (kinds[operation] === ADDS) write(operation);
      lastBefore = last;
      if (kinds[operation] === ADDS) last = operation;
      else if (follows && (kinds[operation] === READS || kinds[operation] === FINDS)) {
        const shown = shownBy(collections, operation);
        meter.spend(shown.length);
        const fresh = shown.filter((add) => isKnown[add] !== session);
        if (fresh.length > 0) {
          const now = constraints.gather();
          if (gathered !== NONE) constraints.add(gathered, now, SESSION);
          for (const add of fresh) {
            isKnown[add] = session;
            constraints.add(add, now, FOLLOWS - operation);
          }
          gathered = now;
        }
      }
      for (const child of children.get(operation) ?? []) write(starts[child] as number);
    }
  }
}
