/**
 * Orders operations as the constraints say (Kahn 1962), or finds a short cycle that forbids it.
 * Linear; a cycle costs a breadth-first search for each of a few edges that lie on one.
 */
import { componentsOf } from "../../../src/graph/components.js";
import { createDigraph, EdgeList, type Digraph } from "../../../src/graph/digraph.js";
import type { Meter } from "../../linearizable/meter.js";
import { FOLLOWS, LACKS, SESSION, SHOWS, type CollectionStep, type Constraints } from "./steps.js";

/** As many edges on cycles are tried for the shortest one. */
const TRIES_MAX = 32;

/** An order of all operations; undefined when there is none. @throws LimitReached */
export function orderOf(constraints: Constraints, meter: Meter): Int32Array | undefined {
  const { nodes, edges, collections } = constraints;
  meter.spend(nodes + edges.length);
  const bytes = 16 * nodes + 20 * edges.length;
  meter.reserve(bytes);
  const { starts, targets } = createDigraph(nodes, edges);
  const waitsFor = new Int32Array(nodes);
  for (const target of targets) waitsFor[target] = (waitsFor[target] as number) + 1;
  for (let node = 0; node < collections.count; node++) {
    if (constraints.hasNext(node)) waitsFor[node + 1] = (waitsFor[node + 1] as number) + 1;
  }
  const order = new Int32Array(nodes);
  let end = 0;
  const free = (node: number): void => {
    const left = (waitsFor[node] as number) - 1;
    waitsFor[node] = left;
    if (left === 0) order[end++] = node;
  };
  for (let node = 0; node < nodes; node++) if (waitsFor[node] === 0) order[end++] = node;
  for (let at = 0; at < end; at++) {
    const node = order[at] as number;
    if (constraints.hasNext(node)) free(node + 1);
    for (let place = starts[node] as number; place < (starts[node + 1] as number); place++) {
      free(targets[place] as number);
    }
  }
  meter.release(bytes);
  if (end < nodes) return undefined;
  return order.filter((node) => node < collections.count);
}

/** A cycle, for constraints that have one. */
export function cycleIn(constraints: Constraints): readonly CollectionStep[] {
  const { nodes, edges, collections } = constraints;
  const all = new EdgeList();
  for (let edge = 0; edge < edges.length; edge++) {
    all.add(edges.froms[edge] as number, edges.tos[edge] as number);
  }
  for (let node = 0; node < collections.count; node++) {
    if (constraints.hasNext(node)) all.add(node, node + 1);
  }
  const { of } = componentsOf(createDigraph(nodes, all));
  const graph = createDigraph(nodes, edges);
  let shortest: readonly CollectionStep[] | undefined;
  let tries = 0;
  for (let edge = 0; edge < edges.length && tries < TRIES_MAX; edge++) {
    const from = edges.froms[edge] as number;
    const to = edges.tos[edge] as number;
    // Begun at an operation, so that what is gathered is not taken apart.
    if (of[from] !== of[to] || from >= collections.count) continue;
    tries++;
    const way = from === to ? [] : shortestWay({ constraints, graph }, to, from);
    if (way === undefined) continue;
    const found = inSteps([{ from, to, edge }, ...way], constraints);
    if (found.length < (shortest?.length ?? Infinity)) shortest = found;
  }
  if (shortest === undefined) throw new Error("no cycle among operations that have no order");
  return shortest;
}

/** The steps from one operation to another. */
export function wayFrom(
  constraints: Constraints,
  from: number,
  to: number,
): readonly CollectionStep[] {
  const graph = createDigraph(constraints.nodes, constraints.edges);
  const way = shortestWay({ constraints, graph }, from, to);
  if (way === undefined) throw new Error("no way between operations of which one precedes");
  return inSteps(way, constraints);
}

/** One edge; -1 for the order of a session, which may skip operations. */
interface Hop {
  readonly from: number;
  readonly to: number;
  readonly edge: number;
}

/** Breadth first; all that a session does later is one hop away. */
function shortestWay(
  { constraints, graph }: { readonly constraints: Constraints; readonly graph: Digraph },
  from: number,
  to: number,
): readonly Hop[] | undefined {
  const { sessions, starts: firsts, count } = constraints.collections;
  const hops = new Map<number, Hop>();
  /** Session → its operations from here on have been seen. */
  const covered = new Map<number, number>();
  let border = [from];
  const visit = (next: number[], hop: Hop): void => {
    if (hops.has(hop.to) || hop.to === from) return;
    hops.set(hop.to, hop);
    next.push(hop.to);
  };
  while (border.length > 0 && !hops.has(to)) {
    const next: number[] = [];
    for (const node of border) {
      const end = graph.starts[node + 1] as number;
      for (let place = graph.starts[node] as number; place < end; place++) {
        const target = graph.targets[place] as number;
        visit(next, { from: node, to: target, edge: graph.edges[place] as number });
      }
      if (node >= count || !constraints.hasSessions) continue;
      const session = sessions[node] as number;
      const until = (covered.get(session) ?? firsts[session + 1]) as number;
      for (let later = node + 1; later < until; later++) {
        visit(next, { from: node, to: later, edge: -1 });
      }
      covered.set(session, Math.min(node + 1, until));
    }
    border = next;
  }
  const way: Hop[] = [];
  for (let at = to; at !== from;) {
    const hop = hops.get(at);
    if (hop === undefined) return undefined;
    way.push(hop);
    at = hop.from;
  }
  return way.toReversed();
}

/** Hops as steps between operations, those within a session taken together. */
function inSteps(way: readonly Hop[], constraints: Constraints): readonly CollectionStep[] {
  const { collections, reasons } = constraints;
  const steps: CollectionStep[] = [];
  let from = way[0]?.from as number;
  let first: number | undefined;
  for (const { to, edge } of way) {
    first ??= edge === -1 ? SESSION : reasons[edge];
    if (to >= collections.count) continue;
    const reason = first as number;
    if (reason <= FOLLOWS) {
      const read = FOLLOWS - reason;
      push(steps, { from, to: read, by: "shows" });
      push(steps, { from: read, to, by: "session" });
    } else push(steps, stepOf(from, to, reason));
    from = to;
    first = undefined;
  }
  return steps;
}

function push(steps: CollectionStep[], step: CollectionStep): void {
  const last = steps.at(-1);
  if (last?.by === "session" && step.by === "session") {
    steps[steps.length - 1] = { from: last.from, to: step.to, by: "session" };
  } else steps.push(step);
}

function stepOf(from: number, to: number, reason: number): CollectionStep {
  if (reason === SHOWS) return { from, to, by: "shows" };
  if (reason === LACKS) return { from, to, by: "lacks" };
  return reason === SESSION
    ? { from, to, by: "session" }
    : { from, to, by: "listed", read: reason };
}
