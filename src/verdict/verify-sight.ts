/**
 * Confirms that a transaction read a key otherwise than it should have, given another transaction
 * that it sees and that wrote the key (Cerone et al. 2015, section 3; Biswas & Enea 2019, section
 * 2.2), and answers the weakest level that demands as much:
 *
 * - monotonic atomic view: the reader had read from that transaction before;
 * - read atomic: it read from it at any time, or that transaction precedes it in time;
 * - causal consistency: it is so through any number of others.
 */
import type { BaseIsolation } from "../consistency/level.js";
import type { History } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import type { DependencyEdge, Visibility } from "./isolation-certificate.js";
import { readsLastBy } from "./list-edges.js";
import {
  elementsOf,
  transactionAt,
  transactionsOf,
  type Micro,
  type Transaction,
} from "./transactions.js";

/** Levels by what a reader must see, from weak to strong. */
const BY_SIGHT = ["monotonic-atomic-view", "read-atomic", "causal-cerone"] as const;
type BySight = (typeof BY_SIGHT)[number];

/** Of several the strongest, which is the weakest that demands all of them. */
export function strongestOf(levels: readonly BySight[]): BaseIsolation | undefined {
  return BY_SIGHT.findLast((each) => levels.includes(each));
}

/**
 * Confirms that the reader sees `seen`, which wrote the key, and read `read` of it, null for the
 * initial value, or for a list without what `seen` appended; the steps of the path are left to the
 * caller.
 * @throws ClaimRefused
 */
export function confirmSight(
  { key, written, reader, path }: Visibility,
  {
    seen,
    read,
    history,
  }: { readonly seen: number; readonly read: Value; readonly history: History },
): BySight {
  const by = transactionAt(history, reader);
  const about = `${seen}, as ${reader} sees it`;
  claim(seen !== reader, () => `${about}: they are one.`);
  claim(by.operation.outcome === "ok", () => `${about}: the reader did not complete.`);
  claim(
    wrote(transactionAt(history, seen), key, written),
    () => `${about}: it did not write this.`,
  );
  const isList = appended(transactionAt(history, seen), key);
  const isShown = (each: Micro): boolean =>
    isList ? lacks(each, canonical(key), written) : isRead(each, canonical(key), read);
  const at = by.micro.findIndex(isShown);
  claim(at >= 0, () => `${about}: the reader did not read this.`);
  if (isList) {
    // Lists only grow: what is not there was not there.
    claim(read === null, () => `${about}: a list shows what was before.`);
  } else {
    confirmOnce(key, read, history);
    claim(
      !by.micro.slice(0, at).some(({ f, key: of }) => f !== "r" && of === canonical(key)),
      () => `${about}: the reader had written the key itself.`,
    );
  }
  confirmPath(path, { from: seen, to: reader, about });
  confirmSources(path, history);
  const [only, ...others] = path;
  if (only === undefined || others.length > 0) return "causal-cerone";
  if (only.by !== "wr") return "read-atomic";
  // Of several reads alike the last: whatever was read before it was read before one of them.
  const isBefore = by.micro
    .slice(0, by.micro.findLastIndex(isShown))
    .some((_, place) => readsLastBy(place, by.micro, [only.key, only.value]));
  return isBefore ? "monotonic-atomic-view" : "read-atomic";
}

/**
 * Confirms that whoever is read by these edges is alone in having written what was read.
 * @throws ClaimRefused
 */
export function confirmSources(edges: readonly DependencyEdge[], history: History): void {
  for (const edge of edges) {
    if (edge.by !== "wr") continue;
    const writers = transactionsOf(history).filter((each) => wrote(each, edge.key, edge.value));
    claim(
      writers.length < 2,
      () => `${canonical(edge.value)} was written to ${canonical(edge.key)} more than once.`,
    );
  }
}

function confirmPath(
  path: readonly DependencyEdge[],
  { from, to, about }: { readonly from: number; readonly to: number; readonly about: string },
): void {
  let at = from;
  for (const edge of path) {
    claim(
      edge.by === "wr" || edge.by === "process" || edge.by === "realtime",
      () => `${about}: nobody is seen by a step of the kind ${edge.by}.`,
    );
    claim(edge.from === at, () => `${about}: the path breaks off at ${at}.`);
    at = edge.to;
  }
  claim(path.length > 0 && at === to, () => `${about}: the path does not lead there.`);
}

/** The value was written once by those that did not fail; the initial one by nobody at all. */
function confirmOnce(key: Value, value: Value, history: History): void {
  const writers = transactionsOf(history).filter((each) => wrote(each, key, value));
  claim(
    writers.length === (value === null ? 0 : 1),
    () => `${canonical(value)} was written to ${canonical(key)} by ${writers.length} transactions.`,
  );
}

function wrote({ micro, operation }: Transaction, key: Value, value: Value): boolean {
  if (operation.outcome === "fail") return false;
  const text = canonical(key);
  return micro.some(
    (each) =>
      each.f !== "r" && each.key === text && canonical(each.value ?? null) === canonical(value),
  );
}

/** Whether it read this value, or a list that ends with it. */
function isRead(each: Micro, of: string, wanted: Value): boolean {
  if (each.f !== "r" || each.key !== of || each.value === undefined) return false;
  const text = canonical(wanted);
  return canonical(each.value) === text || elementsOf(each).at(-1) === text;
}

/** Whether it read a list, or none yet, without an element. */
function lacks(each: Micro, of: string, element: Value): boolean {
  if (each.f !== "r" || each.key !== of || each.value === undefined) return false;
  const isList = each.value === null || Array.isArray(each.value);
  return isList && !elementsOf(each).includes(canonical(element));
}

function appended({ micro }: Transaction, key: Value): boolean {
  return micro.some(({ f, key: of }) => f === "append" && of === canonical(key));
}
