/**
 * The search through all executions: depth first, each execution from the start, for a run cannot
 * be taken back. Three reductions:
 *
 * - `none` tries every event that can happen, everywhere: all interleavings.
 * - `sleep` does too, but leaves out an event that was tried here or earlier, as long as nothing
 *   happens that it depends on (Godefroid, "Partial-Order Methods for the Verification of
 *   Concurrent Systems", LNCS 1032, 1996, chapter 5: sleep sets). Of the executions that differ
 *   only in the order of independent steps one is carried out to its end.
 * - `races` begins with one event and adds others only where a race was seen, beside the sleep sets
 *   (Abdulla et al., "Optimal Dynamic Partial Order Reduction", POPL 2014, algorithm 1: source
 *   sets).
 *
 * Choices that are not about order (is this message lost?) are all tried. They are made right after
 * the step that they belong to, so that they commute with what this step commutes with.
 */
import { assert } from "../errors.js";
import type { Chooser } from "./chooser.js";
import { differs } from "./path.js";
import { findRaces } from "./races.js";
import { areDependent, type Candidate, type Step } from "./step.js";

/** How much is left out because it can show nothing new; `states` is `state-search.ts`. */
export type Reduction = "none" | "sleep" | "races" | "states";

/** A place in the tree of executions where an event was chosen. */
interface Order {
  readonly kind: "order";
  readonly candidates: readonly Candidate[];
  /** Events that were tried already where nothing that has happened since depends on them. */
  readonly asleep: ReadonlyMap<string, Candidate>;
  /** The names of events that are to be tried. */
  readonly wanted: Set<string>;
  /** Events that were tried, with all that can follow. */
  readonly tried: Map<string, Candidate>;
  /** The index of the step. */
  readonly index: number;
  chosen: Candidate;
}

/** A place in the tree where something else was chosen. */
interface Alternative {
  readonly kind: "alternative";
  readonly options: readonly string[];
  /** The index of the step that it belongs to. */
  readonly index: number;
  chosen: number;
}

/** How an execution ended. */
export interface Ending {
  /** The index of the step after which no step matters any more; undefined when all do. */
  readonly decidedBy?: number | undefined;
}

/** Searches through all executions of something that is carried out again and again. */
export class Search implements Chooser {
  readonly #reduction: Reduction;
  readonly #delays: number;
  /** The choices of the execution under way. */
  readonly #path: (Order | Alternative)[] = [];
  #position = 0;
  #steps: Step[] = [];
  /** From this step on the execution is another one than the last. */
  #fresh = 0;
  #over = false;
  #leftOut = 0;
  #bounded = false;

  /**
   * With a bound of delays all orders are tried in which events are put off so often at most: what
   * is first in the list is not delayed, and whoever takes the event at index i delays i others
   * (Emmi, Qadeer, Rakamarić, "Delay-Bounded Scheduling", POPL 2011). Nothing else is left out
   * then, as of equivalent executions one may be within the bound and the other not.
   */
  constructor(reduction: Reduction, delays: number = Infinity) {
    this.#reduction = delays === Infinity ? reduction : "none";
    this.#delays = delays;
  }

  /** Whether everything was tried. */
  get over(): boolean {
    return this.#over;
  }

  /** Whether the bound of delays has kept anything from being tried. */
  get bounded(): boolean {
    return this.#bounded;
  }

  /** How many events that could have come next were not tried there, as that shows nothing new. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** The choices of the execution under way, in the words of a case. */
  get choices(): readonly string[] {
    return this.#path.slice(0, this.#position).flatMap((place) => {
      if (place.kind === "order") return [place.chosen.id];
      return place.chosen === 0 ? [] : [place.options[place.chosen] as string];
    });
  }

  schedule(candidates: readonly Candidate[], stretch: number): number | undefined {
    const place = this.#order(candidates);
    if (place === undefined) return undefined;
    this.#position++;
    const found = candidates.findIndex(({ id }) => id === place.chosen.id);
    if (found < 0) throw differs(place.chosen.id);
    this.#steps.push({ ...(candidates[found] as Candidate), stretch });
    return found;
  }

  /** The place in the tree that has been reached; undefined when nothing there is worth a try. */
  #order(candidates: readonly Candidate[]): Order | undefined {
    const known = this.#path[this.#position];
    if (known !== undefined) {
      if (known.kind !== "order" || known.candidates.length !== candidates.length) {
        throw differs("the order of events");
      }
      return known;
    }
    const asleep = this.#asleep();
    const awake = candidates.filter(({ id }) => !asleep.has(id));
    const [first] = awake;
    if (first === undefined) {
      this.#leftOut += candidates.length;
      return undefined;
    }
    const wanted = this.#reduction === "races" ? [first] : this.#withinDelays(awake);
    if (this.#delays !== Infinity && wanted.length < awake.length) this.#bounded = true;
    const place: Order = {
      kind: "order",
      candidates: [...candidates],
      asleep,
      wanted: new Set(wanted.map(({ id }) => id)),
      tried: new Map(),
      index: this.#steps.length,
      chosen: first,
    };
    this.#path.push(place);
    return place;
  }

  #withinDelays(candidates: readonly Candidate[]): readonly Candidate[] {
    if (this.#delays === Infinity) return candidates;
    let left = this.#delays;
    for (const place of this.#path) {
      if (place.kind === "order") left -= delaysOf(place.candidates, place.chosen);
    }
    return candidates.filter((each) => delaysOf(candidates, each) <= left);
  }

  /** What need not be tried after the step before. */
  #asleep(): ReadonlyMap<string, Candidate> {
    const before = this.#path.findLast((place) => place.kind === "order");
    if (this.#reduction === "none" || before === undefined) return new Map();
    const both = [...before.asleep, ...before.tried];
    return new Map(both.filter(([, each]) => !areDependent(each, before.chosen)));
  }

  choose(options: readonly string[]): number {
    const known = this.#path[this.#position++];
    if (known !== undefined) {
      if (known.kind !== "alternative" || known.options.join() !== options.join()) {
        throw differs(options.join(" or "));
      }
      return known.chosen;
    }
    this.#path.push({
      kind: "alternative",
      options,
      index: Math.max(0, this.#steps.length - 1),
      chosen: 0,
    });
    return 0;
  }

  /**
   * An event that cannot happen any more is in no race of this execution; that it could have come
   * first is known at once, for it was there.
   */
  disable(id: string): void {
    if (this.#reduction !== "races") return;
    const place = this.#path.slice(0, this.#position).findLast(({ kind }) => kind === "order");
    if (place?.kind !== "order" || place.asleep.has(id)) return;
    if (place.candidates.some((candidate) => candidate.id === id)) place.wanted.add(id);
  }

  /** Ends the execution under way and turns to the next one, if there is one. */
  finish({ decidedBy = Infinity }: Ending = {}): void {
    if (this.#reduction === "races") this.#reverseRaces(decidedBy);
    this.#turn();
    this.#steps = [];
    this.#position = 0;
  }

  /** Sees to it that each race is tried the other way round, unless that is done already. */
  #reverseRaces(until: number): void {
    const orders = this.#path.filter((place) => place.kind === "order");
    for (const race of findRaces({ steps: this.#steps, from: this.#fresh, until })) {
      const { wanted, asleep, candidates } = orders[race.first] as Order;
      if (race.initials.some((id) => wanted.has(id) || asleep.has(id))) continue;
      const added = race.initials.at(-1);
      const isThere = candidates.some(({ id }) => id === added);
      assert(added !== undefined && isThere, "what could have come first was not there");
      wanted.add(added);
    }
  }

  /** Goes back to the last place where something is left to try. */
  #turn(): void {
    for (let place = this.#path.at(-1); place !== undefined; place = this.#path.at(-1)) {
      this.#fresh = place.index;
      if (place.kind === "alternative") {
        if (++place.chosen < place.options.length) return;
      } else {
        const { tried, chosen, wanted, candidates } = place;
        tried.set(chosen.id, chosen);
        const next = candidates.find(({ id }) => wanted.has(id) && !tried.has(id));
        if (next !== undefined) {
          place.chosen = next;
          return;
        }
        this.#leftOut += candidates.length - tried.size;
      }
      this.#path.pop();
    }
    this.#over = true;
  }

  /**
   * The share of the tree that was gone through, by the weights of Knuth ("Estimating the
   * Efficiency of Backtrack Programs", 1975): each choice gives what is below it the same part.
   * Where more is found to try later on, it goes down; it is 1 only at the end.
   */
  get share(): number {
    if (this.#over) return 1;
    let share = 0;
    for (const place of this.#path.toReversed()) {
      share =
        place.kind === "order"
          ? (place.tried.size + share) / place.wanted.size
          : (place.chosen + share) / place.options.length;
    }
    return share;
  }
}

/** How many events are put off when this one is taken. */
function delaysOf(candidates: readonly Candidate[], chosen: Candidate): number {
  let delays = 0;
  for (const each of candidates) {
    if (each === chosen) break;
    if (each.free !== true) delays++;
  }
  return delays;
}
