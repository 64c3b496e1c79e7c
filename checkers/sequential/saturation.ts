/**
 * What must come before what, for registers whose writes are unique: a fixed point of
 *
 * - program order, and each write before the reads of its value;
 * - a write w' that must precede a read of w precedes w (else the read would see w', or later);
 * - a write w' that w must precede follows every read of w (else that read would see w').
 *
 * Every order that explains the history contains these edges, so a cycle refutes it (Gibbons &
 * Korach 1997, section 4, for the reads-from mapping; the rules are those that Bouajjani et al.
 * 2017 and Zennou et al. 2019 saturate with). Without a cycle nothing is decided, but the search
 * need not try what the edges forbid.
 *
 * Reachability is a vector clock an operation: how many operations of each process must precede
 * it. For each read and process only the last write before it can add an edge that the others do
 * not imply. One round is O(operations × processes), rounds go on until nothing new is found.
 */
import { NONE } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import type { Layout } from "./layout.js";
import { explainCycle } from "./explain-order.js";
import { createGraph, type Edge, type Graph } from "./register-graph.js";
import type { Wants } from "./wants.js";

/** What came of it. */
export type Saturation =
  /** How many operations of each chain must precede each operation: rows, a column a chain. */
  | { readonly kind: "consistent"; readonly graph: Graph; readonly before: Int32Array }
  /** Operations that must precede one another, with those that show it. */
  | { readonly kind: "cyclic"; readonly operations: readonly number[] }
  /** Its preconditions do not hold, or it would cost too much. */
  | { readonly kind: "unsuitable" };

/**
 * Saturates; `initial` is the number of the state before everything. What the meter reserves for a
 * consistent graph is for the caller to release.
 *
 * @throws LimitReached
 */
export function saturate(
  layout: Layout,
  wants: Wants,
  { initial, meter }: { readonly initial: number; readonly meter: Meter },
): Saturation {
  meter.reserve(64 * layout.count);
  const graph = createGraph(layout, wants, initial);
  if (graph === undefined) return { kind: "unsuitable" };
  if ("thinAir" in graph) return { kind: "cyclic", operations: [graph.thinAir] };
  meter.reserve((8 * layout.count + 4 * layout.partNames.length) * graph.chains.length);
  return fixedPoint(graph, meter);
}

function fixedPoint(graph: Graph, meter: Meter): Saturation {
  const { layout, chains, edges } = graph;
  const columns = chains.length;
  const before = new Int32Array(layout.count * columns);
  /** The clocks as they were when edges were last derived from them. */
  const judged = new Int32Array(layout.count * columns);
  for (;;) {
    meter.spend(layout.count * columns);
    const stuck = clocks(graph, before);
    if (stuck !== undefined) return { kind: "cyclic", operations: explainCycle(graph, stuck) };
    const known = edges.length;
    derive(graph, before, { judged, meter });
    if (edges.length === known) return { kind: "consistent", graph, before };
  }
}

/**
 * Fills the clocks in topological order; answers the first operation of each chain that is on a
 * cycle, or behind one.
 */
function clocks(graph: Graph, before: Int32Array): readonly number[] | undefined {
  const { chains, chainOf, edges, into, places } = graph;
  const columns = chains.length;
  const done = new Int32Array(columns);
  const isReady = (operation: number): boolean =>
    (into[operation] as readonly number[]).every((number) => {
      const { from } = edges[number] as Edge;
      return (done[chainOf[from] as number] as number) >= (places[from] as number);
    });
  for (let progress = true; progress;) {
    progress = false;
    for (let process = 0; process < columns; process++) {
      const sequence = chains[process] as readonly number[];
      for (;;) {
        const at = done[process] as number;
        const operation = sequence[at];
        if (operation === undefined || !isReady(operation)) break;
        fillClock(graph, before, operation);
        done[process] = at + 1;
        progress = true;
      }
    }
  }
  const stuck = chains.flatMap((sequence, process) => sequence[done[process] as number] ?? []);
  return stuck.length === 0 ? undefined : stuck;
}

/** The clock of the operation before it in its process, and of all that must precede it. */
function fillClock(
  { chains, chainOf, places, into, edges }: Graph,
  before: Int32Array,
  operation: number,
): void {
  const columns = chains.length;
  const row = operation * columns;
  const process = chainOf[operation] as number;
  const at = (places[operation] as number) - 1;
  const previous = chains[process]?.[at - 1];
  if (previous === undefined) before.fill(0, row, row + columns);
  else before.copyWithin(row, previous * columns, (previous + 1) * columns);
  before[row + process] = at;
  for (const number of into[operation] as readonly number[]) {
    const { from } = edges[number] as Edge;
    const other = from * columns;
    for (let column = 0; column < columns; column++) {
      const count = before[other + column] as number;
      if (count > (before[row + column] as number)) before[row + column] = count;
    }
    const owner = row + (chainOf[from] as number);
    before[owner] = Math.max(before[owner] as number, places[from] as number);
  }
}

/** Adds the edges that the clocks imply by the two rules. */
function derive(
  graph: Graph,
  before: Int32Array,
  { judged, meter }: { readonly judged: Int32Array; readonly meter: Meter },
): void {
  const { layout, chains, chainOf, places, readsFrom, readers } = graph;
  const columns = chains.length;
  const { parts } = layout;
  const precedes = (one: number, other: number): boolean =>
    (places[one] as number) <= (before[other * columns + (chainOf[one] as number)] as number);
  const addEdge = (from: number, to: number, because: NonNullable<Edge["because"]>): void => {
    graph.into[to]?.push(graph.edges.push({ from, to, because }) - 1);
  };
  for (const operation of chains.flat()) {
    const source = readsFrom[operation] as number;
    const part = parts[operation] as number;
    meter.spend(columns);
    for (let process = 0; process < columns; process++) {
      const bound = before[operation * columns + process] as number;
      const entry = operation * columns + process;
      // The same clock has the same last write, and led to its edges already.
      if (bound === judged[entry]) continue;
      judged[entry] = bound;
      // What precedes the write that was read, too, is in order.
      if (source >= 0 && bound <= (before[source * columns + process] as number)) continue;
      const last = lastWrite(graph, part * columns + process, bound);
      if (last === NONE || last === operation) continue;
      if (source >= 0) {
        if (last === source || precedes(last, source)) continue;
        addEdge(last, source, { from: last, to: operation, read: operation });
      } else if (graph.isWrite[operation] === 1) {
        for (const read of readers.get(last) ?? []) {
          if (read === operation || precedes(read, operation)) continue;
          addEdge(read, operation, { from: last, to: operation, read });
        }
      }
    }
  }
}

/** The last write in a list whose place in its process is at most `bound`; `NONE` for none. */
function lastWrite({ writes, writeStarts, places }: Graph, list: number, bound: number): number {
  const start = writeStarts[list] as number;
  let low = start;
  let high = writeStarts[list + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[writes[middle] as number] as number) <= bound) low = middle + 1;
    else high = middle;
  }
  return low === start ? NONE : (writes[low - 1] as number);
}
