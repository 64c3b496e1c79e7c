/**
 * Orders that show that transactions on rows keep a level, or that none does.
 */
import { implies } from "../../../src/consistency/lattice.js";
import type { BaseIsolation } from "../../../src/consistency/level.js";
import { createLabelledDigraph } from "../../../src/graph/labelled-digraph.js";
import { TIME_EDGES, type Time } from "../cycles.js";
import { RW, WR } from "../dependencies.js";
import { snapshotGraph } from "../snapshot-graph.js";
import type { RowDependencies } from "./dependencies.js";
import { RowReplay, type Manner } from "./replay.js";
import type { Steps, Trouble, Way } from "./guess.js";
import { keepsTime, nodesOf, partOf, precedes } from "./nodes.js";
import { searchOrder, type Searched } from "./search.js";
import { chooseOrder } from "./choices.js";
import { questionsOf } from "./questions.js";

/** Of the manners, those that show a level, from strong to weak. */
export function mannersFor(base: BaseIsolation): readonly Manner[] {
  const manners: Manner[] = ["serial"];
  if (implies("snapshot-isolation", base)) manners.push("snapshot");
  if (implies("prefix", base)) manners.push("prefix");
  if (isOfItemsAlone(base)) manners.push("items");
  if (implies("read-committed", base)) manners.push("committed");
  if (base === "read-uncommitted") manners.push("uncommitted");
  return manners;
}

/** Levels that follow from repeatable read also where rows are read by predicate. */
function isOfItemsAlone(base: BaseIsolation): boolean {
  return (
    base === "repeatable-read" ||
    implies("cursor-stability", base) ||
    implies("monotonic-atomic-view", base)
  );
}

/** The level that there is no order of a manner without. */
export const SHOWS: { readonly [manner in Manner]: BaseIsolation } = {
  serial: "serializable",
  snapshot: "snapshot-isolation",
  prefix: "prefix",
  items: "repeatable-read",
  committed: "read-committed",
  uncommitted: "read-uncommitted",
};

/** The manner without which a level cannot hold. */
export const NEEDED: { readonly [base in BaseIsolation]?: Manner } = {
  serializable: "serial",
  "snapshot-isolation": "snapshot",
  prefix: "prefix",
  "repeatable-read": "items",
  "read-committed": "committed",
};

/** Looks for an order of one manner; answers the transactions, for snapshots twice each. */
export function orderIn(
  manner: Manner,
  time: Time,
  about: {
    readonly known: RowDependencies;
    readonly check: () => void;
    /** Whether to do more than to guess. */
    readonly isThorough: boolean;
  },
): Searched {
  const { known, check, isThorough } = about;
  const { history, versions, dependencies } = known;
  const { transactions, happened, nodeCount } = dependencies;
  const { count, invocations, completions } = transactions;
  const replay = new RowReplay(history, versions);
  const whole = createLabelledDigraph(nodeCount, known.edges(manner !== "items"));
  const part = partOf(whole, KINDS[manner] | TIME_EDGES[time]);
  const isDouble = manner === "snapshot" || manner === "prefix";
  const graph = isDouble ? snapshotGraph(part, (node) => node < count) : part;
  const transactionOf = (node: number): number => (isDouble ? node >> 1 : node);
  const steps: Steps = {
    ...nodesOf(graph, known, transactionOf),
    take: (node) => {
      const each = transactionOf(node);
      const isOpen = happened[each] === 0;
      const isDone = (other: number): boolean => replay.isDone(other);
      if (isOpen && !keepsTime(each, { time, known, isDone })) return undefined;
      if (!isDouble) return replay.carryOut(each, manner);
      return (node & 1) === 0 ? replay.takeSnapshot(each) : replay.commit(each, manner);
    },
    troublesOf: (node) => {
      const each = transactionOf(node);
      if (isDouble && (node & 1) === 1) return spoiltBy(each, replay);
      const begin = (other: number): number => (isDouble ? 2 * other : other);
      const end = (other: number): number => (isDouble ? 2 * other + 1 : other);
      return replay.misfits(each, manner).map(({ writer, earlier, later }): Trouble => {
        const hopes = later.filter((other) => happened[other] === 1).map(end);
        const after = hopes.map((hope): Way => [hope, node]);
        if (writer === undefined) return { ways: after, hopes };
        const before: readonly Way[] = [
          [node, end(writer)],
          ...earlier.map((other): Way => [end(writer), begin(other)]),
        ];
        const isLate = (completions[writer] as number) < (invocations[each] as number);
        return { ways: isLate ? after.concat(before) : before.concat(after), hopes };
      });
    },
    key: () => replay.key(manner),
  };
  const choose = (): Searched =>
    manner === "uncommitted" ? "open" : chosenOrder(manner, { steps, time, known, check });
  const found = searchOrder(steps, isThorough ? choose : undefined, check);
  return typeof found === "string" ? found : wholeOnly(found.map(transactionOf), isDouble);
}

/** An order by choices, of those nodes that have to be there or were chosen to be. */
function chosenOrder(
  manner: Exclude<Manner, "uncommitted">,
  about: {
    readonly steps: Steps;
    readonly time: Time;
    readonly known: RowDependencies;
    readonly check: () => void;
  },
): Searched {
  const { steps, time, known, check } = about;
  const { graph, priorities, roleOf } = steps;
  const { history, versions, dependencies } = known;
  const { happened, transactions } = dependencies;
  const { completions, invocations, outcomes } = transactions;
  const isDouble = manner === "snapshot" || manner === "prefix";
  const rows = questionsOf(history, versions, manner);
  // Where others may write between, whether who deletes finds nothing is no choice of such a kind.
  if (manner === "prefix" && rows.some(({ deleters }) => deleters.size > 0)) return "open";
  const chosen = chooseOrder(
    {
      graph,
      priorities,
      rows,
      begin: (each) => (isDouble ? 2 * each : each),
      end: (each) => (isDouble ? 2 * each + 1 : each),
      areApart: manner === "snapshot",
      hasHappened: (each) => happened[each] === 1,
      before: (each) =>
        Array.from(outcomes.keys()).filter((other) => precedes(other, each, { time, known })),
      isEarly: (reader, writer) =>
        (completions[writer] as number) >= (invocations[reader] as number),
    },
    check,
  );
  if (typeof chosen === "string") return chosen;
  return [...chosen.nodes].filter((node) => {
    const isChosen = chosen.happened.has(isDouble ? node >> 1 : node);
    return roleOf(node) === "must" || (roleOf(node) === "may" && isChosen);
  });
}

/** Of two that write the same, one commits before the other takes its snapshot. */
function spoiltBy(each: number, replay: RowReplay): readonly Trouble[] {
  const other = replay.spoilerOf(each);
  if (other === undefined) return [];
  const ways: readonly Way[] = [
    [2 * other + 1, 2 * each],
    [2 * each + 1, 2 * other],
  ];
  return [{ ways, hopes: [] }];
}

/** Which edges every order of this manner keeps. */
const KINDS: { readonly [manner in Manner]: number } = {
  serial: WR | RW,
  items: WR | RW,
  snapshot: WR | RW,
  prefix: WR | RW,
  committed: WR,
  uncommitted: 0,
};

/** Without those that took a snapshot and never had to commit. */
function wholeOnly(order: readonly number[], isDouble: boolean): readonly number[] {
  if (!isDouble) return order;
  const counts = new Map<number, number>();
  for (const each of order) counts.set(each, (counts.get(each) ?? 0) + 1);
  return order.filter((each) => counts.get(each) === 2);
}
