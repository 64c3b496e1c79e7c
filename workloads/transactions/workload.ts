/**
 * What the workloads of transactions share: a level that is asked for, values that are written
 * once, clients that try again, and reads of everything in the end, so that what was written last
 * is seen.
 */
import { transactional } from "../../checkers/transactional.js";
import { delay, limit, phases, repeat, untilOk } from "../../src/generator/index.js";
import type { Generator } from "../../src/generator/generator.js";
import type { SourceContext } from "../../src/generator/source.js";
import { INVOKE, NEMESIS, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Client } from "../../src/runner/client.js";
import type { Workload } from "../../src/runner/workload.js";
import { assertRetries, tryingAgain } from "./try-again.js";

/** What is asked of transactions. */
export interface TransactionalWorkloadOptions {
  /** A level of isolation, as `ordeal list levels` names them. Default `strict-serializable`. */
  readonly level?: string;
  /**
   * How often a client tries the same again that lost against others (a deadlock, a conflict, …);
   * each time is a transaction of its own, with values of its own. Default 0.
   */
  readonly retries?: number;
}

/** The levels that each workload of transactions is listed with, beside the strongest. */
export const ISOLATION_LEVELS = [
  "serializable",
  "snapshot-isolation",
  "repeatable-read",
  "cursor-stability",
  "read-committed",
  "read-uncommitted",
] as const;

/**
 * One step of a transaction: on registers `r` and `w`, on lists `append`, on sets `add`, on
 * counters `inc`, on rows `insert`, `w`, `delete`, `r` and `rp`, whose key is a predicate.
 */
export type MicroOperation = readonly [
  f: "r" | "w" | "append" | "add" | "inc" | "insert" | "delete" | "rp",
  key: Value,
  value: Value,
];

/** What a workload of transactions is made of. */
export interface TransactionalSpec {
  readonly name: string;
  readonly description: string;
  /** What a transaction does, of at most eight steps; `numbered` says what it writes. */
  readonly transaction: (context: SourceContext) => readonly MicroOperation[];
  /** Puts what nobody else writes into a transaction. Default: a number for each write. */
  readonly numbered?: Numbering;
  /** What is read in the end, a transaction each, of all that was asked. Default: each key. */
  readonly reads?: (asked: readonly MicroOperation[]) => readonly (readonly MicroOperation[])[];
  /** The function that the system must have. Default `txn`. */
  readonly requires?: string;
  readonly client?: (client: Client) => Client;
}

/** Puts what nobody else writes into the transaction with this number. */
export type Numbering = (
  transaction: readonly MicroOperation[],
  index: number,
) => readonly MicroOperation[];

const STRONGEST = "strict-serializable";

/** Makes a workload of transactions that the dependencies of micro-operations judge. */
export function transactionalWorkload(
  spec: TransactionalSpec,
  { level = STRONGEST, retries = 0 }: TransactionalWorkloadOptions,
): Workload {
  const { name, description, transaction, numbered = numberWrites, client } = spec;
  const { reads = readsOfKeys, requires = "txn" } = spec;
  assertRetries(retries);
  // Made at once, so that a level that is none is refused here.
  const checker = transactional({ level });
  return {
    name: level === STRONGEST ? name : `${name}:${level}`,
    description: level === STRONGEST ? description : `${name}, judged by being ${level}`,
    requires: [requires],
    optional: [],
    functions: ["txn"],
    observes: ["txn"],
    generator: () =>
      tryingAgain({
        draw: (context) => ({ f: "txn", value: numbered(transaction(context), context.index) }),
        again: ({ f, value }, index) => ({
          f,
          value: numbered(value as unknown as readonly MicroOperation[], index),
        }),
        retries,
      }),
    finalGenerator: (_, history) => oneByOne(reads(askedIn(history))),
    checker: () => checker,
    ...(client === undefined ? {} : { client }),
  };
}

/** Values to a transaction; the first is the number of the transaction times this. */
const STEPS_MAX = 8;

/** Each write is of a number that no other is. */
const numberWrites: Numbering = (transaction, index) =>
  transaction.map(([f, key, value], step) => [
    f,
    key,
    f === "r" ? value : index * STEPS_MAX + step,
  ]);

const READS_PER_TRANSACTION = 8;
const ATTEMPTS = 20;
const ATTEMPT_DISTANCE_MS = 50;

/** Transactions one after the other, each until it has happened. */
function oneByOne(transactions: readonly (readonly MicroOperation[])[]): Generator {
  return phases(
    ...transactions.map((value) =>
      limit(ATTEMPTS, untilOk(delay(ATTEMPT_DISTANCE_MS, repeat({ f: "txn", value })))),
    ),
  );
}

function readsOfKeys(asked: readonly MicroOperation[]): readonly (readonly MicroOperation[])[] {
  const keys = [...new Map(asked.map(([, key]) => [canonical(key), key])).values()];
  return Array.from({ length: Math.ceil(keys.length / READS_PER_TRANSACTION) }, (_, group) =>
    keys
      .slice(group * READS_PER_TRANSACTION, (group + 1) * READS_PER_TRANSACTION)
      .map((key) => ["r", key, null]),
  );
}

/** All that clients asked for. */
function askedIn(history: History): readonly MicroOperation[] {
  const asked: MicroOperation[] = [];
  for (let i = 0; i < history.length; i++) {
    if (history.types[i] !== INVOKE || history.processes[i] === NEMESIS) continue;
    asked.push(...(history.event(i).value as unknown as readonly MicroOperation[]));
  }
  return asked;
}
