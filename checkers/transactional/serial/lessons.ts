/** What dead ends have taught of the order of transactions; guesses among it can be turned. */
import { IntList } from "../../../src/graph/growing.js";
import { NONE } from "../../../src/history/history.js";

/** Who was found to come before whom. */
export class Lessons {
  /** Transaction → its last lesson; lesson → who comes before it, and the lesson before. */
  readonly heads: Int32Array;
  readonly befores: IntList = new IntList();
  readonly afters: IntList = new IntList();
  readonly nexts: IntList = new IntList();
  /** Of what is guessed, who comes before whom instead if it is wrong; else `NONE`. */
  readonly otherBefores: IntList = new IntList();
  readonly otherAfters: IntList = new IntList();

  constructor(count: number) {
    this.heads = new Int32Array(count).fill(NONE);
  }

  /** `other` is what holds if this does not, where that is in doubt. */
  add(before: number, after: number, other: readonly [number, number] = [NONE, NONE]): number {
    this.befores.push(before);
    this.afters.push(after);
    this.otherBefores.push(other[0]);
    this.otherAfters.push(other[1]);
    this.nexts.push(this.heads[after] as number);
    this.heads[after] = this.nexts.length - 1;
    return this.nexts.length - 1;
  }

  isGuess(lesson: number): boolean {
    return this.otherBefores.at(lesson) !== NONE;
  }

  /** A guess the other way round, which may be one too. */
  turn(lesson: number, isGuess: boolean): number {
    const before = this.befores.at(lesson);
    const after = this.afters.at(lesson);
    const { nexts, heads } = this;
    let at = heads[after] as number;
    if (at === lesson) {
      heads[after] = nexts.at(lesson);
    } else {
      while (nexts.at(at) !== lesson) at = nexts.at(at);
      nexts.set(at, nexts.at(lesson));
    }
    const other = isGuess ? ([before, after] as const) : undefined;
    return this.add(this.otherBefores.at(lesson), this.otherAfters.at(lesson), other);
  }
}
