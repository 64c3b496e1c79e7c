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

/** The fewest steps from one operation to another (or round to itself); undefined without any. */
export function shortestChain(
  paths: Paths,
  { from, to }: { readonly from: number; readonly to: number },
): readonly Step[] | undefined {
  const { registers, derived } = paths;
  const { count, sessions, starts, parents, sources } = registers;
  /** Operation → the step that leads on from it. */
  const steps = new Map<number, Step>();
  const isSeen = new Uint8Array(count);
  /** Session → its first operations up to here have been seen. */
  const covered = Int32Array.from(starts);
  let border = [to];
  const visit = (next: number[], step: Step): void => {
    if (isSeen[step.from] === 1) return;
    isSeen[step.from] = 1;
    steps.set(step.from, step);
    next.push(step.from);
  };
  const visitEarlier = (next: number[], to: number): void => {
    let session = sessions[to] as number;
    let end = to;
    if (end === starts[session]) {
      const parent = parents[session] as number;
      if (parent < 0) return;
      session = sessions[parent] as number;
      end = parent + 1;
    }
    for (let at = covered[session] as number; at < end; at++) {
      visit(next, { from: at, to, by: "session" });
    }
    covered[session] = Math.max(end, covered[session] as number);
  };
  while (border.length > 0 && isSeen[from] === 0) {
    const next: number[] = [];
    for (const operation of border) {
      visitEarlier(next, operation);
      const source = sources[operation] as number;
      if (source >= 0 && paths.follows(operation)) {
        visit(next, { from: source, to: operation, by: "reads" });
      }
      for (const edge of derived?.into(operation) ?? []) {
        if (derived === undefined || edge >= derived.limit) continue;
        const { froms } = derived.list;
        visit(next, { from: froms[edge] as number, to: operation, by: "derived", derived: edge });
      }
    }
    border = next;
  }
  if (isSeen[from] === 0) return undefined;
  const chain: Step[] = [];
  let at = from;
  do {
    const step = steps.get(at) as Step;
    chain.push(step);
    at = step.to;
  } while (at !== to);
  return chain;
}
