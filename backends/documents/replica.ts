/**
 * A node with a replica of a document: answers at once from what it has, tells the others of each
 * change, and now and then asks one of them for what it lacks, for messages may be lost (unless its
 * strategy is weak).
 */
import type { Message, NodeId } from "../../src/world/network.js";
import { createRpc } from "../../src/world/rpc.js";
import type { Timer } from "../../src/world/clock.js";
import type { NodeProgram } from "../../src/world/world.js";
import { splitNetwork } from "../replicated/split-network.js";
import { decodeRequest, encodeAnswer } from "../store-client.js";
import { fail } from "../store-commands.js";
import type { MakeDocument } from "./document.js";
import { performOn } from "./objects.js";

const REPAIR_MS = 200;

/** What a node of such a store runs. */
export function replicaProgram(
  make: MakeDocument,
  { repairs }: { readonly repairs: boolean },
): NodeProgram {
  return {
    start: async ({ id, nodes, network, clock, random }) => {
      const { peers, clients } = splitNetwork(network);
      const number = random.below(2 ** 31);
      const document = make({ number });
      const slot = `${id}.${number}`;
      const others = nodes.filter((other) => other !== id);

      peers.onMessage((from, message) => {
        const [kind, text] = message as readonly [string, string];
        if (kind === "news") document.merge(text);
        else if (kind === "have") answer(from, text);
      });
      const answer = (to: NodeId, summary: string): void =>
        peers.send(to, ["news", document.missingFor(summary)]);

      createRpc(clients, clock).serve((_from, message): Message => {
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        const result = performOn(document, slot, request);
        const news = document.takeNews();
        if (news !== undefined) for (const other of others) peers.send(other, ["news", news]);
        return encodeAnswer(result);
      });

      if (!repairs) return undefined;
      let timer: Timer | undefined;
      const repair = (): void => {
        if (others.length > 0) peers.send(random.pick(others), ["have", document.summary()]);
        timer = clock.timer(REPAIR_MS, repair);
      };
      timer = clock.timer(REPAIR_MS, repair);
      return { stop: async () => timer?.cancel() };
    },
  };
}
