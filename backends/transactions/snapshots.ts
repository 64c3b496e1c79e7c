/**
 * The numbers of commits, and snapshots of them. A store has one place that counts, and so one
 * order of commits, of which a snapshot is a beginning. Two of the known bugs need two places, each
 * with a count of its own, and a snapshot then says of each how much of it is seen:
 *
 * - `long-fork`: two sites, where transactions run and which hear of each other later. Two
 *   snapshots need not be one a part of the other: parallel snapshot isolation (Sovran et al.,
 *   "Transactional Storage for Geo-Replicated Systems", 2011).
 * - `fractured-snapshot`: two shards with half of the rows each, whose counts a transaction looks
 *   up when it first needs them, and not both at once.
 */
import type { NodeContext } from "../../src/world/world.js";
import type { MvccOptions } from "./mvcc-engine.js";

type Random = NodeContext["random"];

/** A commit: its number at a place, from 1. */
export interface Commit {
  readonly place: number;
  readonly number: number;
}

/** How many commits of each place are seen; undefined until it is looked up. */
export type Snapshot = (number | undefined)[];

/** Whether a snapshot shows what was written by a commit. */
export function isSeen({ place, number }: Commit, snapshot: Snapshot): boolean {
  return number <= (snapshot[place] ?? 0);
}

/** So many commits a snapshot may lag behind, where it may. */
const LAG_COMMITS = 4;
/** So often a transaction hears of what the other site has committed. */
const HEARS_PROBABILITY = 0.2;

/** What counts commits. */
export class Snapshots {
  readonly #random: Random;
  readonly #isSharded: boolean;
  readonly #lag: number;
  readonly #counts: number[];
  /** Of two sites: what each has heard of the other. */
  readonly #heard: number[];

  constructor({ isolation, variant }: MvccOptions, random: Random) {
    this.#random = random;
    this.#isSharded = variant === "fractured-snapshot";
    this.#lag = isolation === "serializable" || variant === "stale-snapshot" ? LAG_COMMITS : 0;
    this.#counts = variant === "long-fork" || this.#isSharded ? [0, 0] : [0];
    this.#heard = this.#counts.map(() => 0);
  }

  /** Where a transaction runs. */
  site(): number {
    return this.#isSharded ? 0 : this.#random.below(this.#counts.length);
  }

  /** What a transaction at a site sees now. */
  take(site: number): Snapshot {
    if (this.#isSharded) return [undefined, undefined];
    const [first = 0, second] = this.#counts;
    if (second === undefined) {
      const lags = this.#lag > 0 && this.#random.chance(0.5);
      return [Math.max(0, first - (lags ? this.#random.below(this.#lag + 1) : 0))];
    }
    const other = site === 0 ? second : first;
    if (this.#random.chance(HEARS_PROBABILITY)) this.#heard[site] = other;
    const heard = this.#heard[site] as number;
    return site === 0 ? [first, heard] : [heard, second];
  }

  /** Looks up what of the row's place is seen, where that is done so late. */
  lookUp(key: string, snapshot: Snapshot): void {
    const place = this.#isSharded ? shardOf(key) : 0;
    snapshot[place] ??= this.#counts[place] as number;
  }

  /** The next commit, of these rows at a site; the function says which it is for a row. */
  commit(keys: Iterable<string>, site: number): (key: string) => Commit {
    const places = new Set(this.#isSharded ? [...keys].map((key) => shardOf(key)) : [site]);
    for (const place of places) (this.#counts[place] as number)++;
    return (key) => {
      const place = this.#isSharded ? shardOf(key) : site;
      return { place, number: this.#counts[place] as number };
    };
  }

  /** No snapshot that is yet to be taken will be older than this commit of the first place. */
  oldest(): number {
    return (this.#counts[0] as number) - this.#lag;
  }
}

function shardOf(key: string): number {
  return key.charCodeAt(key.length - 1) % 2;
}
