/**
 * Left elements (inserted and never seen removed) and the indeterminate removals that may have got
 * them (*wildcards*), matched by deadlines. What the deadline of an element is, the container says.
 *
 * By ascending deadline each element takes the last wildcard that began before its `insertEnd`,
 * with which it covers nothing, else the first one after that. Whatever has begun by a deadline has
 * begun by every later one, so that no element with a later deadline misses what this one took.
 * A guess all the same: whoever asks has to see whether it bears out. O(n log n).
 */
import { NONE } from "../../../src/history/history.js";
import type { Elements } from "./elements.js";
import { NEVER } from "./monitor.js";
import type { Times } from "./timeline.js";

/** By element: the wildcard that gets it, or `NONE`. */
export function giveByDeadline(
  { count, insertEnds, wildcards }: Elements,
  { starts }: Times,
  deadlines: ReadonlyMap<number, number>,
): Int32Array {
  const lefts = [...deadlines.keys()].sort(
    (a, b) => (deadlines.get(a) as number) - (deadlines.get(b) as number),
  );
  const taken = new Int32Array(count).fill(NONE);
  const places = wildcards.length;
  const isFree = new Uint8Array(places).fill(1);
  // Nearest free places in both directions, by union-find.
  const down = Int32Array.from({ length: places + 1 }, (_, place) => place);
  const up = Int32Array.from(down);
  for (const element of lefts) {
    const later = firstAfter(wildcards, starts, insertEnds[element] as number);
    let place = root(down, later) - 1;
    if (place < 0) place = root(up, later);
    if (place >= places || isFree[place] === 0) continue;
    const wildcard = wildcards[place] as number;
    if ((starts[wildcard] as number) >= (deadlines.get(element) as number)) continue;
    isFree[place] = 0;
    down[place + 1] = place;
    up[place] = place + 1;
    taken[element] = wildcard;
  }
  return taken;
}

/** The first end among calls that start late enough: a Fenwick tree, the last start first. */
export class FirstEnds {
  readonly #times: Times;
  readonly #tree: Int32Array;

  constructor(times: Times) {
    this.#times = times;
    this.#tree = new Int32Array(times.length + 1).fill(NEVER);
  }

  add(call: number): void {
    const { starts, ends, length } = this.#times;
    const end = ends[call] as number;
    for (let at = length - (starts[call] as number); at <= length; at += at & -at) {
      if (end < (this.#tree[at] as number)) this.#tree[at] = end;
    }
  }

  /** The removal and the peeks of an element: whatever shows that it came to the head. */
  addShowing({ removes, firstPeek, nextPeek }: Elements, element: number): void {
    if (removes[element] !== NONE) this.add(removes[element] as number);
    let peek = firstPeek[element] as number;
    for (; peek !== NONE; peek = nextPeek[peek] as number) this.add(peek);
  }

  /** `NEVER` when nothing starts from `start` on. */
  after(start: number): number {
    let first = NEVER;
    for (let at = this.#times.length - start; at > 0; at -= at & -at) {
      first = Math.min(first, this.#tree[at] as number);
    }
    return first;
  }
}

/** The place of the first wildcard that starts no sooner than `end`. */
function firstAfter(wildcards: readonly number[], starts: Int32Array, end: number): number {
  let low = 0;
  let high = wildcards.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[wildcards[middle] as number] as number) >= end) high = middle;
    else low = middle + 1;
  }
  return low;
}

function root(parents: Int32Array, from: number): number {
  let at = from;
  while (parents[at] !== at) {
    parents[at] = parents[parents[at] as number] as number;
    at = parents[at] as number;
  }
  return at;
}
