/**
 * Confirms what contradicts levels in histories of transactions on rows: the edges of a cycle, each
 * by the read that it names, or a finding; answers the weakest levels that exclude it (Adya 1999,
 * chapters 3 and 4; Cerone & Gotsman 2018, theorem 10).
 */
import type { BaseIsolation } from "../consistency/level.js";
import type { History } from "../history/history.js";
import { claim } from "./claims.js";
import type { RowEdge, RowFinding, TimeEdge } from "./isolation-certificate.js";
import {
  actingHistory,
  looksOf,
  lookAt,
  onlySource,
  rowNamed,
  writesOf,
  type ActingHistory,
  type ActingTransaction,
  type Look,
} from "./rows.js";
import { precedesInTime } from "./transactions.js";

/** The history as one of rows. @throws ClaimRefused when it is none */
export function rowsOf(history: History): ActingHistory {
  const acting = actingHistory(history);
  claim(acting !== undefined, () => "The history has no transactions on rows.");
  return acting;
}

/** @throws ClaimRefused */
export function confirmRowCycle(
  edges: readonly (RowEdge | TimeEdge)[],
  history: History,
): readonly BaseIsolation[] {
  const acting = rowsOf(history);
  claim(edges.length > 1, () => "A cycle has at least two edges.");
  for (const [place, edge] of edges.entries()) {
    const next = edges[(place + 1) % edges.length] as RowEdge | TimeEdge;
    claim(edge.to === next.from, () => `The cycle breaks off at operation ${edge.to}.`);
    claim(edge.from !== edge.to, () => `${edge.from} → ${edge.to}: they are one.`);
    confirmEdge(edge, acting);
  }
  return weakest(edges, acting);
}

function weakest(
  edges: readonly (RowEdge | TimeEdge)[],
  acting: ActingHistory,
): readonly BaseIsolation[] {
  const anti = edges.map(({ by }) => by === "rw" || by === "update");
  const count = anti.filter(Boolean).length;
  if (count === 0) return ["read-committed"];
  const ofItems = edges.every(
    (edge, at) => anti[at] !== true || (edge as RowEdge).reads === "item",
  );
  const bases: BaseIsolation[] = [ofItems ? "repeatable-read" : "serializable"];
  // Without ww all of the others are seen by reads and time.
  if (count === 1) bases.push("consistent-view", "causal-cerone");
  const follows = (at: number): boolean => anti.at(at - 1) === true;
  if (!anti.some((is, at) => is && follows(at))) bases.push("snapshot-isolation", "prefix");
  if (edges.every(({ by }) => by !== "rw")) bases.push("cursor-stability", "update-atomic");
  // Two that only read need not agree with one another.
  const readers = edges
    .map(({ from }) => transactionNamed(from, acting))
    .filter((each) => each.acts.every(({ f }) => f === "read"));
  if (new Set(readers).size < 2) bases.push("update-serializable");
  if (edges.length === 2 && count === 1) bases.push(...missedBy(edges, acting));
  return bases;
}

/** The levels at which a reader that sees another at once may not miss what that one wrote. */
function missedBy(
  edges: readonly (RowEdge | TimeEdge)[],
  acting: ActingHistory,
): readonly BaseIsolation[] {
  const missed = edges.find(({ by }) => by === "rw" || by === "update") as RowEdge;
  const seen = edges.find((edge) => edge !== missed) as RowEdge | TimeEdge;
  const overwriter = transactionNamed(missed.to, acting);
  if (!didWrite(overwriter, rowNamed(missed))) return [];
  if (!("reads" in seen)) return ["read-atomic"];
  // Repeatable read implies the latter, and says nothing of what predicates leave out.
  const isVanished = seen.at < missed.at && missed.reads === "item";
  return isVanished ? ["read-atomic", "monotonic-atomic-view"] : ["read-atomic"];
}

/** Whether it certainly wrote a row: to delete one that is not there is to write nothing. */
function didWrite(by: ActingTransaction, row: string): boolean {
  const last = by.acts.findLast((act) => act.f === "write" && act.row === row);
  if (last?.f !== "write") return false;
  return last.content !== undefined || looksOf(by, [row]).some(wasThere);
}

function wasThere({ isItem, own, fits }: Look): boolean {
  return isItem && own === undefined && !fits(undefined);
}

function confirmEdge(edge: RowEdge | TimeEdge, acting: ActingHistory): void {
  const from = transactionNamed(edge.from, acting);
  const to = transactionNamed(edge.to, acting);
  const about = `${edge.from} → ${edge.to}`;
  if (!("reads" in edge)) {
    const [one, other] = [from.operation, to.operation];
    claim(
      precedesInTime(one, other) && (edge.by === "realtime" || one.process === other.process),
      () => `${about}: not in this order of time.`,
    );
    return;
  }
  const look = confirmLook(edge, edge.by === "wr" ? to : from, about);
  const source = onlySource(look, acting);
  if (edge.by === "wr") {
    claim(
      typeof source === "object" && source.by === from,
      () => `${about}: it need not have read what the other left.`,
    );
    return;
  }
  const left = writesOf(acting, look.row).find((each) => each.by === to && each.isLeft);
  claim(left !== undefined, () => `${about}: the other did not write this row.`);
  claim(didHappen(to, acting), () => `${about}: the other need not have happened.`);
  claim(
    look.isItem || !look.fits(left.content),
    () => `${about}: what the other wrote would have been left out as well.`,
  );
  if (source !== "initial") {
    claim(
      edge.after === "read" && typeof source === "object" && source.by !== to,
      () => `${about}: it is not known which version comes first.`,
    );
    const isBase = looksOf(to, [look.row]).some(
      (each) =>
        each.own === undefined &&
        isOf(each, source, acting) &&
        (left.content !== undefined || wasThere(each)),
    );
    claim(isBase, () => `${about}: the other did not read that version and replace it.`);
  }
  if (edge.by === "update") {
    claim(
      look.isItem && didWrite(from, look.row),
      () => `${about}: the one did not write the row itself.`,
    );
  }
}

function isOf(look: Look, source: ReturnType<typeof onlySource>, acting: ActingHistory): boolean {
  const found = sourceOrNone(look, acting);
  if (typeof found !== "object" || typeof source !== "object") return found === source;
  return found.by === source.by && found.at === source.at;
}

function sourceOrNone(
  look: Look,
  acting: ActingHistory,
): ReturnType<typeof onlySource> | undefined {
  try {
    return onlySource(look, acting);
  } catch {
    return undefined;
  }
}

function confirmLook(edge: RowEdge, reader: ActingTransaction, about: string): Look {
  const look =
    reader.operation.outcome === "ok" ? lookAt(reader, edge.at, rowNamed(edge)) : undefined;
  claim(look !== undefined, () => `${about}: its micro-operation ${edge.at} read no such row.`);
  claim(
    look.isItem || edge.reads === "predicate",
    () => `${about}: the row was read by predicate only.`,
  );
  return look;
}

/** It completed, or somebody read what it alone had left. */
function didHappen(transaction: ActingTransaction, acting: ActingHistory): boolean {
  const { outcome } = transaction.operation;
  if (outcome !== "info") return outcome === "ok";
  return acting.transactions.some(
    (by) =>
      by.operation.outcome === "ok" &&
      looksOf(by, acting.rows).some((look) => {
        if (look.own !== undefined) return false;
        const source = sourceOrNone(look, acting);
        return typeof source === "object" && source.by === transaction;
      }),
  );
}

/** The transaction of an invocation. */
function transactionNamed(at: number, acting: ActingHistory): ActingTransaction {
  const found = acting.transactions.find(({ operation }) => operation.invocation === at);
  claim(found !== undefined, () => `Operation ${at} is no transaction.`);
  return found;
}

/** Of what nobody wrote, whatever the reader had written before. */
const OF_NOBODY: ReadonlySet<RowFinding["kind"]> = new Set<RowFinding["kind"]>([
  "garbage-read",
  "predicate-read-miss",
]);

/** @throws ClaimRefused */
export function confirmRowFinding(finding: RowFinding, history: History): readonly BaseIsolation[] {
  const acting = rowsOf(history);
  const { kind, transaction, at, writer } = finding;
  const by = transactionNamed(transaction, acting);
  const row = rowNamed(finding);
  if (kind === "duplicate-elements") {
    const act = by.operation.outcome === "ok" ? by.acts.find((each) => each.at === at) : undefined;
    claim(act?.f === "read" && act.twice.has(row), () => "It shows nothing more than once.");
    return ["read-uncommitted"];
  }
  const look = by.operation.outcome === "ok" ? lookAt(by, at, row) : undefined;
  claim(look !== undefined, () => `Operation ${transaction} read no such row.`);
  const { own, fits, shown } = look;
  if (kind === "internal") return confirmInternal(look, acting);
  if (kind === "predicate-mismatch") {
    const act = by.acts.find((each) => each.at === at);
    claim(
      act?.f === "read" && !act.isItem && shown !== undefined && act.isHidden(shown),
      () => "What it shows is meant by the predicate.",
    );
    return ["read-uncommitted"];
  }
  claim(
    own === undefined || (OF_NOBODY.has(kind) && !fits(own.content)),
    () => "It follows what the transaction wrote itself.",
  );
  claim(!fits(acting.initial.get(row)), () => "It is what was there at first.");
  const writes = writesOf(acting, row).filter(({ content }) => fits(content));
  if (OF_NOBODY.has(kind)) {
    // The initial version of a row is its first: it was never absent unless somebody deletes it.
    claim(look.isItem === (kind === "garbage-read"), () => "The read was not so.");
    claim(writes.length === 0, () => "Somebody wrote that.");
    return ["read-uncommitted"];
  }
  claim(
    writes.length > 0 &&
      !writes.some((each) => each.isLeft && each.by !== by && each.by.operation.outcome !== "fail"),
    () => "It is explained by what was committed.",
  );
  const isSo = writes.some((each) => {
    const isWriter = each.by.operation.invocation === writer;
    if (kind === "future-read") return isWriter && each.by === by && each.at > at;
    const isFailed = each.by.operation.outcome === "fail";
    return isWriter && each.by !== by && isFailed === (kind === "G1a");
  });
  claim(isSo, () => `It does not show ${kind}.`);
  return ["read-committed"];
}

/** What excludes that a transaction finds two states, or another than it made itself. */
const TWO_STATES: readonly BaseIsolation[] = [
  "read-atomic",
  "repeatable-read",
  "update-serializable",
];

function confirmInternal(look: Look, acting: ActingHistory): readonly BaseIsolation[] {
  const { by, at, row, own, fits, shown, isItem } = look;
  if (own !== undefined) {
    claim(!fits(own.content), () => "It agrees with what the transaction wrote.");
    return [...TWO_STATES, "monotonic-atomic-view"];
  }
  const isOther = looksOf(by, [row]).some(
    (each) => each.at < at && each.isItem && each.own === undefined && each.shown !== shown,
  );
  claim(isItem && isOther && acting.rows.has(row), () => "It read the row in the same way before.");
  return TWO_STATES;
}
