/**
 * Transactions on rows: what has a key and a value, or is not there. A table may be read as a
 * whole, by a predicate, so that a transaction has also read that what it did not find was not
 * there (Adya 1999, section 2.3). Two kinds of histories are such:
 *
 * - Elle's closed predicates: `insert`, `w`, `delete` and `r` of one row, and `rp`, a read by
 *   predicate. An operation `init` says what was there before all transactions. To write null is to
 *   delete.
 * - Sets: `add` puts an element into the set of a key, `r` reads the set. Each element is a row of
 *   its own, which is not there until it is added, so that additions of different elements do not
 *   conflict.
 */
import { HarnessError } from "../../../src/errors.js";
import type { History } from "../../../src/history/history.js";
import type { Operation } from "../../../src/history/operation.js";
import { canonical, type Value } from "../../../src/history/value.js";
import { predicateNamed, type Predicate } from "./predicates.js";
import { asRows, initOf, madeBy, nameOfKey } from "../first-values.js";
import { hasMicroNamed } from "../micro-names.js";
import { namingEvent } from "../naming-event.js";

/** A row: of the table of all, or an element of a set. */
export interface Row {
  readonly key: Value;
  readonly element?: Value;
}

/** What a transaction did; `at`: which of its micro-operations. Absent rows are undefined. */
export type Deed = Write | ReadRow | ReadTable;

export interface Write {
  readonly f: "write";
  readonly at: number;
  readonly row: number;
  readonly value: Value | undefined;
}

export interface ReadRow {
  readonly f: "row";
  readonly at: number;
  readonly row: number;
  readonly value: Value | undefined;
}

export interface ReadTable {
  readonly f: "table";
  readonly at: number;
  readonly table: string;
  readonly matches: Predicate;
  /** Row → what was shown. */
  readonly shown: ReadonlyMap<number, Value>;
  /** Whether the table is one item, so that what it lacks has been read as such: a set is. */
  readonly isItem: boolean;
  /** Of a set: rows of elements that it shows more than once. */
  readonly twice?: readonly number[];
}

/** One transaction; of one that is not ok only the writes are known. */
export interface RowTransaction {
  readonly operation: Operation;
  readonly deeds: readonly Deed[];
}

/** A history of transactions on rows. */
export interface RowHistory {
  readonly history: History;
  /** In the order of their invocations. */
  readonly transactions: readonly RowTransaction[];
  readonly rows: readonly Row[];
  /** Row → its table. */
  readonly tables: readonly string[];
  /** Row → what was there before all transactions; without an entry, nothing was. */
  readonly initial: ReadonlyMap<number, Value>;
  /** What said so. */
  readonly init: Operation | undefined;
}

/** The table of all rows that are no elements of sets. */
const ROWS = "";

const ROW_NAMES: ReadonlySet<Value | undefined> = new Set<Value>(["insert", "delete", "rp", "add"]);

/** Whether a history has micro-operations on rows. */
export function isOfRows(history: History): boolean {
  return hasMicroNamed(history, (name) => ROW_NAMES.has(name));
}

/** Lays out a history of rows. @throws HarnessError `bad-argument` if misshapen */
export function layOutRows(history: History): RowHistory {
  return new Layout(history).layOut();
}

class Layout {
  readonly #history: History;
  readonly #rows: Row[] = [];
  readonly #tables: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Keys of sets, and of rows. */
  readonly #sets = new Set<string>();
  readonly #single = new Set<string>();
  /** By name: equal ones are the same function. */
  readonly #predicates = new Map<string, Predicate>();

  constructor(history: History) {
    this.#history = history;
  }

  layOut(): RowHistory {
    const history = this.#history;
    const operations = Array.from(history.invocations(), (at) => history.operation(at));
    const transactions = operations.filter(({ f }) => f === "txn");
    for (const each of transactions) namingEvent(each, () => this.#findKinds(each));
    const { init, initial } = this.#initial(operations, transactions[0]);
    const laidOut = transactions.map((operation): RowTransaction => ({
      operation,
      deeds: namingEvent(operation, () =>
        this.#microOf(operation).flatMap((micro, at) => this.#deed(operation, micro, at)),
      ),
    }));
    return {
      history,
      transactions: laidOut,
      rows: this.#rows,
      tables: this.#tables,
      initial,
      init,
    };
  }

  #initial(
    operations: readonly Operation[],
    first: Operation | undefined,
  ): { readonly init: Operation | undefined; readonly initial: ReadonlyMap<number, Value> } {
    const initial = new Map<number, Value>();
    const init = initOf(operations, first);
    if (init === undefined) return { init, initial };
    for (const [key, value] of namingEvent(init, () => madeBy(init))) {
      if (this.#sets.has(key)) throw ofSets(key, init.invocation);
      // What holds a value at first is a row, whatever it is read as.
      this.#single.add(key);
      initial.set(this.#row({ key }), value);
    }
    return { init, initial };
  }

  #microOf(operation: Operation): readonly (readonly Value[])[] {
    const { outcome, output, input, invocation } = operation;
    const micro = outcome === "ok" ? output : input;
    const isMicro = (each: Value): boolean => Array.isArray(each) && each.length > 1;
    if (Array.isArray(micro) && micro.every(isMicro)) return micro as (readonly Value[])[];
    throw misshapen(invocation, micro ?? null);
  }

  #findKinds(operation: Operation): void {
    for (const [f, key] of this.#microOf(operation)) {
      const name = nameOfKey(key as Value);
      if (f === "add") this.#sets.add(name);
      else if (f === "insert" || f === "w" || f === "write" || f === "delete") {
        this.#single.add(name);
      }
      if (!this.#sets.has(name) || !this.#single.has(name)) continue;
      throw new HarnessError(
        "bad-argument",
        `the key ${name} is added to as a set, and written as a row; expected one of both`,
      );
    }
  }

  #deed(operation: Operation, micro: readonly Value[], at: number): readonly Deed[] {
    const [f, key, value = null] = micro as readonly [Value, Value, Value?];
    const isKnown = operation.outcome === "ok";
    switch (f as string) {
      case "w":
      case "write":
        if (micro.length < 3) break;
        // Null is that the row is not there.
        return [{ f: "write", at, row: this.#row({ key }), value: value ?? undefined }];
      case "insert":
        if (value === null) break;
        return [{ f: "write", at, row: this.#row({ key }), value }];
      case "delete":
        return [{ f: "write", at, row: this.#row({ key }), value: undefined }];
      case "add":
        if (micro.length < 3) break;
        return [{ f: "write", at, row: this.#row({ key, element: value }), value }];
      case "r":
      case "read": {
        if (!isKnown) return [];
        if (this.#isSet(key, value)) return this.#readSet(micro, at);
        return [{ f: "row", at, row: this.#row({ key }), value: value ?? undefined }];
      }
      case "rp": {
        if (!isKnown) return [];
        const shown = Object.entries(asRows(value))
          .filter(([, each]) => each !== null)
          .map(([of, each]): [number, Value] => [this.#row({ key: of }), each]);
        const matches = this.#predicate(key);
        return [{ f: "table", at, table: ROWS, matches, shown: new Map(shown), isItem: false }];
      }
      default:
    }
    throw misshapen(operation.invocation, micro);
  }

  #predicate(name: Value): Predicate {
    const text = canonical(name);
    const known = this.#predicates.get(text) ?? predicateNamed(name);
    this.#predicates.set(text, known);
    return known;
  }

  #isSet(key: Value, value: Value): boolean {
    const name = nameOfKey(key);
    return this.#sets.has(name) || (Array.isArray(value) && !this.#single.has(name));
  }

  #readSet([, key, value = null]: readonly Value[], at: number): readonly Deed[] {
    const elements = (value ?? []) as Value;
    if (!Array.isArray(elements)) {
      throw new HarnessError(
        "bad-argument",
        `the key ${nameOfKey(key as Value)} is a set, and was read as ${canonical(elements)}; expected a list of its elements`,
      );
    }
    const shown = new Map<number, Value>();
    const twice = new Set<number>();
    for (const element of elements as readonly Value[]) {
      const row = this.#row({ key: key as Value, element });
      if (shown.has(row)) twice.add(row);
      shown.set(row, element);
    }
    const table = `set ${nameOfKey(key as Value)}`;
    const read = { f: "table", at, table, matches: () => true, shown, isItem: true } as const;
    return [twice.size === 0 ? read : { ...read, twice: [...twice] }];
  }

  #row(row: Row): number {
    const { key, element } = row;
    const table = element === undefined ? ROWS : `set ${nameOfKey(key)}`;
    const name = element === undefined ? nameOfKey(key) : `${table} ${canonical(element)}`;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#rows.push(row) - 1;
    this.#tables.push(table);
    this.#numbers.set(name, number);
    return number;
  }
}

function ofSets(key: string, event: number): HarnessError {
  return new HarnessError(
    "bad-argument",
    `init says that ${key} holds something at first, and it is added to as a set: expected an init of rows, registers or counters. Let a first transaction add what was there`,
    { event },
  );
}

function misshapen(invocation: number, value: Value): HarnessError {
  return new HarnessError(
    "bad-argument",
    `operation ${invocation} is no transaction on rows: ${canonical(value).slice(0, 60)}; ` +
      'expected micro-operations such as ["insert", "x", 1], ["w", "x", 2], ["delete", "x"], ["r", "x", 2], ["rp", "true", {"x": 2}], or ["add", "s", 1]',
  );
}
