/**
 * One endpoint, two kinds of traffic: messages among nodes, which protocols send without waiting
 * for answers, and the requests of clients, which `rpc.ts` answers.
 */
import type { Address, Message, Network } from "../../src/world/network.js";

/** What marks a message among nodes. */
const MARK = "peer";

/** An endpoint as two. */
export interface SplitNetwork {
  readonly peers: Network & Required<Pick<Network, "give">>;
  readonly clients: Network;
}

/** Takes over the receivers of an endpoint. */
export function splitNetwork(network: Network): SplitNetwork {
  let onPeer: ((from: Address, message: Message) => void) | undefined;
  let onClient: ((from: Address, message: Message) => void) | undefined;
  network.onMessage((from, message) => {
    if (Array.isArray(message) && message[0] === MARK) onPeer?.(from, message[1] as Message);
    else onClient?.(from, message);
  });
  return {
    peers: {
      self: network.self,
      send: (to, message) => network.send(to, [MARK, message]),
      give: (to, message) => {
        if (network.give === undefined) network.send(to, [MARK, message]);
        else network.give(to, [MARK, message]);
      },
      onMessage: (receiver) => {
        onPeer = receiver;
      },
      // Nobody waits for an answer.
      onRefused: () => undefined,
    },
    clients: {
      self: network.self,
      send: (to, message) => network.send(to, message),
      onMessage: (receiver) => {
        onClient = receiver;
      },
      onRefused: (receiver) => network.onRefused(receiver),
      onInquiry: (is) => network.onInquiry?.(is),
    },
  };
}
