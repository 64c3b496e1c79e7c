/**
 * What kind of message it is, in a word: the names, truth values and emptiness in it, but no number
 * and no text that varies. `["req", "17.3", {kind: "vote", granted: true, term: 4}]` is
 * `req(vote.granted)`.
 */
import type { Message } from "./network.js";

/** Messages are looked into so deep; what is deeper seldom tells kinds apart. */
const DEPTH = 4;

/** The label of a message. */
export function labelOf(message: Message): string {
  return labelAt(message, DEPTH);
}

function labelAt(value: Message, depth: number): string {
  if (typeof value === "boolean") return String(value);
  if (value === null || typeof value !== "object" || depth === 0) return "";
  if (Array.isArray(value)) return labelOfList(value, depth);
  return labelOfRecord(value as { readonly [name: string]: Message }, depth);
}

function labelOfList(list: readonly Message[], depth: number): string {
  const [first, ...rest] = list;
  if (first === undefined) return "[]";
  if (typeof first !== "string" || !/^[a-z][a-z-]*$/i.test(first)) return "[+]";
  const inner = rest.map((item) => labelAt(item, depth - 1)).filter((label) => label !== "");
  return inner.length === 0 ? first : `${first}(${inner.join(",")})`;
}

/** The fields that name a kind, by custom. */
const KINDS = ["kind", "type", "f"];

function labelOfRecord(record: { readonly [name: string]: Message }, depth: number): string {
  const kind = KINDS.map((name) => record[name]).find((each) => typeof each === "string");
  const parts = [typeof kind === "string" ? kind : ""];
  for (const [name, value] of Object.entries(record)) {
    if (value === true) parts.push(name);
    else if (Array.isArray(value)) parts.push(`${name}${value.length === 0 ? "[]" : "[+]"}`);
    else if (value !== null && typeof value === "object") parts.push(labelAt(value, depth - 1));
  }
  return parts.filter((part, index) => index === 0 || part !== "").join(".");
}
