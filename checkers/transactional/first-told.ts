/**
 * A history that `init` begins, told as one that begins with nothing: a read of what was there at
 * first is one of null. Every value keeps its position, and only transactions that read so are made
 * anew. O(events + items of the pool).
 */
import { historyOf, NONE, OK, withValues } from "../../src/history/history.js";
import type { History, NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Lists, ValuePool } from "../../src/history/value-pool.js";
import { nameOfKey } from "./first-values.js";

/** Stands for a position that was not looked at yet. */
const UNSEEN = -2;

/** A history whose lists are positions, in a pool that can be copied. */
export type Listed = History & { readonly lists: Lists; readonly copyPool: () => ValuePool };

/** The same history with its lists as positions: itself, unless its pool was made elsewhere. */
export function withLists(history: History): Listed {
  const { lists, copyPool } = history;
  const isListed = lists !== undefined && copyPool !== undefined;
  return (isListed ? history : historyOf(eventsOf(history))) as Listed;
}

function* eventsOf(history: History): Iterable<NewEvent> {
  for (let index = 0; index < history.length; index++) yield history.event(index);
}

/** Key → what it holds at first: both by their positions, each key asked about once. */
export class Firsts {
  readonly #history: History;
  readonly #initial: ReadonlyMap<string, number>;
  /** Position of a key → that of what it holds, or `NONE`. */
  readonly #known: Int32Array;

  constructor(history: Listed, pool: ValuePool, initial: Iterable<readonly [string, Value]>) {
    this.#history = history;
    this.#initial = new Map(Array.from(initial, ([key, value]) => [key, pool.intern(value)]));
    this.#known = new Int32Array(history.lists.starts.length).fill(UNSEEN);
  }

  get size(): number {
    return this.#initial.size;
  }

  /** The position of what it holds; `NONE` when it holds nothing. */
  of(key: number): number {
    const known = this.#known[key] as number;
    if (known !== UNSEEN) return known;
    const first = this.#initial.get(nameOfKey(this.#history.valueAt(key))) ?? NONE;
    this.#known[key] = first;
    return first;
  }
}

/** The same history, as if it began with nothing; what is told so is added to the pool. */
export function toldFrom(history: Listed, pool: ValuePool, firsts: Firsts): History {
  const { length, types, functions, functionNames } = history;
  const values = history.values.slice();
  const told = new Told(history, pool, firsts);
  const [txn, init] = [functionNames.indexOf("txn"), functionNames.indexOf("init")];
  const nothing = pool.intern({});
  for (let event = 0; event < length; event++) {
    const f = functions[event];
    if (f === init) values[event] = nothing;
    else if (f === txn && types[event] === OK) values[event] = told.of(values[event] as number);
  }
  return withValues(history, values, pool);
}

class Told {
  readonly #lists: Lists;
  readonly #pool: ValuePool;
  readonly #firsts: Firsts;
  readonly #nullAt: number;
  /** Position → whether it names a read. */
  readonly #reads: ReadonlySet<number>;
  /** Position of a transaction, or of a micro-operation → of what it is told as. */
  readonly #told: Int32Array;

  constructor(history: Listed, pool: ValuePool, firsts: Firsts) {
    this.#lists = history.lists;
    this.#pool = pool;
    this.#firsts = firsts;
    this.#nullAt = pool.intern(null);
    this.#reads = new Set([pool.intern("r"), pool.intern("read")]);
    this.#told = new Int32Array(history.lists.starts.length).fill(UNSEEN);
  }

  /** A transaction as it is told. */
  of(transaction: number): number {
    const known = this.#told[transaction] as number;
    if (known !== UNSEEN) return known;
    const { starts, items } = this.#lists;
    const start = starts[transaction] as number;
    let told = transaction;
    if (start >= 0) {
      const end = start + 1 + (items[start] as number);
      let at = start + 1;
      while (at < end && this.#micro(items[at] as number) === items[at]) at++;
      if (at < end) told = this.#made(start + 1, end);
    }
    this.#told[transaction] = told;
    return told;
  }

  #made(from: number, end: number): number {
    const { items } = this.#lists;
    const mark = this.#pool.open();
    for (let at = from; at < end; at++) this.#pool.push(this.#micro(items[at] as number));
    return this.#pool.close(mark);
  }

  #micro(micro: number): number {
    const { starts, items } = this.#lists;
    const start = starts[micro] as number;
    if (!(start >= 0) || (items[start] as number) < 3) return micro;
    const [f, key] = [items[start + 1] as number, items[start + 2] as number];
    if (!this.#reads.has(f) || this.#firsts.of(key) !== items[start + 3]) return micro;
    const known = this.#told[micro] as number;
    if (known !== UNSEEN) return known;
    const mark = this.#pool.open();
    this.#pool.push(f);
    this.#pool.push(key);
    this.#pool.push(this.#nullAt);
    const told = this.#pool.close(mark);
    this.#told[micro] = told;
    return told;
  }
}
