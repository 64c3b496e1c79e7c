/**
 * The port of databases with transactions: what the procedures (`procedures.ts`) ask of one,
 * whatever carries it out. Keys are `table/row`.
 */
import type { Value } from "../../src/history/value.js";
import type { Condition } from "./conditions.js";

/** What can be done in a transaction. Every call may throw `Abort`. */
export interface Statements {
  /** The value of a key; `null` where there is none. */
  read(key: string): Promise<Value>;
  write(key: string, value: Value): Promise<void>;
  /** Takes a row away, if it is there. */
  remove(key: string): Promise<void>;
  /** Adds to the end of a list, as one statement: what is read for it is what is written to. */
  append(key: string, element: Value): Promise<void>;
  /** Adds to a number, in the same way; where there is none it begins with 0. */
  increment(key: string, amount: Value): Promise<void>;
  /** The rows of a table that are meant: a read by predicate. */
  scan(table: string, condition: Condition): Promise<readonly Row[]>;
}

/** A row, and its key in its table. */
export interface Row {
  readonly name: Value;
  readonly value: Value;
}

/** A transaction that is under way. */
export interface Transaction extends Statements {
  /** Resolves when it has happened. @throws Abort */
  commit(): Promise<void>;
  /** Undoes it; called once, and after anything has thrown. */
  abort(): Promise<void>;
}

/** Carries out a transaction: what the work throws undoes it, and is thrown. @throws Abort */
export type Transact = <T>(work: (statements: Statements) => Promise<T>) => Promise<T>;

/** Carries out transactions of a database that begins them so. */
export function transactBy(begin: () => Promise<Transaction> | Transaction): Transact {
  return async (work) => {
    const transaction = await begin();
    try {
      const result = await work(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.abort();
      throw error;
    }
  };
}

/** Why a transaction did not commit. */
export class Abort extends Error {
  override readonly name = "Abort";
  /** A short stable word: `deadlock`, `write-conflict`, … */
  readonly code: string;
  /** `info` when it may have committed all the same. */
  readonly outcome: "fail" | "info";

  constructor(code: string, message: string, outcome: "fail" | "info" = "fail") {
    super(message);
    this.code = code;
    this.outcome = outcome;
  }
}

/** The table of a key. */
export function tableOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

/** A row by its key. */
export function rowOf(key: string, value: Value): Row {
  return { name: JSON.parse(key.slice(key.indexOf("/") + 1)) as Value, value };
}

/** A list with one more at its end; what is no list is refused. */
export function appended(list: Value, element: Value): Value {
  if (list === null) return [element];
  if (Array.isArray(list)) return [...(list as readonly Value[]), element];
  throw new Abort("wrong-type", "append works on lists and on nothing else");
}

/** A number with an amount added to it; what is no number is refused. */
export function increased(total: Value, amount: Value): Value {
  const before = total ?? 0;
  if (typeof before === "number" && typeof amount === "number") return before + amount;
  throw new Abort("wrong-type", "inc works on numbers and on nothing else");
}
