/**
 * Why operations must come in an order: the edges of the graph that say so, and what those were
 * derived from, down to what processes did and who read from whom.
 */
import { NONE } from "../../src/history/history.js";
import type { Edge, Graph } from "./register-graph.js";

/**
 * The operations that show a cycle: walks from process to process over what each one waits for,
 * then replaces each derived edge by what it was derived from.
 */
export function explainCycle(graph: Graph, stuck: readonly number[]): readonly number[] {
  const { edges, into, chainOf, places } = graph;
  const firstOf = new Map(stuck.map((one) => [chainOf[one] as number, one]));
  const waitsFor = (operation: number): number =>
    (into[operation] as readonly number[]).find((number) => {
      const { from } = edges[number] as Edge;
      const first = firstOf.get(chainOf[from] as number);
      return first !== undefined && (places[from] as number) >= (places[first] as number);
    }) as number;
  const visited: number[] = [];
  let at = stuck[0] as number;
  while (!visited.includes(at)) {
    visited.push(at);
    const { from } = edges[waitsFor(at)] as Edge;
    at = firstOf.get(chainOf[from] as number) as number;
  }
  return nameAll(graph, visited.slice(visited.indexOf(at)).map(waitsFor));
}

/** The operations that show why each of these precedes the other, by the clocks of all. */
export function explainOrders(
  graph: Graph,
  before: Int32Array,
  orders: readonly Order[],
): readonly number[] {
  const limit = graph.edges.length;
  return nameAll(
    graph,
    orders.flatMap((order) => pathOf(graph, order, { limit, before })),
    before,
  );
}

/** One operation precedes another. */
interface Order {
  readonly from: number;
  readonly to: number;
}

/** The ends of edges, and of what they were derived from. */
function nameAll(graph: Graph, numbers: readonly number[], before?: Int32Array): readonly number[] {
  const { edges, into } = graph;
  const left = [...numbers];
  const named = new Set<number>();
  const explained = new Set<number>();
  while (left.length > 0) {
    const number = left.pop() as number;
    if (explained.has(number)) continue;
    explained.add(number);
    const { from, to, because } = edges[number] as Edge;
    named.add(from).add(to);
    if (because === undefined) continue;
    named.add(because.from).add(because.to).add(because.read);
    left.push(...pathOf(graph, because, { limit: number, before }));
    // The read's own write, by its first edge.
    left.push(...(into[because.read] as readonly number[]).slice(0, 1));
  }
  return [...named].sort((a, b) => a - b);
}

/**
 * The edges of a shortest path, other than program order, among those that came before `limit`; the
 * clocks tell where none can lead.
 */
function pathOf(
  { edges, into, chains, chainOf, places }: Graph,
  { from, to }: Order,
  { limit, before }: { readonly limit: number; readonly before: Int32Array | undefined },
): readonly number[] {
  const column = chainOf[from] as number;
  const isBehind = (operation: number): boolean =>
    operation === from ||
    before === undefined ||
    (before[operation * chains.length + column] as number) >= (places[from] as number);
  /** Operation → the edge taken backwards to get there, or `NONE` for program order; and whence. */
  const came = new Map<number, { readonly edge: number; readonly whence: number }>();
  let border = [to];
  while (border.length > 0 && !came.has(from)) {
    const next: number[] = [];
    for (const operation of border) {
      const place = places[operation] as number;
      const previous = chains[chainOf[operation] as number]?.[place - 2];
      if (previous !== undefined && !came.has(previous) && isBehind(previous)) {
        came.set(previous, { edge: NONE, whence: operation });
        next.push(previous);
      }
      for (const number of into[operation] as readonly number[]) {
        const source = (edges[number] as Edge).from;
        if (number >= limit || came.has(source) || !isBehind(source)) continue;
        came.set(source, { edge: number, whence: operation });
        next.push(source);
      }
    }
    border = next;
  }
  const path: number[] = [];
  for (let at = from; at !== to || path.length === 0;) {
    const step = came.get(at);
    if (step === undefined) break;
    if (step.edge !== NONE) path.push(step.edge);
    at = step.whence;
    if (at === to) break;
  }
  return path;
}
