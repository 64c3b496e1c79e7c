/**
 * The verdict about transactions on counters, and about banks. What a counter adds up to is what a
 * list would hold: an increment is an element, and a read of the total is one of a list whose
 * elements make it. A history has a level when some such lists do.
 *
 * A transfer of a bank is taken to read both balances and to write what they then are, as programs
 * do. From cursor stability on nobody comes between, so that this is the same as two increments;
 * below, nothing is said against it.
 */
import { implies } from "../../../src/consistency/lattice.js";
import type { TransactionalLevel } from "../../../src/consistency/level.js";
import type { Value } from "../../../src/history/value.js";
import type { TransactionOrderCertificate } from "../../../src/verdict/isolation-certificate.js";
import type { Meter } from "../../linearizable/meter.js";
import type { Judgement } from "../judge.js";
import { levelFacts, takenApart, variantOf, withStronger } from "../levels.js";
import { explainNoOrder } from "./explain.js";
import type { Against, KnownCounters } from "./known.js";
import type { CounterHistory } from "./layout.js";
import type { LineKind } from "./line.js";
import {
  DEMANDED,
  kindsFor,
  readNamed,
  refute,
  refuteAtOnce,
  type About,
  type Refuted,
} from "./orders.js";
import { totalsOf } from "./sums.js";

/** What is asked. */
export interface AskedOfCounters {
  readonly level: TransactionalLevel;
  readonly meter: Meter;
  /** What may show the level before all orders are tried. */
  readonly meanwhile?: () => Judgement | undefined;
}

/** Judges a history of transactions on counters. */
export function judgeCounters(known: KnownCounters, asked: AskedOfCounters): Judgement {
  return new Judge(known, asked).judge();
}

class Judge {
  readonly #known: KnownCounters;
  readonly #counters: CounterHistory;
  readonly #level: TransactionalLevel;
  readonly #check: () => void;
  readonly #meanwhile: (() => Judgement | undefined) | undefined;
  readonly #against: readonly Against[];
  readonly #ruledOut: Set<TransactionalLevel>;

  constructor(known: KnownCounters, { level, meter, meanwhile }: AskedOfCounters) {
    this.#known = known;
    this.#counters = known.counters;
    this.#level = level;
    this.#check = (): void => meter.check();
    this.#meanwhile = meanwhile;
    this.#against = known.against(this.#check);
    this.#ruledOut = new Set(this.#against.flatMap(({ levels }) => [...levels]));
  }

  judge(): Judgement {
    const against = this.#against.filter(({ levels }) => levels.has(this.#level));
    if (against.length > 0) return this.#invalid(against);
    const { transactions } = this.#counters;
    const ok = transactions.filter(({ operation }) => operation.outcome === "ok").length;
    if (ok === 0) {
      const all = transactions.length;
      return this.#unknown(`Nothing was proved: none of the ${all} transactions completed ok.`);
    }
    const { base, time } = takenApart(this.#level);
    if (base === "read-uncommitted" && this.#isEveryTotalThere()) {
      const order = transactions
        .filter(({ operation }) => operation.outcome === "ok")
        .toSorted((a, b) => (a.operation.completion ?? 0) - (b.operation.completion ?? 0))
        .map(({ operation }) => operation.invocation);
      return this.#valid("commit", order, `some of what was added makes every total`);
    }
    const atOnce = this.#refute(refuteAtOnce);
    if (atOnce !== undefined) return atOnce;
    let stuckAt = 0;
    for (const kind of kindsFor(base)) {
      const found = this.#known.attempt(kind, time, this.#check);
      if ("order" in found) return this.#ordered(kind, found.order);
      stuckAt = found.stuckAt;
    }
    const shown = this.#meanwhile?.();
    if (shown !== undefined) return shown;
    for (const kind of kindsFor(base)) {
      const order = this.#known.order(kind, time, this.#check);
      if (order !== undefined) return this.#ordered(kind, order);
    }
    const searched = this.#refute((kind, about) => refute(kind, about, stuckAt));
    return searched ?? this.#unknown(this.#whyOpen());
  }

  #ordered(kind: LineKind, order: readonly number[]): Judgement {
    const { transactions } = this.#counters;
    const named = order.map((each) => transactions[each]?.operation.invocation as number);
    return this.#valid(MANNERS[kind], named, SHOWN[kind]);
  }

  /** By the weakest kind of order that the level demands, and that there is not. */
  #refute(
    refuteKind: (kind: LineKind, about: About) => Refuted | undefined,
  ): Judgement | undefined {
    const { base, time } = takenApart(this.#level);
    for (const [kind, needed] of DEMANDED) {
      if (!implies(base, needed)) continue;
      if (this.#counters.kind === "bank" && !implies(needed, "cursor-stability")) continue;
      const about = { history: this.#counters, time, check: this.#check };
      const found = refuteKind(kind, about);
      if (found === undefined) continue;
      const needs = variantOf(needed, time);
      for (const each of withStronger([needs])) this.#ruledOut.add(each);
      const cycles = this.#known
        .cycles({ reads: new Set(found.reads), check: this.#check })
        .filter(({ levels }) => levels.has(this.#level));
      if (cycles.length > 0) return this.#invalid(cycles);
      const named = found.reads.map((read) => readNamed(read, this.#counters));
      const phenomenon = {
        name: "no-counter-order",
        needs,
        reads: named,
        cases: found.cases,
      } as const;
      const anomaly = explainNoOrder(phenomenon, this.#counters);
      return this.#invalid([{ levels: this.#ruledOut, anomaly, phenomenon }]);
    }
    return undefined;
  }

  /** At read uncommitted whatever anybody added may be in a total, or not. */
  #isEveryTotalThere(): boolean {
    const { transactions, initial, keys } = this.#counters;
    const steps = keys.map((): number[] => []);
    const read = keys.map(() => new Set<number>());
    for (const { deeds } of transactions) {
      for (const { f, key, amount } of deeds) {
        if (f === "add") steps[key]?.push(amount);
        else read[key]?.add(amount);
      }
    }
    return keys.every((_, key) => {
      this.#check();
      const base = initial[key];
      const totals = read[key] as Set<number>;
      if (totals.size === 0) return true;
      const all = base === undefined ? undefined : totalsOf(steps[key] ?? []);
      return all !== undefined && [...totals].every((total) => all.has(total - (base ?? 0)));
    });
  }

  #details(): { readonly [name: string]: Value } {
    const { transactions, keys, leftOut } = this.#counters;
    const counts = { transactions: transactions.length, counters: keys.length, leftOut };
    return { level: this.#level, ...counts, ...levelFacts(this.#ruledOut) };
  }

  #valid(
    manner: TransactionOrderCertificate["manner"],
    order: readonly number[],
    shown: string,
  ): Judgement {
    const { transactions } = this.#counters;
    const ok = transactions.filter(({ operation }) => operation.outcome === "ok").length;
    return {
      verdict: "valid",
      reason: `${ok} transactions: nothing contradicts ${this.#level}, and ${shown}.`,
      anomalies: [],
      certificate: { kind: "transaction-order", level: this.#level, manner, order },
      details: this.#details(),
    };
  }

  #invalid(against: readonly Against[]): Judgement {
    const [first] = against as [Against];
    return {
      verdict: "invalid",
      reason: first.anomaly.message,
      anomalies: against.map(({ anomaly }) => anomaly),
      certificate: {
        kind: "isolation-violation",
        level: this.#level,
        phenomenon: first.phenomenon,
      },
      details: this.#details(),
    };
  }

  #unknown(reason: string): Judgement {
    return { verdict: "unknown", reason, anomalies: [], details: this.#details() };
  }

  #whyOpen(): string {
    const others = ORDERED_LEVELS.filter((other) => other !== this.#level).join(" or ");
    return (
      `Undecided: nothing that was found contradicts ${this.#level}, and no order that was tried explains all totals. ` +
      `Let fewer transactions overlap, use a counter for fewer of them, add amounts that can be told apart, such as powers of two, or ask for ${others}.`
    );
  }
}

/** What orders of moments show directly. */
const ORDERED_LEVELS = [
  "serializable",
  "snapshot-isolation",
  "prefix",
  "cursor-stability",
  "read-committed",
] as const;

const MANNERS: { readonly [kind in LineKind]: TransactionOrderCertificate["manner"] } = {
  serial: "serial",
  snapshot: "snapshot",
  prefix: "snapshot",
  cursor: "commit",
  committed: "commit",
};

const SHOWN: { readonly [kind in LineKind]: string } = {
  serial: "one order of them explains every total",
  snapshot: "one order of their snapshots and commits explains every total",
  prefix: "one order of their snapshots and commits explains every total",
  cursor: "one order of them explains every total, and each update is of what it read",
  committed: "in one order of them every total was there before",
};
