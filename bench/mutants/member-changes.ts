/**
 * A nemesis for systems that can change their members: takes nodes out of the cluster while it
 * works, several at once, and puts them back. It speaks to the nodes as `backends/raft/frontend.ts`
 * understands it.
 */
import { alternate } from "../../nemeses/alternate.js";
import type { Value } from "../../src/history/value.js";
import type { Nemesis, NemesisContext } from "../../src/runner/nemesis.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { createRpc } from "../../src/world/rpc.js";

const ATTEMPT_MS = 100;
const ATTEMPTS = 10;
const HEAL_ATTEMPTS = 100;

/** Removes members (`start-member-changes`), and adds all that are missing. */
export function memberChanges(): Nemesis {
  let endpoints = 0;

  /** Asks all nodes in turn until one answers that leads; null when none does. */
  const ask = async (context: NemesisContext, request: Message, attempts: number) => {
    const { cluster } = context;
    const endpoint = cluster.endpoint(`member-changes-${++endpoints}`);
    const { clock } = endpoint;
    const rpc = createRpc(endpoint.network, clock);
    try {
      for (let attempt = 0; attempt < attempts; attempt++) {
        for (const node of cluster.nodes) {
          const answer = await rpc.call(node, request, { timeoutMs: ATTEMPT_MS }).catch(() => null);
          if (Array.isArray(answer) && answer[0] === "ok") return answer[1] as Value;
          if (Array.isArray(answer) && answer[0] === "fail") return null;
        }
        await clock.sleep(ATTEMPT_MS);
      }
      return null;
    } finally {
      endpoint.close();
    }
  };

  /** Asks every node, for whoever takes itself for the leader is to do it, to remove two. */
  const removeSome = async ({ cluster, random }: NemesisContext): Promise<Value> => {
    const endpoint = cluster.endpoint(`member-changes-${++endpoints}`);
    const rpc = createRpc(endpoint.network, endpoint.clock);
    const requests = cluster.nodes.flatMap((node) =>
      random
        .shuffle(cluster.nodes)
        .slice(0, 2)
        .map((removed) => ({ node, removed })),
    );
    const answers = await Promise.all(
      requests.map(async ({ node, removed }) =>
        rpc.call(node, ["members", "remove", removed], { timeoutMs: ATTEMPT_MS }).catch(() => null),
      ),
    );
    endpoint.close();
    return requests
      .filter((_, i) => (answers[i] as readonly Message[] | null)?.[0] === "ok")
      .map(({ removed }) => removed);
  };

  const addMissing = async (context: NemesisContext, attempts: number): Promise<Value> => {
    const added: NodeId[] = [];
    for (let attempt = 0; attempt < attempts; attempt++) {
      const members = await ask(context, ["members", "list"], attempts);
      if (!Array.isArray(members)) break;
      const missing = context.cluster.nodes.find((node) => !members.includes(node));
      if (missing === undefined) break;
      await ask(context, ["members", "add", missing], attempts);
      added.push(missing);
    }
    return { added };
  };

  return {
    name: "member-changes",
    description: "takes nodes out of the cluster, two at once, and puts them back",
    needs: [],
    available: () => ({ available: true }),
    functions: ["start-member-changes", "stop-member-changes"],
    schedule: (schedule) => alternate("member-changes", schedule),
    invoke: async ({ f }, context) => {
      if (f === "stop-member-changes") return addMissing(context, ATTEMPTS);
      return { removed: await removeSome(context) };
    },
    heal: async (context) => {
      await addMissing(context, HEAL_ATTEMPTS);
    },
  };
}
