/**
 * A bank whose accounts are spread over the nodes, with transactions by two-phase commit and strict
 * two-phase locking: `commit/coordinator.ts` and `commit/participant.ts`.
 *
 * Gray, "Notes on Data Base Operating Systems", 1978; Gray and Lamport, "Consensus on Transaction
 * Commit", ACM TODS 31(1), 2006. It is safe under every fault, and it blocks: what a participant
 * has prepared stays locked until the coordinator is heard again.
 */
import type { System } from "../src/runner/system.js";
import type { NodeProgram } from "../src/world/world.js";
import { startCommit, type CommitOptions } from "./commit/start.js";
import { COMMIT_VARIANTS, type CommitVariant } from "./commit/variants.js";
import { connectStore } from "./store-client.js";

export { COMMIT_VARIANTS, type CommitVariant } from "./commit/variants.js";

/** Options of `twoPhaseCommit`. */
export interface TwoPhaseCommitOptions {
  /** The bug to have. Default none. */
  readonly variant?: CommitVariant;
}

/** A bank over several nodes. */
export function twoPhaseCommit(options: TwoPhaseCommitOptions = {}): System {
  const { variant } = options;
  return {
    name: variant === undefined ? "two-phase-commit" : `two-phase-commit:${variant}`,
    description:
      variant === undefined
        ? "a bank over several nodes (two-phase commit): safe under every fault, and it blocks"
        : `the two-phase-commit bank with a bug: ${COMMIT_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: ["bank"],
    nodes: { min: 1, default: 3, max: 5 },
    promise:
      variant === undefined
        ? { consistency: "linearizable", under: ["kill", "power-loss", "pause", "cut-link"] }
        : { consistency: "none", under: [], deviation: `it has a bug: ${variant}` },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "commitProgram",
        options: { threePhases: false, variant: variant ?? null },
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
