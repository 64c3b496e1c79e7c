/**
 * A key-value store on a chain: updates enter at the head and go from node to node, reads are
 * answered by the tail, which has only what all have. Van Renesse and Schneider, "Chain Replication
 * for Supporting High Throughput and Availability", OSDI 2004.
 *
 * ```
 * write ─► n1 ─► n2 ─► n3 ◄─ read
 *   ok ◄── n1 ◄─ n2 ◄─ n3 has it
 * ```
 *
 * There is no master that takes failed nodes out of the chain: while one is down or cut off, the
 * store waits. It is safe under every fault but bit rot, and available under none.
 */
import type { Value } from "../src/history/value.js";
import type { System } from "../src/runner/system.js";
import type { Message } from "../src/world/network.js";
import { createRpc } from "../src/world/rpc.js";
import type { NodeProgram } from "../src/world/world.js";
import { asMessage, openLink, type ChainLink, type ChainMessage } from "./chain/link.js";
import { CHAIN_VARIANTS, type ChainVariant } from "./chain/variants.js";
import { connectReplicated } from "./replicated/client.js";
import { LOG_FUNCTIONS, promiseOf } from "./replicated/log-promise.js";
import { Machine, operationOf, readOf, seenOf } from "./replicated/machine.js";
import { splitNetwork } from "./replicated/split-network.js";
import { assertStrategy } from "./replicated/synchronization.js";
import { encodeAnswer } from "./store-client.js";
import { fail } from "./store-commands.js";

export { CHAIN_VARIANTS, type ChainVariant } from "./chain/variants.js";

/** Options of `chain`. */
export interface ChainOptions {
  /** The bug to have. Default none. */
  readonly variant?: ChainVariant;
  /**
   * Whether reads are the tail's, or `eventual`: what the node has that is asked. Updates go
   * through the chain in any case. Default `strong`.
   */
  readonly strategy?: "strong" | "eventual";
}

const SESSIONS_MAX = 1_000;

/**
 * A replicated store.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have
 */
export function chain(options: ChainOptions = {}): System {
  const { variant, strategy = "strong" } = options;
  assertStrategy("chain", strategy);
  const suffix = variant ?? (strategy === "eventual" ? strategy : undefined);
  return {
    name: suffix === undefined ? "chain" : `chain:${suffix}`,
    description:
      variant === undefined
        ? strategy === "strong"
          ? "a chain of nodes (chain replication): safe under every fault but bit rot, waits for each node"
          : "a chain of nodes (chain replication), reads of what a node has: stale reads"
        : `the chain store with a bug: ${CHAIN_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: LOG_FUNCTIONS,
    nodes: { min: 1, default: 3, max: 9 },
    promise: promiseOf({ variant, strategy }),
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "chainProgram",
        options: { variant: variant ?? null, readsAnywhere: strategy === "eventual" },
      },
      nodeCount,
    }),
    connect: connectReplicated,
  };
}

/** What runs on each node of `chain`. */
export function chainProgram(options: {
  readonly variant: ChainVariant | null;
  readonly readsAnywhere: boolean;
}): NodeProgram {
  const { variant, readsAnywhere } = options;
  return {
    start: async (node) => {
      const { peers, clients } = splitNetwork(node.network);
      const machine = new Machine({
        sessionsMax: SESSIONS_MAX,
        appliesDuplicates: variant === "duplicates-applied",
        snapshotsSessions: true,
      });
      const link = await openLink({
        node,
        machine,
        send: (to, message) => peers.send(to, asMessage(message)),
        variant,
      });
      peers.onMessage((from, message) => link.onMessage(from, message as unknown as ChainMessage));
      const { nodes } = node;
      createRpc(clients, node.clock).serve(async (from, request, name) => {
        const given = Array.isArray(request) ? (request as readonly Value[]) : [];
        const read = readOf(given);
        if (read === undefined) {
          return link.isHead ? update(link, given, [from, name]) : ["not-leader", nodes[0] ?? null];
        }
        if (readsAnywhere && !machine.hasApplied(seenOf(given))) return ["behind"];
        if (!link.isTail && !readsAnywhere && variant !== "reads-anywhere") {
          return ["not-leader", nodes.at(-1) ?? null];
        }
        return encodeAnswer(machine.read(read));
      });
      return { stop: async () => link.stop(), memory: () => link.memory() };
    },
  };
}

async function update(link: ChainLink, request: readonly Value[], name: Message): Promise<Message> {
  const operation = operationOf(request);
  if (operation === undefined) return encodeAnswer(fail("bad-request", "no such request"));
  return encodeAnswer(await link.update(operation, name));
}
