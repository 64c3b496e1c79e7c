/**
 * The chain of operations that proves a verdict: shortest paths over session order, reads, and
 * edges that were derived. A step over session order may skip any number of operations.
 */
import type { EdgeList } from "../../src/graph/digraph.js";
import type { Registers } from "./layout.js";

/** One step of a chain; `derived` is the position of the edge in its list. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly by: "session" | "reads" | "derived";
  readonly derived?: number;
}

/** Which edges there are beside session order. */
export interface Paths {
  readonly registers: Registers;
  /** Whether a read follows the write that it reads. */
  follows(read: number): boolean;
  /** Derived edges that lead to each operation: positions in `list`. */
  readonly derived?: {
    readonly list: EdgeList;
    into(operation: number): Iterable<number>;
    /** Only edges at positions below this. */
    readonly limit: number;
  };
}

/** How a step leads on, in `ways` below; from `DERIVED` on the position of the edge is added. */
const UNSEEN = 0;
const SESSION = 1;
const READS = 2;
const DERIVED = 3;

/** The fewest steps from one operation to another (or round to itself); undefined without any. */
export function shortestChain(
  paths: Paths,
  { from, to }: { readonly from: number; readonly to: number },
): readonly Step[] | undefined {
  const { registers, derived } = paths;
  const { count, sessions, starts, parents, sources } = registers;
  /** Operation → how the step leads on from it, and where to: it may be any of a million. */
  const ways = new Int32Array(count);
  const targets = new Int32Array(count);
  /** Session → its first operations up to here have been seen. */
  const covered = Int32Array.from(starts);
  let border = [to];
  let next: number[] = [];
  const visit = (operation: number, target: number, way: number): void => {
    if (ways[operation] !== UNSEEN) return;
    ways[operation] = way;
    targets[operation] = target;
    next.push(operation);
  };
  const visitEarlier = (target: number): void => {
    let session = sessions[target] as number;
    let end = target;
    if (end === starts[session]) {
      const parent = parents[session] as number;
      if (parent < 0) return;
      session = sessions[parent] as number;
      end = parent + 1;
    }
    for (let at = covered[session] as number; at < end; at++) {
      visit(at, target, SESSION);
    }
    covered[session] = Math.max(end, covered[session] as number);
  };
  while (border.length > 0 && ways[from] === UNSEEN) {
    next = [];
    for (const operation of border) {
      visitEarlier(operation);
      const source = sources[operation] as number;
      if (source >= 0 && paths.follows(operation)) visit(source, operation, READS);
      // What is found first stays.
      if (ways[from] !== UNSEEN) break;
      for (const edge of derived?.into(operation) ?? []) {
        if (derived === undefined || edge >= derived.limit) continue;
        const { froms } = derived.list;
        visit(froms[edge] as number, operation, DERIVED + edge);
      }
    }
    border = next;
  }
  if (ways[from] === UNSEEN) return undefined;
  const chain: Step[] = [];
  let at = from;
  do {
    const way = ways[at] as number;
    const target = targets[at] as number;
    if (way >= DERIVED) {
      chain.push({ from: at, to: target, by: "derived", derived: way - DERIVED });
    } else chain.push({ from: at, to: target, by: way === READS ? "reads" : "session" });
    at = target;
  } while (at !== to);
  return chain;
}
