/**
 * The errands that wait, and which of them is next. One half are those with the fewest delays, the
 * oldest first: what needs few unusual orders is found soon, and faults come early, when they
 * matter most. What needs many choices that go together, as a link that is cut at one moment and
 * a node that goes at another, is far behind in any order of such choices. So every other errand
 * is taken from the *situation* from which fewest were taken: what clients have seen, what nodes
 * said last in their logs, which of them are down, and what may still go wrong. A situation that
 * nobody was in before comes first, however many errands wait where it was reached from.
 *
 * Source: Ecoffet et al., "First return, then explore" (Go-Explore), Nature 590, 2021: cells that
 * were seldom chosen are returned to, by the way that led there.
 */
import type { Random } from "../random.js";

/** What the order of errands depends on. */
interface Placed {
  /** How many events were put off on the way. */
  readonly delays: number;
  /** Where it sets out from. */
  readonly situation: string;
}

/** An errand, until it is taken. */
interface Entry<T> {
  task: T | undefined;
}

/** Errands with as many delays, the oldest first. */
interface Line<T> {
  readonly entries: Entry<T>[];
  next: number;
}

/** The errands of one situation. */
interface Place<T> {
  readonly entries: Entry<T>[];
  /** How often an errand was taken from here. */
  taken: number;
  listed: boolean;
}

/** So many errands that are done are kept before they are let go. */
const KEPT = 1024;

/** Errands that wait. */
export class ErrandQueue<T extends Placed> {
  readonly #random: Random;
  readonly #lines: Line<T>[] = [];
  readonly #places = new Map<string, Place<T>>();
  /** Situations in which errands may wait, by how often one was taken from there. */
  readonly #byTaken: Place<T>[][] = [];
  #turn = 0;
  #size = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#size;
  }

  /** How many situations there were. */
  get situations(): number {
    return this.#places.size;
  }

  add(task: T): void {
    const entry = { task };
    while (this.#lines.length <= task.delays) this.#lines.push({ entries: [], next: 0 });
    this.#lines[task.delays]?.entries.push(entry);
    let place = this.#places.get(task.situation);
    if (place === undefined) {
      this.#places.set(task.situation, (place = { entries: [], taken: 0, listed: false }));
    }
    place.entries.push(entry);
    this.#list(place);
    this.#size++;
  }

  /** Takes the next one; there must be one. */
  take(): T {
    this.#size--;
    const entry = this.#turn++ % 2 === 0 ? this.#first() : this.#elsewhere();
    const task = entry.task as T;
    entry.task = undefined;
    return task;
  }

  /** The oldest of those with the fewest delays. */
  #first(): Entry<T> {
    for (const line of this.#lines) {
      while (line.next < line.entries.length) {
        const entry = line.entries[line.next++] as Entry<T>;
        // What was taken is let go.
        if (line.next >= KEPT) {
          line.entries.splice(0, KEPT);
          line.next -= KEPT;
        }
        if (entry.task !== undefined) return entry;
      }
    }
    throw new Error("no errand waits");
  }

  /** Any one of those in a situation from which fewest were taken. */
  #elsewhere(): Entry<T> {
    for (const places of this.#byTaken) {
      while (places.length > 0) {
        const place = takeAny(places, this.#random);
        place.listed = false;
        while (place.entries.length > 0) {
          const entry = takeAny(place.entries, this.#random);
          if (entry.task === undefined) continue;
          place.taken++;
          if (place.entries.length > 0) this.#list(place);
          return entry;
        }
      }
    }
    throw new Error("no errand waits");
  }

  #list(place: Place<T>): void {
    if (place.listed) return;
    place.listed = true;
    while (this.#byTaken.length <= place.taken) this.#byTaken.push([]);
    this.#byTaken[place.taken]?.push(place);
  }
}

/** Takes one out, any of them; the last one takes its place. */
function takeAny<T>(list: T[], random: Random): T {
  const index = random.below(list.length);
  const last = list.pop() as T;
  if (index === list.length) return last;
  const taken = list[index] as T;
  list[index] = last;
  return taken;
}
