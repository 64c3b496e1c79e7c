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
import { STORE_FUNCTIONS } from "./store-commands.js";

export { PAXOS_VARIANTS, type PaxosVariant } from "./paxos/variants.js";

/** Options of `multiPaxos`. */
export interface MultiPaxosOptions {
  /** The bug to have. Default none. */
  readonly variant?: PaxosVariant;
}

/** A replicated store. */
export function multiPaxos(options: MultiPaxosOptions = {}): System {
  const { variant } = options;
  return {
    name: variant === undefined ? "multi-paxos" : `multi-paxos:${variant}`,
    description:
      variant === undefined
        ? "a replicated log (Multi-Paxos); correct under every fault"
        : `the multi-paxos store with a bug: ${PAXOS_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: STORE_FUNCTIONS,
    nodes: { min: 1, default: 5, max: 9 },
    promise:
      variant === undefined
        ? { consistency: "linearizable", under: ["kill", "power-loss", "pause", "cut-link"] }
        : { consistency: "none", under: [], deviation: `it has a bug: ${variant}` },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "multiPaxosProgram",
        options: { variant: variant ?? null },
      },
      nodeCount,
    }),
    connect: connectReplicated,
  };
}

/** What runs on each node of `multiPaxos`. */
export function multiPaxosProgram(options: { readonly variant: PaxosVariant | null }): NodeProgram {
  return { start: async (node) => startPaxos(node, options) };
}
