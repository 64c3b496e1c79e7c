/**
 * Looks for an order of snapshots and commits in which every read of a register returns what was
 * committed last before its snapshot, whoever else writes the same: what prefix consistency asks
 * for where the order of versions is not known.
 *
 * Only commits are chosen, one after the other. Values are written once, so a snapshot that can be
 * taken is best taken at once; and who overwrites what somebody has yet to read must wait, for it
 * never comes back. Those who write nothing commit with their snapshot. Depth first, in the order
 * of completions, within a number of steps: what is found is an order, what is not proves nothing.
 */
import { NONE, OK } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import type { KeysKnown } from "./analyze.js";
import type { Transactions } from "./layout.js";
import { noSessions, sessionsOf, type Sessions } from "./weak/sessions.js";
import { INITIAL, sourcesOf, type Sources } from "./weak/sources.js";

/** So many commits are tried for each transaction, and more. */
const TRIES_PER_TRANSACTION = 4;
const TRIES_MORE = 20_000;

/**
 * The snapshot of transaction `t` as `2t` and its commit as `2t + 1`, in order; undefined when none
 * was found.
 * @throws LimitReached
 */
export function prefixOrder(
  { transactions, byKey }: Pick<KeysKnown, "transactions" | "byKey">,
  time: "" | "process",
  meter: Meter,
): readonly number[] | undefined {
  const sources = sourcesOf(transactions, byKey);
  if (sources.ambiguous > 0) return undefined;
  const kept = sessionsOf(transactions, sources.happened);
  const found = new PrefixSearch(transactions, sources, kept).run(meter);
  if (found !== undefined || time === "process") return found;
  return new PrefixSearch(transactions, sources, noSessions(transactions)).run(meter);
}

/** What a transaction has done. */
const WAITS = 0;
const READ = 1;
const COMMITTED = 2;

/** A choice: who could commit, and how much had been done before. */
interface Choice {
  readonly candidates: readonly number[];
  next: number;
  readonly events: number;
  readonly overwritten: number;
}

class PrefixSearch {
  readonly #transactions: Transactions;
  readonly #known: Sources;
  readonly #before: Int32Array;
  readonly #states: Uint8Array;
  /** Key → the write that was committed last, or `INITIAL`. */
  readonly #current: Int32Array;
  /** Write → how many have yet to read it, each read counted; key → the same of the initial one. */
  readonly #unread: Int32Array;
  readonly #unreadInitial: Int32Array;
  readonly #readers = new Map<number, number[]>();
  readonly #followers = new Map<number, number[]>();
  /** Who took a snapshot and has not committed. */
  readonly #open = new Set<number>();
  readonly #events: number[] = [];
  /** What was overwritten: key and write, one after the other. */
  readonly #overwritten: number[] = [];
  #left = 0;

  constructor(transactions: Transactions, known: Sources, sessions: Sessions) {
    const { count, keyCount, keys } = transactions;
    this.#transactions = transactions;
    this.#known = known;
    this.#before = sessions.before;
    this.#states = new Uint8Array(count);
    this.#current = new Int32Array(keyCount).fill(INITIAL);
    this.#unread = new Int32Array(keys.length);
    this.#unreadInitial = new Int32Array(keyCount);
    for (let each = 0; each < count; each++) {
      if (known.happened[each] === 0) continue;
      this.#left++;
      for (const at of this.#reads(each)) {
        this.#count(at, 1);
        append(this.#readers, known.sources[at] as number, each);
      }
      const earlier = this.#before[each] as number;
      if (earlier !== NONE) append(this.#followers, earlier, each);
    }
  }

  run(meter: Meter): readonly number[] | undefined {
    const { count } = this.#transactions;
    for (let each = 0; each < count; each++) this.#look([each]);
    const choices: Choice[] = [];
    let tries = TRIES_PER_TRANSACTION * count + TRIES_MORE;
    while (this.#left > 0) {
      choices.push({
        candidates: this.#candidates(),
        next: 0,
        events: this.#events.length,
        overwritten: this.#overwritten.length,
      });
      for (let choice = choices.at(-1); ; choice = choices.at(-1)) {
        if (choice === undefined || tries-- === 0) return undefined;
        meter.spend(1 + this.#open.size);
        const next = choice.candidates[choice.next++];
        if (next !== undefined) {
          this.#commit(next);
          break;
        }
        choices.pop();
        const last = choices.at(-1);
        if (last !== undefined) this.#undo(last);
      }
    }
    return this.#events;
  }

  /** Those who may commit now, who completed first before the others. */
  #candidates(): readonly number[] {
    const { completions, outcomes } = this.#transactions;
    const endOf = (each: number): number =>
      outcomes[each] === OK ? (completions[each] as number) : Infinity;
    return [...this.#open]
      .filter((each) => this.#writes(each).every((at) => this.#isRead(at)))
      .toSorted((a, b) => endOf(a) - endOf(b) || a - b);
  }

  /** Whether nobody has yet to read what a write would overwrite. */
  #isRead(write: number): boolean {
    const key = this.#transactions.keys[write] as number;
    const current = this.#current[key] as number;
    const left = current === INITIAL ? this.#unreadInitial[key] : this.#unread[current];
    return left === 0;
  }

  #commit(each: number): void {
    const { keys } = this.#transactions;
    const touched: number[] = [...(this.#followers.get(each) ?? [])];
    for (const at of this.#writes(each)) {
      const key = keys[at] as number;
      this.#overwritten.push(key, this.#current[key] as number);
      this.#current[key] = at;
      touched.push(...(this.#readers.get(at) ?? []));
    }
    this.#finish(each);
    this.#look(touched);
  }

  #finish(each: number): void {
    this.#states[each] = COMMITTED;
    this.#open.delete(each);
    this.#events.push(2 * each + 1);
    this.#left--;
  }

  /** Takes the snapshots that can be taken, of these and of those who only waited for them. */
  #look(touched: number[]): void {
    const { happened } = this.#known;
    for (let each = touched.pop(); each !== undefined; each = touched.pop()) {
      if (happened[each] === 0 || this.#states[each] !== WAITS || !this.#canRead(each)) continue;
      this.#states[each] = READ;
      this.#events.push(2 * each);
      for (const at of this.#reads(each)) this.#count(at, -1);
      if (this.#writes(each).length > 0) {
        this.#open.add(each);
        continue;
      }
      this.#finish(each);
      touched.push(...(this.#followers.get(each) ?? []));
    }
  }

  #canRead(each: number): boolean {
    const { keys } = this.#transactions;
    const earlier = this.#before[each] as number;
    if (earlier !== NONE && this.#states[earlier] !== COMMITTED) return false;
    return this.#reads(each).every(
      (at) => this.#current[keys[at] as number] === this.#known.sources[at],
    );
  }

  /** Goes back to where a choice was made, as far as a commit was made of it. */
  #undo({ events, overwritten }: Choice): void {
    while (this.#events.length > events) {
      const event = this.#events.pop() as number;
      const each = event >> 1;
      if ((event & 1) === 1) {
        this.#states[each] = READ;
        this.#left++;
        if (this.#writes(each).length > 0) this.#open.add(each);
        continue;
      }
      this.#states[each] = WAITS;
      this.#open.delete(each);
      for (const at of this.#reads(each)) this.#count(at, 1);
    }
    while (this.#overwritten.length > overwritten) {
      const write = this.#overwritten.pop() as number;
      this.#current[this.#overwritten.pop() as number] = write;
    }
  }

  #count(read: number, by: number): void {
    const source = this.#known.sources[read] as number;
    if (source === INITIAL) {
      const key = this.#transactions.keys[read] as number;
      this.#unreadInitial[key] = (this.#unreadInitial[key] as number) + by;
    } else {
      this.#unread[source] = (this.#unread[source] as number) + by;
    }
  }

  /** Its reads from others, and of the initial value. */
  #reads(each: number): readonly number[] {
    const { starts } = this.#transactions;
    const reads: number[] = [];
    for (let at = starts[each] as number; at < (starts[each + 1] as number); at++) {
      if (this.#known.sources[at] !== NONE) reads.push(at);
    }
    return reads;
  }

  /** Its last write of each key. */
  #writes(each: number): readonly number[] {
    const { starts, micro } = this.#known.writes;
    return Array.from(micro.subarray(starts[each], starts[each + 1]));
  }
}

function append(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else if (list.at(-1) !== value) list.push(value);
}
