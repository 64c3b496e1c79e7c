/**
 * Links between nodes that are cut: what is sent over one, in either direction, is lost. They are
 * cut and healed where time has passed, when nothing is under way: a part of what is under way is
 * lost one by one (see `Allowance.fateOf`), so that nothing is left out by this.
 */
import type { Address, NodeId } from "../world/network.js";
import type { Allowance } from "./allowance.js";

/** Told of each link that is cut or healed. */
export type OnLink = (change: "cut" | "healed", nodes: readonly [NodeId, NodeId]) => void;

/** The cut links of one execution. */
export class Cuts {
  readonly #allowance: Allowance;
  readonly #cut = new Map<string, readonly [NodeId, NodeId]>();

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
  }

  /** By the names of their nodes. */
  get names(): readonly string[] {
    return [...this.#cut.keys()].toSorted();
  }

  /** Whether what goes from one to the other is lost. */
  has(from: Address, to: Address): boolean {
    return this.#cut.size > 0 && (this.#cut.has(`${from}-${to}`) || this.#cut.has(`${to}-${from}`));
  }

  /** Chooses which links are healed and which are cut, in their order: each set of them once. */
  choose(nodes: readonly NodeId[], onLink: OnLink): void {
    const were = new Set(this.#cut.keys());
    for (const name of this.names) {
      const ends = this.#cut.get(name) as readonly [NodeId, NodeId];
      if (this.#allowance.choose([`${name} stays cut`, `heal ${name}`]) === 0) continue;
      this.#cut.delete(name);
      onLink("healed", ends);
    }
    for (const [index, from] of nodes.entries()) {
      for (const to of nodes.slice(index + 1)) {
        if (this.#allowance.left.cuts === 0) return;
        const name = `${from}-${to}`;
        // What was healed just now, and is cut at once, might as well have stayed as it was.
        if (were.has(name)) continue;
        if (this.#allowance.choose([`no cut ${name}`, `cut ${name}`]) === 0) continue;
        this.#allowance.left.cuts--;
        this.#cut.set(name, [from, to]);
        onLink("cut", [from, to]);
      }
    }
  }
}
