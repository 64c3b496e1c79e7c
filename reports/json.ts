/**
 * The result as JSON: pretty, and the same bytes for the same result, whatever the order in which
 * its properties were made. Lists of numbers fill their lines, so that a witness of 10^5 operations
 * stays readable.
 */
import type { RunResult } from "../src/runner/result.js";
import type { Verdict } from "../src/verdict/verdict.js";

const WIDTH = 100;

/** Known properties come in this order, others follow by name. */
const RANKS: ReadonlyMap<string, number> = new Map(
  (
    "version verdict kind name checker reason message file workload system world nemeses seed test counts " +
    "operations invoked ok fail info faults durationNs elapsedMs endedEarly firstViolation notes replay anomalies part " +
    "required forgotten minimal order model options certificate details parts"
  )
    .split(" ")
    .map((name, rank) => [name, rank]),
);

/** Writes a result, or a verdict on its own, with a line break at the end. */
export function jsonReport(result: RunResult | Verdict): string {
  return `${write(result, "")}\n`;
}

function write(value: unknown, indent: string): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item: unknown) => write(item, inner));
    const flat = value.every((item) => item === null || typeof item !== "object");
    return `[\n${flat ? filled(items, inner) : items.map((item) => inner + item).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return "{}";
  entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const lines = entries.map(
    ([name, item]) => `${inner}${JSON.stringify(name)}: ${write(item, inner)}`,
  );
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

function rank(name: string): number {
  return RANKS.get(name) ?? RANKS.size;
}

/** Items with commas between them, as many on a line as fit. */
function filled(items: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = indent;
  items.forEach((item, at) => {
    const text = at === items.length - 1 ? item : `${item},`;
    if (line !== indent && line.length + text.length + 1 > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? text : ` ${text}`;
  });
  lines.push(line);
  return lines.join("\n");
}
