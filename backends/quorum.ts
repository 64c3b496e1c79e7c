/**
 * Atomic registers on a majority of replicas, without a leader: ABD.
 *
 * Attiya, Bar-Noy, Dolev, "Sharing Memory Robustly in Message-Passing Systems", JACM 42(1), 1995;
 * with several writers: Lynch, Shvartsman, FTCS 1997. The node that a client asks coordinates. Both
 * operations ask a majority for what it holds; a write then stores its value with a higher
 * timestamp on a majority; a read stores the highest that it saw on a majority before it answers,
 * so that no later read can see less.
 *
 * - Replicas make everything durable before they answer, and show nothing that is not: a replica
 *   that forgets would break the intersection of majorities.
 * - A timestamp is `[counter, node, incarnation]`, in that order of weight. No two writes share
 *   one: a coordinator never uses a counter twice in one incarnation, also not for writes under way
 *   at once, and each start takes a new incarnation number from the disk before it serves. Without
 *   the last, a write that was cut short by a crash and one after the restart could get the same
 *   timestamp for two values.
 * - Messages may be lost, so phases ask again until the client's time is over. All that replicas
 *   are asked to do is idempotent.
 * - A write whose first phase finds no majority has sent its value nowhere: it definitely failed.
 *
 * That is the strategy `strong`. With `eventual` and `weak` a quorum is one node, the one that is
 * asked, and the others hear of it later: `quorum/local.ts`.
 */
import type { System, SystemPromise } from "../src/runner/system.js";
import type { Message } from "../src/world/network.js";
import { createRpc } from "../src/world/rpc.js";
import type { NodeProgram } from "../src/world/world.js";
import { openDurableMap } from "./file/durable-map.js";
import { createCoordinator } from "./quorum/coordinator.js";
import { startLocal } from "./quorum/local.js";
import { answerPeer, createReplica } from "./quorum/replica.js";
import { assertStrategy, type Strategy } from "./replicated/synchronization.js";
import { connectStore, decodeRequest, encodeAnswer } from "./store-client.js";
import { fail } from "./store-commands.js";

/** Options of `quorum`. */
export interface QuorumOptions {
  /** The bug to have: `no-write-back` answers reads after their first phase. Default none. */
  readonly variant?: "no-write-back";
  /**
   * How copies are kept in step: by majorities (`strong`), by telling the others afterwards and
   * repairing what was lost (`eventual`), or by telling them once (`weak`). Default `strong`; a bug
   * goes with that only.
   */
  readonly strategy?: Strategy;
}

/**
 * Registers on several nodes, atomic by default.
 * @throws HarnessError `bad-argument` when there is no such strategy
 */
export function quorum(options: QuorumOptions = {}): System {
  const { variant, strategy = "strong" } = options;
  assertStrategy("quorum", strategy);
  const suffix = variant ?? (strategy === "strong" ? undefined : strategy);
  return {
    name: suffix === undefined ? "quorum" : `quorum:${suffix}`,
    description:
      variant === undefined
        ? DESCRIPTIONS[strategy]
        : "the quorum store with a bug: reads do not write back, so that a later one may see less",
    worlds: ["simulated", "real"],
    functions: ["read", "write", "get", "put"],
    nodes: { min: 1, default: 5, max: 9 },
    promise:
      variant === undefined
        ? PROMISES[strategy]
        : { consistency: "none", under: [], deviation: `it has a bug: ${variant}` },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "quorumProgram",
        options: { writesBack: variant !== "no-write-back", strategy },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

const DESCRIPTIONS: { readonly [strategy in Strategy]: string } = {
  strong: "atomic registers on a majority of nodes (ABD); correct under every fault",
  eventual: "registers that a node answers at once, and that come to the same on all nodes later",
  weak: "registers that a node answers at once, and tells the others once; what is lost stays lost",
};

const EVERY_FAULT = ["kill", "power-loss", "pause", "cut-link"] as const;

const PROMISES: { readonly [strategy in Strategy]: SystemPromise } = {
  strong: { consistency: "linearizable", under: EVERY_FAULT },
  eventual: {
    consistency: "eventual",
    under: EVERY_FAULT,
    deviation: "nodes answer from what they have, and the last writer wins",
  },
  weak: {
    consistency: "none",
    under: EVERY_FAULT,
    deviation: "a client sees what it wrote, at the node that it talks to, and nothing more",
  },
};

/** What runs on each node of `quorum`. */
export function quorumProgram(options: {
  readonly writesBack: boolean;
  readonly strategy: Strategy;
}): NodeProgram {
  const { writesBack, strategy } = options;
  return {
    start: async (node) => {
      const replica = createReplica(await openDurableMap(node.disk));
      const incarnation = await replica.nextIncarnation();
      node.log(`incarnation ${incarnation}`);
      const rpc = createRpc(node.network, node.clock);
      const shared = { node, replica, incarnation, rpc };
      const coordinator =
        strategy === "strong"
          ? createCoordinator({ ...shared, writesBack })
          : startLocal({ ...shared, repairs: strategy === "eventual" });
      rpc.serve(async (from, message) => {
        if (Array.isArray(message)) return answerPeer(replica, message as readonly Message[]);
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        return encodeAnswer(await coordinator.perform(from, request));
      });
      return coordinator;
    },
  };
}
