/**
 * What was learned about choices, as clauses: of the literals of each at least one holds. Nothing
 * is forgotten, because a refutation is told with what it was learned from; but only the clauses
 * that are watched cost time (two literals of each: Moskewicz et al., Chaff, 2001).
 */
import { NONE } from "../../../src/history/history.js";
import { IntList } from "../../../src/graph/growing.js";

/** Clauses, and where each comes from: the edges of a cycle, or other clauses. */
export class Clauses {
  readonly #literals = new IntList(1024);
  /** Clause → its first literal, and that of its origin; one entry more than there are. */
  readonly #starts = new IntList();
  readonly #origins = new IntList(1024);
  readonly #originStarts = new IntList();
  /** Clause → 1 when its origin is a cycle. */
  readonly #isCycle = new IntList();
  /** Literal → clauses that watch it, each with where the next one is. */
  readonly #watchFirsts = new IntList();
  readonly #watchClauses = new IntList(1024);
  readonly #watchNexts = new IntList(1024);
  /** The first entry of those that are free. */
  #free = NONE;

  constructor() {
    this.#starts.push(0);
    this.#originStarts.push(0);
  }

  get count(): number {
    return this.#isCycle.length;
  }

  /** Numbers that all of it takes. */
  get size(): number {
    return (
      this.#literals.length + this.#origins.length + 2 * this.#watchClauses.length + 3 * this.count
    );
  }

  add(literals: readonly number[], origin: readonly number[], isCycle: boolean): number {
    for (const literal of literals) this.#literals.push(literal);
    for (const each of origin) this.#origins.push(each);
    this.#starts.push(this.#literals.length);
    this.#originStarts.push(this.#origins.length);
    return this.#isCycle.push(isCycle ? 1 : 0);
  }

  literalsOf(clause: number): Int32Array {
    return this.#literals.items.subarray(this.#starts.at(clause), this.#starts.at(clause + 1));
  }

  originOf(clause: number): Int32Array {
    const { items } = this.#origins;
    return items.subarray(this.#originStarts.at(clause), this.#originStarts.at(clause + 1));
  }

  isCycle(clause: number): boolean {
    return this.#isCycle.at(clause) === 1;
  }

  /** Watches the first two literals of a clause. */
  watch(clause: number): void {
    const [first, second] = this.literalsOf(clause);
    if (first === undefined || second === undefined) return;
    this.#watchBy(first, clause);
    this.#watchBy(second, clause);
  }

  #watchBy(literal: number, clause: number): void {
    while (this.#watchFirsts.length <= literal) this.#watchFirsts.push(NONE);
    const next = this.#watchFirsts.at(literal);
    let entry = this.#free;
    if (entry === NONE) {
      entry = this.#watchClauses.push(clause);
      this.#watchNexts.push(next);
    } else {
      this.#free = this.#watchNexts.at(entry);
      this.#watchClauses.set(entry, clause);
      this.#watchNexts.set(entry, next);
    }
    this.#watchFirsts.set(literal, entry);
  }

  /** The other literal that each clause watches which watches this one. */
  watchedWith(literal: number, tell: (other: number) => void): void {
    if (literal >= this.#watchFirsts.length) return;
    for (
      let entry = this.#watchFirsts.at(literal);
      entry !== NONE;
      entry = this.#watchNexts.at(entry)
    ) {
      const start = this.#starts.at(this.#watchClauses.at(entry));
      const first = this.#literals.at(start);
      tell(first === literal ? this.#literals.at(start + 1) : first);
    }
  }

  /**
   * A literal became false: each clause that watches it watches another, or its last literal is
   * implied, which `imply` is told and may refuse. Answers the clause that was refused, or `NONE`.
   */
  visit(
    literal: number,
    isFalse: (literal: number) => boolean,
    imply: (literal: number, clause: number) => boolean,
  ): number {
    if (literal >= this.#watchFirsts.length) return NONE;
    let before = NONE;
    let entry = this.#watchFirsts.at(literal);
    while (entry !== NONE) {
      const clause = this.#watchClauses.at(entry);
      const next = this.#watchNexts.at(entry);
      const literals = this.literalsOf(clause);
      if (literals[0] === literal) {
        literals[0] = literals[1] as number;
        literals[1] = literal;
      }
      let place = 2;
      while (place < literals.length && isFalse(literals[place] as number)) place++;
      if (place < literals.length) {
        const other = literals[place] as number;
        literals[1] = other;
        literals[place] = literal;
        if (before === NONE) this.#watchFirsts.set(literal, next);
        else this.#watchNexts.set(before, next);
        this.#watchNexts.set(entry, this.#free);
        this.#free = entry;
        this.#watchBy(other, clause);
      } else {
        if (!imply(literals[0] as number, clause)) return clause;
        before = entry;
      }
      entry = next;
    }
    return NONE;
  }
}
