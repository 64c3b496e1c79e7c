/**
 * What contradicts a weak level, in sentences. A cycle of commits that reads of one transaction
 * force is a non-monotonic read when it missed what it had seen before, a fractured read when it
 * saw one write of a transaction and not another, and else a violation of causality.
 *
 * ```
 * non-monotonic-read   0  w x 1   w y 1                    1  w x 2   (2 after 1, as others saw)
 *                      2  r y → 1   r x → null
 * fractured-read       2  r x → null   r y → 1
 * causality-violation  0  w x 1      1  r x → 1   w y 1    2  r y → 1   r x → null
 * ```
 */
import type {
  DependencyEdge,
  IsolationPhenomenon,
  Visibility,
} from "../../../src/verdict/isolation-certificate.js";
import type { Anomaly } from "../../../src/verdict/verdict.js";
import { missedWithMicros, withMicros } from "../edge-micros.js";
import { EDGES_MAX, short, tellEdge, tellSight, type Explained } from "../explain.js";
import type { Transactions } from "../layout.js";
import type { WeakBase } from "./decide.js";

/** At most so many steps are told one by one. */
const TOLD_MAX = 12;

const KINDS: { readonly [base in WeakBase]: string } = {
  "monotonic-atomic-view": "non-monotonic-read",
  "read-atomic": "fractured-read",
  "causal-cerone": "causality-violation",
};

/** What weak levels are contradicted by. */
export type WeakPhenomenon = Extract<
  IsolationPhenomenon,
  { readonly name: "cycle" | "missed-write" }
>;

/** Says what is wrong; `base` is the weakest level that excludes it. */
export function explainWeak(
  phenomenon: WeakPhenomenon,
  base: WeakBase,
  transactions: Transactions,
): Explained {
  const isForced =
    phenomenon.name === "missed-write" || phenomenon.edges.some(({ by }) => by === "visible");
  const suffix = needs("realtime", phenomenon)
    ? "-realtime"
    : needs("process", phenomenon)
      ? "-process"
      : "";
  const kind = `${isForced ? KINDS[base] : "G1c"}${suffix}`;
  const message =
    phenomenon.name === "missed-write"
      ? `${kind}: ${tellMissed(phenomenon, transactions)}.`
      : `${kind}: ${tellCycle(phenomenon.edges, transactions)}: so each would have to commit before itself.`;
  const operations = [...new Set(namesOf(phenomenon))].toSorted((a, b) => a - b);
  const { history } = transactions;
  const details =
    phenomenon.name === "missed-write"
      ? missedWithMicros({ ...phenomenon, path: phenomenon.path.slice(0, EDGES_MAX) }, history)
      : { edges: withMicros(phenomenon.edges.slice(0, EDGES_MAX), history) };
  const anomaly: Anomaly = { kind, message, operations, details };
  return { anomaly, phenomenon };
}

function needs(time: "process" | "realtime", phenomenon: WeakPhenomenon): boolean {
  const edges = phenomenon.name === "cycle" ? phenomenon.edges : phenomenon.path;
  return edges.some(
    (edge) =>
      edge.by === time || (edge.by === "visible" && edge.path.some(({ by }) => by === time)),
  );
}

function namesOf(phenomenon: WeakPhenomenon): readonly number[] {
  if (phenomenon.name === "missed-write") {
    return [phenomenon.reader, ...phenomenon.path.map(({ from }) => from)];
  }
  return phenomenon.edges.flatMap((edge) =>
    edge.by === "visible"
      ? [edge.from, edge.to, edge.reader, ...edge.path.map(({ from }) => from)]
      : [edge.from, edge.to],
  );
}

function tellCycle(edges: readonly DependencyEdge[], transactions: Transactions): string {
  const told = edges.slice(0, TOLD_MAX).map((edge) => tellEdge(edge, transactions));
  if (edges.length > TOLD_MAX) told.push(`and ${edges.length - TOLD_MAX} more steps`);
  return told.join("; ");
}

function tellMissed(
  missed: Visibility & { readonly writer: number },
  transactions: Transactions,
): string {
  const { reader, key, written, writer } = missed;
  const sight = tellSight(missed, transactions);
  return `transaction ${reader} read ${short(key)} without ${short(written)}, which transaction ${writer} wrote, although it sees transaction ${writer} (${sight})`;
}
