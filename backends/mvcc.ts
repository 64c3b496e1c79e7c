/**
 * A database with transactions in the memory of one node, isolated by versions: snapshots, the
 * first committer wins, and serializable snapshot isolation (`transactions/mvcc-engine.ts`). Its
 * variants each have one bug that is known from such databases.
 */
import type { System } from "../src/runner/system.js";
import type { NodeProgram } from "../src/world/world.js";
import { connectStore } from "./store-client.js";
import { mvccEngine, type MvccIsolation } from "./transactions/mvcc-engine.js";
import {
  MVCC_VARIANT_LEVELS,
  MVCC_VARIANTS,
  type MvccVariant,
} from "./transactions/mvcc-variants.js";
import { TRANSACTION_FUNCTIONS } from "./transactions/procedures.js";
import { serveTransactions } from "./transactions/serve.js";
import { transactBy } from "./transactions/transaction.js";

export type { MvccIsolation } from "./transactions/mvcc-engine.js";
export { MVCC_VARIANTS, type MvccVariant } from "./transactions/mvcc-variants.js";

/** The levels, from strong to weak. */
export const MVCC_LEVELS: readonly MvccIsolation[] = [
  "strict-serializable",
  "serializable",
  "snapshot-isolation",
  "cursor-stability",
  "read-committed",
];

/** Options of `mvcc`. */
export interface MvccOptions {
  /** Default `strict-serializable`; for a variant the level that its bug breaks. */
  readonly isolation?: MvccIsolation;
  /** The bug to have. Default none. */
  readonly variant?: MvccVariant;
}

/** A database on one node whose transactions see snapshots. */
export function mvcc({ variant, isolation: given }: MvccOptions = {}): System {
  const usual = variant === undefined ? "strict-serializable" : MVCC_VARIANT_LEVELS[variant];
  const isolation = given ?? usual;
  const suffix = variant ?? (isolation === "strict-serializable" ? undefined : isolation);
  return {
    name: suffix === undefined ? "mvcc" : `mvcc:${suffix}`,
    description:
      variant === undefined
        ? `transactions in the memory of one node, isolated by versions: ${isolation}`
        : `the database with versions with a bug: ${MVCC_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: TRANSACTION_FUNCTIONS,
    nodes: { min: 1, default: 1, max: 1 },
    promise: {
      consistency: "none",
      under: ["pause"],
      deviation:
        variant === undefined
          ? `its promise is of transactions: ${isolation}`
          : `it has a bug: ${variant}`,
    },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "mvccProgram",
        options: { isolation, variant: variant ?? null },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

/** What runs on the node of `mvcc`. */
export function mvccProgram(options: {
  readonly isolation: MvccIsolation;
  readonly variant: MvccVariant | null;
}): NodeProgram {
  const { isolation, variant } = options;
  return {
    start: async (node) => {
      const begin = mvccEngine({ isolation, variant: variant ?? undefined }, node.random);
      serveTransactions(node, transactBy(begin));
    },
  };
}
