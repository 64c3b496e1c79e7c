/**
 * A database with transactions in the memory of one node, isolated by locks: two-phase locking with
 * deadlock detection (`transactions/locking-engine.ts`). Its levels are the degrees of the
 * textbooks, and its variants each have one bug in the locks.
 */
import type { System } from "../src/runner/system.js";
import type { NodeProgram } from "../src/world/world.js";
import { connectStore } from "./store-client.js";
import { lockingEngine, type LockingIsolation } from "./transactions/locking-engine.js";
import {
  LOCKING_VARIANT_LEVELS,
  LOCKING_VARIANTS,
  type LockingVariant,
} from "./transactions/locking-variants.js";
import { TRANSACTION_FUNCTIONS } from "./transactions/procedures.js";
import { serveTransactions } from "./transactions/serve.js";
import { transactBy } from "./transactions/transaction.js";

export type { LockingIsolation } from "./transactions/locking-engine.js";
export { LOCKING_VARIANTS, type LockingVariant } from "./transactions/locking-variants.js";

/** The levels, from strong to weak. */
export const LOCKING_LEVELS: readonly LockingIsolation[] = [
  "serializable",
  "repeatable-read",
  "cursor-stability",
  "read-committed",
  "read-uncommitted",
];

/** Options of `locking`. */
export interface LockingOptions {
  /** Default `serializable`, which is strict; for a variant the level that its bug breaks. */
  readonly isolation?: LockingIsolation;
  /** The bug to have. Default none. */
  readonly variant?: LockingVariant;
}

/** A database on one node whose transactions lock what they use. */
export function locking({ variant, isolation: given }: LockingOptions = {}): System {
  const usual = variant === undefined ? "serializable" : LOCKING_VARIANT_LEVELS[variant];
  const isolation = given ?? usual;
  const suffix = variant ?? (isolation === "serializable" ? undefined : isolation);
  return {
    name: suffix === undefined ? "locking" : `locking:${suffix}`,
    description:
      variant === undefined
        ? `transactions in the memory of one node, isolated by locks: ${isolation}`
        : `the database with locks with a bug: ${LOCKING_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: TRANSACTION_FUNCTIONS,
    nodes: { min: 1, default: 1, max: 1 },
    promise: {
      consistency: "none",
      under: ["pause"],
      deviation:
        variant === undefined
          ? `its promise is of transactions: ${isolation === "serializable" ? "strict-serializable" : isolation}`
          : `it has a bug: ${variant}`,
    },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "lockingProgram",
        options: { isolation, variant: variant ?? null },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

/** What runs on the node of `locking`. */
export function lockingProgram(options: {
  readonly isolation: LockingIsolation;
  readonly variant: LockingVariant | null;
}): NodeProgram {
  const { isolation, variant } = options;
  return {
    start: async (node) => {
      const begin = lockingEngine({ isolation, variant: variant ?? undefined });
      serveTransactions(node, transactBy(begin));
    },
  };
}
