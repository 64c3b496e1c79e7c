/**
 * The moves of the search: what may follow a configuration.
 *
 * *Just-in-time linearization* (Lowe 2017, "Testing for linearizability", section 5; Knossos'
 * `linear`): an operation has to take effect at the latest when it returns. A configuration is
 * (level, state, which open operations have taken effect, how many optional ones of each group
 * have); at each level those survive in which the returning operation has taken effect, and others
 * may take effect before it. Its size does not depend on the length of the history.
 *
 * What is never branched on:
 * - operations that change no state (see assumptions.ts);
 * - of two open operations of one kind the one that returns later before the other: in any
 *   explanation they can be swapped, for both are open until the first of them returns. So the bits
 *   of equal operations are worth no more than their count;
 * - of an optional group any but the member that began first, likewise: a group is a counter;
 * - configurations that are there already or dominated (see configurations.ts);
 * - states that rule out a result that is still to come (see look-ahead.ts).
 *
 * A group is *counted* or *free*. A free one may happen as often as it likes from its first
 * member's beginning on. That allows more orders, so that what is refuted with free groups is
 * refuted; an order that was found is checked for members used too often or too early (`orderOf`).
 */
import type { Assumptions } from "./assumptions.js";
import type { RowLayout, Spares } from "./configurations.js";
import type { LookAhead } from "./look-ahead.js";
import type { Meter } from "./meter.js";
import type { Problem } from "./problem.js";
import { IMPOSSIBLE, type Transitions } from "./transitions.js";

/** Words of a row: level, state, bits of open operations that took effect, counters. */
export const LEVEL = 0;
/** The word of the state. */
export const STATE = 1;
const BITS = 2;

/** What there is instead of a counter's word. */
const FREE = -1;
const INERT = 0;

/** What moves are made of. */
export interface MovesOptions {
  readonly problem: Problem;
  readonly transitions: Transitions;
  readonly assumptions: Assumptions;
  readonly meter: Meter;
  readonly lookAhead: LookAhead | undefined;
  /** Group → 1 when it is counted. */
  readonly counted: Uint8Array;
  readonly spares: Spares;
}

/** A configuration in hand, and the ways on from it. */
export class Moves {
  readonly problem: Problem;
  readonly meter: Meter;
  readonly spares: Spares;
  readonly layout: RowLayout;
  /** The configuration in hand. */
  readonly row: Int32Array;
  /**
   * What took effect to get to the row in hand, up to `trailLength`: operation `n` as n, a member
   * of group `n` as -1 - n.
   */
  trail: Int32Array = new Int32Array(16);
  trailLength = 0;
  /** The last level of an observation that was ruled out before it was reached. */
  levelRuledOut = -1;
  readonly #transitions: Transitions;
  readonly #assumptions: Assumptions;
  readonly #lookAhead: LookAhead | undefined;
  readonly #counted: Uint8Array;
  /** Group → word of its counter, or FREE or INERT; position in it. */
  readonly #counterWords: Int32Array;
  readonly #counterShifts: Int32Array;
  /** Inert groups, and all others, ascending. */
  readonly #inert: number[] = [];
  readonly #active: number[] = [];
  /** By level: how many of the others have begun. */
  readonly #activeBegun: Int32Array;
  #sample = 0;

  constructor(options: MovesOptions) {
    const { problem, transitions, assumptions, meter, lookAhead, counted } = options;
    this.problem = problem;
    this.meter = meter;
    this.spares = options.spares;
    this.#transitions = transitions;
    this.#assumptions = assumptions;
    this.#lookAhead = lookAhead;
    this.#counted = counted;
    const groups = problem.groups.length;
    this.#counterWords = new Int32Array(groups);
    this.#counterShifts = new Int32Array(groups);
    const headWords = BITS + Math.ceil(problem.slotCount / 32);
    this.layout = { headWords, guards: this.#layOutCounters(headWords) };
    this.row = new Int32Array(headWords + this.layout.guards.length);
    this.#activeBegun = this.#inert.length === 0 ? problem.groupsBegun : this.#countActive();
  }

  #countActive(): Int32Array {
    let active = 0;
    return this.problem.groupsBegun.map((begun) => {
      while ((this.#active[active] ?? begun) < begun) active++;
      return active;
    });
  }

  /** Packs a counter with a guard bit above it for each counted group. */
  #layOutCounters(headWords: number): Int32Array {
    const guards: number[] = [];
    let room = 0;
    this.problem.groups.forEach(({ kind, size }, index) => {
      if (this.#assumptions.active[kind] === 0) {
        this.#inert.push(index);
        return;
      }
      this.#active.push(index);
      if (this.#counted[index] === 0) {
        this.#counterWords[index] = FREE;
        return;
      }
      const bits = 33 - Math.clz32(size);
      if (room < bits) {
        guards.push(0);
        room = 32;
      }
      const word = guards.length - 1;
      this.#counterWords[index] = headWords + word;
      this.#counterShifts[index] = 32 - room;
      room -= bits;
      guards[word] = (guards[word] as number) | (1 << (31 - room));
    });
    return Int32Array.from(guards);
  }

  /** Takes the first configuration in hand. */
  start(): void {
    this.trailLength = 0;
    this.row.fill(0);
    this.row[STATE] = this.#transitions.initial();
  }

  /** Takes this row in hand. */
  take(rows: Int32Array, base: number): void {
    this.trailLength = 0;
    for (let word = 0; word < this.row.length; word++) {
      this.row[word] = rows[base + word] as number;
    }
  }

  choiceCount(level: number): number {
    const { openStart } = this.problem;
    const open = (openStart[level + 1] as number) - (openStart[level] as number);
    return open + (this.#activeBegun[level] as number);
  }

  /**
   * Puts into hand the row that comes of one choice: an open operation, the returning one first, or
   * a member of a group. Answers how many alternatives the choice has (a nondeterministic model has
   * several), 0 when it is none.
   */
  choose(rows: Int32Array, base: number, choice: number, alternative: number): number {
    const { openStart, open, twins, kinds, slots, groups, memberLevels } = this.problem;
    this.meter.spend(1);
    const level = rows[base] as number;
    const state = rows[base + STATE] as number;
    const from = openStart[level] as number;
    const openCount = (openStart[level + 1] as number) - from;
    let word = 0;
    let added = 0;
    let kind: number;
    let code: number;
    if (choice < openCount) {
      code = open[from + choice] as number;
      kind = kinds[code] as number;
      // Settled already, or its result does not fit.
      if (this.#assumptions.changing[kind] === 0) return 0;
      const slot = slots[code] as number;
      word = BITS + (slot >>> 5);
      added = 1 << (slot & 31);
      if (((rows[base + word] as number) & added) !== 0) return 0;
      for (let twin = twins[from + choice] as number; twin >= 0; twin = twins[twin] as number) {
        const bit = slots[open[twin] as number] as number;
        if ((((rows[base + BITS + (bit >>> 5)] as number) >>> (bit & 31)) & 1) === 0) return 0;
      }
    } else {
      const index = this.#active[choice - openCount] as number;
      word = this.#counterWords[index] as number;
      const { start, size, kind: groupKind } = groups[index] as (typeof groups)[number];
      if (word !== FREE) {
        const used = this.#used(rows, base + word, index, size);
        if (used === size || (memberLevels[start + used] as number) > level) return 0;
        added = 1 << (this.#counterShifts[index] as number);
      }
      kind = groupKind;
      code = -1 - index;
    }
    let next = this.#transitions.next(state, kind);
    let count = 1;
    if (next === IMPOSSIBLE) return 0;
    if (next < IMPOSSIBLE) {
      const several = this.#transitions.several(next);
      count = several.length;
      next = several[alternative] as number;
    }
    // An optional operation that changes nothing here need not happen.
    if (next === state && code < 0 && count === 1) return 0;
    const row = this.row;
    if (row.length > 16) this.meter.spend(row.length >>> 4);
    for (let at = 0; at < row.length; at++) row[at] = rows[base + at] as number;
    row[STATE] = next;
    if (word !== FREE) row[word] = (row[word] as number) + added;
    this.#record(code);
    return count;
  }

  /**
   * Lets everything open that fits and changes nothing take effect in the row in hand. Answers
   * whether the returning operation has taken effect.
   */
  settle(level: number): boolean {
    const { openStart, open, kinds, slots, groupsBegun } = this.problem;
    const { changing, relied, reached } = this.#assumptions;
    const row = this.row;
    const state = row[STATE] as number;
    const end = openStart[level + 1] as number;
    this.meter.spend(end - (openStart[level] as number));
    reached?.add(state, level);
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
      this.#record(operation);
    }
    const begun = groupsBegun[level] as number;
    if (this.#assumptions.declared) {
      // What the model says is true, or the model is at fault: samples suffice to tell it so.
      const index = this.#inert[this.#sample++ % this.#inert.length];
      if (index !== undefined && index < begun) this.#askInert(index, state);
      return this.hasTakenEffect(level);
    }
    for (const index of this.#inert) {
      if (index >= begun) break;
      this.#askInert(index, state);
    }
    return this.hasTakenEffect(level);
  }

  /** Whether an optional operation that is ignored changes nothing here either. */
  #askInert(index: number, state: number): void {
    const { kind } = this.problem.groups[index] as Problem["groups"][number];
    const next = this.#transitions.next(state, kind);
    if (next !== IMPOSSIBLE && next !== state) this.#assumptions.activate(kind, state);
  }

  /** Moves the row in hand past a level whose operation has taken effect; its bit is free again. */
  pass(level: number): void {
    const slot = this.problem.slots[level] as number;
    const word = BITS + (slot >>> 5);
    this.row[word] = (this.row[word] as number) & ~(1 << (slot & 31));
    this.row[LEVEL] = level + 1;
  }

  /**
   * Settles the row in hand at its level and at all that it passes; answers where it stands then.
   */
  advance(): number {
    for (;;) {
      const level = this.row[LEVEL] as number;
      if (level === this.problem.levels || !this.settle(level)) return level;
      this.pass(level);
    }
  }

  get looksAhead(): boolean {
    return this.#lookAhead !== undefined;
  }

  /** Whether the state in hand may lead to the next observation, as far as is known. */
  isPromising(): boolean {
    const level = this.row[LEVEL] as number;
    return this.#lookAhead?.isPromising(level, this.row[STATE] as number, this) ?? true;
  }

  /**
   * Whether the row in hand rules out a result that is still to come; if not, its state may be
   * exchanged for another one that is worth the same.
   */
  isHopeless(): boolean {
    const ahead = this.#lookAhead;
    if (ahead === undefined) return false;
    const level = this.row[LEVEL] as number;
    if (level === this.problem.levels) return false;
    const state = this.row[STATE] as number;
    const ruledOut = ahead.ruledOut(level, state, this);
    if (ruledOut > this.levelRuledOut) this.levelRuledOut = ruledOut;
    if (ruledOut >= 0) return true;
    this.row[STATE] = ahead.lumped(level, state, this);
    return false;
  }

  /**
   * Turns a trail that reaches the end into invocations; or tells the free groups of which it used
   * more members than had begun.
   */
  orderOf(trail: ArrayLike<number>, length: number): { order: number[]; overused: number[] } {
    const { levels, invocations, members, memberLevels, groups } = this.problem;
    const done = new Uint8Array(levels + 1);
    const used = new Int32Array(groups.length);
    const overused = new Set<number>();
    const order: number[] = [];
    let level = 0;
    for (let step = 0; step < length; step++) {
      const code = trail[step] as number;
      if (code >= 0) {
        done[code] = 1;
        order.push(invocations[code] as number);
        while (done[level] === 1) level++;
        continue;
      }
      const { start, size } = groups[-1 - code] as (typeof groups)[number];
      const use = used[-1 - code] as number;
      used[-1 - code] = use + 1;
      if (use >= size || (memberLevels[start + use] as number) > level) overused.add(-1 - code);
      else order.push(members[start + use] as number);
    }
    return { order, overused: [...overused] };
  }

  /** Whether this operation, which is open, has taken effect in the row in hand. */
  hasTakenEffect(operation: number): boolean {
    const slot = this.problem.slots[operation] as number;
    return (((this.row[BITS + (slot >>> 5)] as number) >>> (slot & 31)) & 1) === 1;
  }

  /** Whether a member of this group may still take effect before level `before` is over. */
  mayHappen(group: number, before: number): boolean {
    const { groups, memberLevels } = this.problem;
    const word = this.#counterWords[group] as number;
    if (word === INERT) return false;
    const { start, size } = groups[group] as (typeof groups)[number];
    const used = word === FREE ? 0 : this.#used(this.row, word, group, size);
    return used < size && (memberLevels[start + used] as number) <= before;
  }

  #used(rows: Int32Array, at: number, group: number, size: number): number {
    const shift = this.#counterShifts[group] as number;
    return ((rows[at] as number) >>> shift) & (2 ** (32 - Math.clz32(size)) - 1);
  }

  #record(code: number): void {
    if (this.trailLength === this.trail.length) {
      const longer = new Int32Array(2 * this.trail.length);
      longer.set(this.trail);
      this.trail = longer;
    }
    this.trail[this.trailLength++] = code;
  }
}
