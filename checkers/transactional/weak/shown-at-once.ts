/**
 * Whether causal consistency with sessions is shown by one order that is easy to come by: who
 * completed first comes first, but after those whose writes it reads and after its session. Then a
 * read of the last write before it forces nothing that the order does not keep. Of the others, the
 * causes of the reader are looked through as far back as the write that it reads: if none of them
 * wrote the key, whoever wrote it causally before the reader comes before that write in the order
 * as well. So the order keeps all that is forced (causal.ts), and there is no cycle. One that did
 * write the key is forced to come before the write that is read: the order is made again with that,
 * a few times.
 *
 * That spares most histories the graph and the clocks: O(n) steps, as many as there are reads and
 * what lies between those that are out of order. Where it shows nothing, that means nothing.
 */
import { NONE } from "../../../src/history/history.js";
import type { Known } from "./commit-graph.js";
import type { Sources } from "./sources.js";

/** Causes that are looked through: so many for each micro-operation, and more. */
const WORK_EACH = 8;
const WORK_MORE = 10_000;

/** More than so many in one order that it does not keep are too many. */
const FORCED_MAX = 100_000;
/** So many orders are made. */
const ORDERS_MAX = 8;

/** Whether it is shown; `known` keeps the order of sessions. */
export function areCausesShown(known: Known, { writes }: Pick<Sources, "writes">): boolean {
  const { count } = known.transactions;
  const causes = new Causes(known, writes, new Int32Array(count));
  /** Transaction → others that have to come before it. */
  const forced = new Map<number, number[]>();
  for (let tried = 0; tried < ORDERS_MAX; tried++) {
    const order = easyOrder(known, forced);
    if (order === undefined) return false;
    const more = causes.against(order);
    if (more === undefined) return false;
    if (more.length === 0) return true;
    for (const [first, then] of more) {
      const before = forced.get(then);
      if (before === undefined) forced.set(then, [first]);
      else before.push(first);
    }
  }
  return false;
}

/** Who is forced to come before whom. */
type Forced = readonly [first: number, then: number];

/** Looks through the causes of readers. */
class Causes {
  readonly #known: Known;
  readonly #writes: Sources["writes"];
  readonly #places: Int32Array;
  readonly #stamps: Int32Array;
  #stamp = 0;
  #work: number;

  constructor(known: Known, writes: Sources["writes"], places: Int32Array) {
    this.#known = known;
    this.#writes = writes;
    this.#places = places;
    this.#stamps = new Int32Array(known.transactions.count);
    this.#work = WORK_EACH * known.sources.length + WORK_MORE;
  }

  /** What is forced and not kept by an order; undefined when it cannot be, or is too much. */
  against(order: Int32Array): readonly Forced[] | undefined {
    const { transactions, sources } = this.#known;
    const { starts, keys, keyCount, owners } = transactions;
    const writes = this.#writes;
    const last = new Int32Array(keyCount).fill(NONE);
    const first = new Int32Array(keyCount).fill(NONE);
    const forced: Forced[] = [];
    for (let place = 0; place < order.length; place++) {
      const each = order[place] as number;
      this.#places[each] = place;
      for (let at = starts[each] as number; at < (starts[each + 1] as number); at++) {
        const source = sources[at] as number;
        if (source === NONE) continue;
        const key = keys[at] as number;
        const writer = source < 0 ? NONE : (owners[source] as number);
        if (last[key] === writer) continue;
        // What was there at first comes before whoever wrote the key first.
        const isFirst = writer === NONE;
        const after = isFirst ? (first[key] as number) - 1 : (this.#places[writer] as number);
        const wrong = this.#writersAmong(each, key, after);
        if (wrong === undefined || (isFirst && wrong.length > 0)) return undefined;
        for (const other of wrong) forced.push([other, writer]);
        if (forced.length > FORCED_MAX) return undefined;
      }
      for (let at = writes.starts[each] as number; at < (writes.starts[each + 1] as number); at++) {
        const key = writes.keys[at] as number;
        last[key] = each;
        if (first[key] === NONE) first[key] = place;
      }
    }
    return forced;
  }

  /** Causes after this place that wrote the key; undefined when the work is done. */
  #writersAmong(reader: number, key: number, after: number): readonly number[] | undefined {
    const { transactions, sources, sessions } = this.#known;
    const { starts, owners } = transactions;
    this.#stamp++;
    const found: number[] = [];
    const open = [reader];
    for (let each = open.pop(); each !== undefined; each = open.pop()) {
      const reach = (cause: number): void => {
        if (this.#stamps[cause] === this.#stamp) return;
        this.#stamps[cause] = this.#stamp;
        if ((this.#places[cause] as number) > after) open.push(cause);
      };
      if (each !== reader && this.#wrote(each, key)) found.push(each);
      const before = sessions.before[each] as number;
      if (before !== NONE) reach(before);
      const end = starts[each + 1] as number;
      for (let at = starts[each] as number; at < end; at++) {
        const source = sources[at] as number;
        if (source >= 0) reach(owners[source] as number);
      }
      this.#work -= 1 + end - (starts[each] as number);
      if (this.#work < 0) return undefined;
    }
    return found;
  }

  #wrote(each: number, key: number): boolean {
    const { starts, keys } = this.#writes;
    const end = starts[each + 1] as number;
    for (let at = starts[each] as number; at < end; at++) {
      if (keys[at] === key) return true;
    }
    return false;
  }
}

/** All transactions in an order that keeps sessions and reads; undefined when there is none. */
function easyOrder(
  { transactions, sources, sessions }: Known,
  forced: ReadonlyMap<number, readonly number[]>,
): Int32Array | undefined {
  const { count, completions, starts, owners, history } = transactions;
  const order = new Int32Array(count);
  let length = 0;
  /** Transaction → 0: to come; 1: waits for what precedes it; 2: has its place. */
  const states = new Uint8Array(count);
  /** Those that wait, each for the next one; and how far each has been looked at. */
  const waiting: number[] = [];
  const cursors: number[] = [];
  const isForced = new Uint8Array(forced.size > 0 ? count : 0);
  for (const each of forced.keys()) isForced[each] = 1;
  /** Whether nothing has to come before it that has no place yet. */
  const isFree = (each: number): boolean => {
    const before = sessions.before[each] as number;
    if (isForced[each] === 1 || (before !== NONE && states[before] !== 2)) return false;
    for (let at = starts[each] as number; at < (starts[each + 1] as number); at++) {
      const source = sources[at] as number;
      if (source >= 0 && states[owners[source] as number] !== 2) return false;
    }
    return true;
  };
  const begin = (each: number): void => {
    states[each] = 1;
    waiting.push(each);
    cursors.push(starts[each] as number);
  };
  const place = (one: number): boolean => {
    if (states[one] === 0 && isFree(one)) {
      states[one] = 2;
      order[length++] = one;
      return true;
    }
    if (states[one] === 0) begin(one);
    while (waiting.length > 0) {
      const each = waiting.at(-1) as number;
      const before = sessions.before[each] as number;
      let needed = before !== NONE && states[before] !== 2 ? before : NONE;
      let at = cursors.at(-1) as number;
      for (; needed === NONE && at < (starts[each + 1] as number); at++) {
        const source = sources[at] as number;
        if (source >= 0 && states[owners[source] as number] !== 2) {
          needed = owners[source] as number;
        }
      }
      cursors[cursors.length - 1] = at;
      if (needed === NONE && isForced[each] === 1) {
        needed = forced.get(each)?.find((other) => states[other] !== 2) ?? NONE;
      }
      if (needed !== NONE) {
        if (states[needed] === 1) return false;
        begin(needed);
        continue;
      }
      states[each] = 2;
      order[length++] = each;
      waiting.pop();
      cursors.pop();
    }
    return true;
  };
  const byCompletion = new Int32Array(history.length).fill(NONE);
  for (let each = 0; each < count; each++) {
    const completion = completions[each] as number;
    if (completion !== NONE) byCompletion[completion] = each;
  }
  for (let event = 0; event < byCompletion.length; event++) {
    const each = byCompletion[event] as number;
    if (each !== NONE && !place(each)) return undefined;
  }
  for (let each = 0; each < count; each++) if (!place(each)) return undefined;
  return order;
}
