/**
 * A bank whose accounts are spread over the nodes, and states that every node has a copy of, with
 * transactions by two-phase commit and strict two-phase locking: `commit/coordinator.ts` and
 * `commit/participant.ts`.
 *
 * Gray, "Notes on Data Base Operating Systems", 1978; Gray and Lamport, "Consensus on Transaction
 * Commit", ACM TODS 31(1), 2006. It is safe under every fault but bit rot, and it blocks: what
 * a participant has prepared stays locked until the coordinator is heard again.
 */
import type { System } from "../src/runner/system.js";
import type { NodeProgram } from "../src/world/world.js";
import { startCommit, type CommitOptions } from "./commit/start.js";
import { COMMIT_VARIANTS, type CommitVariant } from "./commit/variants.js";
import { promiseOf } from "./replicated/log-promise.js";
import { assertStrategy } from "./replicated/synchronization.js";
import { connectStore } from "./store-client.js";

export { COMMIT_VARIANTS, type CommitVariant } from "./commit/variants.js";

/** Options of `twoPhaseCommit`. */
export interface TwoPhaseCommitOptions {
  /** The bug to have. Default none. */
  readonly variant?: CommitVariant;
  /**
   * Whether a state that a transaction is deciding on is not read until it has, or `eventual`: read
   * as it is on the node that is asked. Default `strong`.
   */
  readonly strategy?: "strong" | "eventual";
}

/**
 * A bank over several nodes.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have
 */
export function twoPhaseCommit(options: TwoPhaseCommitOptions = {}): System {
  const { variant, strategy = "strong" } = options;
  assertStrategy("two-phase-commit", strategy);
  const suffix = variant ?? (strategy === "eventual" ? strategy : undefined);
  return {
    name: suffix === undefined ? "two-phase-commit" : `two-phase-commit:${suffix}`,
    description:
      variant === undefined
        ? strategy === "strong"
          ? "a bank and states over several nodes (two-phase commit): safe under every fault but bit rot, and it blocks"
          : "states over several nodes (two-phase commit), read as a node has them: stale reads"
        : `the two-phase-commit bank with a bug: ${COMMIT_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: ["bank", "state", "states"],
    nodes: { min: 1, default: 3, max: 5 },
    promise: promiseOf({ variant, strategy }),
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "commitProgram",
        options: {
          threePhases: false,
          variant: variant ?? null,
          readsAnywhere: strategy === "eventual",
        },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

/** What runs on each node of `twoPhaseCommit` and `threePhaseCommit`. */
export function commitProgram(options: CommitOptions): NodeProgram {
  return { start: async (node) => startCommit(node, options) };
}
