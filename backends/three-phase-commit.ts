/**
 * The bank and the states of `two-phase-commit.ts` with a phase more, so that nobody has to wait
 * for a coordinator that is dead: Skeen, "Nonblocking Commit Protocols", SIGMOD 1981. Before it
 * commits, the coordinator lets everyone know that all have voted for it. When participants hear
 * nothing more, the first of those that are up takes the coordinator's place: it brings the others
 * to the phase that it is in, and decides by that. Who was down asks, and decides nothing, unless
 * all of them were down. Crashes and losses of power alone do not part them.
 *
 * It assumes that who does not answer in time is dead. Under a partition, and where nodes stand
 * still or messages are late, both sides go on, and decide differently:
 *
 * ```
 *         n1 (coordinator)   n2                |cut|   n3
 *  t1     precommit ───────► precommitted        x     prepared
 *  t2     commits            commits             x     asks, hears nobody: aborts
 *  t3     (healed) the money has left n2 and has not come to n3
 * ```
 */
import type { System } from "../src/runner/system.js";
import { assertStrategy } from "./replicated/synchronization.js";
import { connectStore } from "./store-client.js";

export { commitProgram as threePhaseProgram } from "./two-phase-commit.js";

/** Options of `threePhaseCommit`. */
export interface ThreePhaseCommitOptions {
  /** As that of `twoPhaseCommit`. Default `strong`. */
  readonly strategy?: "strong" | "eventual";
}

/**
 * A bank and states over several nodes that survive crashes, and are wrong under partitions.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have
 */
export function threePhaseCommit(options: ThreePhaseCommitOptions = {}): System {
  const { strategy = "strong" } = options;
  assertStrategy("three-phase-commit", strategy);
  const isStrong = strategy === "strong";
  return {
    name: isStrong ? "three-phase-commit" : `three-phase-commit:${strategy}`,
    description: isStrong
      ? "a bank and states over several nodes (three-phase commit): does not block, and parts under partition"
      : "states over several nodes (three-phase commit), read as a node has them: stale reads",
    worlds: ["simulated", "real"],
    functions: ["bank", "state", "states"],
    nodes: { min: 1, default: 3, max: 5 },
    promise: {
      consistency: isStrong ? "linearizable" : "eventual",
      under: ["kill", "power-loss"],
      deviation:
        "participants that cannot hear each other, or hear too late, decide differently about one transaction",
    },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "threePhaseProgram",
        options: { threePhases: true, variant: null, readsAnywhere: !isStrong },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}
