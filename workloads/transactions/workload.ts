/**
 * What the workloads of transactions share: a level that is asked for, and reads of every key in
 * the end, so that the order of all versions is known.
 */
import { transactional } from "../../checkers/transactional.js";
import { delay, limit, phases, repeat, untilOk } from "../../src/generator/index.js";
import type { Generator } from "../../src/generator/generator.js";
import type { SourceContext } from "../../src/generator/source.js";
import { INVOKE, NEMESIS, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Workload } from "../../src/runner/workload.js";

/** What is asked of transactions. */
export interface TransactionalWorkloadOptions {
  /** A level of isolation, as `ordeal list levels` names them. Default `strict-serializable`. */
  readonly level?: string;
}

/** The levels that each workload of transactions is listed with, beside the strongest. */
export const ISOLATION_LEVELS = [
  "serializable",
  "snapshot-isolation",
  "repeatable-read",
  "read-committed",
  "read-uncommitted",
] as const;

/** One read, write or append. */
export type MicroOperation = readonly [f: "r" | "w" | "append", key: Value, value: Value];

const STRONGEST = "strict-serializable";

/** Makes a workload of transactions that the dependencies of micro-operations judge. */
export function transactionalWorkload(
  spec: {
    readonly name: string;
    readonly description: string;
    readonly transaction: (context: SourceContext) => readonly MicroOperation[];
  },
  { level = STRONGEST }: TransactionalWorkloadOptions,
): Workload {
  const { name, description, transaction } = spec;
  // Made at once, so that a level that is none is refused here.
  const checker = transactional({ level });
  return {
    name: level === STRONGEST ? name : `${name}:${level}`,
    description: level === STRONGEST ? description : `${name}, judged by being ${level}`,
    requires: ["txn"],
    optional: [],
    functions: ["txn"],
    observes: ["txn"],
    generator: () => repeat((context) => ({ f: "txn", value: transaction(context) })),
    finalGenerator: (_, history) => readsOf(keysIn(history)),
    checker: () => checker,
  };
}

const KEYS_PER_READ = 8;
const ATTEMPTS = 20;
const ATTEMPT_DISTANCE_MS = 50;

/** Reads of some keys each, one after the other. */
function readsOf(keys: readonly Value[]): Generator {
  const groups = Array.from({ length: Math.ceil(keys.length / KEYS_PER_READ) }, (_, group) =>
    keys.slice(group * KEYS_PER_READ, (group + 1) * KEYS_PER_READ),
  );
  return phases(
    ...groups.map((group) => {
      const read = { f: "txn", value: group.map((key) => ["r", key, null]) };
      return limit(ATTEMPTS, untilOk(delay(ATTEMPT_DISTANCE_MS, repeat(read))));
    }),
  );
}

function keysIn(history: History): readonly Value[] {
  const keys = new Map<string, Value>();
  for (let i = 0; i < history.length; i++) {
    if (history.types[i] !== INVOKE || history.processes[i] === NEMESIS) continue;
    for (const micro of history.event(i).value as unknown as readonly MicroOperation[]) {
      keys.set(canonical(micro[1]), micro[1]);
    }
  }
  return [...keys.values()];
}
