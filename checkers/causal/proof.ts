/**
 * Proofs of violations: a list of edges, each of which somebody can check on its own or by edges
 * before it, and the way over them that contradicts itself.
 */
import type { PrecedenceEdge } from "../../src/verdict/certificate.js";
import type { Derivations } from "./views.js";
import { shortestChain, type Paths, type Step } from "./chains.js";
import type { Registers } from "./layout.js";

/** That one operation precedes another, and why; operations by number. */
export interface ProofEdge {
  readonly from: number;
  readonly to: number;
  /**
   * `session`: its session did it first; `reads`: it wrote what the other reads; `visible`: `path`
   * leads from it to `read`, which reads `to` all the same; `follows`: `to` is a write after a read
   * of it, by `path`.
   */
  readonly by: "session" | "reads" | "visible" | "follows";
  readonly read?: number;
  /** Positions of edges before this one. */
  readonly path?: readonly number[];
}

/** What contradicts itself. */
export interface Refutation {
  /** Which rule was broken, by its name in the literature. */
  readonly pattern: string;
  readonly edges: readonly ProofEdge[];
  /** Positions of edges: round a cycle, or from a write to a read of the initial value. */
  readonly path: readonly number[];
  /** The read from nowhere, or of the initial value. */
  readonly read?: number;
  /** For views: the operation until which it is one of its session. */
  readonly view?: number;
}

/** An order as certificates have it: operations by their invocation. */
export function namedOrder({ invocations }: Registers, order: Int32Array): readonly number[] {
  // oxlint-disable-next-line unicorn/no-new-array -- one that grows takes four times as long
  const names: number[] = new Array<number>(order.length);
  for (let at = 0; at < order.length; at++) names[at] = invocations[order[at] as number] as number;
  return names;
}

/** Edges as certificates have them: operations by their invocation. */
export function namedEdges(
  { invocations }: Registers,
  edges: readonly ProofEdge[],
): readonly PrecedenceEdge[] {
  return edges.map((edge): PrecedenceEdge => {
    const from = invocations[edge.from] as number;
    const to = invocations[edge.to] as number;
    const { by, path = [] } = edge;
    if (by === "follows") return { from, to, by, path };
    if (by !== "visible") return { from, to, by };
    return { from, to, by, read: invocations[edge.read as number] as number, path };
  });
}

/** Collects edges, each after those that it needs. */
export class Proof {
  readonly edges: ProofEdge[] = [];
  readonly #known = new Map<string, number>();
  readonly #registers: Registers;
  readonly #paths: Paths;
  readonly #why: Derivations | undefined;
  /** Whether derived edges rest on derived ones; else on causality alone. */
  readonly #nested: boolean;

  constructor(
    registers: Registers,
    { why, nested = false }: { readonly why?: Derivations; readonly nested?: boolean } = {},
  ) {
    this.#registers = registers;
    this.#paths = { registers, follows: (read) => why?.follows(read) ?? true };
    this.#why = why;
    this.#nested = nested;
  }

  /** The shortest way from one operation to another, as positions of edges. */
  way(from: number, to: number, limit: number = Infinity): readonly number[] {
    const why = this.#why;
    const derived =
      why === undefined || limit === 0
        ? {}
        : { derived: { list: why.list, into: (at: number) => why.into(at), limit } };
    const chain = shortestChain({ ...this.#paths, ...derived }, { from, to });
    if (chain === undefined) throw new Error(`nothing leads from ${from} to ${to}`);
    return this.chain(chain);
  }

  /** Adds the edges of a chain; answers their positions. */
  chain(chain: readonly Step[]): readonly number[] {
    return chain.map((step) => {
      const { from, to, by } = step;
      if (by !== "derived") return this.#add({ from, to, by });
      const { derived = 0 } = step;
      const read = this.#why?.reads[derived] as number;
      return this.visible(from, read, this.#nested ? derived : 0);
    });
  }

  /** What a read sees of a write comes before the write that it reads. */
  visible(from: number, read: number, limit = 0): number {
    const to = this.#registers.sources[read] as number;
    const known = this.#known.get(`${from} ${to} visible`);
    if (known !== undefined) return known;
    const path = this.way(from, read, limit);
    return this.#add({ from, to, by: "visible", read, path });
  }

  #add(edge: ProofEdge): number {
    const name = `${edge.from} ${edge.to} ${edge.by}`;
    let position = this.#known.get(name);
    if (position === undefined) {
      position = this.edges.push(edge) - 1;
      this.#known.set(name, position);
    }
    return position;
  }
}
