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
 * store waits. It is safe under every fault, and available under none.
 */
import type { Value } from "../src/history/value.js";
import type { System } from "../src/runner/system.js";
import type { Message } from "../src/world/network.js";
import { createRpc } from "../src/world/rpc.js";
import type { NodeProgram } from "../src/world/world.js";
import { asMessage, openLink, type ChainLink, type ChainMessage } from "./chain/link.js";
import { CHAIN_VARIANTS, type ChainVariant } from "./chain/variants.js";
import { connectReplicated } from "./replicated/client.js";
import { Machine, operationOf } from "./replicated/machine.js";
import { splitNetwork } from "./replicated/split-network.js";
import { encodeAnswer } from "./store-client.js";
import { fail, STORE_FUNCTIONS } from "./store-commands.js";

export { CHAIN_VARIANTS, type ChainVariant } from "./chain/variants.js";

/** Options of `chain`. */
export interface ChainOptions {
  /** The bug to have. Default none. */
  readonly variant?: ChainVariant;
}

const SESSIONS_MAX = 1_000;

/** A replicated store. */
export function chain(options: ChainOptions = {}): System {
  const { variant } = options;
  return {
    name: variant === undefined ? "chain" : `chain:${variant}`,
    description:
      variant === undefined
        ? "a chain of nodes (chain replication): safe under every fault, waits for each node"
        : `the chain store with a bug: ${CHAIN_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: STORE_FUNCTIONS,
    nodes: { min: 1, default: 3, max: 9 },
    promise:
      variant === undefined
        ? { consistency: "linearizable", under: ["kill", "power-loss", "pause", "cut-link"] }
        : { consistency: "none", under: [], deviation: `it has a bug: ${variant}` },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "chainProgram",
        options: { variant: variant ?? null },
      },
      nodeCount,
    }),
    connect: connectReplicated,
  };
}

/** What runs on each node of `chain`. */
export function chainProgram(options: { readonly variant: ChainVariant | null }): NodeProgram {
  const { variant } = options;
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
      createRpc(clients, node.clock).serve(async (_from, request) => {
        const given = Array.isArray(request) ? (request as readonly Value[]) : [];
        if (given[0] !== "read") return update(link, given, nodes[0] ?? null);
        if (!link.isTail && variant !== "reads-anywhere") {
          return ["not-leader", nodes.at(-1) ?? null];
        }
        const [, f, key] = given as readonly [string, string, Value];
        return encodeAnswer(machine.read({ f, key, value: null }));
      });
      return { stop: async () => link.stop() };
    },
  };
}

async function update(
  link: ChainLink,
  request: readonly Value[],
  head: string | null,
): Promise<Message> {
  if (!link.isHead) return ["not-leader", head];
  const operation = operationOf(request);
  if (operation === undefined) return encodeAnswer(fail("bad-request", "no such request"));
  return encodeAnswer(await link.update(operation));
}
