/**
 * One attempt to explain a problem: the moves of the search, and its two orders.
 *
 * *Just-in-time linearization* (Lowe 2017, "Testing for linearizability", section 5; Knossos'
 * `linear`): an operation has to take effect at the latest when it returns. A configuration is
 * (level, state, which open operations have taken effect, how many optional ones of each group
 * have); at each level those survive in which the returning operation has taken effect, and others
 * may take effect before it. Its size does not depend on the length of the history.
 *
 * - `depthFirst` follows one configuration to the end and comes back: finds a witness fast when
 *   there is one.
 * - `breadthFirst` keeps all configurations of a level: refutes fast, and its memory is that of two
 *   levels.
 *
 * What is never branched on: operations that change no state (see assumptions.ts); of two open
 * operations of one kind the one that returns later before the other (in any explanation they can
 * be swapped); of an optional group any but the member that began first (likewise); configurations
 * that are there already or dominated.
 *
 * Worst case exponential in the number of open operations and groups, as it must be (Gibbons &
 * Korach 1997: NP-complete).
 */
import type { Assumptions } from "./assumptions.js";
import { Configurations, type RowLayout } from "./configurations.js";
import type { Meter } from "./meter.js";
import type { Problem } from "./problem.js";
import { IMPOSSIBLE, type Transitions } from "./transitions.js";
import { WitnessLog } from "./witness-log.js";

/** Words of a row: level, state, bits of open operations that took effect, counters. */
const LEVEL = 0;
const STATE = 1;
const BITS = 2;

/** What an attempt found out. */
export type Finding =
  | { readonly kind: "linearizable"; readonly order: readonly number[] }
  /** At this level no configuration survives; `states` are those that were possible then. */
  | { readonly kind: "stuck"; readonly level: number; readonly states: readonly number[] };

/** How far attempts have come, for `unknown`. */
export interface Progress {
  levelMax: number;
  configurationsMax: number;
}

/** One attempt under fixed assumptions. */
export class Attempt {
  readonly #problem: Problem;
  readonly #transitions: Transitions;
  readonly #meter: Meter;
  readonly #assumptions: Assumptions;
  readonly #progress: Progress;
  readonly #layout: RowLayout;
  /**
   * Group → word of its counter, or 0 when the group is inert; position and largest value in it.
   */
  readonly #counterWords: Int32Array;
  readonly #counterShifts: Int32Array;
  /** Inert groups, ascending. */
  readonly #inert: number[] = [];
  /** The configuration in hand. */
  readonly #row: Int32Array;
  /**
   * What took effect to get to the row in hand: operation `n` as n, optional member `n` as -1 - n.
   */
  readonly #trail: number[] = [];

  constructor(
    problem: Problem,
    transitions: Transitions,
    assumptions: Assumptions,
    meter: Meter,
    progress: Progress,
  ) {
    this.#problem = problem;
    this.#transitions = transitions;
    this.#assumptions = assumptions;
    this.#meter = meter;
    this.#progress = progress;
    const groups = problem.groups;
    this.#counterWords = new Int32Array(groups.length);
    this.#counterShifts = new Int32Array(groups.length);
    const headWords = BITS + Math.ceil(problem.slotCount / 32);
    this.#layout = { headWords, guards: this.#layOutCounters(headWords) };
    this.#row = new Int32Array(headWords + this.#layout.guards.length);
  }

  /** Packs a counter with a guard bit above it for each active group. */
  #layOutCounters(headWords: number): Int32Array {
    const guards: number[] = [];
    let free = 0;
    this.#problem.groups.forEach(({ kind, size }, index) => {
      if (this.#assumptions.active[kind] === 0) {
        this.#inert.push(index);
        return;
      }
      const bits = 33 - Math.clz32(size);
      if (free < bits) {
        guards.push(0);
        free = 32;
      }
      const word = guards.length - 1;
      this.#counterWords[index] = headWords + word;
      this.#counterShifts[index] = 32 - free;
      free -= bits;
      guards[word] = (guards[word] as number) | (1 << (31 - free));
    });
    return Int32Array.from(guards);
  }

  /** Follows one configuration at a time. @throws LimitReached, AssumptionFell */
  depthFirst(): Finding {
    const seen = new Configurations(this.#layout, this.#meter);
    try {
      return this.#depthFirst(seen);
    } finally {
      seen.free();
    }
  }

  #depthFirst(seen: Configurations): Finding {
    // A frame is a row, the next choice to try in it, and the trail that leads to it. There are at
    // most as many frames as operations, so that their memory is part of the problem's.
    const rows: number[] = [];
    const choices: number[] = [];
    const alternatives: number[] = [];
    const trails: number[] = [];
    let levelMax = 0;
    const enter = (): boolean => {
      const level = this.#advance();
      if (level > levelMax) levelMax = level;
      if (level === this.#problem.levels) return true;
      const added = seen.add(this.#row);
      if (added < 0) return false;
      rows.push(added);
      choices.push(0);
      alternatives.push(0);
      trails.push(this.#trail.length);
      return false;
    };
    this.#start();
    let done = enter();
    while (!done && rows.length > 0) {
      const top = rows.length - 1;
      this.#note(levelMax, seen.count);
      const base = (rows[top] as number) * seen.stride;
      const level = seen.rows[base] as number;
      const choice = choices[top] as number;
      if (choice === this.#choiceCount(level)) {
        rows.pop();
        choices.pop();
        alternatives.pop();
        trails.pop();
        continue;
      }
      this.#trail.length = trails[top] as number;
      const alternative = alternatives[top] as number;
      const count = this.#choose(seen.rows, base, choice, alternative);
      if (alternative + 1 < count) alternatives[top] = alternative + 1;
      else {
        choices[top] = choice + 1;
        alternatives[top] = 0;
      }
      if (count > 0) done = enter();
    }
    if (done) return { kind: "linearizable", order: this.#orderOf(this.#trail) };
    return { kind: "stuck", level: levelMax, states: [] };
  }

  /** Keeps all configurations of one level. @throws LimitReached, AssumptionFell */
  breadthFirst(): Finding {
    const sets = [0, 1, 2].map(() => new Configurations(this.#layout, this.#meter));
    const log = new WitnessLog(this.#meter);
    try {
      return this.#breadthFirst(sets as [Configurations, Configurations, Configurations], log);
    } finally {
      for (const set of sets) set.free();
      log.free();
    }
  }

  #breadthFirst(sets: [Configurations, Configurations, Configurations], log: WitnessLog): Finding {
    let [before, after] = sets;
    const within = sets[2];
    const { levels } = this.#problem;
    this.#start();
    before.add(this.#row);
    before.tags[0] = WitnessLog.ROOT;
    for (let level = 0; level < levels; level++) {
      // Files the row in hand: it survives the level, or it is to be explored within it.
      const file = (parent: number): void => {
        const survives = this.#settle(level);
        if (survives) this.#pass(level);
        const set = survives ? after : within;
        const added = set.add(this.#row);
        if (added >= 0) set.tags[added] = log.append(parent, this.#trail);
      };
      for (let row = 0; row < before.count; row++) {
        this.#take(before, row);
        file(before.tags[row] as number);
      }
      const choiceCount = this.#choiceCount(level);
      for (let row = 0; row < within.count; row++) {
        this.#note(level, within.count + after.count);
        for (let choice = 0; choice < choiceCount; choice++) {
          for (let alternative = 0, count = 1; alternative < count; alternative++) {
            this.#trail.length = 0;
            count = this.#choose(within.rows, row * within.stride, choice, alternative);
            if (count > 0) file(within.tags[row] as number);
          }
        }
      }
      if (after.count === 0) return { kind: "stuck", level, states: statesOf(within) };
      log.compact(after.tags, after.count);
      before.clear();
      within.clear();
      [before, after] = [after, before];
    }
    return { kind: "linearizable", order: this.#orderOf(log.path(before.tags[0] as number)) };
  }

  #start(): void {
    this.#trail.length = 0;
    this.#row.fill(0);
    this.#row[STATE] = this.#transitions.initial();
  }

  #take(set: Configurations, row: number): void {
    this.#trail.length = 0;
    for (let word = 0; word < set.stride; word++) {
      this.#row[word] = set.rows[row * set.stride + word] as number;
    }
  }

  #choiceCount(level: number): number {
    const { openStart, groupsBegun } = this.#problem;
    const open = (openStart[level + 1] as number) - (openStart[level] as number);
    return open + (groupsBegun[level] as number);
  }

  /**
   * Puts into hand the row that comes of one choice: an open operation, the returning one first, or
   * a member of a group. Answers how many alternatives the choice has (a nondeterministic model has
   * several), 0 when it is none.
   */
  #choose(rows: Int32Array, base: number, choice: number, alternative: number): number {
    const { openStart, open, kinds, slots, groups, memberLevels } = this.#problem;
    this.#meter.spend(1);
    const level = rows[base] as number;
    const state = rows[base + STATE] as number;
    const from = openStart[level] as number;
    const openCount = (openStart[level + 1] as number) - from;
    let word: number;
    let added: number;
    let kind: number;
    let code: number;
    if (choice < openCount) {
      code = open[from + choice] as number;
      const slot = slots[code] as number;
      word = BITS + (slot >>> 5);
      added = 1 << (slot & 31);
      if (((rows[base + word] as number) & added) !== 0) return 0;
      kind = kinds[code] as number;
      for (let other = 0; other < openCount; other++) {
        const twin = open[from + other] as number;
        if (twin >= code || kinds[twin] !== kind) continue;
        const bit = slots[twin] as number;
        if ((((rows[base + BITS + (bit >>> 5)] as number) >>> (bit & 31)) & 1) === 0) return 0;
      }
    } else {
      const index = choice - openCount;
      word = this.#counterWords[index] as number;
      if (word === 0) return 0;
      const { start, size, kind: groupKind } = groups[index] as (typeof groups)[number];
      const shift = this.#counterShifts[index] as number;
      const used = ((rows[base + word] as number) >>> shift) & (2 ** (32 - Math.clz32(size)) - 1);
      if (used === size || (memberLevels[start + used] as number) > level) return 0;
      added = 1 << shift;
      kind = groupKind;
      code = -1 - (start + used);
    }
    let next = this.#transitions.next(state, kind);
    let count = 1;
    if (next === IMPOSSIBLE) return 0;
    if (next < IMPOSSIBLE) {
      const several = this.#transitions.several(next);
      count = several.length;
      next = several[alternative] as number;
    } else if (next === state && choice >= openCount) return 0;
    const row = this.#row;
    if (row.length > 16) this.#meter.spend(row.length >>> 4);
    for (let at = 0; at < row.length; at++) row[at] = rows[base + at] as number;
    row[STATE] = next;
    row[word] = (row[word] as number) + added;
    this.#trail.push(code);
    return count;
  }

  /**
   * Lets everything open that fits and changes nothing take effect in the row in hand. Answers
   * whether the returning operation has taken effect.
   */
  #settle(level: number): boolean {
    const { openStart, open, kinds, slots, groups, groupsBegun } = this.#problem;
    const { changing, relied } = this.#assumptions;
    const row = this.#row;
    const state = row[STATE] as number;
    const end = openStart[level + 1] as number;
    this.#meter.spend(end - (openStart[level] as number));
    for (let at = openStart[level] as number; at < end; at++) {
      const operation = open[at] as number;
      const kind = kinds[operation] as number;
      if (changing[kind] === 1) continue;
      const slot = slots[operation] as number;
      const word = BITS + (slot >>> 5);
      const bits = row[word] as number;
      const bit = 1 << (slot & 31);
      if ((bits & bit) !== 0) continue;
      const next = this.#transitions.next(state, kind);
      if (next === IMPOSSIBLE) continue;
      if (next !== state) {
        this.#assumptions.changes(kind, state);
        continue;
      }
      row[word] = bits | bit;
      relied[kind] = 1;
      this.#trail.push(operation);
    }
    const begun = groupsBegun[level] as number;
    for (const index of this.#inert) {
      if (index >= begun) break;
      const { kind } = groups[index] as (typeof groups)[number];
      const next = this.#transitions.next(state, kind);
      if (next !== IMPOSSIBLE && next !== state) this.#assumptions.activate(kind, state);
    }
    const slot = slots[level] as number;
    return (((row[BITS + (slot >>> 5)] as number) >>> (slot & 31)) & 1) === 1;
  }

  /** Moves the row in hand past a level whose operation has taken effect; its bit is free again. */
  #pass(level: number): void {
    const slot = this.#problem.slots[level] as number;
    const word = BITS + (slot >>> 5);
    this.#row[word] = (this.#row[word] as number) & ~(1 << (slot & 31));
    this.#row[LEVEL] = level + 1;
  }

  /**
   * Settles the row in hand at its level and at all that it passes; answers where it stands then.
   */
  #advance(): number {
    for (;;) {
      const level = this.#row[LEVEL] as number;
      if (level === this.#problem.levels || !this.#settle(level)) return level;
      this.#pass(level);
    }
  }

  #orderOf(trail: readonly number[]): number[] {
    const { invocations, members } = this.#problem;
    return trail.map((code) => (code >= 0 ? invocations[code] : members[-1 - code]) as number);
  }

  #note(level: number, configurations: number): void {
    const progress = this.#progress;
    if (level > progress.levelMax) progress.levelMax = level;
    if (configurations > progress.configurationsMax) progress.configurationsMax = configurations;
  }
}

function statesOf(set: Configurations): number[] {
  const states = new Set<number>();
  for (let row = 0; row < set.count; row++)
    states.add(set.rows[row * set.stride + STATE] as number);
  return [...states];
}
