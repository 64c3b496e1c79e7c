/**
 * What is found wrong without a cycle: each kind with a few examples, and how often.
 */

/** An anomaly that one or a few transactions show by themselves. */
export interface Finding {
  readonly kind: FindingKind;
  /** Number of the key. */
  readonly key: number;
  /** Transactions: who shows it first, then the others that it is about. */
  readonly transactions: readonly number[];
  /** Micro-operations that show it, in the order of `transactions`. */
  readonly micro: readonly number[];
  /** Position of the element or value that it is about. */
  readonly value?: number;
  /** For registers: versions that come before themselves, step by step. */
  readonly versions?: readonly VersionStep[];
}

/** That one value of a register comes before another: positions of both, and why. */
export interface VersionStep {
  readonly value: number;
  readonly next: number;
  readonly reason: VersionReason;
}

/** What may be assumed of the order of versions. */
export type VersionRule = "writes-follow-reads" | "sessions" | "realtime";

/** Why one version comes before another: a rule, and the transactions that it is about. */
export interface VersionReason {
  readonly rule: VersionRule | "initial";
  readonly transactions: readonly number[];
}

/** Anomalies that are no cycles. */
export type FindingKind =
  | "internal"
  | "future-read"
  | "G1a"
  | "G1b"
  | "dirty-update"
  | "lost-update"
  | "garbage-read"
  | "duplicate-elements"
  | "incompatible-order"
  | "cyclic-versions"
  | "reordered-writes";

/** So many examples of each kind are kept. */
const EXAMPLES_MAX = 8;

/** Collects findings. */
export class Findings {
  readonly examples: Finding[] = [];
  readonly counts: Map<FindingKind, number> = new Map<FindingKind, number>();

  add(finding: Finding): void {
    const count = (this.counts.get(finding.kind) ?? 0) + 1;
    this.counts.set(finding.kind, count);
    if (count <= EXAMPLES_MAX) this.examples.push(finding);
  }

  has(kind: FindingKind): boolean {
    return this.counts.has(kind);
  }
}
