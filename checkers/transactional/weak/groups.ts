/** Groups of transactions, each of one and those of another group: chains of nodes in a graph. */
import { IntList } from "../../../src/graph/growing.js";

/** Groups are numbered as they come. */
export class Groups {
  readonly #writers = new IntList();
  readonly #befores = new IntList();

  get count(): number {
    return this.#writers.length;
  }

  /** Group → the transaction that it has beside the other group. */
  get writers(): Int32Array {
    return this.#writers.items;
  }

  /** Group → the other group, or `NONE`. */
  get befores(): Int32Array {
    return this.#befores.items;
  }

  add(writer: number, before: number): number {
    this.#befores.push(before);
    return this.#writers.push(writer);
  }
}
