/**
 * The port of databases with transactions: what the procedures (`procedures.ts`) ask of one,
 * whatever carries it out. Keys are `table/row`.
 */
import type { Value } from "../../src/history/value.js";

/** A transaction that is under way. Every call but `abort` may throw `Abort`. */
export interface Transaction {
  /** The value of a key; `null` where there is none. */
  read(key: string): Promise<Value>;
  write(key: string, value: Value): Promise<void>;
  /** Adds to the end of a list, as one statement: what is read for it is what is written to. */
  append(key: string, element: Value): Promise<void>;
  /** The values of all keys of a table: a read by predicate. */
  scan(table: string): Promise<readonly Value[]>;
  /** Resolves when it has happened. */
  commit(): Promise<void>;
  /** Undoes it; called once, and after anything has thrown. */
  abort(): Promise<void>;
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

/** A list with one more at its end; what is no list is refused. */
export function appended(list: Value, element: Value): Value {
  if (list === null) return [element];
  if (Array.isArray(list)) return [...(list as readonly Value[]), element];
  throw new Abort("wrong-type", "append works on lists and on nothing else");
}
