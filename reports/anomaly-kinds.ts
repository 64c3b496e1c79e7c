/**
 * Anomalies that no certificate speaks of, by kind: what the checkers of everyday properties find
 * is often the same thing a hundred times, and a second kind must not drown in the first.
 */
import { INVOKE, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Anomaly, Verdict } from "../src/verdict/verdict.js";
import { anomaliesOf } from "./counterexample.js";

/** All anomalies of a kind. */
export interface AnomalyKind {
  readonly kind: string;
  readonly count: number;
  /** The first of them, and the operations that it names. */
  readonly first: Anomaly;
  readonly operations: readonly number[];
  /** The others that the verdict lists. */
  readonly others: readonly Anomaly[];
}

/** The kinds, in the order in which the verdict lists them; none where a certificate tells more. */
export function anomalyKindsOf(verdict: Verdict, history: History): readonly AnomalyKind[] {
  if (hasCertificate(verdict)) return [];
  const byKind = new Map<string, Anomaly[]>();
  for (const anomaly of anomaliesOf(verdict)) {
    const known = byKind.get(anomaly.kind);
    if (known === undefined) byKind.set(anomaly.kind, [anomaly]);
    else known.push(anomaly);
  }
  const counts = verdict.details?.["anomalies"];
  return [...byKind].map(([kind, all]) => {
    const first = all[0] as Anomaly;
    const counted = isCounts(counts) ? counts[kind] : undefined;
    const operations = first.operations.filter((index) => history.types[index] === INVOKE);
    const count = Math.max(counted ?? 0, all.length);
    return { kind, count, first, operations, others: all.slice(1) };
  });
}

function hasCertificate(verdict: Verdict): boolean {
  if (verdict.certificate !== undefined) return true;
  return Object.values(verdict.parts ?? {}).some((part) => hasCertificate(part));
}

function isCounts(value: Value | undefined): value is { readonly [kind: string]: number } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Details of anomalies that name what they are about. */
const NAMING = ["element", "elements", "message", "missing", "seen", "value", "id"];

/** The values that an anomaly is about; long lists are cut around them. */
export function focusOf({ details = {} }: Anomaly): readonly Value[] {
  return NAMING.flatMap((name) => {
    const value = details[name];
    if (value === undefined) return [];
    return name === "elements" && Array.isArray(value) ? (value as readonly Value[]) : [value];
  });
}
