/** One problem from its graph to an order or a refutation. */
import type { Meter } from "../../linearizable/meter.js";
import { firstOrder } from "./first-order.js";
import { knownGraph, type KeptTime, type ListEdges } from "./known-graph.js";
import { OrderedGraph } from "./ordered-graph.js";
import type { Problem } from "./problem.js";
import { refutationByCycle, refutationOf, type Refutation } from "./refutation.js";
import { Search } from "./search.js";

/** How a problem ended: `order` names transactions, twice where snapshots are ordered. */
export type Solved =
  | { readonly order: readonly number[]; readonly refutation?: undefined }
  | { readonly refutation: Refutation };

/** What is asked of every problem of a history. */
export interface Question {
  readonly time: KeptTime;
  readonly lists: ListEdges | undefined;
  readonly meter: Meter;
  /** Told of what a search does, before it begins. */
  readonly watch?: (search: Search) => void;
}

/** What a member, and each of its reads and writes, takes here, about. */
const MEMBER_BYTES = 250;
const ACCESS_BYTES = 120;

/** Decides a problem. @throws LimitReached */
export function solve(problem: Problem, { time, lists, meter, watch }: Question): Solved {
  const accesses = problem.reads.length + problem.keyOf.length;
  const bytes = MEMBER_BYTES * problem.members.length + ACCESS_BYTES * accesses;
  meter.reserve(bytes);
  try {
    const graph = knownGraph(problem, time, lists);
    meter.check();
    const first = firstOrder(graph);
    meter.check();
    if (first.cycle !== undefined) return { refutation: refutationByCycle(graph, first.cycle) };
    const search = new Search(new OrderedGraph(graph, first.nodes, meter), meter);
    watch?.(search);
    try {
      if (!search.run()) return { refutation: refutationOf(search) };
      return { order: orderOf(search.ordered) };
    } finally {
      search.release();
    }
  } finally {
    meter.release(bytes);
  }
}

function orderOf({ nodes, graph }: OrderedGraph): readonly number[] {
  const { memberNodes, problem } = graph;
  const order: number[] = [];
  for (const node of nodes) {
    if (node >= memberNodes) continue;
    order.push(problem.members[problem.isSnapshot ? node >> 1 : node] as number);
  }
  return order;
}
