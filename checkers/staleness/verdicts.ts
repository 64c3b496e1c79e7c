/**
 * From what is known of each key to a verdict: what both measures of staleness share.
 */
import type { Budget } from "../../src/checker/checker.js";
import type { History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { kv } from "../../src/model/kv.js";
import type { StaleOrderCertificate, TooStaleCertificate } from "../../src/verdict/certificate.js";
import type { Anomaly, Verdict } from "../../src/verdict/verdict.js";
import { LimitReached, Meter } from "../linearizable/meter.js";
import { readAccesses, type Meaning } from "./accesses.js";
import { clustersOf, type Clusters, type Impossible } from "./clusters.js";
import { anomalyOfImpossible, anomalyOfStale, nameOfKey } from "./words.js";

/** What is known of one key. */
export type Measured =
  | { readonly kind: "impossible"; readonly impossible: Impossible }
  | {
      readonly kind: "bounded";
      /** The smallest bound that holds is from here … */
      readonly least: number;
      /** … to here, by `order`. */
      readonly most: number;
      order(): Int32Array;
      /** Accesses that have no order with a bound below `least`. */
      proof(): readonly number[];
    };

/** A bound of staleness, as certificates name it. */
export interface Bound {
  readonly versions: number;
  readonly deltaNs: number;
}

/** One way to measure staleness. */
export interface Measure {
  readonly name: string;
  readonly meaning: Meaning;
  /** The verdict is invalid when more than this is needed. */
  readonly max: number;
  /** How details call the bound: `k`, `deltaNs`. */
  readonly unit: string;
  /** In a sentence: `k = 3`, `Δ = 2 ms`. */
  readonly told: (bound: number) => string;
  readonly bound: (bound: number) => Bound;
  /** The bound just below, of which something is a refutation. */
  readonly below: (bound: number) => number;
  /** Measures every key; a text says why none can be. @throws LimitReached */
  measure(clusters: Clusters, meter: Meter): ((key: number) => Measured) | string;
}

/** How many keys a verdict lists one by one, the worst first. */
const KEYS_LISTED = 100;
const ANOMALIES_LISTED = 20;

/** Measures, and judges. */
export function checkStaleness(history: History, measure: Measure, budget: Budget): Verdict {
  const meter = new Meter(budget);
  const judgement = new Judgement(history, measure, meter);
  try {
    meter.check();
    const verdict = judgement.judge();
    meter.check();
    return verdict;
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    const option = error.limit === "memory" ? "--memory-budget" : "--time-budget";
    const reason = `Undecided: out of ${error.limit} after ${Math.round(meter.elapsedMs())} ms. Raise ${option}, or check a shorter history.`;
    return { ...judgement.answer(), verdict: "unknown", reason };
  }
}

interface KeyResult {
  readonly key: number;
  readonly measured: Measured;
}

class Judgement {
  readonly #history: History;
  readonly #measure: Measure;
  readonly #meter: Meter;
  #clusters: Clusters | undefined;

  constructor(history: History, measure: Measure, meter: Meter) {
    this.#history = history;
    this.#measure = measure;
    this.#meter = meter;
  }

  answer(): Omit<Verdict, "verdict" | "reason"> {
    return {
      checker: this.#measure.name,
      operations: this.#clusters?.accesses.operations ?? this.#history.invocations().length,
      elapsedMs: this.#meter.elapsedMs(),
      anomalies: [],
    };
  }

  judge(): Verdict {
    const accesses = readAccesses(this.#history, this.#measure.meaning, this.#meter);
    const clusters = clustersOf(accesses, this.#meter);
    this.#clusters = clusters;
    const measured = this.#measure.measure(clusters, this.#meter);
    if (typeof measured === "string") {
      return { ...this.answer(), verdict: "unknown", reason: measured };
    }
    const results: KeyResult[] = [];
    for (let key = 0; key < accesses.keyCount; key++) {
      if (clusters.problems[key] === undefined) results.push({ key, measured: measured(key) });
    }
    results.sort((a, b) => leastOf(b.measured) - leastOf(a.measured) || a.key - b.key);
    const answer = { ...this.answer(), details: this.#details(clusters, results) };
    const tooStale = results.filter(({ measured: each }) => leastOf(each) > this.#measure.max);
    if (tooStale.length > 0) return { ...answer, ...this.#invalid(clusters, tooStale) };
    const gap = this.#gap(clusters, results);
    if (gap !== undefined) return { ...answer, verdict: "unknown", reason: gap };
    return { ...answer, ...this.#valid(clusters, results) };
  }

  #invalid(
    clusters: Clusters,
    tooStale: readonly KeyResult[],
  ): Pick<Verdict, "verdict" | "reason" | "anomalies" | "certificate"> {
    const anomalies: Anomaly[] = [];
    let certificate: TooStaleCertificate | undefined;
    for (const { key, measured } of tooStale.slice(0, ANOMALIES_LISTED)) {
      const [anomaly, bound] =
        measured.kind === "impossible"
          ? [anomalyOfImpossible(clusters, key, measured.impossible), this.#finiteMax()]
          : [this.#anomaly(clusters, key, measured), this.#measure.below(measured.least)];
      anomalies.push(anomaly);
      certificate ??= {
        kind: "too-stale",
        model: this.#model(),
        part: clusters.accesses.keys[key] as Value,
        ...this.#measure.bound(bound),
        operations: anomaly.operations,
      };
    }
    const more = tooStale.length - 1;
    const reason = `${anomalies[0]?.message}${more > 0 ? ` (And ${more} more keys.)` : ""}`;
    return {
      verdict: "invalid",
      reason,
      anomalies,
      ...(certificate === undefined ? {} : { certificate }),
    };
  }

  /** Nothing explains what is impossible, so that the bound matters little. */
  #finiteMax(): number {
    return Math.min(this.#measure.max, Number.MAX_SAFE_INTEGER);
  }

  #anomaly(
    clusters: Clusters,
    key: number,
    measured: Measured & { readonly kind: "bounded" },
  ): Anomaly {
    const { unit, told } = this.#measure;
    const { least, most } = measured;
    return anomalyOfStale(clusters, measured.proof(), {
      key,
      told: told(least),
      details: { [unit]: least, [`${unit}AtMost`]: most },
    });
  }

  /** Why histories without a violation prove nothing, if so. */
  #gap(clusters: Clusters, results: readonly KeyResult[]): string | undefined {
    const { accesses, problems } = clusters;
    const { max, told } = this.#measure;
    const key = problems.findIndex((problem) => problem !== undefined);
    if (key !== -1) {
      return (
        `Undecided: on ${nameOfKey(accesses, key)} ${problems[key]}. Staleness is measured where reads and writes ` +
        "are all there is, and each value that is read was written once: make written values unique, or use --consistency linearizable."
      );
    }
    const open = results.find(
      ({ measured }) => measured.kind === "bounded" && measured.most > max,
    )?.measured;
    if (open?.kind === "bounded") {
      return `Undecided: the smallest bound is from ${told(open.least)} to ${told(open.most)}; the search for it ended. Allow more than ${told(max)}, or shorten the run.`;
    }
    const partial = accesses.partial.indexOf(1);
    if (partial !== -1) {
      return (
        `Undecided: no read on ${nameOfKey(accesses, partial)} is too stale, but whether its compare-and-sets ` +
        "took place at one instant is not judged here: use --consistency linearizable."
      );
    }
    if (clusters.lastReads.every((read) => read === -1)) {
      return "Nothing was proved: no read of a value completed ok. Run long enough for one to succeed.";
    }
    return undefined;
  }

  #valid(
    clusters: Clusters,
    results: readonly KeyResult[],
  ): Pick<Verdict, "verdict" | "reason" | "certificate"> {
    const { accesses } = clusters;
    const parts: { part: Value; order: readonly number[] }[] = [];
    let most = 0;
    for (const { key, measured } of results) {
      if (measured.kind !== "bounded") continue;
      most = Math.max(most, measured.most);
      const order = measured.order();
      this.#meter.spend(order.length);
      parts.push({
        part: accesses.keys[key] as Value,
        order: Array.from(order, (access) => accesses.invocations[access] as number),
      });
    }
    const certificate: StaleOrderCertificate = {
      kind: "stale-order",
      model: this.#model(),
      ...this.#measure.bound(most),
      parts,
    };
    const keys = parts.length === 1 ? "one key" : `${parts.length} keys`;
    const reason = `Every read of ${keys} is within ${this.#measure.told(most)}.`;
    return { verdict: "valid", reason, certificate };
  }

  #model(): TooStaleCertificate["model"] {
    const { name, options } = kv(this.#measure.meaning);
    return { name, options };
  }

  #details(
    { accesses, problems }: Clusters,
    results: readonly KeyResult[],
  ): { readonly [name: string]: Value } {
    const { unit, max } = this.#measure;
    const counts: { [bound: string]: number } = {};
    for (const { measured } of results) {
      const name = rangeOf(measured);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    const boundOf = (measured: Measured | undefined, end: "least" | "most"): Value =>
      measured?.kind === "bounded" ? measured[end] : null;
    const isImpossible = results[0]?.measured.kind === "impossible";
    const most = results.reduce(
      (sum, { measured }) => (measured.kind === "bounded" ? Math.max(sum, measured.most) : sum),
      0,
    );
    return {
      max: Number.isFinite(max) ? max : null,
      keys: accesses.keyCount,
      keysNotJudged: problems.filter((problem) => problem !== undefined).length,
      [unit]: boundOf(results[0]?.measured, "least"),
      [`${unit}AtMost`]: isImpossible || results.length === 0 ? null : most,
      keysByBound: Object.keys(counts).length <= KEYS_LISTED ? counts : {},
      worstKeys: results.slice(0, KEYS_LISTED).map(({ key, measured }) => ({
        key: accesses.keys[key] as Value,
        [unit]: boundOf(measured, "least"),
        [`${unit}AtMost`]: boundOf(measured, "most"),
      })),
    };
  }
}

function leastOf(measured: Measured): number {
  return measured.kind === "impossible" ? Infinity : measured.least;
}

function rangeOf(measured: Measured): string {
  if (measured.kind === "impossible") return "none";
  const { least, most } = measured;
  return least === most ? String(least) : `${least} to ${most}`;
}
