/**
 * What a verdict points at: the operations that contradict one another, or the witness order that
 * explains the history. Taken from the certificate; without one, from the gravest anomaly.
 */
import type { History } from "../src/history/history.js";
import { INVOKE, NONE } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Certificate, LinearizationCertificate } from "../src/verdict/certificate.js";
import type { Anomaly, Verdict, VerdictKind } from "../src/verdict/verdict.js";

/** Operations that no order explains together. */
export interface Counterexample {
  /** Invocation indices of the operations that contradict one another, ascending. */
  readonly required: readonly number[];
  /** Invocation indices of the operations that may have happened but explain nothing, ascending. */
  readonly forgotten: readonly number[];
  /** The key that it is about; null when the history has no parts. */
  readonly part: Value;
  /** True when none of `required` can be left out; false when that is not known. */
  readonly minimal: boolean;
  /** Whether what is said about it names operations by the index of their invocation. */
  readonly byIndex: boolean;
  /** The anomaly that it was taken from, where no certificate says more. */
  readonly anomaly?: Anomaly;
}

/** The counterexample of a verdict, however deep it was merged; undefined when it has none. */
export function counterexampleOf(verdict: Verdict, history: History): Counterexample | undefined {
  const isOperation = (index: number): boolean => history.types[index] === INVOKE;
  // A certificate of its own is what the verdict rests on; those of its parts say other things.
  const certificate =
    verdict.certificate ??
    findCertificate(verdict, "non-linearizable") ??
    findCertificate(verdict, "non-sequential");
  if (certificate !== undefined && "forgotten" in certificate) {
    return {
      required: certificate.required.filter(isOperation),
      forgotten: certificate.forgotten.filter(isOperation),
      part: "part" in certificate ? certificate.part : null,
      minimal: certificate.minimal,
      byIndex: false,
    };
  }
  const [anomaly] = anomaliesOf(verdict);
  const required = anomaly?.operations.filter(isOperation) ?? [];
  if (anomaly === undefined || required.length === 0) return undefined;
  const byIndex = verdict.certificate?.kind === "isolation-violation";
  return { required, forgotten: [], part: anomaly.key ?? null, minimal: false, byIndex, anomaly };
}

/** The witness order of a valid verdict; undefined when it has none. */
export function witnessOf(verdict: Verdict): LinearizationCertificate | undefined {
  const certificate = findCertificate(verdict, "linearization");
  return certificate?.kind === "linearization" ? certificate : undefined;
}

/** The anomalies of a verdict, or of the first of its parts that has some. */
export function anomaliesOf(verdict: Verdict): readonly Anomaly[] {
  if (verdict.anomalies.length > 0) return verdict.anomalies;
  for (const part of Object.values(verdict.parts ?? {})) {
    const found = anomaliesOf(part);
    if (found.length > 0) return found;
  }
  return [];
}

/** The position in `history.pool` of the key that the counterexample is about, or `NONE`. */
export function keyOf(counterexample: Counterexample, history: History): number {
  const [first] = counterexample.required;
  return first === undefined || counterexample.part === null
    ? NONE
    : (history.keys[first] as number);
}

function findCertificate(verdict: Verdict, kind: Certificate["kind"]): Certificate | undefined {
  if (verdict.certificate?.kind === kind) return verdict.certificate;
  for (const part of Object.values(verdict.parts ?? {})) {
    const found = findCertificate(part, kind);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How a verdict is marked, so that it reads without colour. */
export const VERDICT_ICONS: { readonly [kind in VerdictKind]: string } = {
  valid: "✓",
  invalid: "✗",
  unknown: "?",
};
