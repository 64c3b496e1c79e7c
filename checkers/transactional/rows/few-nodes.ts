/** A graph of so few nodes that sets of them are the bits of a number. */

/** Who comes before another, and who only misses what another wrote; `all` are both. */
type Kind = "before" | "misses";

/** At most thirty nodes. */
export class FewNodes {
  readonly nodes: readonly number[];
  readonly #numbers: ReadonlyMap<number, number>;
  readonly #before: number[];
  readonly #misses: number[];

  constructor(nodes: readonly number[]) {
    this.nodes = nodes;
    this.#numbers = new Map(nodes.map((node, number) => [node, number]));
    this.#before = nodes.map(() => 0);
    this.#misses = nodes.map(() => 0);
  }

  /** Adds an edge, but to the same node; answers what takes it back. */
  add(from: number, to: number, kind: Kind): () => void {
    const edges = kind === "before" ? this.#before : this.#misses;
    const number = this.#numberOf(from);
    const known = edges[number] as number;
    if (from !== to) edges[number] = known | (1 << this.#numberOf(to));
    return () => {
      edges[number] = known;
    };
  }

  /** Whether these nodes, with the edges between them, are on no cycle. */
  isAcyclic(nodes: readonly number[], kinds: "before" | "all"): boolean {
    return this.ordered(nodes, kinds).length === nodes.length;
  }

  /** Whether nobody misses what comes before it. */
  isView(): boolean {
    const reach = [...this.#before];
    for (let middle = 0; middle < reach.length; middle++) {
      for (let from = 0; from < reach.length; from++) {
        if (((reach[from] as number) >> middle) & 1) {
          reach[from] = (reach[from] as number) | (reach[middle] as number);
        }
      }
    }
    return this.#misses.every((missed, node) =>
      reach.every((from, number) => ((missed >> number) & (from >> node) & 1) === 0),
    );
  }

  /** These nodes in an order that keeps the edges between them; as many as are on no cycle. */
  ordered(nodes: readonly number[], kinds: "before" | "all"): readonly number[] {
    let left = 0;
    for (const node of nodes) left |= 1 << this.#numberOf(node);
    const order: number[] = [];
    const edgesOf = (number: number): number =>
      (this.#before[number] as number) | (kinds === "all" ? (this.#misses[number] as number) : 0);
    for (let isMore = true; isMore;) {
      isMore = false;
      for (const node of nodes) {
        const number = this.#numberOf(node);
        if (((left >> number) & 1) === 0) continue;
        const isFree = nodes.every((other) => {
          const of = this.#numberOf(other);
          return ((left >> of) & 1) === 0 || ((edgesOf(of) >> number) & 1) === 0;
        });
        if (!isFree) continue;
        left &= ~(1 << number);
        order.push(node);
        isMore = true;
      }
    }
    return order;
  }

  #numberOf(node: number): number {
    return this.#numbers.get(node) as number;
  }
}
