/**
 * What a message says, in a few words. Envelopes of requests and answers (`world/rpc.ts`) and their
 * numbers are left off: `["ok", "3.1", ["ok", null]]` reads `ok null`.
 */
import type { Value } from "../../src/history/value.js";
import type { RecordedMessage } from "../../src/runner/recorded-message.js";
import { formatValue } from "../operation-label.js";

const ENVELOPES = new Set(["req", "ok", "error", "peer"]);

/** The words of a message; its label where its content was cut. */
export function wordsOf({ content, label }: RecordedMessage): string {
  let value: Value;
  try {
    value = JSON.parse(content) as Value;
  } catch {
    return label.replace(/^(?:req|peer)\((.*)\)$/, "$1").replaceAll(".", " ");
  }
  const words = saidBy(bodyOf(value));
  return words === "" ? label : words;
}

function bodyOf(value: Value): Value {
  if (!Array.isArray(value)) return value;
  const [kind, ...rest] = value as readonly Value[];
  if (typeof kind !== "string" || !ENVELOPES.has(kind) || rest.length === 0) return value;
  return kind === "error" ? ["error", rest.at(-1) as Value] : (rest.at(-1) as Value);
}

function saidBy(value: Value): string {
  if (value === null || typeof value !== "object") return formatValue(value);
  if (Array.isArray(value)) {
    const items = value as readonly Value[];
    if (typeof items[0] !== "string") return gistOf(value);
    return items.map((item) => gistOf(item)).join(" ");
  }
  const fields = Object.entries(value as { readonly [name: string]: Value });
  const [head, rest] = headOf(fields);
  const flags = rest.filter(([, each]) => each === true).map(([name]) => name);
  // What is carried says more than numbers, and comes first.
  const carried = rest.filter(([, each]) => each !== null && typeof each === "object");
  const full = carried.map(([, each]) => gistOf(each)).filter((gist) => gist !== "[]");
  const plain = rest.filter(([, each]) => typeof each === "number" || typeof each === "string");
  // An outcome says more than a number or the name of a transaction.
  const isWord = ([, each]: Entry): boolean => typeof each === "string" && !/\d/.test(each);
  const ordered = [...plain.filter(isWord), ...plain.filter((each) => !isWord(each))];
  const others = ordered.map(([name, each]) => `${name} ${formatValue(each)}`);
  return [...head, ...flags, ...full, ...others].filter((part) => part !== "").join(" ");
}

type Entry = readonly [name: string, value: Value];

/** The fields that name a kind by custom, and the others. */
function headOf(fields: readonly Entry[]): readonly [readonly string[], readonly Entry[]] {
  const isName = ([name, each]: Entry): boolean =>
    ["kind", "type", "f"].includes(name) && typeof each === "string";
  return [
    fields.filter(isName).map(([, each]) => each as string),
    fields.filter((each) => !isName(each)),
  ];
}

/** Of what is wrapped, the innermost: of a log's entry the command, of a command `put a 1`. */
function gistOf(value: Value): string {
  if (value === null || typeof value !== "object") return formatValue(value);
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(gistOf).join(", ")}]`;
  const fields = Object.entries(value as { readonly [name: string]: Value });
  const [head, rest] = headOf(fields);
  const isWrapped = ([, each]: Entry): boolean =>
    each !== null && typeof each === "object" && !Array.isArray(each);
  const wrapped = rest.filter(isWrapped).map(([, each]) => each);
  if (wrapped.length === 1) return gistOf(wrapped[0] as Value);
  if (head.length === 0) return formatValue(value);
  return [...head, ...rest.map(([, each]) => gistOf(each))].join(" ");
}
