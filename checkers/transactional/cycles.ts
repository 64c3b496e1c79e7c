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
  /** Edge → the node from which it leads. */
  readonly #froms: Int32Array;
  readonly #search: CycleSearch;
  readonly #isTransaction: (node: number) => boolean;
  readonly #isCertain: (node: number) => boolean;
  /** Class → nodes of cycles that were found with less time: they need not be found again. */
  readonly #known = new Map<CycleClass, Uint8Array>();
  /** The same of G0 among those that surely happened. */
  readonly #knownCertain: Uint8Array;

  constructor(
    graph: Subgraph,
    about: {
      readonly isTransaction: (node: number) => boolean;
      readonly isCertain: (node: number) => boolean;
    },
  ) {
    this.#graph = graph;
    this.#froms = new Int32Array(graph.targets.length);
    for (let node = 0; node < graph.count; node++) {
      this.#froms.fill(node, graph.starts[node], graph.starts[node + 1]);
    }
    this.#search = new CycleSearch(graph);
    this.#isTransaction = about.isTransaction;
    this.#isCertain = about.isCertain;
    for (const name of CYCLE_CLASSES) this.#known.set(name, new Uint8Array(graph.count));
    this.#knownCertain = new Uint8Array(graph.count);
  }

  look(time: Time): Phenomena {
    if (this.#graph.count === 0) return NO_CYCLES;
    const any = this.#componentsOf(WW | WR | RW, time);
    if (!isCyclic(any)) return NO_CYCLES;
    // What has fewer kinds of edges has no cycle either.
    const updating = this.#componentsOf(FOLLOWING["G-cursor"], time);
    const updates = isCyclic(updating);
    const wwWr = updates ? this.#componentsOf(FOLLOWING.G1c, time) : undefined;
    const isVisible = wwWr !== undefined && isCyclic(wwWr);
    const ww = isVisible ? this.#componentsOf(FOLLOWING.G0, time) : undefined;
    let isCertain = false;
    if (ww !== undefined && isCyclic(ww)) {
      const certain = componentsOf(this.#certain(time));
      isCertain = isCyclic(certain);
      if (isCertain)
        this.#findIn("G0", time, { parts: certain, begins: this.#edges(WW), areCertain: true });
      this.#findIn("G0", time, { parts: ww, begins: this.#edges(WW) });
    }
    if (isVisible) this.#findIn("G1c", time, { parts: wwWr, begins: this.#edges(WR) });
    if (updates) this.#findIn("G-cursor", time, { parts: updating, begins: this.#edges(UPDATE) });
    const isKept = keptLabels(WW | WR | RW, time);
    const snapshots = componentsOf(snapshotGraph(this.#graph, this.#isTransaction, isKept));
    const noRwRw = isCyclic(snapshots);
    const begins = this.#edges(RW);
    let oneRw: boolean | undefined = isVisible;
    if (noRwRw) {
      if (oneRw) this.#findIn("G-single", time, { parts: any, begins });
      else {
        const { found, whole } = this.#single(time);
        oneRw = found.length > 0 ? true : whole ? false : undefined;
        // What is known to lie on a cycle comes first, so that one is found in any case.
        const edges = new Int32Array(found.length + (whole ? 0 : begins.length));
        edges.set(found.map(({ place }) => place));
        if (!whole) edges.set(begins, found.length);
        this.#findIn("G-single", time, { parts: any, begins: edges });
      }
      const isBeginning = (from: number, to: number): boolean =>
        snapshots.of[2 * from] === snapshots.of[2 * to + 1];
      this.#findIn("G-nonadjacent", time, { parts: any, begins, isBeginning });
    }
    this.#findIn("G2", time, { parts: any, begins });
    return { ww: isCertain, wwWr: isVisible, updates, oneRw, noRwRw, any: true };
  }

  /** What edges of these kinds and of time leave of the graph. */
  #componentsOf(kinds: number, time: Time): Components {
    return componentsOf(this.#graph, {
      labels: this.#graph.labels,
      isKept: keptLabels(kinds, time),
    });
  }

  /** The graph of ww and of time between those that completed; all nodes kept. */
  #certain(time: Time): Subgraph {
    const { count } = this.#graph;
    const isKept = keptLabels(FOLLOWING.G0, time);
    const joined = nodesWhere(count, this.#isCertain);
    return inPlace(
      subgraphOf(this.#graph, joined, (label) => isKept[label] === 1),
      count,
    );
  }

  /** The rw edges with a path back that has none. */
  #single(time: Time): { readonly found: readonly EdgeAt[]; readonly whole: boolean } {
    const isKept = keptLabels(FOLLOWING.G1c, time);
    const all = nodesWhere(this.#graph.count, () => true);
    const visible = subgraphOf(this.#graph, all, (label) => isKept[label] === 1);
    return edgesOnCycles(this.#graph, visible, { max: 64, workMax: SINGLE_WORK_MAX });
  }

  /** Where edges of a kind stand. */
  #edges(kind: number): Int32Array {
    const { labels } = this.#graph;
    const places = new Int32Array(labels.length);
    let length = 0;
    for (let place = 0; place < labels.length; place++) {
      if (labels[place] === kind) places[length++] = place;
    }
    return places.subarray(0, length);
  }

  /**
   * Finds the shortest cycle of a class in components that have none with less time. Where there
   * is one, a shorter one that also needs this time may be in another component.
   */
  #findIn(name: CycleClass, time: Time, where: Where): void {
    const all = this.#known.get(name) as Uint8Array;
    const known = where.areCertain === true ? this.#knownCertain : all;
    const { of, count } = where.parts;
    const isDone = new Uint8Array(count);
    for (let node = 0; node < known.length; node++) {
      if (known[node] === 1) isDone[of[node] as number] = 1;
    }
    const question = {
      class: name,
      time: TIME_EDGES[time],
      needs: NEEDED[time],
      components: of,
      workMax: WORK_MORE + WORK_PER_EDGE * this.#graph.targets.length,
    };
    const take = (done: number, lengthMax: number): AllShortest => {
      const edges = this.#beginnings(where, (part) => isDone[part] === done);
      return shortestCycles(this.#search, edges, { ...question, lengthMax });
    };
    const found = take(0, Infinity).cycles;
    for (const { steps } of found) for (const { from } of steps) known[from] = all[from] = 1;
    let least = Infinity;
    for (const cycle of this.cycles) {
      if (cycle.class === name && cycle.time === time) least = Math.min(least, cycle.steps.length);
    }
    for (const { steps } of found) least = Math.min(least, steps.length);
    if (least === Infinity) return;
    const { cycles: shorter, isWhole } = take(1, least - 1);
    for (const each of [...shorter.slice(0, 1), ...found.slice(0, EXAMPLES_MAX)]) {
      const isShortest = each.isShortest && isWhole;
      this.cycles.push({ class: name, time, steps: each.steps, isShortest });
    }
  }

  /** Edges with which a cycle inside of a part may begin, together by parts. */
  #beginnings(
    { parts, begins, isBeginning }: Where,
    isAsked: (part: number) => boolean,
  ): readonly EdgeAt[][] {
    const { of } = parts;
    const { targets } = this.#graph;
    const byPart = new Map<number, EdgeAt[]>();
    for (const place of begins) {
      const from = this.#froms[place] as number;
      const to = targets[place] as number;
      const part = of[from] as number;
      if (part !== of[to] || !isAsked(part)) continue;
      if (isBeginning !== undefined && !isBeginning(from, to)) continue;
      const edges = byPart.get(part);
      if (edges === undefined) byPart.set(part, [{ from, place }]);
      else edges.push({ from, place });
    }
    return [...byPart.values()];
  }
}

/** Where cycles of a class are looked for. */
interface Where {
  /** A cycle leaves none of these. */
  readonly parts: Components;
  /** Where the edges stand with which one may begin. */
  readonly begins: Int32Array;
  readonly isBeginning?: (from: number, to: number) => boolean;
  /** Whether only cycles of those that surely happened are looked for. */
  readonly areCertain?: boolean;
}

/** Label → 1 for edges of these kinds and of time. */
function keptLabels(kinds: number, time: Time): Uint8Array {
  const allowed = kinds | TIME_EDGES[time];
  return Uint8Array.from({ length: 256 }, (_, label) =>
    label === CONTINUES || (label & allowed) !== 0 ? 1 : 0,
  );
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

function isCyclic({ of, count }: Components): boolean {
  return count < of.length;
}

function nodesWhere(count: number, holds: (node: number) => boolean): Int32Array {
  const nodes = new Int32Array(count);
  let length = 0;
  for (let node = 0; node < count; node++) if (holds(node)) nodes[length++] = node;
  return nodes.slice(0, length);
}
