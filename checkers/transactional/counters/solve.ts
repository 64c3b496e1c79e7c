/**
 * Decides whether moments have an order that explains all totals, by trying: what is open in the
 * read that leaves the fewest possibilities is taken to be one way and then the other, and each
 * time all is inferred that follows (Davis, Logemann & Loveland 1962). When neither way works, what
 * was tried is a proof that nothing does, which the verifier goes through again.
 */
import type { CounterCases, CounterMoment } from "../../../src/verdict/counter-certificate.js";
import type { Line, Moment } from "./line.js";
import { Moments, type OpenPair } from "./moments.js";

/** An order of the moments; a proof that there is none; or neither within the limits. */
export type Solved =
  | { readonly is: "order"; readonly order: readonly number[] }
  | { readonly is: "none"; readonly cases: CounterCases }
  | { readonly is: "open" };

/** What a search may cost. */
export interface SolveLimits {
  /** So often something is taken to be one way. */
  readonly guessesMax: number;
  /** So much work is done, see `Moments`. */
  readonly workMax: number;
  /** Throws to end it. */
  readonly check: () => void;
  /** Whether one moment is more likely to be before another. */
  readonly isLikely: (before: Moment, after: Moment) => boolean;
  /** The invocation of a transaction, as certificates name it. */
  readonly invocationOf: (transaction: number) => number;
}

/** Copies of what is known that are kept on the way, in bytes. */
const COPIES_MAX = 128 * 2 ** 20;
/** Guesses that stand on one another. */
const DEPTH_MAX = 500;

/** Looks for an order. */
export function solve(line: Line, limits: SolveLimits): Solved {
  return new Solver(line, limits).run();
}

/** A branch: an order was found, the limits ended the search, or every case fails. */
type Branch = "found" | "ended" | CounterCases;

class Solver {
  readonly #line: Line;
  readonly #limits: SolveLimits;
  readonly #known: Moments;
  #guesses = 0;
  #depth = 0;

  constructor(line: Line, limits: SolveLimits) {
    this.#line = line;
    this.#limits = limits;
    this.#known = new Moments(line);
  }

  run(): Solved {
    if (!this.#known.begin()) return { is: "none", cases: null };
    const branch = this.#go();
    if (branch === "found") return { is: "order", order: this.#known.order() };
    return branch === "ended" ? { is: "open" } : { is: "none", cases: branch };
  }

  /** Everything that follows has been inferred. */
  #go(): Branch {
    this.#limits.check();
    const open = this.#line.readings.findIndex((_, at) => this.#known.places[at] === -1);
    if (open >= 0) return this.#tryPlaces(open);
    const pair = this.#known.openPair() ?? this.#known.openChoice();
    return pair === undefined ? "found" : this.#tryBoth(pair);
  }

  #tryPlaces(reading: number): Branch {
    const { places, transaction, at } = this.#line.readings[reading] as Line["readings"][number];
    const cases: CounterCases[] = [];
    for (const place of places.keys()) {
      const branch = this.#in(() => {
        this.#known.places[reading] = place;
        return true;
      });
      if (branch === "found" || branch === "ended") return branch;
      cases.push(branch);
    }
    return { read: this.#limits.invocationOf(transaction), at: at[0] as number, cases };
  }

  #tryBoth({ before, after }: OpenPair): Branch {
    const { moments } = this.#line;
    const [a, b] = [moments[before] as Moment, moments[after] as Moment];
    const ways = [
      (): boolean => this.#known.put(before, after),
      (): boolean => this.#known.put(after, before),
    ];
    const isLikely = this.#limits.isLikely(a, b);
    const found: CounterCases[] = [];
    for (const way of isLikely ? ways : ways.toReversed()) {
      const branch = this.#in(way);
      if (branch === "found" || branch === "ended") return branch;
      found.push(branch);
    }
    const [yes = null, no = null] = isLikely ? found : found.toReversed();
    return { before: this.#named(a), after: this.#named(b), yes, no };
  }

  #named({ of, is, at }: Moment): CounterMoment {
    const named = { of: this.#limits.invocationOf(of), is };
    return at === undefined ? named : { ...named, at };
  }

  /** One case, with what is known put back after it unless an order was found. */
  #in(assume: () => boolean): Branch {
    const isTooMuch =
      this.#depth >= DEPTH_MAX || (this.#depth + 1) * this.#known.bytes > COPIES_MAX;
    const { guessesMax, workMax } = this.#limits;
    if (isTooMuch || this.#guesses++ >= guessesMax || this.#known.work > workMax) return "ended";
    const saved = this.#known.save();
    this.#depth++;
    const branch = assume() && this.#known.follow() ? this.#go() : null;
    this.#depth--;
    if (branch !== "found") this.#known.restore(saved);
    return branch;
  }
}
