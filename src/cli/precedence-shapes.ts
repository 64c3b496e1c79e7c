/**
 * The shape of certificates about causality, sessions and staleness, which come from a file and may
 * be anything; whether they are true is the verifier's question.
 */

/** A certificate of another kind gives undefined; else what it lacks, or "" when it is sound. */
export function precedenceShapeError(certificate: {
  readonly [name: string]: unknown;
}): string | undefined {
  const { kind, promise, order, views, sources = [], refutation } = certificate;
  const isGuarantees = Array.isArray(promise) && promise.every((each) => typeof each === "string");
  switch (kind) {
    case "causal-order":
      if (typeof promise !== "string") return "names no promise";
      if (!isIndexList(order)) return "has no order";
      return areSources(sources) ? "" : "has malformed sources";
    case "arbitration":
      if (!isGuarantees) return "names no guarantees";
      if (!isIndexList(order)) return "has no order";
      return areSources(sources) ? "" : "has malformed sources";
    case "views":
      if (typeof promise !== "string") return "names no promise";
      if (!isListOf(views, (view) => isIndex(view["of"]) && isIndexList(view["order"]))) {
        return "has no list of views with their order";
      }
      return areSources(sources) ? "" : "has malformed sources";
    case "visibility": {
      const { sees, arbitration } = certificate;
      if (typeof promise !== "string" && !isGuarantees) return "names no promise";
      if (arbitration !== undefined && !isIndexList(arbitration)) return "has no order";
      const isSight = (each: Fields): boolean => isIndex(each["of"]) && isIndexList(each["order"]);
      return isListOf(sees, isSight) ? "" : "does not say what operations see";
    }
    case "stale-order": {
      const isPart = (each: Fields): boolean =>
        each["part"] !== undefined && isIndexList(each["order"]);
      if (!isBound(certificate)) return "names no bound";
      return isListOf(certificate["parts"], isPart) ? "" : "has no list of parts with their order";
    }
    case "too-stale":
      if (!isBound(certificate)) return "names no bound";
      if (certificate["part"] === undefined) return "names no part";
      return isIndexList(certificate["operations"]) ? "" : "names no operations";
    case "unexplained":
      if (typeof promise !== "string" && !isGuarantees) return "names no promise";
      return isIndexList(certificate["required"]) ? "" : "names no operations";
    case "collection-order": {
      const { views: all = [] } = certificate;
      if (typeof promise !== "string" && !isGuarantees) return "names no promise";
      if (order !== undefined && !isIndexList(order)) return "has no order";
      const isView = (each: Fields): boolean =>
        isIndexList(each["of"]) && isIndexList(each["order"]);
      return isListOf(all, isView) ? "" : "has no list of views with their order";
    }
    case "collection-violation": {
      const { cycle, impossible } = certificate;
      if (typeof promise !== "string" && !isGuarantees) return "names no promise";
      if (!isListOf(cycle, isCollectionEdge)) return "has no circle of operations";
      if (impossible === undefined) return "";
      const isRead = isObject(impossible) && isIndex(impossible["read"]);
      return isRead && impossible["element"] !== undefined ? "" : "names no read";
    }
    case "precedence-violation":
      if (typeof promise !== "string" && !isGuarantees) return "names no promise";
      return isRefutation(refutation, REFUTATION_DEPTH_MAX) ? "" : "has no sound refutation";
    default:
      return undefined;
  }
}

function isBound({ versions, deltaNs }: Fields): boolean {
  return typeof versions === "number" && typeof deltaNs === "number";
}

/** Refutations are nested as deep as there are reads whose value was written more than once. */
const REFUTATION_DEPTH_MAX = 1000;

function isRefutation(value: unknown, depthMax: number): boolean {
  if (!isObject(value) || depthMax === 0) return false;
  const { read, cases, edges, path, view } = value;
  if (cases !== undefined) {
    const isCase = (each: Fields): boolean =>
      (each["source"] === null || isIndex(each["source"])) &&
      isRefutation(each["refutation"], depthMax - 1);
    return isIndex(read) && isListOf(cases, isCase);
  }
  const isOptional = (index: unknown): boolean => index === undefined || isIndex(index);
  return isOptional(read) && isOptional(view) && isIndexList(path) && isListOf(edges, isEdge);
}

function isCollectionEdge({ from, to, by, read }: Fields): boolean {
  if (!isIndex(from) || !isIndex(to) || typeof by !== "string") return false;
  return by !== "listed" || isIndex(read);
}

function isEdge({ from, to, by, read, path }: Fields): boolean {
  if (!isIndex(from) || !isIndex(to)) return false;
  if (by === "session" || by === "reads") return true;
  return isIndexList(path) && (by === "follows" || (by === "visible" && isIndex(read)));
}

function areSources(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (each: unknown) =>
        Array.isArray(each) &&
        each.length === 2 &&
        isIndex(each[0]) &&
        (each[1] === null || isIndex(each[1])),
    )
  );
}

interface Fields {
  readonly [name: string]: unknown;
}

function isListOf(value: unknown, isOne: (each: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((each) => isObject(each) && isOne(each));
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isIndex(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isIndexList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => isIndex(each));
}
