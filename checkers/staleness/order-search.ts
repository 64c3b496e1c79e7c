/**
 * Looks for an order of one key in which each read sees one of the last k writes before it: exact
 * for k = 2 by limited backtracking (Golab, Hurwitz & Li, "On the k-atomicity-verification
 * problem", ICDCS 2013, section 4: LBT), and for larger k the same with a search inside.
 *
 * The order is built from its end. Only a write that ends after all other writes that are left
 * began can be the next one from the end (a *candidate*: no other is after it in real time). Once
 * it is placed, all of its reads come after it, and all reads that began after it ended; whoever of
 * these saw another write makes that one *pending*: it has to be placed within the next k - 1.
 * All other reads are better off further to the front. Nothing that is left can have to come after
 * what is placed: it would begin after a placed read ended, and so after the write (see
 * `clusters.ts` on ends), and would be placed itself.
 *
 * When nothing is pending, an *epoch* ends. What is placed are whole clusters, and an order without
 * some whole clusters is as good as before, so that what is left has an order if the whole has one:
 * no epoch that ended has to be taken back. That makes k = 2 polynomial: after the first write of
 * an epoch each next one is forced. The first writes are tried in turn with a limit that
 * doubles, so that a hopeless one that goes far costs no more than the best.
 */
import type { Meter } from "../linearizable/meter.js";
import type { Group } from "./group.js";
import { Remaining } from "./remaining.js";

/** What came of it. */
export type OrderAnswer =
  | {
      readonly kind: "order";
      /** Accesses, from the front; without the initial value's write. */
      readonly accesses: Int32Array;
    }
  | {
      readonly kind: "none";
      /** Writes of the group that have no such order even without the others. */
      readonly writes: readonly number[];
    }
  | { readonly kind: "undecided" };

/** What one try at an epoch came to. */
const ENDED = 0;
const FAILED = 1;
const STOPPED = 2;

/** At most so many failed situations of an epoch are remembered. */
const DEAD_MAX = 1 << 16;

/** Searches with at most so many steps in all; k is 2 or more. @throws LimitReached */
export function searchOrder(
  group: Group,
  limits: { readonly k: number; readonly stepsMax: number; readonly meter: Meter },
): OrderAnswer {
  const search = new OrderSearch(group, limits);
  return search.run();
}

/** A write that was placed, and what else could have been. */
interface Frame {
  readonly options: readonly number[];
  next: number;
}

class OrderSearch {
  readonly #group: Group;
  readonly #k: number;
  readonly #meter: Meter;
  readonly #remaining: Remaining;
  /** Pending writes in the order of their deadlines; the first ones are placed already. */
  #pending: number[] = [];
  /** By write: the step by which it has to be placed, 0 when it is not pending. */
  readonly #deadlines: Int32Array;
  #step = 0;
  #stepsLeft: number;
  /** Situations of this epoch that lead nowhere. */
  #dead = new Set<string>();
  /** Writes that this epoch's tries have met. */
  #met = new Set<number>();

  constructor(
    group: Group,
    {
      k,
      stepsMax,
      meter,
    }: { readonly k: number; readonly stepsMax: number; readonly meter: Meter },
  ) {
    this.#group = group;
    this.#k = k;
    this.#meter = meter;
    this.#stepsLeft = stepsMax;
    this.#remaining = new Remaining(group, meter);
    this.#deadlines = new Int32Array(group.starts.length);
  }

  run(): OrderAnswer {
    while (this.#remaining.writes > 0) {
      const answer = this.#epoch();
      if (answer === FAILED) return { kind: "none", writes: [...this.#met] };
      if (answer === STOPPED) return { kind: "undecided" };
    }
    return { kind: "order", accesses: this.#remaining.placed() };
  }

  /** Places writes until nothing is pending. */
  #epoch(): number {
    this.#dead.clear();
    this.#met.clear();
    this.#pending = [];
    this.#step = 0;
    let firsts = this.#candidates();
    this.#meet(firsts);
    for (let limit = 16; ; limit *= 2) {
      const stopped: number[] = [];
      for (const first of firsts) {
        const mark = this.#remaining.mark();
        const answer = this.#try(first, Math.min(limit, this.#stepsLeft));
        if (answer === ENDED) return ENDED;
        this.#takeBackTo(mark);
        if (answer === STOPPED) stopped.push(first);
        if (this.#stepsLeft <= 0) return STOPPED;
      }
      if (stopped.length === 0) return FAILED;
      firsts = stopped;
    }
  }

  /** Depth first from one first write. */
  #try(first: number, limit: number): number {
    const frames: Frame[] = [];
    const marks: number[] = [];
    let options: readonly number[] = [first];
    let steps = 0;
    for (;;) {
      // Down.
      frames.push({ options, next: 0 });
      for (;;) {
        const frame = frames.at(-1);
        if (frame === undefined) {
          this.#stepsLeft -= steps;
          return FAILED;
        }
        if (frame.next === frame.options.length) {
          this.#remember();
          frames.pop();
          const mark = marks.pop();
          if (mark !== undefined) this.#takeBackTo(mark);
          continue;
        }
        if (steps++ >= limit) {
          this.#stepsLeft -= steps;
          return STOPPED;
        }
        const mark = this.#remaining.mark();
        if (this.#place(frame.options[frame.next++] as number)) {
          marks.push(mark);
          break;
        }
        this.#takeBackTo(mark);
      }
      const open = this.#open();
      if (open.length === 0) {
        this.#stepsLeft -= steps;
        return ENDED;
      }
      options = this.#isDead(open) ? [] : this.#options(open);
    }
  }

  /** Places a write and what has to come after it; false when something cannot be in time. */
  #place(write: number): boolean {
    const { readWrites } = this.#group;
    const remaining = this.#remaining;
    this.#step++;
    remaining.place(write);
    remaining.takeReads(write, (read) => {
      const saw = readWrites[read] as number;
      if (saw === write || this.#deadlines[saw] !== 0) return;
      this.#deadlines[saw] = this.#step + this.#k - 1;
      this.#pending.push(saw);
      this.#met.add(saw);
    });
    const open = this.#open();
    this.#meter.spend(1 + open.length);
    return open.every((pending, rank) => this.#deadline(pending) > this.#step + rank);
  }

  /** Writes that are pending, the most urgent first. */
  #open(): number[] {
    const open: number[] = [];
    // Deadlines rise, and what is due has been looked at.
    for (let at = this.#pending.length - 1; at >= 0; at--) {
      const pending = this.#pending[at] as number;
      if (this.#deadline(pending) < this.#step) break;
      if (!this.#remaining.hasPlaced(pending)) open.push(pending);
    }
    return open.reverse();
  }

  #deadline(write: number): number {
    return this.#deadlines[write] as number;
  }

  #takeBackTo(mark: number): void {
    const writes = this.#remaining.takeBackTo(mark);
    this.#step -= writes;
    const latest = this.#step + this.#k - 1;
    while (this.#pending.length > 0) {
      const last = this.#pending.at(-1) as number;
      if ((this.#deadlines[last] as number) <= latest) break;
      this.#deadlines[last] = 0;
      this.#pending.pop();
    }
  }

  /** What may be placed next, the most urgent first; the situation has pending writes. */
  #options(open: readonly number[]): readonly number[] {
    const first = open[0] as number;
    const candidates = this.#candidates();
    if (this.#deadline(first) === this.#step + 1) {
      if (candidates.includes(first)) return [first];
      this.#meet(candidates);
      return [];
    }
    this.#meet(candidates);
    if (!this.#canBeInTime(open)) return [];
    const urgency = (write: number): number => this.#deadline(write) || Infinity;
    return candidates.toSorted((a, b) => urgency(a) - urgency(b) || this.#laterEnd(a, b));
  }

  /** Whether writes that come after a pending one in real time leave it time. */
  #canBeInTime(open: readonly number[]): boolean {
    for (const pending of open) {
      const room = this.#deadline(pending) - this.#step - 1;
      const blockers = this.#remaining.startingAfterEndOf(pending, room + 1);
      this.#meter.spend(blockers.length);
      if (blockers.length <= room) continue;
      this.#meet(blockers);
      return false;
    }
    return true;
  }

  /** The one that leaves more reads for later first. */
  #laterEnd(a: number, b: number): number {
    return (this.#group.ends[b] as number) - (this.#group.ends[a] as number);
  }

  #candidates(): readonly number[] {
    const found = this.#remaining.candidates();
    this.#meter.spend(found.length);
    return found;
  }

  #meet(writes: readonly number[]): void {
    for (const write of writes) this.#met.add(write);
  }

  /** Which writes are placed in this epoch says which reads are; deadlines depend on the order. */
  #situation(open: readonly number[]): string {
    const left = open.map((pending) => `${pending}:${this.#deadline(pending) - this.#step}`);
    const placed = this.#remaining.lastPlaced(this.#step).sort((a, b) => a - b);
    return `${placed.join()} ${left.join()}`;
  }

  #remember(): void {
    // With k = 2 nothing is met twice.
    if (this.#k === 2 || this.#step === 0 || this.#dead.size >= DEAD_MAX) return;
    this.#meter.spend(this.#step);
    this.#dead.add(this.#situation(this.#open()));
  }

  #isDead(open: readonly number[]): boolean {
    if (this.#k === 2 || this.#dead.size === 0) return false;
    this.#meter.spend(this.#step);
    return this.#dead.has(this.#situation(open));
  }
}
