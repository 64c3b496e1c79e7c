/**
 * The shape of certificates about transactions, which come from a file and may be anything; whether
 * they are true is the verifier's question.
 */
import { levelNamed } from "../consistency/lattice.js";

type Fields = { readonly [name: string]: unknown };

/** A certificate of another kind gives undefined; else what it lacks, or "" when it is sound. */
export function isolationShapeError(certificate: Fields): string | undefined {
  const { kind, level, manner, order, phenomenon, through = level } = certificate;
  if (kind !== "transaction-order" && kind !== "isolation-violation") return undefined;
  if (!isLevel(level) || !isLevel(through)) return "names no level";
  if (kind === "transaction-order") {
    const isKnown = ["serial", "snapshot", "commit", "points"].includes(String(manner));
    if (!isKnown) return "has no manner";
    const { readers = [], view = [], sources = [], sights = [] } = certificate;
    const { counted = [], balances = [] } = certificate;
    const isOrder = (each: Fields): boolean =>
      isIndex(each["reader"]) && isIndexList(each["order"]);
    const isSound =
      isListOf(readers, isOrder) &&
      isIndexList(view) &&
      isListOf(sources, isSource) &&
      isListOf(counted, isCounted) &&
      isListOf(balances, isBalance) &&
      isListOf(sights, isSight);
    return isIndexList(order) && isSound ? "" : "has no order";
  }
  if (!isObject(phenomenon)) return "has no phenomenon";
  return phenomenonShapeError(phenomenon);
}

function isLevel(name: unknown): boolean {
  return typeof name === "string" && levelNamed(name)?.name === name;
}

function phenomenonShapeError(phenomenon: Fields): string {
  const { name, edges, key, transactions } = phenomenon;
  if (name === "no-source") {
    const { cases } = phenomenon;
    if (!Array.isArray(cases) || !cases.every(isObject)) return "has malformed cases";
    return cases.map(phenomenonShapeError).find((error) => error !== "") ?? "";
  }
  if (name === "no-lists" || name === "no-balances") {
    const { cases } = phenomenon;
    const isSound = isListOf(cases, ({ counted, balances }) =>
      name === "no-lists" ? isListOf(counted, isCounted) : isListOf(balances, isBalance),
    );
    if (!isSound || !Array.isArray(cases)) return "has malformed cases";
    const all = (cases as readonly Fields[]).map((each) => each["phenomenon"]);
    if (!all.every(isObject)) return "has malformed cases";
    return all.map(phenomenonShapeError).find((error) => error !== "") ?? "";
  }
  if (name === "cycle") return isListOf(edges, isEdge) ? "" : "has malformed edges";
  if (name === "no-row-order") return "";
  if (name === "row-cycle") return isListOf(edges, isRowEdge) ? "" : "has malformed edges";
  if (name === "row-finding") {
    const { transaction, at, kind: what } = phenomenon;
    const isNamed = isIndex(transaction) && isIndex(at) && typeof what === "string";
    return isNamed && key !== undefined ? "" : "has a malformed phenomenon";
  }
  if (name === "counter-finding") {
    const isNamed = typeof phenomenon["kind"] === "string" && isIndexList(phenomenon["at"]);
    return isNamed && isIndexList(transactions) ? "" : "has a malformed phenomenon";
  }
  if (name === "counter-cycle") {
    const isSound = areOrders(phenomenon["reads"]) && isListOf(edges, isCounterEdge);
    return isSound ? "" : "has malformed edges";
  }
  if (name === "no-counter-order") {
    const { needs, reads, cases } = phenomenon;
    const isSound = typeof needs === "string" && areOrders(reads) && areCases(cases);
    return isSound ? "" : "has a malformed refutation of totals";
  }
  if (name === "no-version-order") {
    const { contradictions, steps } = phenomenon;
    const isSound = isListOf(contradictions, isContradiction) && areSteps(steps);
    return isSound ? "" : "has a malformed refutation of orders";
  }
  if (name === "version-cycle") {
    const isSound = key !== undefined && isListOf(phenomenon["steps"], isStep);
    return isSound ? "" : "has malformed versions";
  }
  if (name === "missed-write") {
    const isNamed = isIndex(phenomenon["writer"]) && isVisibility(phenomenon);
    return isNamed ? "" : "has a malformed phenomenon";
  }
  const isSound = typeof name === "string" && key !== undefined && isIndexList(transactions);
  return isSound ? "" : "has a malformed phenomenon";
}

/** Edges of a path are not of the kind that has one. */
function isVisibility({ key, written, reader, path }: Fields): boolean {
  const isOfPath = (edge: Fields): boolean => edge["by"] !== "visible" && isEdge(edge);
  const isNamed = key !== undefined && written !== undefined && isIndex(reader);
  return isNamed && isListOf(path, isOfPath);
}

/** Whose write a read is of, or the initial value. */
function isSource({ reader, at, place = 0, of, by }: Fields): boolean {
  const isInitial = of === null && by === null;
  const isRead = isIndex(reader) && isIndex(at) && isIndex(place);
  return isRead && (isInitial || (isIndex(of) && isIndex(by)));
}

/** What a read of a counter counts. */
function isCounted({ reader, at, of }: Fields): boolean {
  return isIndex(reader) && isIndex(at) && areOrders(of);
}

/** Whose balance of an account was read, or the first one. */
function isBalance({ reader, key, of }: Fields): boolean {
  return isIndex(reader) && key !== undefined && (of === null || isIndex(of));
}

/** Of whose version a row was read, or that one who deletes it found none. */
function isSight({ reader, key, at, of }: Fields): boolean {
  const isOfOne = of === undefined || of === null || isIndex(of);
  return isIndex(reader) && key !== undefined && isOfOne && (at === undefined || isIndex(at));
}

/** Because of a row that one of the two read, or of time. */
function isRowEdge({ from, to, by, key, at, reads }: Fields): boolean {
  if (!isIndex(from) || !isIndex(to)) return false;
  if (by === "process" || by === "realtime") return reads === undefined;
  const isKnown = by === "wr" || by === "rw" || by === "update";
  return (
    isKnown && key !== undefined && isIndex(at) && ["item", "predicate"].includes(String(reads))
  );
}

/** That one version of a register comes before another. */
function isStep({ value, next, rule, transactions }: Fields): boolean {
  const isNamed = typeof rule === "string" && isIndexList(transactions);
  return value !== undefined && next !== undefined && isNamed;
}

function isContradiction({ orders, edges }: Fields): boolean {
  return areOrders(orders) && isListOf(edges, (edge) => isGivenEdge(edge) || isEdge(edge));
}

function isGivenEdge({ from, to, by, key, given }: Fields): boolean {
  const isSound = isIndex(from) && isIndex(to) && key !== undefined && areOrders([given]);
  return isSound && (by === "ww" || by === "rw" || by === "update");
}

/** Because of totals, or of time. */
function isCounterEdge({ from, to, by, key, at, toAt }: Fields): boolean {
  if (!isIndex(from) || !isIndex(to)) return false;
  if (by === "process" || by === "realtime") return true;
  const isRead = key !== undefined && isIndex(at);
  return isRead && (by === "wr" || by === "rw" || (by === "smaller" && isIndex(toAt)));
}

/** Of totals: null, or cases of cases. */
function areCases(value: unknown): boolean {
  if (value === null) return true;
  if (!isObject(value)) return false;
  const { before, after, yes, no, read, at, cases } = value;
  if (cases !== undefined) {
    return isIndex(read) && isIndex(at) && Array.isArray(cases) && cases.every(areCases);
  }
  return isMoment(before) && isMoment(after) && areCases(yes) && areCases(no);
}

function isMoment(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { of, is, at } = value;
  const isNamed = is === "commit" || is === "snapshot" || (is === "read" && isIndex(at));
  return isIndex(of) && isNamed;
}

function areSteps(value: unknown): boolean {
  return Array.isArray(value) && value.every(areOrders);
}

function areOrders(value: unknown): boolean {
  const isOrder = (order: unknown): boolean =>
    isIndexList(order) && (order as readonly number[]).length === 2;
  return Array.isArray(value) && value.every(isOrder);
}

function isEdge(edge: Fields): boolean {
  const { from, to, by, key, value, next, seenBy, toSeenBy } = edge;
  if (!isIndex(from) || !isIndex(to) || edge["given"] !== undefined) return false;
  if (![seenBy, toSeenBy].every((each) => each === undefined || isIndex(each))) return false;
  if (edge["step"] !== undefined) {
    const isOverwrite = by === "ww" || by === "rw" || by === "update";
    return isOverwrite && key !== undefined && isObject(edge["step"]) && isStep(edge["step"]);
  }
  switch (by) {
    case "process":
    case "realtime":
      return true;
    case "wr":
      return key !== undefined && value !== undefined;
    case "ww":
      return key !== undefined && value !== undefined && next !== undefined && isIndex(seenBy);
    case "visible":
      return edge["read"] !== undefined && isVisibility(edge);
    case "rw":
    case "update":
      return key !== undefined && next !== undefined;
    default:
      return false;
  }
}

function isListOf(value: unknown, isSound: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item) && isSound(item));
}

function isIndexList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isIndex);
}

function isIndex(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
