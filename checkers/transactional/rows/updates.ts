/**
 * Update serializability of rows (Adya 1999, chapter 4, PL-3U): the transactions that write are
 * serializable, and so are they with each that only reads, one at a time. Cycles with at most one
 * that only reads contradict it. One order of those that write, and of readers that lie on no
 * cycle, says the versions of each row; each other reader is put into an order with those that
 * write, which has the same versions.
 */
import { componentsOf } from "../../../src/graph/components.js";
import {
  createLabelledDigraph,
  type LabelledDigraph,
} from "../../../src/graph/labelled-digraph.js";
import { OK } from "../../../src/history/history.js";
import { findCycles, type Cycle } from "../cycles.js";
import { RW, WR, WW } from "../dependencies.js";
import { edgesOf, without } from "../update-serializable.js";
import type { RowDependencies } from "./dependencies.js";
import { guessOrder, type Steps } from "./guess.js";
import type { RowHistory } from "./layout.js";
import { nodesOf, partOf } from "./nodes.js";
import { RowReplay } from "./replay.js";
import { tryAllOrders, type Limits } from "./search.js";

/** An order of most, and of each reader that does not agree with it. */
export interface UpdateOrders {
  readonly order: readonly number[];
  readonly readers: readonly { readonly reader: number; readonly order: readonly number[] }[];
}

const LIMITS: Limits = { nodes: 80, steps: 20_000 };
/** Orders of readers have at most so many entries together. */
const ENTRIES_MAX = 2_000_000;

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

/** Looks for the orders that show the level, without any order of time. */
export function updateOrdersOf(
  known: RowDependencies,
  check: () => void,
): UpdateOrders | undefined {
  const { history, dependencies } = known;
  const { count, outcomes } = dependencies.transactions;
  const whole = createLabelledDigraph(dependencies.nodeCount, known.edges(true));
  const readers = Array.from(outcomes.keys()).filter((each) => onlyReads(each, history));
  for (const apart of [onCycles(known, partOf(whole, WR | RW)), readers]) {
    const out = new Set(apart);
    const order = ordered(known, whole, { isOut: (each) => out.has(each), check });
    if (order === undefined || apart.length * count > ENTRIES_MAX) continue;
    const graph = withVersions(whole, order, history);
    const own = apart.map((reader) => {
      const isOut = (each: number): boolean => each !== reader && onlyReads(each, history);
      return { reader, order: ordered(known, graph, { isOut, check }) };
    });
    if (own.every((each): each is UpdateOrders["readers"][number] => each.order !== undefined)) {
      return { order, readers: own };
    }
  }
  return undefined;
}

/** Those that only read and lie on cycles. */
function onCycles({ history }: RowDependencies, graph: LabelledDigraph): readonly number[] {
  const { of, sizes } = componentsOf(graph);
  return Array.from(history.transactions.keys()).filter(
    (each) => onlyReads(each, history) && (sizes[of[each] as number] as number) > 1,
  );
}

/** A serial order of all but some. */
function ordered(
  known: RowDependencies,
  whole: LabelledDigraph,
  { isOut, check }: { readonly isOut: (each: number) => boolean; readonly check: () => void },
): readonly number[] | undefined {
  const { history, versions, dependencies } = known;
  const { happened } = dependencies;
  const replay = new RowReplay(history, versions);
  const graph = without(partOf(whole, WR | RW | WW), isOut);
  const nodes = nodesOf(graph, known, (node) => node);
  const steps: Steps = {
    ...nodes,
    roleOf: (node) => (isOut(node) ? "nothing" : nodes.roleOf(node)),
    take: (node) => replay.carryOut(node, "serial"),
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
  const guessed = guessOrder(steps, check);
  if (guessed !== undefined) return guessed;
  const found = tryAllOrders(steps, LIMITS, check);
  return typeof found === "string" ? undefined : found;
}

/** With who wrote each row one after the other. */
function withVersions(
  graph: LabelledDigraph,
  order: readonly number[],
  { transactions }: RowHistory,
): LabelledDigraph {
  const edges = edgesOf(graph);
  const last = new Map<number, number>();
  for (const each of order) {
    for (const deed of transactions[each]?.deeds ?? []) {
      if (deed.f !== "write") continue;
      const before = last.get(deed.row);
      if (before !== undefined && before !== each) edges.add(before, each, WW);
      last.set(deed.row, each);
    }
  }
  return createLabelledDigraph(graph.count, edges);
}
