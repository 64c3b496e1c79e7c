/** Changes the members of `raft` from outside, by the requests of `frontend.ts`. */
import type { MemberControl, MemberOptions } from "../../src/runner/members.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { createRpc } from "../../src/world/rpc.js";

/** The handle. */
export function controlMembers({ endpoint, timeoutMs }: MemberOptions): MemberControl {
  const rpc = createRpc(endpoint.network, endpoint.clock);
  /** The value of an answer that says ok. */
  const ask = async (at: NodeId, request: readonly Message[]): Promise<Message | undefined> => {
    const answer = await rpc.call(at, ["members", ...request], { timeoutMs }).catch(() => null);
    return Array.isArray(answer) && answer[0] === "ok" ? (answer[1] as Message) : undefined;
  };
  return {
    list: async (at) => {
      const members = await ask(at, ["list"]);
      return Array.isArray(members) ? (members as readonly NodeId[]) : undefined;
    },
    change: async (at, { kind, node }) => (await ask(at, [kind, node])) !== undefined,
    sleep: (ms) => endpoint.clock.sleep(ms),
  };
}
