/** Edges from many transactions to all of many others, in linear space. */
import { CONTINUES, type Dependencies } from "./dependencies.js";

/**
 * Edges from many transactions to all of many but themselves, in linear space: one chain of nodes
 * leads to the members up to a place, another to those from a place on.
 */
export class AllBut {
  readonly #dependencies: Dependencies;
  readonly #places = new Map<number, number>();
  readonly #upTo: number[];
  readonly #from: number[];

  constructor(dependencies: Dependencies, members: readonly number[]) {
    this.#dependencies = dependencies;
    this.#upTo = members.map(() => dependencies.addNode());
    this.#from = members.map(() => dependencies.addNode());
    for (const [place, member] of members.entries()) {
      this.#places.set(member, place);
      const upTo = this.#upTo[place] as number;
      const from = this.#from[place] as number;
      dependencies.add(upTo, member, CONTINUES);
      dependencies.add(from, member, CONTINUES);
      if (place > 0) dependencies.add(upTo, this.#upTo[place - 1] as number, CONTINUES);
      if (place > 0) dependencies.add(this.#from[place - 1] as number, from, CONTINUES);
    }
  }

  add(from: number, kind: number): void {
    const place = this.#places.get(from);
    const before = place === undefined ? this.#upTo.at(-1) : this.#upTo[place - 1];
    const after = place === undefined ? undefined : this.#from[place + 1];
    if (before !== undefined) this.#dependencies.add(from, before, kind);
    if (after !== undefined) this.#dependencies.add(from, after, kind);
  }
}
