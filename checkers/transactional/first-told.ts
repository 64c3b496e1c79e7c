/**
 * A history that `init` begins, told as one that begins with nothing: a read of what was there at
 * first is one of null. Values are taken over as positions in the pool, each looked at once, so
 * that no event, transaction or list is made. O(events + items of the pool).
 */
import { createHistoryBuilder, historyOf, NONE, OK } from "../../src/history/history.js";
import type { History, NewEvent } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Lists, ValuePool } from "../../src/history/value-pool.js";
import { nameOfKey } from "./first-values.js";

/** Stands for a position that was not taken over yet. */
const UNSEEN = -1;

/** The same history with its lists as positions: itself, unless its pool was made elsewhere. */
export function withLists(history: History): History & { readonly lists: Lists } {
  const { lists } = history;
  const told = lists === undefined ? historyOf(eventsOf(history)) : history;
  return told as History & { readonly lists: Lists };
}

function* eventsOf(history: History): Iterable<NewEvent> {
  for (let index = 0; index < history.length; index++) yield history.event(index);
}

/** The positions of the items of what stands at a position; undefined when it is no list. */
export function itemsAt({ starts, items }: Lists, position: number): Int32Array | undefined {
  const start = starts[position] as number;
  return start < 0 ? undefined : items.subarray(start + 1, start + 1 + (items[start] as number));
}

/** Key → what it holds at first, as text: of keys by their positions, each asked about once. */
export class Firsts {
  readonly #history: History;
  readonly #initial: ReadonlyMap<string, string>;
  readonly #known = new Map<number, string | undefined>();

  constructor(history: History, initial: ReadonlyMap<string, string>) {
    this.#history = history;
    this.#initial = initial;
  }

  of(key: number): string | undefined {
    if (!this.#known.has(key)) {
      this.#known.set(key, this.#initial.get(nameOfKey(this.#history.valueAt(key))));
    }
    return this.#known.get(key);
  }

  /** Whether a value is this one. */
  is(value: number, first: string): boolean {
    return canonical(this.#history.valueAt(value)) === first;
  }
}

/** The same history, as if it began with nothing. */
export function toldFrom(
  history: History & { readonly lists: Lists },
  initial: ReadonlyMap<string, string>,
): History {
  const builder = createHistoryBuilder();
  const taken = new TakenOver(history, builder.pool, new Firsts(history, initial));
  const { length, types, processes, functions, functionNames, timesNs } = history;
  const txn = functionNames.indexOf("txn");
  const init = functionNames.indexOf("init");
  for (let event = 0; event < length; event++) {
    const at = history.values[event] as number;
    const f = functions[event] as number;
    const type = types[event] as number;
    const isRead = f === txn && type === OK;
    const value = f === init ? builder.pool.intern({}) : isRead ? taken.told(at) : taken.same(at);
    const error = history.errors[event] as number;
    const errorAt = error === NONE ? NONE : taken.same(error);
    const key = history.keys[event] as number;
    const keyAt = key === NONE ? NONE : taken.same(key);
    const process = processes[event] as number;
    const name = functionNames[f] as string;
    builder.appendAt(type, process, name, keyAt, value, errorAt, timesNs[event] as number);
  }
  return builder.build();
}

class TakenOver {
  readonly #history: History & { readonly lists: Lists };
  readonly #pool: ValuePool;
  readonly #firsts: Firsts;
  /** Position → the one in the new pool of the same value; of a transaction, of what it is told. */
  readonly #same: Int32Array;
  readonly #told: Int32Array;

  constructor(history: History & { readonly lists: Lists }, pool: ValuePool, firsts: Firsts) {
    this.#history = history;
    this.#pool = pool;
    this.#firsts = firsts;
    this.#same = new Int32Array(history.lists.starts.length).fill(UNSEEN);
    this.#told = new Int32Array(history.lists.starts.length).fill(UNSEEN);
  }

  same(position: number): number {
    const known = this.#same[position] as number;
    if (known !== UNSEEN) return known;
    const items = itemsAt(this.#history.lists, position);
    const own =
      items === undefined
        ? this.#pool.intern(this.#history.valueAt(position))
        : this.#listOf(items, (item) => this.same(item));
    this.#same[position] = own;
    return own;
  }

  /** A transaction as it is told. */
  told(position: number): number {
    const known = this.#told[position] as number;
    if (known !== UNSEEN) return known;
    const items = itemsAt(this.#history.lists, position);
    const own =
      items === undefined
        ? this.same(position)
        : this.#listOf(items, (item) => this.#toldMicro(item));
    this.#told[position] = own;
    return own;
  }

  #toldMicro(position: number): number {
    const micro = itemsAt(this.#history.lists, position);
    if (micro === undefined || micro.length < 3) return this.same(position);
    const [f, key, value] = micro as unknown as readonly [number, number, number];
    const name: Value = this.#history.valueAt(f);
    const first = name === "r" || name === "read" ? this.#firsts.of(key) : undefined;
    if (first === undefined || !this.#firsts.is(value, first)) return this.same(position);
    const mark = this.#pool.open();
    this.#pool.push(this.same(f));
    this.#pool.push(this.same(key));
    this.#pool.push(this.#pool.intern(null));
    return this.#pool.close(mark);
  }

  #listOf(items: Int32Array, take: (item: number) => number): number {
    const mark = this.#pool.open();
    for (let place = 0; place < items.length; place++) {
      this.#pool.push(take(items[place] as number));
    }
    return this.#pool.close(mark);
  }
}
