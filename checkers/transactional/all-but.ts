/** Edges from many transactions to all of many others, in linear space. */
import { NONE } from "../../src/history/history.js";
import { CONTINUES, type Dependencies } from "./dependencies.js";

/** Of so few a member is found by looking at them all. */
const FEW = 64;

/**
 * Edges from many transactions to all of many but themselves, in linear space: one chain of nodes
 * leads to the members up to a place, another to those from a place on.
 */
export class AllBut {
  readonly #dependencies: Dependencies;
  readonly #members: readonly number[];
  readonly #places: ReadonlyMap<number, number> | undefined;
  /** The first nodes of the two chains, whose others follow. */
  readonly #upTo: number;
  readonly #from: number;

  /** `members` differ, and stay as they are. */
  constructor(dependencies: Dependencies, members: readonly number[]) {
    const { length } = members;
    this.#dependencies = dependencies;
    this.#members = members;
    this.#places =
      length > FEW ? new Map(members.map((member, place) => [member, place])) : undefined;
    this.#upTo = dependencies.addNodes(length);
    this.#from = dependencies.addNodes(length);
    for (let place = 0; place < length; place++) {
      const upTo = this.#upTo + place;
      const from = this.#from + place;
      dependencies.add(upTo, members[place] as number, CONTINUES);
      dependencies.add(from, members[place] as number, CONTINUES);
      if (place > 0) dependencies.add(upTo, upTo - 1, CONTINUES);
      if (place > 0) dependencies.add(from - 1, from, CONTINUES);
    }
  }

  add(from: number, kind: number): void {
    const last = this.#members.length - 1;
    if (last < 0) return;
    const places = this.#places;
    const place = places === undefined ? this.#members.indexOf(from) : (places.get(from) ?? NONE);
    if (place === NONE) {
      this.#dependencies.add(from, this.#upTo + last, kind);
      return;
    }
    if (place > 0) this.#dependencies.add(from, this.#upTo + place - 1, kind);
    if (place < last) this.#dependencies.add(from, this.#from + place + 1, kind);
  }
}
