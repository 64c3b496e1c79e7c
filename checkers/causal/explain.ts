/**
 * What went wrong, in the words of whoever ran the test: which rule, and the chain of operations
 * that breaks it.
 */
import type { History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { PrecedenceEdge } from "../../src/verdict/certificate.js";
import type { Anomaly } from "../../src/verdict/verdict.js";

/** At most so many edges are told one by one. */
const TOLD_MAX = 12;

/** What an anomaly is made of. */
export interface Told {
  readonly kind: string;
  /** One sentence that says what is wrong, without the operations. */
  readonly says: string;
  readonly pattern: string;
  readonly edges: readonly PrecedenceEdge[];
  readonly read?: number;
}

/** The anomaly of a contradiction. */
export function anomalyOf(history: History, told: Told): Anomaly {
  const { kind, says, pattern, edges, read } = told;
  const named = new Set<number>(read === undefined ? [] : [read]);
  for (const edge of edges) {
    named.add(edge.from).add(edge.to);
    if (edge.by === "visible") named.add(edge.read);
  }
  const operations = [...named].sort((a, b) => a - b);
  const steps = edges.slice(0, TOLD_MAX).map((edge) => tell(history, edge));
  if (edges.length > TOLD_MAX) steps.push(`and ${edges.length - TOLD_MAX} more steps`);
  const about = read === undefined ? "" : ` ${describe(history, read)}`;
  const message = `${says}:${about}${about !== "" && steps.length > 0 ? ";" : ""} ${steps.join("; ")}`;
  const keys = new Set(operations.map((at) => history.keys[at] as number));
  const [key] = keys;
  const isOneKey = keys.size === 1 && key !== undefined && key >= 0;
  return {
    kind,
    message: `${message.trimEnd()}.`,
    operations,
    ...(isOneKey ? { key: history.pool[key] as Value } : {}),
    details: { pattern, edges: edges, ...(read === undefined ? {} : { read }) },
  };
}

function tell(history: History, edge: PrecedenceEdge): string {
  const from = describe(history, edge.from);
  const to = describe(history, edge.to);
  switch (edge.by) {
    case "session":
      return `process ${processOf(history, edge.to)}: ${from}, then ${to}`;
    case "reads":
      return `process ${processOf(history, edge.to)} read it: ${from}, ${to}`;
    case "visible":
      return `so ${from} comes before ${to}, which ${describe(history, edge.read)} reads although it sees both`;
    case "follows":
      return `so ${from} comes before ${to}, which follows a read of it`;
    default:
      return "";
  }
}

function processOf(history: History, invocation: number): string {
  return String(history.processes[invocation]);
}

/** One operation in a few words. */
export function describe(history: History, invocation: number): string {
  const { f, key, input, output, outcome } = history.operation(invocation);
  const about = key === undefined ? "" : ` ${canonical(key)}`;
  const given = input === null ? "" : ` ${canonical(input)}`;
  const got =
    outcome !== "ok" ||
    output === undefined ||
    (input !== null && canonical(output) === canonical(input))
      ? ""
      : ` → ${canonical(output)}`;
  return `${f}${about}${given}${got} (event ${invocation})`;
}
