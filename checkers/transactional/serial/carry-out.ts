/**
 * Carries out transactions on registers one after the other, in about the order in which they
 * completed, so that every read returns what is there and real time is kept. Of right histories
 * this mostly gives an order at once, in linear time; where it comes to a dead end nothing is said.
 *
 * Before a transaction takes effect there are, each as far as it was invoked by now:
 *
 * - who wrote what it reads;
 * - of each key that it writes, all that has to do with versions that come before its own in real
 *   time: a version does so when somebody who wrote or read it had completed before somebody who
 *   wrote or read the other was invoked (Gibbons & Korach 1997, for each key alone);
 * - who still reads what it overwrites.
 *
 * Only histories are looked at in which each value is written once to a key, and each transaction
 * agrees with itself.
 */
import { NONE, OK } from "../../../src/history/history.js";
import { IntList } from "../../../src/graph/growing.js";
import type { ByKey } from "../dependencies.js";
import type { Transactions } from "../layout.js";
import { Accesses } from "./accesses.js";
import { Lessons } from "./lessons.js";
import { Spans } from "./spans.js";

/** So many looks for each micro-operation, before this is given up. */
const LOOKS_EACH = 32;
/** So many dead ends without getting further; of the first of them the last guess is wrong. */
const TRIES_MAX = 256;
const TRIES_BY_PLACE = 16;
/** 2³² times the golden ratio: its multiples have no rhythm (Knuth, volume 3, section 6.4). */
const SCATTER = 0x9e3779b1;
/**
 * Why a transaction comes before another: it has to; or it still reads a version; or it is guessed,
 * from this number on downwards.
 */
const REQUIRED = -1;
const FIRST_GUESS = -2;

/** Transactions that happened in an order, or a few of them that have none. */
export type CarriedOut = { readonly order: Int32Array } | { readonly torn: Int32Array };

/**
 * Transactions that happened in a serial order that explains every read and keeps real time; or the
 * at most six, ascending, to whom two versions of a key are due that come each before the other in
 * real time; undefined when neither was found. O(micro-operations + events).
 */
export function carryOut(transactions: Transactions, byKey: ByKey): CarriedOut | undefined {
  const accesses = new Accesses(transactions);
  if (!accesses.find(byKey)) return undefined;
  const spans = new Spans(accesses, byKey);
  if (spans.torn !== undefined) {
    const involved = spans.torn.flatMap((version) => whoseSpan(version, accesses, spans));
    return { torn: Int32Array.from(new Set(involved)).sort() };
  }
  const order = new CarryingOut(accesses, spans).run();
  return order === undefined ? undefined : { order };
}

/** Who wrote a version, completed first of all who have to do with it, and was invoked last. */
function whoseSpan(version: number, accesses: Accesses, spans: Spans): readonly number[] {
  const { owners, kinds, completions, invocations, outcomes } = accesses.transactions;
  const involved: number[] = version < kinds.length ? [owners[version] as number] : [];
  for (let at = accesses.heads[version] as number; at !== NONE; at = accesses.nexts[at] as number) {
    const reader = owners[at] as number;
    const isFirst = outcomes[reader] === OK && completions[reader] === spans.ends[version];
    if (isFirst || invocations[reader] === spans.begins[version]) involved.push(reader);
  }
  return involved;
}

class CarryingOut {
  readonly #accesses: Accesses;
  readonly #transactions: Transactions;
  readonly #placed: Uint8Array;
  readonly #order: Int32Array;
  #count = 0;
  /** Version → how many who wrote or read it are not placed yet; key → its version now. */
  readonly #left: Int32Array;
  /** Version → the first of its readers that may not be placed. */
  readonly #heads: Int32Array;
  readonly #current: Int32Array;
  readonly #spans: Spans;
  /** Key → where versions begin, by their ends, of which not everybody is placed. */
  readonly #cursors: Int32Array;
  /** Version → what it wrote over. */
  readonly #over: Int32Array;
  /** Place in the order → the event for which it was filled; transaction → its place. */
  readonly #events: Int32Array;
  readonly #placeOf: Int32Array;
  /** Those that wait, each for the next, and why. */
  readonly #path = new IntList();
  readonly #reasons = new IntList();
  readonly #onPath: Uint8Array;
  readonly #lessons: Lessons;
  /** Who could not come before the last on the path. */
  #wanted: number = NONE;
  #now = 0;
  #countMax = 0;
  #tries = 0;
  #looks = 0;
  readonly #looksMax: number;
  #reason: number = REQUIRED;

  constructor(accesses: Accesses, spans: Spans) {
    const { transactions, readerCounts, isVersion } = accesses;
    const { count, keyCount, kinds } = transactions;
    this.#accesses = accesses;
    this.#transactions = transactions;
    this.#placed = new Uint8Array(count);
    this.#onPath = new Uint8Array(count);
    this.#order = new Int32Array(count);
    this.#events = new Int32Array(count);
    this.#placeOf = new Int32Array(count);
    this.#lessons = new Lessons(count);
    this.#over = new Int32Array(kinds.length);
    this.#looksMax = LOOKS_EACH * (kinds.length + count);
    this.#left = readerCounts.slice();
    this.#heads = accesses.heads.slice();
    for (let at = 0; at < kinds.length; at++) {
      if (isVersion[at] === 1) this.#left[at] = (this.#left[at] as number) + 1;
    }
    this.#current = Int32Array.from({ length: keyCount }, (_, key) => kinds.length + key);
    this.#spans = spans;
    this.#cursors = spans.keyStarts.slice(0, keyCount);
  }

  run(): Int32Array | undefined {
    const { history, completions, count, outcomes } = this.#transactions;
    const ending = new Int32Array(history.length).fill(NONE);
    for (let each = 0; each < count; each++) {
      if (outcomes[each] === OK) ending[completions[each] as number] = each;
    }
    for (let event = 0; event < ending.length; event++) {
      const each = ending[event] as number;
      if (each === NONE || this.#placed[each] === 1) continue;
      this.#now = event;
      if (this.#place(each)) continue;
      const place = this.#learn();
      if (place === NONE) return undefined;
      if (place < this.#count) event = this.#events[place] as number;
      this.#takeBack(place);
      event--;
    }
    const order = this.#order.subarray(0, this.#count);
    if (!this.#explains(order)) throw new Error("transactions were carried out in a wrong order");
    return order;
  }

  /** Once more from the beginning, without anything that was remembered or taken back. */
  #explains(order: Int32Array): boolean {
    const { starts, keys, kinds, invocations, completions, outcomes } = this.#transactions;
    const { sources, isVersion, happened } = this.#accesses;
    const current = this.#current;
    for (let key = 0; key < current.length; key++) current[key] = kinds.length + key;
    let latest = NONE;
    for (const each of order) {
      const isOver = outcomes[each] === OK && (completions[each] as number) < latest;
      if (isOver || happened[each] !== 1) return false;
      happened[each] = 0;
      latest = Math.max(latest, invocations[each] as number);
      const end = starts[each + 1] as number;
      for (let at = starts[each] as number; at < end; at++) {
        const source = sources[at] as number;
        if (source !== NONE && current[keys[at] as number] !== source) return false;
      }
      for (let at = starts[each] as number; at < end; at++) {
        if (isVersion[at] === 1) current[keys[at] as number] = at;
      }
    }
    return !happened.includes(1);
  }

  /** Carries out a transaction after all that has to come before it; false at a dead end. */
  #place(root: number): boolean {
    const path = this.#path;
    path.length = 0;
    this.#reasons.length = 0;
    path.push(root);
    this.#onPath[root] = 1;
    while (path.length > 0) {
      const each = path.at(path.length - 1);
      const before = this.#before(each);
      if (before === NONE) {
        if (!this.#carryOut(each)) return false;
        path.length--;
        if (path.length > 0) this.#reasons.length = path.length - 1;
        continue;
      }
      this.#reasons.push(this.#reason);
      const isLate = (this.#transactions.invocations[before] as number) > this.#now;
      if (isLate || this.#onPath[before] === 1 || this.#looks > this.#looksMax) {
        this.#wanted = before;
        return false;
      }
      this.#onPath[before] = 1;
      path.push(before);
    }
    return true;
  }

  /**
   * At a dead end something is not as it was taken to be: somebody who still reads what another is
   * about to overwrite does not come before it, so that the other comes before who wrote that; or a
   * guess is wrong. What alone can be wrong is; of several one is guessed to be, the last first,
   * and where that does not help any.
   * Returns the place from which on the order changes, or
   * `NONE` when nothing is left to be changed.
   */
  #learn(): number {
    const { kinds } = this.#transactions;
    const path = this.#path;
    for (let at = 0; at < path.length; at++) this.#onPath[path.at(at)] = 0;
    if (this.#count > this.#countMax) [this.#countMax, this.#tries] = [this.#count, 0];
    if (++this.#tries > TRIES_MAX || this.#looks > this.#looksMax) return NONE;
    const doubtful: number[] = [];
    for (let at = this.#reasons.length - 1; at >= 0; at--) {
      const reason = this.#reasons.at(at);
      if (reason !== REQUIRED && reason < kinds.length) doubtful.push(at);
      if (path.at(at) === this.#wanted) break;
    }
    if (doubtful.length === 0) return NONE;
    const isGuess = doubtful.length > 1;
    const lesson = this.#lessonFrom(doubtful, isGuess);
    const { befores, afters } = this.#lessons;
    let place = this.#count;
    for (const each of [befores.at(lesson), afters.at(lesson)]) {
      if (this.#placed[each] === 1) place = Math.min(place, this.#placeOf[each] as number);
    }
    return place;
  }

  #lessonFrom(doubtful: readonly number[], isGuess: boolean): number {
    const { owners } = this.#transactions;
    const writerOf = (at: number): number => owners[this.#reasons.at(at)] as number;
    const scattered = Math.imul(this.#tries, SCATTER) >>> 8;
    let chosen = doubtful[scattered % doubtful.length] as number;
    if (this.#tries < TRIES_BY_PLACE) {
      let last = NONE;
      for (const at of doubtful) {
        if (this.#reasons.at(at) < REQUIRED) continue;
        const place = this.#placeOf[writerOf(at)] as number;
        if (place > last) [last, chosen] = [place, at];
      }
    }
    const reason = this.#reasons.at(chosen);
    if (reason < REQUIRED) return this.#lessons.turn(FIRST_GUESS - reason, isGuess);
    const reader = chosen + 1 < this.#path.length ? this.#path.at(chosen + 1) : this.#wanted;
    const before = this.#path.at(chosen);
    const other = isGuess ? ([reader, before] as const) : undefined;
    return this.#lessons.add(before, writerOf(chosen), other);
  }

  /** All from a place in the order on is as if it had not been. */
  #takeBack(place: number): void {
    const { starts, keys } = this.#transactions;
    const { sources, isVersion } = this.#accesses;
    while (this.#count > place) {
      const each = this.#order[--this.#count] as number;
      this.#placed[each] = 0;
      for (let at = (starts[each + 1] as number) - 1; at >= (starts[each] as number); at--) {
        this.#looks++;
        if (isVersion[at] === 1) {
          this.#current[keys[at] as number] = this.#over[at] as number;
          this.#miss(at);
        }
        if (sources[at] !== NONE) this.#miss(sources[at] as number);
      }
    }
  }

  /** One more who has to do with a version is not placed. */
  #miss(version: number): void {
    const { keys, kinds } = this.#transactions;
    const key = version < kinds.length ? (keys[version] as number) : version - kinds.length;
    this.#left[version] = (this.#left[version] as number) + 1;
    this.#heads[version] = this.#accesses.heads[version] as number;
    const place = this.#spans.places[version] as number;
    if (place < (this.#cursors[key] as number)) this.#cursors[key] = place;
  }

  /** One that has to come before a transaction and is not placed yet, or `NONE`. */
  #before(each: number): number {
    const { starts, owners, kinds, keys } = this.#transactions;
    const { sources, isVersion } = this.#accesses;
    const end = starts[each + 1] as number;
    this.#reason = REQUIRED;
    for (let at = starts[each] as number; at < end; at++) {
      this.#looks++;
      const version = sources[at] as number;
      if (version === NONE || version >= kinds.length) continue;
      const writer = owners[version] as number;
      if (this.#placed[writer] === 0) return writer;
    }
    const { befores, nexts, heads } = this.#lessons;
    for (let at = heads[each] as number; at !== NONE; at = nexts.at(at)) {
      this.#looks++;
      if (this.#placed[befores.at(at)] === 1) continue;
      if (this.#lessons.isGuess(at)) this.#reason = FIRST_GUESS - at;
      return befores.at(at);
    }
    for (let at = starts[each] as number; at < end; at++) {
      if (isVersion[at] === 0) continue;
      const before = this.#beforeVersion(at, each);
      if (before !== NONE) return before;
    }
    for (let at = starts[each] as number; at < end; at++) {
      if (isVersion[at] === 0) continue;
      const current = this.#current[keys[at] as number] as number;
      const before = this.#readerOf(current, each);
      if (before === NONE) continue;
      this.#reason = current;
      return before;
    }
    return NONE;
  }

  /** One who has to do with a version that comes before this one in real time. */
  #beforeVersion(version: number, writer: number): number {
    const { keys, owners, kinds } = this.#transactions;
    const { begins, ends, byEnd, keyStarts } = this.#spans;
    const key = keys[version] as number;
    const end = keyStarts[key + 1] as number;
    const begin = begins[version] as number;
    let place = this.#cursors[key] as number;
    while (place < end && this.#left[byEnd[place] as number] === 0) place++;
    this.#cursors[key] = place;
    for (; place < end; place++) {
      this.#looks++;
      const other = byEnd[place] as number;
      if (other === NONE || (ends[other] as number) >= begin) break;
      if (other === version || this.#left[other] === 0) continue;
      const owner = other < kinds.length ? (owners[other] as number) : NONE;
      if (owner !== NONE && this.#placed[owner] === 0) return owner;
      const reader = this.#readerOf(other, writer);
      if (reader !== NONE) return reader;
    }
    return NONE;
  }

  /** One who reads a version and is not placed yet, and is not this transaction. */
  #readerOf(version: number, but: number): number {
    const { nexts } = this.#accesses;
    const { owners } = this.#transactions;
    const heads = this.#heads;
    let at = heads[version] as number;
    while (at !== NONE && this.#placed[owners[at] as number] === 1) at = nexts[at] as number;
    heads[version] = at;
    for (; at !== NONE; at = nexts[at] as number) {
      this.#looks++;
      const reader = owners[at] as number;
      if (reader !== but && this.#placed[reader] === 0) return reader;
    }
    return NONE;
  }

  /** Reads what is there, and writes; false when anything else is there. */
  #carryOut(each: number): boolean {
    const { starts, keys } = this.#transactions;
    const { sources, isVersion } = this.#accesses;
    const first = starts[each] as number;
    const end = starts[each + 1] as number;
    for (let at = first; at < end; at++) {
      const version = sources[at] as number;
      if (version === NONE) continue;
      if (this.#current[keys[at] as number] !== version) return false;
      this.#left[version] = (this.#left[version] as number) - 1;
    }
    for (let at = first; at < end; at++) {
      if (isVersion[at] === 0) continue;
      const key = keys[at] as number;
      this.#over[at] = this.#current[key] as number;
      this.#current[key] = at;
      this.#left[at] = (this.#left[at] as number) - 1;
    }
    this.#placed[each] = 1;
    this.#onPath[each] = 0;
    this.#placeOf[each] = this.#count;
    this.#events[this.#count] = this.#now;
    this.#order[this.#count++] = each;
    return true;
  }
}
