/**
 * What was found out of a history of counters, kept for the next level that is asked about: what
 * totals contradict is the same for all, and so is which orders there are.
 */
import type { TransactionalLevel } from "../../../src/consistency/level.js";
import type { IsolationPhenomenon } from "../../../src/verdict/isolation-certificate.js";
import type { Anomaly } from "../../../src/verdict/verdict.js";
import type { Time } from "../cycles.js";
import { variantOf, withStronger } from "../levels.js";
import type { Attempted } from "./attempt.js";
import { basesAgainst, counterCycles } from "./cycles.js";
import { explainCounterCycle, explainFinding } from "./explain.js";
import { COUNTER_FINDINGS, findingsIn, namedFinding } from "./findings.js";
import type { CounterHistory } from "./layout.js";
import type { LineKind, ReadName } from "./line.js";
import { attemptIn, readNamed, solveIn } from "./orders.js";

/** Something that contradicts levels. */
export interface Against {
  readonly levels: ReadonlySet<TransactionalLevel>;
  readonly anomaly: Anomaly;
  readonly phenomenon: IsolationPhenomenon;
}

/** The knowledge; each `check` throws to end what it is handed to. */
export class KnownCounters {
  readonly counters: CounterHistory;
  #against: readonly Against[] | undefined;
  readonly #attempts = new Map<string, Attempted>();
  readonly #orders = new Map<string, { readonly is: readonly number[] | undefined }>();

  constructor(counters: CounterHistory) {
    this.counters = counters;
  }

  /** What contradicts levels without any order of transactions. */
  against(check: () => void): readonly Against[] {
    if (this.#against !== undefined) return this.#against;
    const { counters } = this;
    const findings = findingsIn(counters, check).map((found): Against => {
      const finding = namedFinding(found, counters);
      const bases = [...COUNTER_FINDINGS[found.kind], ...(found.also ?? [])];
      const levels = withStronger(bases);
      return { levels, anomaly: explainFinding(finding, counters), phenomenon: finding };
    });
    this.#against = [...findings, ...this.cycles({ check })];
    return this.#against;
  }

  /** The cycles of all that is read, or of some reads. */
  cycles(about: {
    readonly reads?: ReadonlySet<ReadName>;
    readonly check: () => void;
  }): readonly Against[] {
    const { counters } = this;
    return counterCycles(counters, about).map((found): Against => {
      const bases = basesAgainst(found, counters);
      const levels = withStronger(bases.map((base) => variantOf(base, found.cycle.time)));
      const anomaly = explainCounterCycle(found, counters);
      const named = found.reads.map((read) => readNamed(read, counters));
      const { edges } = found;
      return { levels, anomaly, phenomenon: { name: "counter-cycle", reads: named, edges } };
    });
  }

  /** An order that is found near the one in which transactions completed, or where that ended. */
  attempt(kind: LineKind, time: Time, check: () => void): Attempted {
    // The order in which they completed is the likeliest, also where the level does not keep it.
    const strict = this.#attempt(kind, "realtime", check);
    return "order" in strict || time === "realtime" ? strict : this.#attempt(kind, time, check);
  }

  #attempt(kind: LineKind, time: Time, check: () => void): Attempted {
    const name = `${kind} ${time}`;
    const known =
      this.#attempts.get(name) ?? attemptIn(kind, { history: this.counters, time, check });
    this.#attempts.set(name, known);
    return known;
  }

  /**
   * An order that is found by trying all that is open; undefined where there is none or too much.
   */
  order(kind: LineKind, time: Time, check: () => void): readonly number[] | undefined {
    const name = `${kind} ${time}`;
    const known = this.#orders.get(name) ?? {
      is: solveIn(kind, { history: this.counters, time, check }),
    };
    this.#orders.set(name, known);
    return known.is;
  }
}
