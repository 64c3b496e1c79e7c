/** Members that have moved since somebody looked, each once. */
import { IntList } from "../../../src/graph/growing.js";

/** A set of members that is emptied when it was looked at. */
export class Moved {
  readonly #isThere: Uint8Array;
  readonly #members = new IntList();

  constructor(count: number) {
    this.#isThere = new Uint8Array(count);
  }

  get length(): number {
    return this.#members.length;
  }

  at(place: number): number {
    return this.#members.at(place);
  }

  add(member: number): void {
    if (this.#isThere[member] === 1) return;
    this.#isThere[member] = 1;
    this.#members.push(member);
  }

  clear(): void {
    for (let at = 0; at < this.#members.length; at++) this.#isThere[this.#members.at(at)] = 0;
    this.#members.length = 0;
  }
}
