/**
 * The shape of certificates about logs, which come from a file and may be anything; whether they
 * are true is the verifier's question.
 */

type Fields = { readonly [name: string]: unknown };

/** A certificate of another kind gives undefined; else what it lacks, or "" when it is sound. */
export function streamShapeError(certificate: Fields): string | undefined {
  const { kind, isolation, edges, happened } = certificate;
  if (kind !== "stream-cycle") return undefined;
  if (typeof isolation !== "string") return "names no isolation";
  if (!isListOf(edges, isEdge)) return "has malformed edges";
  return isListOf(happened, isSighting) ? "" : "does not say what happened";
}

function isEdge({ from, to, by, log, message, next, at, nextAt, upTo }: Fields): boolean {
  if (!isIndex(from) || !isIndex(to)) return false;
  if (by === "process" || by === "realtime") return true;
  if (typeof log !== "string") return false;
  if (by === "wr") return message !== undefined;
  const isNext = next !== undefined && isPlace(nextAt);
  if (by === "ww") return message !== undefined && isPlace(at) && isNext;
  return by === "rw" && typeof upTo === "number" && isNext;
}

function isSighting({ operation, log, message, shownBy }: Fields): boolean {
  const isNamed = typeof log === "string" && message !== undefined;
  return isIndex(operation) && isNamed && isIndex(shownBy);
}

function isPlace(value: unknown): boolean {
  return isObject(value) && typeof value["offset"] === "number" && isIndex(value["by"]);
}

function isListOf(value: unknown, isSound: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item) && isSound(item));
}

function isIndex(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
