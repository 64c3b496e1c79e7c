/**
 * What was found out of a history, kept for the next question about it: one level or another, the
 * transactions, their dependencies and the cycles of these are the same. Only the last history is
 * kept, and nothing of it changes once it is known.
 */
import type { History } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import { analyze, type Analysis } from "./analyze.js";
import { KnownCounters } from "./counters/known.js";
import { layOutCounters } from "./counters/layout.js";
import type { CounterKind } from "./counters/names.js";
import { groupByKey, type ByKey } from "./dependencies.js";
import type { VersionRule } from "./findings.js";
import { begunWith, type Begun } from "./first-registers.js";
import { layOutTransactions, type Transactions } from "./layout.js";
import { carryOut, type CarriedOut } from "./serial/carry-out.js";

/** The transactions of a history. */
export interface LaidOut {
  readonly transactions: Transactions;
  readonly byKey: ByKey;
}

/** Keeps what is known of the last history; `rules` are the same for all questions. */
export class KnownHistory {
  readonly #rules: ReadonlySet<VersionRule>;
  #begun: { readonly history: History; readonly begun: Begun | undefined } | undefined;
  #known: Known | undefined;
  #counters: KnownCounters | undefined;

  constructor(rules: ReadonlySet<VersionRule>) {
    this.#rules = rules;
  }

  /** What `init` says (first-registers.ts). */
  begunWith(history: History): Begun | undefined {
    if (this.#begun?.history !== history) this.#begun = { history, begun: begunWith(history) };
    return this.#begun.begun;
  }

  /** Of a history of counters (counters/known.ts). */
  counters(history: History, kind: Exclude<CounterKind, undefined>): KnownCounters {
    if (this.#counters?.counters.history !== history) {
      this.#counters = new KnownCounters(layOutCounters(history, kind));
    }
    return this.#counters;
  }

  layOut(history: History): LaidOut {
    return this.#of(history);
  }

  /** All transactions carried out about as they completed. */
  carryOut(history: History): CarriedOut | undefined {
    const known = this.#of(history);
    known.carriedOut ??= { is: carryOut(known.transactions, known.byKey) };
    return known.carriedOut.is;
  }

  /** @throws LimitReached */
  analyze(history: History, meter: Meter): Analysis {
    const known = this.#of(history);
    const about = { rules: this.#rules, check: () => meter.check() };
    known.analysis ??= analyze(known.transactions, known.byKey, about);
    return known.analysis;
  }

  #of(history: History): Known {
    if (this.#known?.history !== history) {
      const transactions = layOutTransactions(history);
      const byKey = groupByKey(transactions);
      this.#known = { history, transactions, byKey, carriedOut: undefined, analysis: undefined };
    }
    return this.#known;
  }
}

interface Known extends LaidOut {
  readonly history: History;
  carriedOut: { readonly is: CarriedOut | undefined } | undefined;
  analysis: Analysis | undefined;
}
