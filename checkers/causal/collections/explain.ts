/**
 * What went wrong with a set or a log, in the words of whoever ran the test.
 */
import type { History } from "../../../src/history/history.js";
import { canonical, type Value } from "../../../src/history/value.js";
import type { LevelName } from "../../../src/consistency/level.js";
import type { CollectionEdge } from "../../../src/verdict/collection-certificate.js";
import type { Anomaly } from "../../../src/verdict/verdict.js";
import type { CollectionPattern } from "./decide.js";
import type { Impossible } from "./layout.js";

/** At most so many steps are told one by one, and so many elements of a list. */
const TOLD_MAX = 12;
const ELEMENTS_MAX = 8;

/**
 * Patterns, each with what it says.
 *
 * ```
 * missing-element                            misplaced-element
 *   0  append a                                0  append a   append b
 *   1  read → [a]   append b                   1                        read → [b, a]
 *   2                          read → [b]
 *
 * diverging-lists                            view-cycle
 *   0  append a   read → [a, b]                0  append a
 *   1  append b   read → [b, a]                1  append b
 *                                              2  read → [a]   read → [b, a]
 * ```
 */
const PATTERNS: { readonly [pattern in CollectionPattern]?: string } = {
  "causality-cycle": "Operations precede themselves causally",
  "missing-element": "A read does not show an element whose addition precedes it causally",
  "misplaced-element":
    "A read lists an element after another one that its addition precedes causally",
  "diverging-lists": "No one order of additions explains what was listed",
  "view-cycle": "No order of what a session saw explains all its reads",
  "order-cycle": "No order of all operations that keeps that of each process explains them",
  "read-your-writes": "A session did not see what it had added",
  "monotonic-reads": "A session did not see again what it had seen",
};

/** The anomaly of a circle. */
export function explainCycle(
  history: History,
  about: {
    readonly name: LevelName;
    readonly pattern: CollectionPattern;
    readonly cycle: readonly CollectionEdge[];
  },
): Anomaly {
  const { name, pattern, cycle } = about;
  const isGuarantee = pattern === "read-your-writes" || pattern === "monotonic-reads";
  const kind =
    pattern === "guarantee"
      ? `${name}-violation`
      : isGuarantee
        ? `${pattern}-violation`
        : pattern === "order-cycle"
          ? "not-sequentially-consistent"
          : pattern;
  const says = PATTERNS[pattern] ?? `No one order of additions keeps ${name}`;
  const steps = cycle.slice(0, TOLD_MAX).map((edge) => tell(history, edge));
  if (cycle.length > TOLD_MAX) steps.push(`and ${cycle.length - TOLD_MAX} more steps`);
  const named = cycle.flatMap((edge) =>
    edge.by === "listed" ? [edge.from, edge.to, edge.read] : [edge.from, edge.to],
  );
  const operations = [...new Set(named)].toSorted((a, b) => a - b);
  return {
    kind,
    message: `${says}: ${steps.join("; ")}.`,
    operations,
    ...keyOf(history, operations),
    details: { pattern, edges: cycle },
  };
}

/** The anomaly of a result that nothing explains. */
export function explainImpossible(history: History, impossible: Impossible): Anomaly {
  const { pattern, read, element } = impossible;
  const text = canonical(history.valueAt(element));
  const of = describe(history, read);
  const [kind, message] = {
    "thin-air": ["thin-air-read", `A read shows an element that nobody added: ${text}, in ${of}.`],
    repeated: [
      "repeated-element",
      `A read shows an element twice that was added once: ${text}, in ${of}.`,
    ],
    refused: [
      "refused-addition",
      `An addition found its element there, which nobody else had added: ${of}.`,
    ],
  }[pattern] as [string, string];
  const details = { pattern, element: history.valueAt(element) };
  return { kind, message, operations: [read], ...keyOf(history, [read]), details };
}

function keyOf(history: History, operations: readonly number[]): { readonly key?: Value } {
  const keys = new Set(operations.map((at) => history.keys[at] as number));
  const [key] = keys;
  return keys.size === 1 && key !== undefined && key >= 0 ? { key: history.valueAt(key) } : {};
}

function tell(history: History, edge: CollectionEdge): string {
  const from = describe(history, edge.from);
  const to = describe(history, edge.to);
  const process = (at: number): string => `process ${history.processes[at]}`;
  switch (edge.by) {
    case "session":
      return `${process(edge.to)}: ${from}, then ${to}`;
    case "shows":
      return `${process(edge.to)} saw it: ${from}, ${to}`;
    case "lacks":
      return `${process(edge.from)} did not see it: ${to}, ${from}`;
    case "listed":
      return `${process(edge.read)} listed ${from} before ${to}: ${describe(history, edge.read)}`;
    default:
      return "";
  }
}

/** One operation in a few words. */
function describe(history: History, invocation: number): string {
  const { f, key, input, output, outcome } = history.operation(invocation);
  const about = key === undefined ? "" : ` ${canonical(key)}`;
  const given = input === null ? "" : ` ${canonical(input)}`;
  const isSaid =
    outcome === "ok" &&
    output !== undefined &&
    (input === null || canonical(output) !== canonical(input));
  return `${f}${about}${given}${isSaid ? ` → ${shortened(output)}` : ""} (event ${invocation})`;
}

/** Of a long list its beginning and its end. */
function shortened(value: Value): string {
  if (!Array.isArray(value) || value.length <= ELEMENTS_MAX) return canonical(value);
  const all = value as readonly Value[];
  const told = [
    ...all.slice(0, 3).map((each) => canonical(each)),
    "…",
    canonical(all.at(-1) as Value),
  ];
  return `[${told.join(",")}] of ${all.length}`;
}
