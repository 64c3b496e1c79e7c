/**
 * What a checker found wrong: every anomaly is counted, the first of each kind are kept. A system
 * that loses a million elements does not need a million sentences.
 */
import type { Anomaly } from "../../src/verdict/verdict.js";

/** How many anomalies of a kind a verdict lists; `details.anomalies` has the number of all. */
const ANOMALIES_PER_KIND = 20;

/** Where anomalies go; one is only made when it is going to be kept. */
export interface AnomalySink {
  add(kind: string, make: () => Omit<Anomaly, "kind">): void;
}

/** Anomalies by kind. */
export class AnomalyList implements AnomalySink {
  readonly #kept = new Map<string, Anomaly[]>();
  readonly #counts = new Map<string, number>();

  add(kind: string, make: () => Omit<Anomaly, "kind">): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count > ANOMALIES_PER_KIND) return;
    const kept = this.#kept.get(kind) ?? [];
    kept.push({ kind, ...make() });
    this.#kept.set(kind, kept);
  }

  /** How many there are of each kind. */
  counts(): { readonly [kind: string]: number } {
    return Object.fromEntries(this.#counts);
  }

  total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  /** Those that are kept, the gravest kind first. */
  list(kinds: readonly string[]): readonly Anomaly[] {
    return kinds.flatMap((kind) => this.#kept.get(kind) ?? []);
  }
}
