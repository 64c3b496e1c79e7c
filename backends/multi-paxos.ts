/**
 * A key-value store on a log whose slots are each agreed on by Paxos: Multi-Paxos, with acceptor,
 * learner and proposer as files of their own in `paxos/`.
 *
 * Lamport, "Paxos Made Simple", 2001; van Renesse and Altinbuken, "Paxos Made Moderately Complex",
 * ACM Computing Surveys 47(3), 2015. A leader asks for promises once, for all slots that are open,
 * and then needs one round trip to a majority for each command. Reads take a slot like everything
 * else. Logs are kept whole: there are no snapshots.
 */
import type { System } from "../src/runner/system.js";
import type { NodeProgram } from "../src/world/world.js";
import { startPaxos } from "./paxos/start.js";
import { PAXOS_VARIANTS, type PaxosVariant } from "./paxos/variants.js";
import { connectReplicated } from "./replicated/client.js";
import { LOG_FUNCTIONS, promiseOf } from "./replicated/log-promise.js";
import { assertStrategy } from "./replicated/synchronization.js";

export { PAXOS_VARIANTS, type PaxosVariant } from "./paxos/variants.js";

/** Options of `multiPaxos`. */
export interface MultiPaxosOptions {
  /** The bug to have. Default none. */
  readonly variant?: PaxosVariant;
  /**
   * Whether reads are current, or `eventual`: what the node has that is asked, without a slot.
   * Changes take a slot in any case. Default `strong`.
   */
  readonly strategy?: "strong" | "eventual";
}

/**
 * A replicated store.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have
 */
export function multiPaxos(options: MultiPaxosOptions = {}): System {
  const { variant, strategy = "strong" } = options;
  assertStrategy("multi-paxos", strategy);
  const suffix = variant ?? (strategy === "eventual" ? strategy : undefined);
  return {
    name: suffix === undefined ? "multi-paxos" : `multi-paxos:${suffix}`,
    description:
      variant === undefined
        ? strategy === "strong"
          ? "a replicated log (Multi-Paxos); correct under every fault"
          : "a replicated log (Multi-Paxos), reads of what a node has: stale reads"
        : `the multi-paxos store with a bug: ${PAXOS_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: LOG_FUNCTIONS,
    nodes: { min: 1, default: 5, max: 9 },
    promise: promiseOf({ variant, strategy }),
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "multiPaxosProgram",
        options: { variant: variant ?? null, readsAnywhere: strategy === "eventual" },
      },
      nodeCount,
    }),
    connect: connectReplicated,
  };
}

/** What runs on each node of `multiPaxos`. */
export function multiPaxosProgram(options: {
  readonly variant: PaxosVariant | null;
  readonly readsAnywhere: boolean;
}): NodeProgram {
  return { start: async (node) => startPaxos(node, options) };
}
