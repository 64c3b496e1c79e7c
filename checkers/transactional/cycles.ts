/**
 * Cycles of dependencies: which classes there are, decided exactly, and examples of each, the
 * shortest of all first, from different components. Only what lies on a cycle is looked at more
 * than once, and everything but the search for short examples is linear in it
 * (single-dependency.ts says what is not); the search has a budget, within which the first cycle of
 * a class is always found.
 */
import { componentsOf, type Components } from "../../src/graph/components.js";
import {
  subgraphOf,
  type LabelledDigraph,
  type Subgraph,
} from "../../src/graph/labelled-digraph.js";
import {
  CYCLE_CLASSES,
  CycleSearch,
  FOLLOWING,
  type CycleClass,
  type Step,
} from "./cycle-search.js";
import { CONTINUES, PROCESS, REALTIME, RW, UPDATE, WR, WW } from "./dependencies.js";
import { snapshotGraph } from "./snapshot-graph.js";
import { shortestCycles, type AllShortest } from "./shortest-cycles.js";
import { edgesOnCycles, type EdgeAt } from "./single-dependency.js";

/** Which edges of time a class may use, beside dependencies. */
export const TIMES = ["", "process", "realtime"] as const;
export type Time = (typeof TIMES)[number];

/** The kinds of edges of time. */
export const TIME_EDGES: { readonly [time in Time]: number } = {
  "": 0,
  process: PROCESS,
  realtime: PROCESS | REALTIME,
};

/** A cycle of transactions. */
export interface Cycle {
  readonly class: CycleClass;
  readonly time: Time;
  readonly steps: readonly Step[];
  /**
   * Whether none of its component is shorter, and of the first one of its class none at all;
   * false when the budget ended first.
   */
  readonly isShortest: boolean;
}

/** Whether some cycle uses, beside the edges of time: only ww; ww and wr; and so on. */
export interface Phenomena {
  readonly ww: boolean;
  readonly wwWr: boolean;
  /** Beside ww and wr only the rw of transactions that wrote the same key. */
  readonly updates: boolean;
  /** At most one rw; undefined when the budget ended first. */
  readonly oneRw: boolean | undefined;
  /** No rw after an rw. */
  readonly noRwRw: boolean;
  readonly any: boolean;
}

/** What there is. */
export interface Found {
  readonly phenomena: { readonly [time in Time]: Phenomena };
  readonly cycles: readonly Cycle[];
  /** Transactions and nodes between that lie on cycles, in how many components. */
  readonly nodes: number;
  readonly components: number;
}

/** So many cycles of each class are told, of a component each. */
const EXAMPLES_MAX = 4;
/** Edges that the search for short cycles looks at, for each class: so many times all, and more. */
const WORK_PER_EDGE = 4;
const WORK_MORE = 1_000_000;
const SINGLE_WORK_MAX = 500_000_000;

/** Which nodes are transactions: the first ones; and which of these completed `ok`. */
export interface TransactionNodes {
  readonly count: number;
  readonly isCertain: (transaction: number) => boolean;
}

/**
 * Looks for cycles. Where reads of uncommitted data are allowed, who is seen need not have
 * happened: so the phenomenon of ww alone is about transactions that completed.
 */
export function findCycles(whole: LabelledDigraph, transactions: TransactionNodes): Found {
  const { of, sizes } = componentsOf(whole);
  const nodes = nodesWhere(whole.count, (node) => (sizes[of[node] as number] as number) > 1);
  const graph = subgraphOf(whole, nodes, () => true);
  const { count, isCertain } = transactions;
  const search = new Search(graph, {
    isTransaction: (node) => (nodes[node] as number) < count,
    isCertain: (node) => (nodes[node] as number) >= count || isCertain(nodes[node] as number),
  });
  const phenomena = {
    "": search.look(""),
    process: search.look("process"),
    realtime: search.look("realtime"),
  };
  const cycles = inOrder(search.cycles).map(({ class: name, time, steps, isShortest }): Cycle => ({
    class: name,
    time,
    isShortest,
    steps: steps.map(({ from, to, kind }) => ({
      from: nodes[from] as number,
      to: nodes[to] as number,
      kind,
    })),
  }));
  const components = sizes.filter((size) => size > 1).length;
  return { phenomena, cycles, nodes: nodes.length, components };
}

/** What is there where nothing is. */
export const NO_CYCLES: Phenomena = {
  ww: false,
  wwWr: false,
  updates: false,
  oneRw: false,
  noRwRw: false,
  any: false,
};

class Search {
  readonly cycles: Cycle[] = [];
  readonly #graph: Subgraph;
  readonly #all: Int32Array;
  readonly #search: CycleSearch;
  readonly #isTransaction: (node: number) => boolean;
  readonly #isCertain: (node: number) => boolean;
  /** Class → nodes of cycles that were found with less time: they need not be found again. */
  readonly #known = new Map<CycleClass, Uint8Array>();

  constructor(
    graph: Subgraph,
    about: {
      readonly isTransaction: (node: number) => boolean;
      readonly isCertain: (node: number) => boolean;
    },
  ) {
    this.#graph = graph;
    this.#all = nodesWhere(graph.count, () => true);
    this.#search = new CycleSearch(graph);
    this.#isTransaction = about.isTransaction;
    this.#isCertain = about.isCertain;
    for (const name of CYCLE_CLASSES) this.#known.set(name, new Uint8Array(graph.count));
  }

  look(time: Time): Phenomena {
    if (this.#graph.count === 0) return NO_CYCLES;
    const all = this.#part(WW | WR | RW, time);
    const any = componentsOf(all);
    if (!isCyclic(any)) return NO_CYCLES;
    const ww = componentsOf(this.#part(FOLLOWING.G0, time));
    const certain = componentsOf(this.#part(FOLLOWING.G0, time, this.#isCertain));
    const visible = this.#part(FOLLOWING.G1c, time);
    const wwWr = componentsOf(visible);
    const snapshots = componentsOf(snapshotGraph(all, this.#isTransaction));
    const noRwRw = isCyclic(snapshots);
    if (isCyclic(certain)) {
      const edges = this.#edges(WW, certain.of);
      this.#findIn("G0", time, { of: certain.of, edges });
    }
    if (isCyclic(ww)) this.#findIn("G0", time, { of: ww.of, edges: this.#edges(WW, ww.of) });
    if (isCyclic(wwWr)) this.#findIn("G1c", time, { of: wwWr.of, edges: this.#edges(WR, wwWr.of) });
    const updating = componentsOf(this.#part(FOLLOWING["G-cursor"], time));
    const updates = isCyclic(updating);
    if (updates) {
      const edges = this.#edges(UPDATE, updating.of);
      this.#findIn("G-cursor", time, { of: updating.of, edges });
    }
    let oneRw: boolean | undefined = isCyclic(wwWr);
    if (noRwRw) {
      if (oneRw) {
        this.#findIn("G-single", time, { of: any.of, edges: this.#edges(RW, any.of) });
      } else {
        const { found, whole } = this.#single(all, visible);
        oneRw = found.length > 0 ? true : whole ? false : undefined;
        // What is known to lie on a cycle comes first, so that one is found in any case.
        const edges = whole ? found : [...found, ...this.#edges(RW, any.of)];
        this.#findIn("G-single", time, { of: any.of, edges });
      }
      const edges = this.#edges(RW, any.of).filter(
        ({ from, place }) =>
          snapshots.of[2 * from] === snapshots.of[2 * (this.#graph.targets[place] as number) + 1],
      );
      this.#findIn("G-nonadjacent", time, { of: any.of, edges });
    }
    this.#findIn("G2", time, { of: any.of, edges: this.#edges(RW, any.of) });
    return { ww: isCyclic(certain), wwWr: isCyclic(wwWr), updates, oneRw, noRwRw, any: true };
  }

  /** The graph with edges of these kinds and of time, all nodes kept, but some without edges. */
  #part(kinds: number, time: Time, isJoined?: (node: number) => boolean): Subgraph {
    const allowed = kinds | TIME_EDGES[time];
    const isKept = (label: number): boolean => label === CONTINUES || (label & allowed) !== 0;
    const { count } = this.#graph;
    const joined = isJoined === undefined ? this.#all : nodesWhere(count, isJoined);
    const part = subgraphOf(this.#graph, joined, isKept);
    return isJoined === undefined ? part : inPlace(part, count);
  }

  /** The rw edges with a path back that has none; their places are those of the whole graph. */
  #single(
    all: Subgraph,
    visible: Subgraph,
  ): { readonly found: readonly EdgeAt[]; readonly whole: boolean } {
    const limits = { max: 64, workMax: SINGLE_WORK_MAX };
    const { found, whole } = edgesOnCycles(all, visible, limits);
    return { whole, found: found.map((edge) => this.#sameEdge(all, edge)) };
  }

  #sameEdge(part: Subgraph, { from, place }: EdgeAt): EdgeAt {
    const { starts, targets, labels } = this.#graph;
    let at = starts[from] as number;
    while (targets[at] !== part.targets[place] || labels[at] !== part.labels[place]) at++;
    return { from, place: at };
  }

  /** Edges of a kind inside of components. */
  #edges(kind: number, of: Int32Array): readonly EdgeAt[] {
    const { count, starts, targets, labels } = this.#graph;
    const edges: EdgeAt[] = [];
    for (let from = 0; from < count; from++) {
      for (let place = starts[from] as number; place < (starts[from + 1] as number); place++) {
        if (labels[place] === kind && of[from] === of[targets[place] as number]) {
          edges.push({ from, place });
        }
      }
    }
    return edges;
  }

  /**
   * Finds the shortest cycle of a class in components that have none with less time. Where there
   * is one, a shorter one that also needs this time may be in another component.
   */
  #findIn(
    name: CycleClass,
    time: Time,
    where: { readonly of: Int32Array; readonly edges: readonly EdgeAt[] },
  ): void {
    const known = this.#known.get(name) as Uint8Array;
    const { of } = where;
    const done = new Set<number>();
    for (let node = 0; node < known.length; node++) {
      if (known[node] === 1) done.add(of[node] as number);
    }
    const byComponent = new Map<number, EdgeAt[]>();
    for (const edge of where.edges) {
      const component = of[edge.from] as number;
      const edges = byComponent.get(component);
      if (edges === undefined) byComponent.set(component, [edge]);
      else edges.push(edge);
    }
    const parts = [...byComponent];
    const question = {
      class: name,
      time: TIME_EDGES[time],
      needs: NEEDED[time],
      components: of,
      workMax: WORK_MORE + WORK_PER_EDGE * this.#graph.targets.length,
    };
    const take = (isDone: boolean, lengthMax: number): AllShortest => {
      const taken = parts.filter(([component]) => done.has(component) === isDone);
      const edges = taken.map(([, each]) => each);
      return shortestCycles(this.#search, edges, { ...question, lengthMax });
    };
    const found = take(false, Infinity).cycles;
    for (const { steps } of found) for (const { from } of steps) known[from] = 1;
    const lengths = [
      ...this.cycles.filter((cycle) => cycle.class === name && cycle.time === time),
      ...found,
    ].map(({ steps }) => steps.length);
    if (lengths.length === 0) return;
    const { cycles: shorter, isWhole } = take(true, Math.min(...lengths) - 1);
    for (const each of [...shorter.slice(0, 1), ...found.slice(0, EXAMPLES_MAX)]) {
      const isShortest = each.isShortest && isWhole;
      this.cycles.push({ class: name, time, steps: each.steps, isShortest });
    }
  }
}

/** Kinds of edges without which a cycle would do with less time. */
const NEEDED: { readonly [time in Time]: number } = {
  "": 0,
  process: PROCESS,
  realtime: REALTIME,
};

/** Classes as they were found, the shortest cycle of each first. */
function inOrder(cycles: readonly Cycle[]): readonly Cycle[] {
  const nameOf = ({ class: name, time }: Cycle): string => `${name} ${time}`;
  const names = [...new Set(cycles.map(nameOf))];
  return cycles.toSorted(
    (a, b) =>
      names.indexOf(nameOf(a)) - names.indexOf(nameOf(b)) || a.steps.length - b.steps.length,
  );
}

/** A part of a graph with the numbers of the whole; nodes that it has not have no edges. */
function inPlace(part: Subgraph, count: number): Subgraph {
  const starts = new Int32Array(count + 1);
  for (let node = 0; node < part.count; node++) {
    const length = (part.starts[node + 1] as number) - (part.starts[node] as number);
    starts[(part.nodes[node] as number) + 1] = length;
  }
  for (let node = 0; node < count; node++) {
    starts[node + 1] = (starts[node + 1] as number) + (starts[node] as number);
  }
  const targets = part.targets.map((target) => part.nodes[target] as number);
  const nodes = Int32Array.from({ length: count }, (_, node) => node);
  return { count, starts, targets, labels: part.labels, nodes };
}

function isCyclic({ sizes }: Components): boolean {
  return sizes.some((size) => size > 1);
}

function nodesWhere(count: number, holds: (node: number) => boolean): Int32Array {
  const nodes: number[] = [];
  for (let node = 0; node < count; node++) if (holds(node)) nodes.push(node);
  return Int32Array.from(nodes);
}
