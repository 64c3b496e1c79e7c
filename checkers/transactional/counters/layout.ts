/**
 * Transactions on counters: who adds how much to what, and which totals are read. Two kinds of
 * histories are such:
 *
 * - `["inc", key, amount]` (`increment`, `dec`, `decrement`, or `add` where reads are numbers; the
 *   amount is 1 when it is left out) and `["r", key, total]` in transactions. Counters begin with
 *   0, or with what an operation `init` says.
 * - Banks: `transfer` of `{from, to, amount}`, which adds to one account what it takes from
 *   another, and `read` of an object from account to balance. What accounts have at first is what
 *   `init` says; otherwise it is not known, and the same for all reads. Operations with different
 *   keys are of different banks.
 */
import { HarnessError } from "../../../src/errors.js";
import type { History } from "../../../src/history/history.js";
import type { Operation } from "../../../src/history/operation.js";
import { canonical, type Value } from "../../../src/history/value.js";
import { ADDING, counterName, type CounterKind } from "./names.js";
import { initOf } from "../first-values.js";
import { namingEvent } from "../naming-event.js";

/** What a transaction did; `at`: which of its micro-operations, or which account. */
export interface Deed {
  readonly f: "add" | "read";
  readonly at: number;
  /** A number of a counter. */
  readonly key: number;
  /** What was added, or the total that was read. */
  readonly amount: number;
}

/** One transaction; of one that is not ok only what it adds is known. */
export interface CounterTransaction {
  readonly operation: Operation;
  readonly deeds: readonly Deed[];
  /** Counter → what it adds in all. */
  readonly sums: ReadonlyMap<number, number>;
}

/** A history of transactions on counters. */
export interface CounterHistory {
  readonly history: History;
  readonly kind: Exclude<CounterKind, undefined>;
  /** In the order of their invocations. */
  readonly transactions: readonly CounterTransaction[];
  readonly keys: readonly Value[];
  /** Counter → what it was at first; undefined when that is not known. */
  readonly initial: readonly (number | undefined)[];
  /** Counter → the transactions that add to it and did not fail. */
  readonly writers: readonly (readonly number[])[];
  readonly leftOut: number;
}

/** Lays out a history of counters. @throws HarnessError `bad-argument` if misshapen */
export function layOutCounters(
  history: History,
  kind: Exclude<CounterKind, undefined>,
): CounterHistory {
  return new Layout(history, kind).layOut();
}

class Layout {
  readonly #history: History;
  readonly #kind: Exclude<CounterKind, undefined>;
  readonly #keys: Value[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(history: History, kind: Exclude<CounterKind, undefined>) {
    this.#history = history;
    this.#kind = kind;
  }

  layOut(): CounterHistory {
    const history = this.#history;
    const isBank = this.#kind === "bank";
    const operations = Array.from(history.invocations(), (at) => history.operation(at));
    const ours = operations.filter(({ f }) =>
      isBank ? f === "transfer" || f === "read" : f === "txn",
    );
    const transactions = ours.map((operation): CounterTransaction => {
      const deeds = namingEvent(operation, () =>
        isBank ? this.#bankDeeds(operation) : this.#deeds(operation),
      );
      const sums = new Map<number, number>();
      for (const { f, key, amount } of deeds) {
        if (f === "add") sums.set(key, (sums.get(key) ?? 0) + amount);
      }
      return { operation, deeds, sums };
    });
    const given = this.#initial(operations, ours[0]);
    const writers = this.#keys.map((): number[] => []);
    for (const [each, { operation, sums }] of transactions.entries()) {
      if (operation.outcome === "fail") continue;
      for (const key of sums.keys()) (writers[key] as number[]).push(each);
    }
    return {
      history,
      kind: this.#kind,
      transactions,
      keys: this.#keys,
      initial: this.#keys.map((_, key) => given.get(key) ?? (isBank ? undefined : 0)),
      writers,
      leftOut: operations.length - ours.length,
    };
  }

  #initial(
    operations: readonly Operation[],
    first: Operation | undefined,
  ): ReadonlyMap<number, number> {
    const init = initOf(operations, first);
    const initial = new Map<number, number>();
    if (init === undefined) return initial;
    namingEvent(init, () => {
      for (const value of [init.input, init.output ?? null]) {
        for (const [key, total] of pairsOf(value, init.invocation)) {
          initial.set(this.#number(key), integer(total, init.invocation));
        }
      }
    });
    return initial;
  }

  #deeds({ outcome, output, input, invocation }: Operation): readonly Deed[] {
    const list = outcome === "ok" ? output : input;
    if (!Array.isArray(list)) throw misshapen(invocation, list ?? null);
    return (list as readonly Value[]).flatMap((micro, at): readonly Deed[] => {
      if (!Array.isArray(micro) || micro.length < 2) throw misshapen(invocation, micro);
      const [f, name, value = null] = micro as unknown as readonly [Value, Value, Value?];
      const key = this.#number(name);
      const sign = ADDING.get(f);
      if (sign !== undefined) {
        return [{ f: "add", at, key, amount: sign * integer(value ?? 1, invocation) }];
      }
      if (f !== "r" && f !== "read") throw misshapen(invocation, micro);
      if (outcome !== "ok") return [];
      return [{ f: "read", at, key, amount: integer(value ?? 0, invocation) }];
    });
  }

  #bankDeeds({ f, key, input, output, outcome, invocation }: Operation): readonly Deed[] {
    const accountOf = (name: Value): number =>
      this.#number((key ?? null) === null ? name : [key as Value, name]);
    if (f === "read") {
      if (outcome !== "ok" || (output ?? null) === null) return [];
      return pairsOf(output as Value, invocation).flatMap(([name, balance], at): Deed[] => {
        if (balance === null) return [];
        return [{ f: "read", at, key: accountOf(name), amount: integer(balance, invocation) }];
      });
    }
    const asked = input as { readonly [field: string]: Value } | null;
    const { from, to, amount } = asked ?? {};
    if (from === undefined || to === undefined || amount === undefined) {
      throw misshapen(invocation, input);
    }
    const moved = integer(amount, invocation);
    return [
      { f: "add", at: 0, key: accountOf(from), amount: -moved },
      { f: "add", at: 1, key: accountOf(to), amount: moved },
    ];
  }

  #number(key: Value): number {
    const name = counterName(key);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#keys.push(key) - 1;
    this.#numbers.set(name, number);
    return number;
  }
}

/** An object as pairs, or a list of pairs. */
function pairsOf(value: Value, invocation: number): readonly (readonly [Value, Value])[] {
  if (value === null) return [];
  const isPair = (each: Value): boolean => Array.isArray(each) && each.length === 2;
  if (Array.isArray(value) && value.every(isPair)) {
    return value;
  }
  if (typeof value === "object" && !Array.isArray(value)) return Object.entries(value);
  throw misshapen(invocation, value);
}

/** Fractions would be rounded differently in another order. */
function integer(value: Value, invocation: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw misshapen(invocation, value);
}

function misshapen(invocation: number, value: Value): HarnessError {
  return new HarnessError(
    "bad-argument",
    `operation ${invocation} does nothing that is of counters: ${canonical(value).slice(0, 60)}; ` +
      'expected micro-operations such as ["inc", "x", 2] and ["r", "x", 5] with integers, or transfers of {from, to, amount} and reads of balances',
  );
}
