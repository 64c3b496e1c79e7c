/**
 * What precedes what causally: the order of sessions, and each addition before whoever shows its
 * element. In any explanation at least this precedes, and no more has to: what precedes an
 * operation causally is a set of additions that only makes contradictions when it is larger.
 *
 * One pass in causal order with vector clocks: for each session the last operation that precedes,
 * plus one. Of a key's additions that precede a read all must be shown; as all that is shown
 * precedes it, to count them is enough. O(shown + operations × sessions).
 */
import { NONE } from "../../../src/history/history.js";
import { EdgeList } from "../../../src/graph/digraph.js";
import type { Meter } from "../../linearizable/meter.js";
import type { AdditionsByKey } from "./additions.js";
import { FINDS, MISSES, READS, type Collections } from "./layout.js";
import type { CollectionStep } from "./steps.js";

/** What came of it. */
export type Causes =
  | {
      readonly kind: "order";
      readonly order: Int32Array;
      /** Of each read as many additions as are needed to derive the others. */
      readonly shows: EdgeList;
      readonly clocks: Clocks;
    }
  /** Operations that precede themselves. */
  | { readonly kind: "cyclic"; readonly cycle: readonly CollectionStep[] }
  /** An addition that precedes a read of its key, which does not show it. */
  | {
      readonly kind: "lacking";
      readonly add: number;
      readonly read: number;
      readonly shows: EdgeList;
    };

/** Clocks of additions that are shown, and of parents of sessions. */
export interface Clocks {
  readonly columns: number;
  /** Operation → its row, or `NONE`. */
  readonly rows: Int32Array;
  readonly clocks: Int32Array;
}

/** Looks. @throws LimitReached */
export function causesOf(
  collections: Collections,
  additions: AdditionsByKey,
  meter: Meter,
): Causes {
  const ordered = causalOrder(collections, meter);
  if ("cycle" in ordered) return { kind: "cyclic", cycle: ordered.cycle };
  return new Pass(collections, additions, meter).run(ordered.order);
}

/** The additions that an operation shows: places in `listItems`, or one. */
export function shownBy(collections: Collections, operation: number): Int32Array {
  const { kinds, shows, listStarts, listItems } = collections;
  const of = shows[operation] as number;
  if (kinds[operation] === READS) {
    return listItems.subarray(listStarts[of], listStarts[of + 1]);
  }
  return kinds[operation] === FINDS ? Int32Array.of(of) : NOBODY;
}

const NOBODY = new Int32Array(0);

/** All operations, session by session as far as each one gets; or a cycle. */
function causalOrder(
  collections: Collections,
  meter: Meter,
): { readonly order: Int32Array } | { readonly cycle: readonly CollectionStep[] } {
  const { count, starts, parents } = collections;
  const sessionCount = starts.length - 1;
  const order = new Int32Array(count);
  const isDone = new Uint8Array(count);
  const next = starts.slice(0, sessionCount);
  /** Session → how much of what its next operation shows is done. */
  const looked = new Int32Array(sessionCount);
  /** Operation → session that waits for it, and session → the next one that does. */
  const waiting = new Int32Array(count).fill(NONE);
  const nextWaiting = new Int32Array(sessionCount).fill(NONE);
  const awaits = new Int32Array(sessionCount).fill(NONE);
  const ready: number[] = [];
  for (let session = sessionCount - 1; session >= 0; session--) ready.push(session);
  let end = 0;
  /** The first operation that has to come before, and is not there yet. */
  const awaited = (session: number, at: number): number => {
    const parent = parents[session] as number;
    if (at === starts[session] && parent !== NONE && isDone[parent] === 0) return parent;
    const shown = shownBy(collections, at);
    let place = looked[session] as number;
    meter.spend(shown.length - place);
    while (place < shown.length && isDone[shown[place] as number] === 1) place++;
    looked[session] = place;
    return place < shown.length ? (shown[place] as number) : NONE;
  };
  for (let session = ready.pop(); session !== undefined; session = ready.pop()) {
    const last = starts[session + 1] as number;
    let at = next[session] as number;
    for (; at < last; at++) {
      const before = awaited(session, at);
      awaits[session] = before;
      if (before !== NONE) {
        nextWaiting[session] = waiting[before] as number;
        waiting[before] = session;
        break;
      }
      looked[session] = 0;
      isDone[at] = 1;
      order[end++] = at;
      let woken = waiting[at] as number;
      for (; woken !== NONE; woken = nextWaiting[woken] as number) ready.push(woken);
    }
    next[session] = at;
  }
  return end === count ? { order } : { cycle: cycleOf(collections, next, awaits) };
}

/** From session to session that waits for another one, until one comes again. */
function cycleOf(
  { sessions, starts, parents }: Collections,
  next: Int32Array,
  awaits: Int32Array,
): readonly CollectionStep[] {
  const seen = new Map<number, number>();
  const steps: CollectionStep[][] = [];
  let session = next.findIndex((at, of) => at < (starts[of + 1] as number));
  while (!seen.has(session)) {
    seen.set(session, steps.length);
    const at = next[session] as number;
    const before = awaits[session] as number;
    const isParent = at === starts[session] && parents[session] === before;
    const own: CollectionStep[] = [{ from: before, to: at, by: isParent ? "session" : "shows" }];
    session = sessions[before] as number;
    const first = next[session] as number;
    if (first !== before) own.unshift({ from: first, to: before, by: "session" });
    steps.push(own);
  }
  return steps.slice(seen.get(session)).toReversed().flat();
}

class Pass {
  readonly #collections: Collections;
  readonly #additions: AdditionsByKey;
  readonly #meter: Meter;
  readonly #columns: number;
  readonly #clocks: Clocks;
  /** Session → its clock now, row by row. */
  readonly #current: Int32Array;
  readonly #shows = new EdgeList();
  /** Session → the last of what a read shows, and those for which there is one. */
  readonly #last: Int32Array;

  constructor(collections: Collections, additions: AdditionsByKey, meter: Meter) {
    this.#collections = collections;
    this.#additions = additions;
    this.#meter = meter;
    this.#columns = collections.starts.length - 1;
    const { rows, rowCount } = rowsOf(collections);
    meter.reserve(4 * this.#columns * (rowCount + this.#columns + 1) + 4 * collections.count);
    const clocks = new Int32Array(this.#columns * rowCount);
    this.#clocks = { columns: this.#columns, rows, clocks };
    this.#current = new Int32Array(this.#columns * this.#columns);
    this.#last = new Int32Array(this.#columns).fill(NONE);
  }

  run(order: Int32Array): Causes {
    const { sessions, starts, parents, kinds, shows } = this.#collections;
    const { rows, clocks } = this.#clocks;
    for (const operation of order) {
      const session = sessions[operation] as number;
      const mine = session * this.#columns;
      const parent = parents[session] as number;
      if (operation === starts[session] && parent !== NONE) {
        this.#join(mine, parent);
      }
      this.#see(operation, mine);
      if (kinds[operation] === READS) {
        const add = this.#lacking(operation, mine);
        if (add !== NONE) return { kind: "lacking", add, read: operation, shows: this.#shows };
      } else if (kinds[operation] === MISSES) {
        const add = shows[operation] as number;
        if (add !== NONE && this.#has(mine, add)) {
          return { kind: "lacking", add, read: operation, shows: this.#shows };
        }
      }
      const row = rows[operation] as number;
      if (row !== NONE) {
        clocks.set(this.#current.subarray(mine, mine + this.#columns), row * this.#columns);
      }
      this.#current[mine + session] = operation + 1;
    }
    return { kind: "order", order, shows: this.#shows, clocks: this.#clocks };
  }

  #has(mine: number, operation: number): boolean {
    const session = this.#collections.sessions[operation] as number;
    return (this.#current[mine + session] as number) > operation;
  }

  /** Takes over what precedes what is shown: of each session the last is enough. */
  #see(operation: number, mine: number): void {
    const { sessions } = this.#collections;
    const shown = shownBy(this.#collections, operation);
    if (shown.length === 0) return;
    this.#meter.spend(shown.length);
    const touched: number[] = [];
    for (const add of shown) {
      if (this.#has(mine, add)) continue;
      const session = sessions[add] as number;
      const last = this.#last[session] as number;
      if (last === NONE) touched.push(session);
      if (last < add) this.#last[session] = add;
    }
    for (const session of touched) {
      const add = this.#last[session] as number;
      this.#last[session] = NONE;
      this.#shows.add(add, operation);
      if (!this.#has(mine, add)) this.#join(mine, add);
    }
  }

  #join(mine: number, operation: number): void {
    const { sessions } = this.#collections;
    const from = (this.#clocks.rows[operation] as number) * this.#columns;
    this.#meter.spend(this.#columns >> 2);
    for (let column = 0; column < this.#columns; column++) {
      const other = this.#clocks.clocks[from + column] as number;
      if (other > (this.#current[mine + column] as number)) this.#current[mine + column] = other;
    }
    const own = mine + (sessions[operation] as number);
    if ((this.#current[own] as number) <= operation) this.#current[own] = operation + 1;
  }

  /** An addition that precedes a read and that it does not show, or `NONE`. */
  #lacking(read: number, mine: number): number {
    const key = this.#collections.keys[read] as number;
    const shown = shownBy(this.#collections, read);
    const of = this.#additions;
    let there = 0;
    this.#meter.spend(of.end(key) - of.begin(key));
    for (let list = of.begin(key); list < of.end(key); list++) {
      there += of.countBelow(list, this.#current[mine + of.sessionOf(list)] as number);
    }
    if (there === shown.length) return NONE;
    const isShown = new Set(shown);
    for (let list = of.begin(key); list < of.end(key); list++) {
      const bound = this.#current[mine + of.sessionOf(list)] as number;
      for (const add of of.below(list, bound)) if (!isShown.has(add)) return add;
    }
    throw new Error("more additions than are shown, and all are shown");
  }
}

function rowsOf({ count, kinds, listItems, shows, parents }: Collections): {
  readonly rows: Int32Array;
  readonly rowCount: number;
} {
  const rows = new Int32Array(count).fill(NONE);
  let rowCount = 0;
  const need = (operation: number): void => {
    if (operation !== NONE && rows[operation] === NONE) rows[operation] = rowCount++;
  };
  for (const add of listItems) need(add);
  for (let operation = 0; operation < count; operation++) {
    if (kinds[operation] === FINDS) need(shows[operation] as number);
  }
  for (const parent of parents) need(parent);
  return { rows, rowCount };
}
