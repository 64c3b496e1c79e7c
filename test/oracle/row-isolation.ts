/**
 * Levels of isolation of a few transactions on rows, by definition (Adya 1999, chapters 3 and 4):
 * every set of transactions that may have happened, every order of the versions of each row, and
 * every version that a read may have been of are tried, until a graph of dependencies has nothing
 * that the level excludes; and serial orders and snapshots by carrying them out.
 */
import type { History } from "../../src/history/history.js";
import {
  actingHistory,
  looksOf,
  writesOf,
  type ActingHistory,
  type ActingTransaction,
  type Content,
  type Look,
} from "../../src/verdict/rows.js";
import { someHistory, type Kept } from "./isolation.js";

/** Levels that are decided by definition. */
export type RowLevel =
  | "read-uncommitted"
  | "read-committed"
  | "consistent-view"
  | "cursor-stability"
  | "monotonic-atomic-view"
  | "read-atomic"
  | "causal-cerone"
  | "prefix"
  | "parallel-snapshot-isolation"
  | "update-serializable"
  | "repeatable-read"
  | "snapshot-isolation"
  | "serializable";

interface Happened {
  readonly outcome: "ok" | "fail" | "info";
  readonly each: ActingTransaction;
}

/** Whether the history keeps a level. */
export function rowsKeep(level: RowLevel, history: History, kept: Kept): boolean {
  const acting = actingHistory(history) as ActingHistory;
  const all = acting.transactions.map((each): Happened => ({
    outcome: each.operation.outcome,
    each,
  }));
  if (level === "read-uncommitted") return looks(acting).every((look) => isOfAny(look, acting));
  return someHistory(all, (happened) => {
    const transactions = happened.map(({ each }) => each);
    // To delete what is not there is to look a row up and to find none. In the order of a serial
    // execution that is nothing else than to write once more that it is not there.
    const isSerial = ["serializable", "repeatable-read", "update-serializable"].includes(level);
    const deletions = isSerial ? [] : deletionsOf(transactions, acting);
    return subsetsOf(deletions).some((empty) =>
      someGraph(
        { transactions, empty, found: level === "prefix" ? without(deletions, empty) : [] },
        acting,
        (graph) => holds(level, graph, kept),
      ),
    );
  });
}

/** In a snapshot others may write after it; so whoever finds a row there deletes it. */
function without(deletions: readonly Deletion[], empty: readonly Deletion[]): readonly Deletion[] {
  return deletions.filter(
    ({ by, row }) => !empty.some((each) => each.by === by && each.row === row),
  );
}

/** What transactions leave absent. */
interface Deletion {
  readonly by: ActingTransaction;
  readonly row: string;
}

function deletionsOf(
  transactions: readonly ActingTransaction[],
  acting: ActingHistory,
): readonly Deletion[] {
  return [...acting.rows].flatMap((row) =>
    writesOf(acting, row)
      .filter(({ by, isLeft, content }) => isLeft && !content && transactions.includes(by))
      .filter(({ by }) => !looksOf(by, acting.rows).some((look) => isShown(look, row)))
      .map(({ by }) => ({ by, row })),
  );
}

/** Whether the row was there when its own transaction read it. */
function isShown(look: Look, row: string): boolean {
  return look.row === row && look.own === undefined && look.isItem && !look.fits(undefined);
}

function subsetsOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  return subsetsOf(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

function looks(acting: ActingHistory): readonly Look[] {
  return acting.transactions
    .filter(({ operation }) => operation.outcome === "ok")
    .flatMap((each) => looksOf(each, acting.rows));
}

/** Whether a look is of what was there at first, or of anything that anybody wrote. */
function isOfAny({ row, fits }: Look, acting: ActingHistory): boolean {
  const contents = writesOf(acting, row).map(({ content }) => content);
  return [acting.initial.get(row), ...contents].some(fits);
}

/** A version in its row's order: 0 is the initial one. */
interface Choice {
  readonly look: Look;
  readonly place: number;
}

interface Graph {
  readonly transactions: readonly ActingTransaction[];
  readonly orders: ReadonlyMap<string, readonly { by: ActingTransaction; content: Content }[]>;
  readonly choices: readonly Choice[];
  /** Whether somebody reads otherwise than it wrote itself. */
  readonly missesOwn: boolean;
}

function someGraph(
  about: {
    readonly transactions: readonly ActingTransaction[];
    /** Deletions of what is not there. */
    readonly empty: readonly Deletion[];
    /** Deletions that have to find what they delete. */
    readonly found: readonly Deletion[];
  },
  acting: ActingHistory,
  isFound: (graph: Graph) => boolean,
): boolean {
  const { transactions, empty, found } = about;
  const rows = [...acting.rows];
  const isEmpty = (by: ActingTransaction, row: string): boolean =>
    empty.some((each) => each.by === by && each.row === row);
  const lefts = rows.map((row) =>
    writesOf(acting, row)
      .filter(({ by, isLeft }) => isLeft && transactions.includes(by) && !isEmpty(by, row))
      .map(({ by, content }) => ({ by, content })),
  );
  const seen = transactions
    .filter(({ operation }) => operation.outcome === "ok")
    .flatMap((each) => looksOf(each, acting.rows));
  const missesOwn = seen.some(({ own, fits }) => own !== undefined && !fits(own.content));
  const isFinding =
    (isThere: boolean) =>
    ({ by, row }: Deletion): Look => ({
      by,
      row,
      // It is looked up when it is deleted.
      at: by.acts.findLast((act) => act.f === "write" && act.row === row)?.at ?? 0,
      isItem: true,
      own: undefined,
      shown: undefined,
      fits: (content) => (content === undefined) !== isThere,
    });
  const finds = [...empty.map(isFinding(false)), ...found.map(isFinding(true))];
  const open = seen
    .filter(({ own, fits }) => own === undefined || !fits(own.content))
    .concat(finds);
  const orders = new Map<string, (typeof lefts)[number]>();
  const choose = (at: number, choices: readonly Choice[]): boolean => {
    const look = open[at];
    if (look === undefined) return isFound({ transactions, orders, choices, missesOwn });
    const order = orders.get(look.row) ?? [];
    const places = [];
    if (look.fits(acting.initial.get(look.row))) places.push(0);
    for (const [place, { by, content }] of order.entries()) {
      if (by !== look.by && look.fits(content)) places.push(place + 1);
    }
    return places.some((place) => choose(at + 1, [...choices, { look, place }]));
  };
  const arrange = (at: number): boolean => {
    const row = rows[at];
    if (row === undefined) return choose(0, []);
    return permutationsOf(lefts[at] ?? []).some((order) => {
      orders.set(row, order);
      return arrange(at + 1);
    });
  };
  return arrange(0);
}

function permutationsOf<Item>(items: readonly Item[]): readonly Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item) =>
    permutationsOf(items.filter((other) => other !== item)).map((rest) => [item].concat(rest)),
  );
}

type Relation = readonly (readonly boolean[])[];

function holds(level: RowLevel, graph: Graph, kept: Kept): boolean {
  const { transactions, choices, missesOwn } = graph;
  const relations = relationsOf(graph, kept);
  const { ww, wr, time, items, anti } = relations;
  const order = union(union(ww, wr), time);
  if (!isAcyclic(order)) return false;
  const hasView = (): boolean => isIrreflexive(product(anti, closure(order)));
  switch (level) {
    case "read-committed":
      return true;
    case "cursor-stability":
      return !choices.some((choice) => losesUpdate(choice, graph));
    case "monotonic-atomic-view":
      return !missesOwn && !choices.some((choice) => vanishes(choice, graph));
    case "read-atomic":
      return !missesOwn && transactions.every((each) => !isFractured(each, graph, time));
    case "causal-cerone":
      return !missesOwn && isIrreflexive(product(anti, closure(union(wr, time))));
    case "prefix":
      return !missesOwn && haveSnapshots(relations);
    case "consistent-view":
      return hasView();
    case "parallel-snapshot-isolation":
      return !missesOwn && hasView();
    case "repeatable-read":
      return !missesOwn && isAcyclic(union(order, items));
    case "snapshot-isolation":
      return !missesOwn && isAcyclic(union(order, product(order, anti)));
    case "update-serializable":
      return (
        !missesOwn &&
        (kept === "nothing" || hasView()) &&
        readersOrNone(transactions).every((reader) =>
          isAcyclic(ofUpdatesAnd(reader, union(order, anti), transactions)),
        )
      );
    case "serializable":
    case "read-uncommitted":
    default:
      return !missesOwn && isAcyclic(union(order, anti));
  }
}

interface Relations {
  /** Of versions, of reads of them, and of time. */
  readonly ww: Relation;
  readonly wr: Relation;
  readonly time: Relation;
  /** Reads of what another overwrote: of rows as such, and whatever a level may forbid. */
  readonly items: Relation;
  readonly anti: Relation;
}

function relationsOf({ transactions, orders, choices }: Graph, kept: Kept): Relations {
  const empty = (): boolean[][] => transactions.map(() => transactions.map(() => false));
  const [ww, wr, time, items, anti] = [empty(), empty(), empty(), empty(), empty()];
  const set = (to: boolean[][], a: ActingTransaction, b: ActingTransaction): void => {
    if (a !== b) (to[transactions.indexOf(a)] as boolean[])[transactions.indexOf(b)] = true;
  };
  for (const versions of orders.values()) {
    for (const [place, { by }] of versions.entries()) {
      for (const later of versions.slice(place + 1)) set(ww, by, later.by);
    }
  }
  for (const { look, place } of choices) {
    const versions = orders.get(look.row) ?? [];
    const read = versions[place - 1];
    if (read !== undefined) set(wr, read.by, look.by);
    for (const later of versions.slice(place)) {
      if (look.isItem || !look.fits(later.content)) set(anti, look.by, later.by);
      if (look.isItem) set(items, look.by, later.by);
    }
  }
  for (const a of transactions) {
    for (const b of transactions) {
      const { completion = Infinity, process, outcome } = a.operation;
      if (kept === "nothing" || outcome !== "ok" || completion > b.operation.invocation) continue;
      if (kept === "realtime" || process === b.operation.process) set(time, a, b);
    }
  }
  return { ww, wr, time, items, anti };
}

/** Whether each can take a snapshot and commit later. The first half are the snapshots. */
function haveSnapshots({ ww, wr, time, anti }: Relations): boolean {
  const count = ww.length;
  const isBefore = (a: number, b: number): boolean => {
    const [one, other] = [a % count, b % count];
    const is = (relation: Relation): boolean => relation[one]?.[other] === true;
    const [isSnapshot, isOther] = [a < count, b < count];
    if (isSnapshot && !isOther) return one === other || is(anti);
    if (isSnapshot) return false;
    return isOther ? is(wr) || is(time) : is(ww);
  };
  const all = Array.from({ length: 2 * count }, (_, at) => at);
  return isAcyclic(all.map((a) => all.map((b) => isBefore(a, b))));
}

/** Those that only read, or none of them. */
function readersOrNone(
  transactions: readonly ActingTransaction[],
): readonly (ActingTransaction | undefined)[] {
  return [undefined, ...transactions.filter(isReader)];
}

function isReader({ acts }: ActingTransaction): boolean {
  return acts.every(({ f }) => f === "read");
}

function ofUpdatesAnd(
  reader: ActingTransaction | undefined,
  relation: Relation,
  transactions: readonly ActingTransaction[],
): Relation {
  const isIn = transactions.map((each) => each === reader || !isReader(each));
  return relation.map((row, i) => row.map((is, j) => is && isIn[i] === true && isIn[j] === true));
}

/** Read the row, and then wrote it on, while another wrote in between. */
function losesUpdate({ look, place }: Choice, { orders }: Graph): boolean {
  const versions = orders.get(look.row) ?? [];
  const own = versions.findIndex(({ by }) => by === look.by);
  return look.isItem && look.own === undefined && own > place;
}

/** Reads what one wrote, and of another row what that one, or who precedes it, replaced. */
function isFractured(reader: ActingTransaction, graph: Graph, time: Relation): boolean {
  const { transactions, choices } = graph;
  const mine = choices.filter(({ look }) => look.by === reader);
  const earlier = transactions.filter((_, at) => time[at]?.[transactions.indexOf(reader)] === true);
  const seen = [...mine.map((each) => writerOf(each, graph)), ...earlier];
  return seen.some(
    (each) => each !== undefined && mine.some((other) => misses(other, each, graph)),
  );
}

/** Reads what one had replaced from whom it has read before. */
function vanishes(choice: Choice, graph: Graph): boolean {
  return graph.choices.some((before) => {
    if (before.look.by !== choice.look.by || before.look.at >= choice.look.at) return false;
    // Repeatable read implies the level, and says nothing of what predicates leave out.
    if (!choice.look.isItem) return false;
    const seen = writerOf(before, graph);
    return seen !== undefined && misses(choice, seen, graph);
  });
}

function writerOf({ look, place }: Choice, { orders }: Graph): ActingTransaction | undefined {
  return orders.get(look.row)?.[place - 1]?.by;
}

/** Whether a read is of a version that came before one of this transaction. */
function misses({ look, place }: Choice, other: ActingTransaction, { orders }: Graph): boolean {
  const versions = orders.get(look.row) ?? [];
  const written = versions.findIndex(({ by }) => by === other) + 1;
  if (other === look.by || written === 0 || written <= place) return false;
  return look.isItem || !look.fits(versions[written - 1]?.content);
}

function union(a: Relation, b: Relation): Relation {
  return a.map((row, i) => row.map((is, j) => is || b[i]?.[j] === true));
}

/** Pairs that the one and then the other leads along, and those of the one. */
function product(a: Relation, b: Relation): Relation {
  return a.map((row) => row.map((_, j) => row.some((is, k) => is && b[k]?.[j] === true)));
}

function closure(relation: Relation): Relation {
  let all = relation;
  for (let step = 0; step < relation.length; step++) all = union(all, product(all, relation));
  return all;
}

function isIrreflexive(relation: Relation): boolean {
  return relation.every((row, i) => row[i] !== true);
}

function isAcyclic(relation: Relation): boolean {
  return isIrreflexive(closure(relation));
}
