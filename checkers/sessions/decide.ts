/**
 * Decides session guarantees: whatever order of all writes keeps what they force explains every
 * read, and if what they force has a cycle, nothing does. Linear.
 */
import { createDigraph, topologicalOrder } from "../../src/graph/digraph.js";
import { shortestCycle } from "../../src/graph/shortest-cycle.js";
import type { SessionGuarantee } from "../../src/verdict/certificate.js";
import type { Registers } from "../causal/layout.js";
import type { ProofEdge, Refutation } from "../causal/proof.js";
import type { Answer } from "../causal/resolve.js";
import { NOTHING, NOWHERE } from "../causal/sources.js";
import type { Meter } from "../linearizable/meter.js";
import { orderByInvocation } from "./by-invocation.js";
import { ForcedOrder } from "./forced-order.js";

/** What it takes for each node of a graph to find a short cycle. */
const CYCLE_BYTES = 36;

/** Writes in an order that explains every read; or why there is none. @throws LimitReached */
export function decideSessions(
  registers: Registers,
  guarantees: readonly SessionGuarantee[],
  meter: Meter,
): Answer<Int32Array, Refutation> {
  const { count, isWrite, sources, keyCount } = registers;
  const nowhere = sources.indexOf(NOWHERE);
  if (nowhere !== -1) {
    const refutation = { pattern: "thin-air-read", edges: [], path: [], read: nowhere };
    return { kind: "refuted", refutation };
  }
  meter.spend(count);
  const columns = 4 * count + 12 * keyCount;
  meter.reserve(columns);
  const invoked = orderByInvocation(registers, new Set(guarantees));
  meter.release(columns);
  if (invoked !== undefined) return { kind: "explained", explained: invoked };
  let bytes = 60 * count;
  meter.reserve(bytes);
  try {
    meter.spend(count);
    const forced = new ForcedOrder(registers, guarantees);
    const { stale } = forced;
    if (stale !== undefined) {
      const { write: from, read, via } = stale;
      const edges: ProofEdge[] = [];
      const path = steps(edges, { from, to: read, via });
      const pattern = via === NOTHING ? "read-your-writes" : "monotonic-reads";
      return { kind: "refuted", refutation: { pattern, edges, path, read } };
    }
    meter.spend(forced.edges.length);
    const graph = createDigraph(forced.nodes, forced.edges);
    const order = topologicalOrder(graph);
    if (order.length === forced.nodes) {
      const explained = order.filter((node) => node < count && isWrite[node] === 1);
      return { kind: "explained", explained };
    }
    const walk = CYCLE_BYTES * forced.nodes;
    meter.reserve(walk);
    bytes += walk;
    return { kind: "refuted", refutation: refuted(count, forced, shortestCycle(graph) ?? []) };
  } finally {
    meter.release(bytes);
  }
}

/** A cycle without gatherings, each edge with what it rests on. */
function refuted(count: number, forced: ForcedOrder, cycle: readonly number[]): Refutation {
  const { froms, tos } = forced.edges;
  const begin = cycle.findIndex((edge) => (froms[edge] as number) < count);
  const edges: ProofEdge[] = [];
  const path: number[] = [];
  const patterns = new Set<string>();
  let first = NOTHING;
  for (const edge of [...cycle.slice(begin), ...cycle.slice(0, begin)]) {
    if (first === NOTHING) first = edge;
    if ((tos[edge] as number) >= count) continue;
    const from = froms[first] as number;
    const to = tos[edge] as number;
    const via = forced.vias.at(first);
    const read = forced.reads.at(edge);
    first = NOTHING;
    if (read !== NOTHING) {
      patterns.add(via === NOTHING ? "read-your-writes" : "monotonic-reads");
      const inner = steps(edges, { from, to: read, via });
      path.push(edges.push({ from, to, by: "visible", read, path: inner }) - 1);
    } else if (via === NOTHING) {
      patterns.add("monotonic-writes");
      path.push(edges.push({ from, to, by: "session" }) - 1);
    } else {
      patterns.add("writes-follow-reads");
      const inner = steps(edges, { from, to, via });
      path.push(edges.push({ from, to, by: "follows", path: inner }) - 1);
    }
  }
  return { pattern: [...patterns].toSorted().join("-and-"), edges, path };
}

/** How a session knows of a write: it is its own, or `via` read it before (or is what knows it). */
function steps(
  edges: ProofEdge[],
  { from, to, via }: { readonly from: number; readonly to: number; readonly via: number },
): readonly number[] {
  if (via === NOTHING) return [edges.push({ from, to, by: "session" }) - 1];
  const reads = edges.push({ from, to: via, by: "reads" }) - 1;
  return via === to ? [reads] : [reads, edges.push({ from: via, to, by: "session" }) - 1];
}
