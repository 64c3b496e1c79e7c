/**
 * Update serializability (Adya 1999, chapter 4, PL-3U; Hansdah & Patnaik 1986): the transactions
 * that write are serializable, and so are they with each that only reads, one at a time. Two
 * readers may disagree about the order of writers who have nothing to do with one another.
 *
 * Where all dependencies are known, as of lists, and of registers once an order of versions was
 * found, whoever only reads and lies on no cycle fits into one order with all who write; each other
 * reader is put into an order with them alone, or closes a cycle.
 */
import { topologicalOrder } from "../../src/graph/digraph.js";
import { componentsOf } from "../../src/graph/components.js";
import {
  createLabelledDigraph,
  LabelledEdges,
  type LabelledDigraph,
} from "../../src/graph/labelled-digraph.js";
import { FAIL, NONE, OK } from "../../src/history/history.js";
import { partOf } from "./analyze.js";
import { findCycles, type Cycle, type Time } from "./cycles.js";
import { PROCESS, WW, type Dependencies } from "./dependencies.js";
import { READ } from "./layout.js";

/** What is known of the level: an order for each reader, a cycle, or neither. */
export type UpdateOrders =
  | {
      readonly order: readonly number[];
      /** Who does not fit into it: each with an order of its own. */
      readonly readers: readonly { readonly reader: number; readonly order: readonly number[] }[];
      /** Where sessions or real time are kept: an order of all that shows a consistent view. */
      readonly view?: readonly number[];
    }
  | { readonly cycles: readonly Cycle[] }
  | undefined;

/** Transactions, and a graph of all their dependencies. */
export interface Known {
  readonly dependencies: Pick<Dependencies, "transactions" | "happened" | "unordered">;
  readonly graph: LabelledDigraph;
}

/** Orders of readers have at most so many entries together. */
const ENTRIES_MAX = 2_000_000;

/** Decides the level where nothing was found; `check` throws to end it. */
export function updateOrders(known: Known, time: Time, check: () => void): UpdateOrders {
  const { transactions, happened, unordered } = known.dependencies;
  const { count } = transactions;
  const isReader = readersOf(known);
  const whole = withSessions(partOf(known.graph, "G2", time), { known, time, isReader });
  const { of, sizes } = componentsOf(whole);
  const apart: number[] = [];
  for (let each = 0; each < count; each++) {
    if (isReader[each] === 1 && (sizes[of[each] as number] as number) > 1) apart.push(each);
  }
  const out = new Uint8Array(whole.count);
  for (const each of apart) out[each] = 1;
  const rest = without(whole, (node) => out[node] === 1);
  const most = withNeighbours(rest, { known, time, out });
  const order = orderOf(most, happened, out);
  if (order === undefined) return cyclesOf(most, known);
  if (apart.length * order.length > ENTRIES_MAX) return undefined;
  // Nobody knows who came first of those that wrote what nobody read: the order says.
  const places = new Map(order.map((each, place) => [each, place]));
  const settled = edgesOf(whole);
  for (const group of unordered) {
    const sorted = group.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
    for (let at = 1; at < sorted.length; at++) {
      settled.add(sorted[at - 1] as number, sorted[at] as number, WW);
    }
  }
  const graph = createLabelledDigraph(whole.count, settled);
  const readers: { reader: number; order: readonly number[] }[] = [];
  for (const reader of apart) {
    check();
    const isOut = (node: number): boolean => isReader[node] === 1 && node !== reader;
    const left = Uint8Array.from({ length: whole.count }, (_, node) => (isOut(node) ? 1 : 0));
    const own = orderOf(without(graph, isOut), happened, left);
    if (own === undefined) return cyclesOf(without(whole, isOut), known);
    readers.push({ reader, order: own });
  }
  if (time === "" || apart.length === 0) return { order, readers };
  const view = orderOf(partOf(graph, "G1c", time), happened, new Uint8Array(graph.count));
  return view === undefined ? undefined : { order, readers, view };
}

/** Transaction → 1 when it completed and wrote nothing. */
function readersOf({ dependencies, graph }: Known): Uint8Array {
  const { count, starts, kinds, outcomes } = dependencies.transactions;
  const isReader = new Uint8Array(graph.count);
  for (let each = 0; each < count; each++) {
    const micro = kinds.subarray(starts[each], starts[each + 1]);
    if (outcomes[each] === OK && micro.every((kind) => kind === READ)) isReader[each] = 1;
  }
  return isReader;
}

/** With the order of sessions between each that reads and those that write, whoever is between. */
function withSessions(
  graph: LabelledDigraph,
  about: { readonly known: Known; readonly time: Time; readonly isReader: Uint8Array },
): LabelledDigraph {
  const { known, time, isReader } = about;
  if (time === "") return graph;
  const edges = edgesOf(graph);
  /** Process → its last transaction that wrote, and those since that only read. */
  const last = new Map<number, { readonly wrote: number; readonly readers: number[] }>();
  for (const [process, each] of sessionsOf(known)) {
    const { wrote, readers } = last.get(process) ?? { wrote: NONE, readers: [] };
    if (wrote !== NONE) edges.add(wrote, each, PROCESS);
    if (isReader[each] === 1) {
      readers.push(each);
      last.set(process, { wrote, readers });
      continue;
    }
    for (const reader of readers) edges.add(reader, each, PROCESS);
    const isOk = known.dependencies.transactions.outcomes[each] === OK;
    last.set(process, isOk ? { wrote: each, readers: [] } : { wrote, readers });
  }
  return createLabelledDigraph(graph.count, edges);
}

/** Between those that stay, one after the other in their session. */
function withNeighbours(
  graph: LabelledDigraph,
  about: { readonly known: Known; readonly time: Time; readonly out: Uint8Array },
): LabelledDigraph {
  const { known, time, out } = about;
  if (time === "") return graph;
  const edges = edgesOf(graph);
  const last = new Map<number, number>();
  for (const [process, each] of sessionsOf(known)) {
    if (out[each] === 1) continue;
    const before = last.get(process);
    if (before !== undefined) edges.add(before, each, PROCESS);
    if (known.dependencies.transactions.outcomes[each] === OK) last.set(process, each);
  }
  return createLabelledDigraph(graph.count, edges);
}

/** The transactions that happened, each with its process, in the order of their invocations. */
function* sessionsOf({ dependencies }: Known): Iterable<[number, number]> {
  const { transactions, happened } = dependencies;
  const { count, processes, outcomes } = transactions;
  for (let each = 0; each < count; each++) {
    if (happened[each] === 0 || outcomes[each] === FAIL) continue;
    yield [processes[each] as number, each];
  }
}

/** The edges of a graph, to add others to. */
export function edgesOf({ count, starts, targets, labels }: LabelledDigraph): LabelledEdges {
  const edges = new LabelledEdges();
  for (let from = 0; from < count; from++) {
    for (let place = starts[from] as number; place < (starts[from + 1] as number); place++) {
      edges.add(from, targets[place] as number, labels[place] as number);
    }
  }
  return edges;
}

/** The same nodes, without the edges of some. */
export function without(graph: LabelledDigraph, isOut: (node: number) => boolean): LabelledDigraph {
  const { count, starts, targets, labels } = graph;
  const edges = new LabelledEdges();
  for (let from = 0; from < count; from++) {
    if (isOut(from)) continue;
    for (let place = starts[from] as number; place < (starts[from + 1] as number); place++) {
      const to = targets[place] as number;
      if (!isOut(to)) edges.add(from, to, labels[place] as number);
    }
  }
  return createLabelledDigraph(count, edges);
}

/** Transactions that happened and are not left out, in an order that all edges keep. */
function orderOf(
  graph: LabelledDigraph,
  happened: Uint8Array,
  out: Uint8Array,
): readonly number[] | undefined {
  const order = topologicalOrder(graph);
  if (order.length < graph.count) return undefined;
  return Array.from(order.filter((node) => happened[node] === 1 && out[node] === 0));
}

function cyclesOf(graph: LabelledDigraph, { dependencies }: Known): UpdateOrders {
  const { transactions } = dependencies;
  const { cycles } = findCycles(graph, {
    count: transactions.count,
    isCertain: (each) => transactions.outcomes[each] === OK,
  });
  return cycles.length === 0 ? undefined : { cycles };
}
