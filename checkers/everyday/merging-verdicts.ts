/**
 * The verdicts on the keys of a history, merged into one. A history may have a hundred thousand
 * keys: what the merged verdict does not list is counted and forgotten at once.
 */
import type { Checker } from "../../src/checker/checker.js";
import { canonical, type Value } from "../../src/history/value.js";
import {
  mergeKinds,
  type Anomaly,
  type Verdict,
  type VerdictKind,
} from "../../src/verdict/verdict.js";
import { counted } from "./words.js";

/** How many keys a merged verdict lists one by one, those that are not valid first. */
const KEYS_LISTED = 100;
/** How many anomalies of all keys a merged verdict lists. */
const ANOMALIES_LISTED = 100;

interface KeyVerdict {
  readonly key: Value | undefined;
  readonly verdict: Verdict;
}

/** How often each kind came, and where first. */
class Tally {
  count = 0;
  readonly counts: { [kind in VerdictKind]: number } = { valid: 0, invalid: 0, unknown: 0 };
  readonly first: Map<VerdictKind, KeyVerdict> = new Map<VerdictKind, KeyVerdict>();

  add(each: KeyVerdict): void {
    const kind = each.verdict.verdict;
    this.count++;
    this.counts[kind]++;
    if (!this.first.has(kind)) this.first.set(kind, each);
  }
}

/** Takes one verdict after the other. */
export class MergingVerdicts {
  readonly #all = new Tally();
  /** Those that say something: where nothing happened nothing can be proved. */
  readonly #telling = new Tally();
  readonly #valid: KeyVerdict[] = [];
  readonly #others: KeyVerdict[] = [];
  readonly #anomalies: Anomaly[] = [];
  /** How many anomalies of each kind there are; undefined when a verdict does not count them. */
  #totals: Map<string, number> | undefined = new Map<string, number>();
  #operations = 0;

  add(key: Value | undefined, verdict: Verdict): void {
    const each: KeyVerdict = { key, verdict };
    this.#all.add(each);
    if (verdict.details?.["isEmpty"] !== true) this.#telling.add(each);
    this.#operations += verdict.operations;
    const listed = verdict.verdict === "valid" ? this.#valid : this.#others;
    if (listed.length < KEYS_LISTED) listed.push(each);
    for (const anomaly of verdict.anomalies) {
      if (this.#anomalies.length === ANOMALIES_LISTED) break;
      this.#anomalies.push(anomaly);
    }
    this.#count(verdict.details?.["anomalies"]);
  }

  /** All of them in one. */
  verdict(checker: Checker, elapsedMs: number): Verdict {
    const [all, telling] = [this.#all, this.#telling];
    // What is empty takes nothing from the other keys.
    const asked = telling.count > 0 ? telling : all;
    const kind = mergeKinds([...asked.first.keys()]);
    const gravest = asked.first.get(kind);
    const others = asked.counts[kind] - 1;
    const more = others === 0 ? "" : ` (And ${counted(others, "more key")}.)`;
    const keys = asked.count === 1 ? "one key" : `each of ${asked.count} keys`;
    const said = gravest?.verdict.reason ?? "";
    const listed = [...this.#others, ...this.#valid].slice(0, KEYS_LISTED);
    return {
      verdict: kind,
      checker: checker.name,
      reason:
        kind === "valid"
          ? `It holds for ${keys}. ${asked.count === 1 ? "" : `${nameOf(gravest?.key)}: `}${said}`
          : `Key ${nameOf(gravest?.key)}: ${said}${more}`,
      operations: this.#operations,
      elapsedMs,
      anomalies: this.#anomalies,
      details: {
        keys: all.count,
        ...all.counts,
        empty: all.count - telling.count,
        ...(this.#totals === undefined ? {} : { anomalies: Object.fromEntries(this.#totals) }),
      },
      parts: Object.fromEntries(listed.map(({ key, verdict }) => [nameOf(key), verdict])),
    };
  }

  /** How many anomalies of each kind all keys have together. */
  #count(counts: Value | undefined): void {
    if (typeof counts !== "object" || counts === null || Array.isArray(counts)) {
      this.#totals = undefined;
      return;
    }
    const totals = this.#totals;
    if (totals === undefined) return;
    const byKind = counts as { readonly [kind: string]: Value };
    for (const kind in byKind) totals.set(kind, (totals.get(kind) ?? 0) + Number(byKind[kind]));
  }
}

/** Texts as they are, where nothing else could be called so. */
function nameOf(key: Value | undefined): string {
  if (key === undefined) return "(none)";
  return typeof key === "string" ? key : canonical(key);
}
