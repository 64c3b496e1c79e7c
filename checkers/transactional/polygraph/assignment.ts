/**
 * Which choices hold at present, and since which decision. Taking a decision back takes back what
 * was implied by it, and nothing else (partial-order backtracking: Monnet & Villemaire 2012):
 * thousands of decisions about other parts of a history stay when one is found to be wrong.
 *
 * A *level* is the number of a decision, and what it implies with earlier ones is of its level.
 * Level 0 is what holds anyway.
 */
import { NONE } from "../../../src/history/history.js";
import { IntList } from "../../../src/graph/growing.js";

const UNKNOWN = 0;

/** The literals that hold; pairs are numbered as they come. */
export class Assignment {
  /** The level of the last decision. */
  level = 0;
  /** How many decisions hold. */
  decided = 0;
  /** Pair → 0 when open, 1 when its even literal holds, 2 when its odd one does. */
  readonly #values = new IntList();
  readonly #levels = new IntList();
  /** Pair → the clause that implied it; `NONE` for a decision. */
  readonly #reasons = new IntList();
  /** Level → the literal that came last to hold; literals of a level are in a row, both ways. */
  readonly #lasts = new IntList();
  readonly #befores = new IntList();
  readonly #afters = new IntList();
  /** Pair → the first of what it implied: a literal, by a clause, and the next. */
  readonly #firstImplied = new IntList();
  readonly #implied = new IntList();
  readonly #impliedBy = new IntList();
  readonly #nextImplied = new IntList();
  #free = NONE;

  constructor() {
    this.#lasts.push(NONE);
  }

  /** Makes room for pairs up to this number. */
  grow(count: number): void {
    while (this.#values.length < count) {
      this.#values.push(UNKNOWN);
      this.#levels.push(0);
      this.#reasons.push(NONE);
      this.#befores.push(NONE);
      this.#afters.push(NONE);
      this.#firstImplied.push(NONE);
    }
  }

  isTrue(literal: number): boolean {
    return this.#values.at(literal >> 1) === 1 + (literal & 1);
  }

  isFalse(literal: number): boolean {
    return this.#values.at(literal >> 1) === 2 - (literal & 1);
  }

  isOpen(literal: number): boolean {
    return this.#values.at(literal >> 1) === UNKNOWN;
  }

  levelOf(literal: number): number {
    return this.#levels.at(literal >> 1);
  }

  reasonOf(literal: number): number {
    return this.#reasons.at(literal >> 1);
  }

  /** The literal of a level that came last to hold, and the one before another of it. */
  lastOf(level: number): number {
    return this.#lasts.at(level);
  }
  before(literal: number): number {
    return this.#befores.at(literal >> 1);
  }

  decide(literal: number): void {
    this.level++;
    this.decided++;
    this.#lasts.length = this.level;
    this.#lasts.push(NONE);
    this.#hold(literal, NONE, this.level);
  }

  /** A literal holds because the others of a clause do not. */
  imply(literal: number, reason: number, others: Int32Array): void {
    let level = 0;
    for (const other of others) {
      if (other !== literal) level = Math.max(level, this.levelOf(other));
    }
    this.#hold(literal, reason, level);
    if (level === 0) return;
    for (const other of others) if (other !== literal) this.#addImplied(other, literal, reason);
  }

  #addImplied(by: number, literal: number, clause: number): void {
    const next = this.#firstImplied.at(by >> 1);
    let entry = this.#free;
    if (entry === NONE) {
      entry = this.#implied.push(literal);
      this.#impliedBy.push(clause);
      this.#nextImplied.push(next);
    } else {
      this.#free = this.#nextImplied.at(entry);
      this.#implied.set(entry, literal);
      this.#impliedBy.set(entry, clause);
      this.#nextImplied.set(entry, next);
    }
    this.#firstImplied.set(by >> 1, entry);
  }

  #hold(literal: number, reason: number, level: number): void {
    const pair = literal >> 1;
    this.#values.set(pair, 1 + (literal & 1));
    this.#levels.set(pair, level);
    this.#reasons.set(pair, reason);
    const last = this.#lasts.at(level);
    this.#befores.set(pair, last);
    this.#afters.set(pair, NONE);
    if (last !== NONE) this.#afters.set(last >> 1, literal);
    this.#lasts.set(level, literal);
  }

  /** Takes back a decision and all that it implied; `takeBack` is told of each literal. */
  undo(level: number, takeBack: (literal: number) => void): void {
    const open: number[] = [];
    for (let each = this.lastOf(level); each !== NONE; each = this.before(each)) open.push(each);
    if (open.length > 0) this.decided--;
    for (let literal = open.pop(); literal !== undefined; literal = open.pop()) {
      if (!this.isTrue(literal)) continue;
      this.#release(literal);
      takeBack(literal);
      let entry = this.#firstImplied.at(literal >> 1);
      this.#firstImplied.set(literal >> 1, NONE);
      while (entry !== NONE) {
        const implied = this.#implied.at(entry);
        const isSo = this.isTrue(implied) && this.reasonOf(implied) === this.#impliedBy.at(entry);
        if (isSo) open.push(implied);
        const next = this.#nextImplied.at(entry);
        this.#nextImplied.set(entry, this.#free);
        this.#free = entry;
        entry = next;
      }
    }
  }

  /** Takes back every decision. */
  undoAll(takeBack: (literal: number) => void): void {
    for (let level = this.level; level > 0; level--) this.undo(level, takeBack);
    this.level = 0;
  }

  #release(literal: number): void {
    const pair = literal >> 1;
    const level = this.#levels.at(pair);
    const before = this.#befores.at(pair);
    const after = this.#afters.at(pair);
    if (before !== NONE) this.#afters.set(before >> 1, after);
    if (after === NONE) this.#lasts.set(level, before);
    else this.#befores.set(after >> 1, before);
    this.#values.set(pair, UNKNOWN);
  }
}
