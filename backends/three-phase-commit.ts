/**
 * The bank of `two-phase-commit.ts` with a phase more, so that nobody has to wait for a coordinator
 * that is dead: Skeen, "Nonblocking Commit Protocols", SIGMOD 1981. Before it commits, the
 * coordinator lets everyone know that all have voted for it; participants that hear nothing more
 * decide among themselves by what they know.
 *
 * It assumes that who does not answer in time is dead. Under a partition both sides go on, and
 * decide differently:
 *
 * ```
 *         n1 (coordinator)   n2                |cut|   n3
 *  t1     precommit ───────► precommitted        x     prepared
 *  t2     commits            commits             x     asks, hears nobody: aborts
 *  t3     (healed) the money has left n2 and has not come to n3
 * ```
 */
import type { System } from "../src/runner/system.js";
import { connectStore } from "./store-client.js";

export { commitProgram as threePhaseProgram } from "./two-phase-commit.js";

/** A bank over several nodes that does not block, and is wrong under partitions. */
export function threePhaseCommit(): System {
  return {
    name: "three-phase-commit",
    description:
      "a bank over several nodes (three-phase commit): does not block, and parts under partition",
    worlds: ["simulated", "real"],
    functions: ["bank"],
    nodes: { min: 1, default: 3, max: 5 },
    promise: {
      consistency: "linearizable",
      under: [],
      deviation:
        "participants that cannot hear each other, or hear too late, decide differently about one transaction",
    },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "threePhaseProgram",
        options: { threePhases: true, variant: null },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}
