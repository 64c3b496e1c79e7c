/**
 * Update serializability of rows (Adya 1999, chapter 4, PL-3U): the transactions that write are
 * serializable, and so are they with each that only reads, one at a time. Cycles with at most one
 * that only reads contradict it. One order of those that write, and of readers that lie on no
 * cycle, says the versions of each row, and of which of them those that write read; each other
 * reader is put into an order with those that write, which has the same versions. Where sessions or
 * real time are kept, all together have a consistent view as well. Of a few transactions everything
 * is tried (`update-search.ts`).
 */
import { componentsOf } from "../../../src/graph/components.js";
import { topologicalOrder } from "../../../src/graph/digraph.js";
import {
  createLabelledDigraph,
  type LabelledDigraph,
} from "../../../src/graph/labelled-digraph.js";
import { OK } from "../../../src/history/history.js";
import { findCycles, TIME_EDGES, type Cycle, type Time } from "../cycles.js";
import { PROCESS, REALTIME, RW, WR, WW } from "../dependencies.js";
import { edgesOf, without } from "../update-serializable.js";
import type { RowDependencies } from "./dependencies.js";
import { guessOrder, type Steps } from "./guess.js";
import type { RowHistory } from "./layout.js";
import { keepsTime, nodesOf, partOf } from "./nodes.js";
import { RowReplay } from "./replay.js";
import { tryAllOrders, type Limits } from "./search.js";
import { addLines, addRead, missedBy, serialReads, type SerialReads } from "./serial-reads.js";
import { tryAllUpdates } from "./update-search.js";

/** An order of most, and of each reader that does not agree with it. */
export interface UpdateOrders {
  readonly order: readonly number[];
  readonly readers: readonly { readonly reader: number; readonly order: readonly number[] }[];
  /** Where time is kept: an order of all that shows a consistent view. */
  readonly view?: readonly number[];
}

const LIMITS: Limits = { nodes: 80, steps: 20_000 };
/** Orders of readers have at most so many entries together. */
const ENTRIES_MAX = 2_000_000;
/** So many edges are gone along, at most, to see whether anybody misses what it sees. */
const WORK_MAX = 50_000_000;

/** Whether it wrote nothing, not even that a row is not there. */
export function onlyReads(transaction: number, { transactions }: RowHistory): boolean {
  const { operation, deeds } = transactions[transaction] ?? {};
  return operation?.outcome === "ok" && !deeds?.some(isWrite);
}

function isWrite({ f }: { readonly f: string }): boolean {
  return f === "write";
}

/** Cycles of transactions of which at most one only reads, that others hide; a few of them. */
export function updateCycles(known: RowDependencies, check: () => void): readonly Cycle[] {
  const whole = createLabelledDigraph(known.dependencies.nodeCount, known.edges(true));
  const { outcomes, count } = known.dependencies.transactions;
  const nodes = { count, isCertain: (each: number): boolean => outcomes[each] === OK };
  const apart = onCycles(known, whole);
  const isReader = (node: number): boolean => onlyReads(node, known.history);
  const updates = findCycles(without(whole, isReader), nodes).cycles;
  if (updates.length > 0 || apart.length * whole.targets.length > ENTRIES_MAX) return updates;
  for (const reader of apart) {
    check();
    const graph = without(whole, (node) => node !== reader && isReader(node));
    const { cycles } = findCycles(graph, nodes);
    if (cycles.length > 0) return cycles;
  }
  return [];
}

/** Looks for the orders that show the level. */
export function updateOrdersOf(
  known: RowDependencies,
  time: Time,
  check: () => void,
): UpdateOrders | "none" | "open" {
  const isReader = (each: number): boolean => onlyReads(each, known.history);
  return new Guessing(known, time, check).find() ?? tryAllUpdates(known, { time, isReader, check });
}

/** Those that only read and lie on cycles. */
function onCycles({ history }: RowDependencies, graph: LabelledDigraph): readonly number[] {
  const { of, sizes } = componentsOf(graph);
  return Array.from(history.transactions.keys()).filter(
    (each) => onlyReads(each, history) && (sizes[of[each] as number] as number) > 1,
  );
}

/** Orders as they are guessed, or tried in part. */
class Guessing {
  readonly #known: RowDependencies;
  readonly #time: Time;
  readonly #check: () => void;
  /** All dependencies, with the order of real time as far as it is kept. */
  readonly #whole: LabelledDigraph;

  constructor(known: RowDependencies, time: Time, check: () => void) {
    this.#known = known;
    this.#time = time;
    this.#check = check;
    const whole = createLabelledDigraph(known.dependencies.nodeCount, known.edges(true));
    this.#whole = partOf(whole, WR | RW | WW | (time === "realtime" ? REALTIME : 0));
  }

  find(): UpdateOrders | undefined {
    const known = this.#known;
    const { history } = known;
    const { nodeCount, transactions } = known.dependencies;
    const all = Array.from(transactions.outcomes.keys());
    const readers = all.filter((each) => onlyReads(each, history));
    const graph = createLabelledDigraph(nodeCount, known.edges(true));
    const kinds = WR | RW | TIME_EDGES[this.#time];
    for (const apart of [onCycles(known, partOf(graph, kinds)), readers]) {
      const out = new Set(apart);
      const rest = new Set(all.filter((each) => !out.has(each)));
      const order = this.#ordered(rest);
      if (order === undefined || apart.length * transactions.count > ENTRIES_MAX) continue;
      const most = serialReads(order, known);
      const writers = order.filter((each) => !onlyReads(each, history));
      const own = apart.map((reader) => {
        const these = new Set([...writers, reader]);
        return { reader, order: this.#ordered(these, most) };
      });
      const isWhole = (each: (typeof own)[number]): each is UpdateOrders["readers"][number] =>
        each.order !== undefined;
      if (!own.every(isWhole)) continue;
      if (this.#time === "" || apart.length === 0) return { order, readers: own };
      const view = this.#viewOf(most, own);
      if (view !== undefined) return { order, readers: own, view };
    }
    return undefined;
  }

  /** A serial order of these, of which those that are read by others are settled by an order. */
  #ordered(these: ReadonlySet<number>, settled?: SerialReads): readonly number[] | undefined {
    const known = this.#known;
    const { history, versions, dependencies } = known;
    const { happened, transactions } = dependencies;
    const replay = new RowReplay(history, versions);
    const isOut = (node: number): boolean => node < transactions.count && !these.has(node);
    const edges = edgesOf(without(this.#whole, isOut));
    this.#addSessions(edges, these);
    if (settled !== undefined) {
      const { lines } = settled;
      addLines(edges, lines);
      for (const read of settled.reads) {
        if (!onlyReads(read.reading.transaction, history)) {
          addRead(edges, read, { lines, isAntiIn: true });
        }
      }
    }
    const nodes = nodesOf(
      createLabelledDigraph(dependencies.nodeCount, edges),
      known,
      (each) => each,
    );
    const isInTime = (node: number): boolean =>
      happened[node] === 1 ||
      keepsTime(node, {
        time: this.#time,
        known,
        isDone: (other) => replay.isDone(other) || !these.has(other),
      });
    const steps: Steps = {
      ...nodes,
      roleOf: (node) => {
        if (isOut(node)) return "nothing";
        const role = nodes.roleOf(node);
        return settled !== undefined && role === "may" ? "must" : role;
      },
      take: (node) => (isInTime(node) ? replay.carryOut(node, "serial") : undefined),
      troublesOf: (node) =>
        replay.misfits(node, "serial").map(({ writer, earlier, later }) => {
          const hopes = later.filter((other) => happened[other] === 1);
          const after = hopes.map((hope) => [hope, node] as const);
          if (writer === undefined) return { ways: after, hopes };
          const between = earlier.map((other) => [writer, other] as const);
          return { ways: [[node, writer] as const, ...between, ...after], hopes };
        }),
      key: () => replay.key("serial"),
    };
    const guessed = guessOrder(steps, this.#check);
    if (guessed !== undefined) return guessed;
    const found = tryAllOrders(steps, LIMITS, this.#check);
    return typeof found === "string" ? undefined : found;
  }

  /** Between those of a session that are there, one after the other. */
  #addSessions(edges: ReturnType<typeof edgesOf>, these: ReadonlySet<number>): void {
    if (this.#time === "") return;
    const { outcomes, processes } = this.#known.dependencies.transactions;
    const last = new Map<number, number>();
    for (const each of [...these].toSorted((a, b) => a - b)) {
      const process = processes[each] as number;
      const before = last.get(process);
      if (before !== undefined) edges.add(before, each, PROCESS);
      if (outcomes[each] === OK) last.set(process, each);
    }
  }

  /** An order of all in which nobody misses what it sees; undefined when there is none, or late. */
  #viewOf(most: SerialReads, own: UpdateOrders["readers"]): readonly number[] | undefined {
    const known = this.#known;
    const { lines } = most;
    const mine = own.flatMap(({ reader, order }) =>
      serialReads(order, known).reads.filter(({ reading }) => reading.transaction === reader),
    );
    const reads = [...most.reads, ...mine];
    const members = new Set([...most.order, ...own.map(({ reader }) => reader)]);
    const { count } = known.dependencies.transactions;
    const isOut = (node: number): boolean => node < count && !members.has(node);
    const edges = edgesOf(partOf(without(this.#whole, isOut), REALTIME));
    this.#addSessions(edges, members);
    addLines(edges, lines);
    for (const read of reads) addRead(edges, read, { lines, isAntiIn: false });
    const graph = createLabelledDigraph(known.dependencies.nodeCount, edges);
    const order = topologicalOrder(graph);
    if (order.length < graph.count) return undefined;
    const reaches = new Reach(graph, order);
    for (const read of reads) {
      this.#check();
      const missed = missedBy(read, lines);
      const reader = read.reading.transaction;
      if (missed === undefined || missed === reader) continue;
      if (reaches.leads(missed, reader) || reaches.work > WORK_MAX) return undefined;
    }
    return Array.from(order).filter((node) => members.has(node));
  }
}

/** Whether one node leads to another, of a graph without cycles. */
class Reach {
  readonly #graph: LabelledDigraph;
  readonly #places: Int32Array;
  work = 0;

  constructor(graph: LabelledDigraph, order: Int32Array) {
    this.#graph = graph;
    this.#places = new Int32Array(graph.count);
    for (const [place, node] of order.entries()) this.#places[node] = place;
  }

  leads(from: number, to: number): boolean {
    const { starts, targets } = this.#graph;
    const last = this.#places[to] as number;
    if ((this.#places[from] as number) > last) return false;
    const seen = new Set<number>([from]);
    const open = [from];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const end = starts[node + 1] as number;
      for (let place = starts[node] as number; place < end; place++) {
        this.work++;
        const next = targets[place] as number;
        if (next === to) return true;
        if (seen.has(next) || (this.#places[next] as number) > last) continue;
        seen.add(next);
        open.push(next);
      }
    }
    return false;
  }
}
