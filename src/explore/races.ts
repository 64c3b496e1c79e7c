/**
 * The races of an execution: pairs of dependent steps with nothing between them that orders them
 * anyway, so that the later one could have come first.
 *
 * Happens-before is kept in vector clocks with one entry a place, as the steps of a place are in
 * order (Flanagan & Godefroid, "Dynamic Partial-Order Reduction for Model Checking Software", POPL
 * 2005, section 4). What is tried for a race are the initials of the steps that do not follow from
 * its first one (Abdulla, Aronis, Jonsson, Sagonas, "Optimal Dynamic Partial Order Reduction", POPL
 * 2014, section 4: source sets).
 */
import type { Step } from "./step.js";

/** Two steps that could change places. */
export interface Race {
  /** The index of the earlier step. */
  readonly first: number;
  /** Events that could have come instead of it, each on the way to the reversed order. */
  readonly initials: readonly string[];
}

/** Which races are looked for. */
export interface RaceOptions {
  readonly steps: readonly Step[];
  /** Only races whose later step has this index or a higher one. */
  readonly from: number;
  /** Only races whose earlier step has this index or a lower one. */
  readonly until: number;
}

/** Finds the races, in O(steps × places²) beside what is found. */
export function findRaces({ steps, from, until }: RaceOptions): readonly Race[] {
  const causality = new Causality(steps);
  const races: Race[] = [];
  for (let later = 0; later < steps.length; later++) {
    const candidates = causality.add(later);
    if (later < from) continue;
    for (const first of candidates) {
      if (first > until || !causality.isDirect({ first, later, candidates })) continue;
      races.push({ first, initials: causality.initials(first, later) });
    }
  }
  return races;
}

/** The last steps of a place, by index; -1 for none. */
interface Last {
  any: number;
  begins: number;
  ends: number;
}

/** Which steps of an execution follow from which: happens-before. */
class Causality {
  readonly #steps: readonly Step[];
  readonly #places = new Map<string, number>();
  /** `clocks[i][p] - 1` is the last step at place p that step i follows from, itself included. */
  readonly #clocks: Int32Array[] = [];
  #last: readonly Last[] = [];
  #stretch = -1;

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    for (const { place } of steps) {
      if (!this.#places.has(place)) this.#places.set(place, this.#places.size);
    }
  }

  /** Takes the next step; gives the last dependent step of each place, in its stretch. */
  add(index: number): readonly number[] {
    const { stretch, operation } = this.#steps[index] as Step;
    if (stretch !== this.#stretch) {
      this.#stretch = stretch;
      this.#last = Array.from(this.#places, () => ({ any: -1, begins: -1, ends: -1 }));
    }
    const place = this.#placeOf(index);
    const candidates: number[] = [];
    for (const [other, { any, begins, ends }] of this.#last.entries()) {
      let found = other === place ? any : -1;
      if (other !== place && operation !== undefined)
        found = operation === "begins" ? ends : begins;
      if (found >= 0) candidates.push(found);
    }
    this.#clocks.push(this.#clockOf(index, candidates));
    const last = this.#last[place] as Last;
    last.any = index;
    if (operation !== undefined) last[operation] = index;
    return candidates;
  }

  #clockOf(index: number, before: readonly number[]): Int32Array {
    const clock = new Int32Array(this.#places.size);
    for (const each of [...before, this.#creatorOf(index)]) {
      if (each < 0) continue;
      const other = this.#clocks[each] as Int32Array;
      for (let place = 0; place < clock.length; place++) {
        clock[place] = Math.max(clock[place] as number, other[place] as number);
      }
    }
    clock[this.#placeOf(index)] = index + 1;
    return clock;
  }

  /** Whether nothing else orders the two: the later event was there before the first happened. */
  isDirect(race: {
    readonly first: number;
    readonly later: number;
    readonly candidates: readonly number[];
  }): boolean {
    const { first, later, candidates } = race;
    const creator = this.#creatorOf(later);
    if (creator >= 0 && this.#follows(creator, first)) return false;
    return candidates.every((between) => between === first || !this.#follows(between, first));
  }

  /**
   * Of the steps after `first` that do not follow from it, up to `later`: those that follow from
   * none of these either.
   */
  initials(first: number, later: number): readonly string[] {
    const initials: string[] = [];
    /** The first of these steps at each place. */
    const earliest = new Map<number, number>();
    for (let index = first + 1; index <= later; index++) {
      if (index < later && this.#follows(index, first)) continue;
      const clock = this.#clocks[index] as Int32Array;
      let isInitial = true;
      for (const [place, each] of earliest) if ((clock[place] as number) > each) isInitial = false;
      if (isInitial) initials.push((this.#steps[index] as Step).id);
      const place = this.#placeOf(index);
      if (!earliest.has(place)) earliest.set(place, index);
    }
    return initials;
  }

  /** Whether a step follows from an earlier one, or is that one. */
  #follows(index: number, from: number): boolean {
    return ((this.#clocks[index] as Int32Array)[this.#placeOf(from)] as number) > from;
  }

  /** The step that this one's event follows from, when that is in the same stretch. */
  #creatorOf(index: number): number {
    const { creator, stretch } = this.#steps[index] as Step;
    return creator >= 0 && this.#steps[creator]?.stretch === stretch ? creator : -1;
  }

  #placeOf(index: number): number {
    return this.#places.get((this.#steps[index] as Step).place) as number;
  }
}
