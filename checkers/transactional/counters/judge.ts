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
import type { History } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type {
  IsolationPhenomenon,
  TransactionOrderCertificate,
} from "../../../src/verdict/isolation-certificate.js";
import type { Anomaly } from "../../../src/verdict/verdict.js";
import type { Meter } from "../../linearizable/meter.js";
import type { Judgement } from "../judge.js";
import { levelFacts, takenApart, variantOf, withStronger } from "../levels.js";
import { basesAgainst, counterCycles } from "./cycles.js";
import { explainCounterCycle, explainFinding, explainNoOrder } from "./explain.js";
import { COUNTER_FINDINGS, findingsIn, namedFinding } from "./findings.js";
import { layOutCounters, type CounterHistory } from "./layout.js";
import type { LineKind, ReadName } from "./line.js";
import type { CounterKind } from "./names.js";
import { DEMANDED, kindsFor, orderIn, readNamed, refute } from "./orders.js";
import { totalsOf } from "./sums.js";

/** Something that contradicts levels. */
interface Against {
  readonly levels: ReadonlySet<TransactionalLevel>;
  readonly anomaly: Anomaly;
  readonly phenomenon: IsolationPhenomenon;
}

/** Judges a history of transactions on counters. */
export function judgeCounters(
  history: History,
  about: {
    readonly kind: Exclude<CounterKind, undefined>;
    readonly level: TransactionalLevel;
    readonly meter: Meter;
  },
): Judgement {
  const { kind, level, meter } = about;
  return new Judge(layOutCounters(history, kind), level, meter).judge();
}

class Judge {
  readonly #counters: CounterHistory;
  readonly #level: TransactionalLevel;
  readonly #check: () => void;
  readonly #against: readonly Against[];
  readonly #ruledOut: Set<TransactionalLevel>;

  constructor(counters: CounterHistory, level: TransactionalLevel, meter: Meter) {
    this.#counters = counters;
    this.#level = level;
    this.#check = (): void => meter.check();
    const findings = findingsIn(counters, this.#check).map((found): Against => {
      const finding = namedFinding(found, counters);
      const levels = withStronger(COUNTER_FINDINGS[found.kind]);
      return { levels, anomaly: explainFinding(finding, counters), phenomenon: finding };
    });
    this.#against = [...findings, ...this.#cycles()];
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
    let stuckAt = 0;
    for (const kind of kindsFor(base)) {
      const found = orderIn(kind, { history: this.#counters, time, check: this.#check });
      if (!("order" in found)) {
        stuckAt = found.stuckAt;
        continue;
      }
      const order = found.order.map((each) => transactions[each]?.operation.invocation as number);
      return this.#valid(MANNERS[kind], order, SHOWN[kind]);
    }
    return this.#refute(stuckAt) ?? this.#unknown(this.#whyOpen());
  }

  /** By the weakest kind of order that the level demands, and that there is not. */
  #refute(stuckAt: number): Judgement | undefined {
    const { base, time } = takenApart(this.#level);
    for (const [kind, needed] of DEMANDED) {
      if (!implies(base, needed)) continue;
      if (this.#counters.kind === "bank" && !implies(needed, "cursor-stability")) continue;
      const about = { history: this.#counters, time, check: this.#check };
      const found = refute(kind, about, stuckAt);
      if (found === undefined) continue;
      const needs = variantOf(needed, time);
      for (const each of withStronger([needs])) this.#ruledOut.add(each);
      const cycles = this.#cycles(new Set(found.reads)).filter(({ levels }) =>
        levels.has(this.#level),
      );
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

  #cycles(reads?: ReadonlySet<ReadName>): readonly Against[] {
    const counters = this.#counters;
    return counterCycles(counters, { reads, check: this.#check }).map((found): Against => {
      const bases = basesAgainst(found, counters);
      const levels = withStronger(bases.map((base) => variantOf(base, found.cycle.time)));
      const anomaly = explainCounterCycle(found, counters);
      const named = found.reads.map((read) => readNamed(read, counters));
      const { edges } = found;
      return { levels, anomaly, phenomenon: { name: "counter-cycle", reads: named, edges } };
    });
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
