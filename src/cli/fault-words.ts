/**
 * What a nemesis says that it did, as one short line: `halves: n1 n3 | n2 n4 n5`. The whole of it
 * is in the history.
 */
import { canonical, type Value } from "../history/value.js";

const LENGTH_MAX = 160;

/** One line, with nodes as words; control characters are replaced, for it goes to a terminal. */
export function faultInWords(value: Value): string {
  const words = inWords(value).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "\u{FFFD}");
  return words.length > LENGTH_MAX ? `${words.slice(0, LENGTH_MAX - 1)}…` : words;
}

function inWords(value: Value): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return listInWords(value);
  if (typeof value !== "object" || value === null) return canonical(value);
  const entries = Object.entries(value) as readonly (readonly [string, Value])[];
  const shape = entries.find(([name]) => name === "shape");
  // The single links only repeat what a shape and its groups say.
  const rest = entries.filter(
    ([name]) => name !== "shape" && (name !== "cuts" || shape === undefined),
  );
  const words = rest.map(([name, part]) =>
    name === "nodes" || name === "groups" ? inWords(part) : `${name} ${inWords(part)}`,
  );
  return (shape === undefined ? "" : `${inWords(shape[1])}: `) + words.join(" ");
}

function listInWords(list: readonly Value[]): string {
  const nested = list.some((part) => typeof part === "object" && part !== null);
  return list.map(inWords).join(nested ? " | " : " ");
}
