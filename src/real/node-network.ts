/**
 * The network of a real node: loopback TCP to the other nodes, answers to clients over their own
 * connections, and the links that are cut. It is this code that drops messages on a cut link, at
 * both ends, not the kernel; so cutting needs no rights, and does not reach sockets that a program
 * opens by itself.
 */
import type { Address, Message, Network, NodeId } from "../world/network.js";
import type { Ports } from "./host-messages.js";
import { createInbound } from "./inbound.js";
import { createOutbound } from "./outbound.js";

/** Who a node is. */
export interface NodeNetworkOptions {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly token: string;
}

/** The network of one node, with its controls. */
export interface NodeNetwork {
  readonly network: Network;
  /** Listens on the port if it is free, else on any that is; resolves with the port. */
  listen(port: number | undefined): Promise<number>;
  setPorts(ports: Ports): void;
  /** Replaces the set of cut links (`from>to`). */
  setCuts(cuts: readonly string[]): void;
  close(): void;
}

/** Makes the network of one node. */
export function createNodeNetwork(options: NodeNetworkOptions): NodeNetwork {
  const { self, token } = options;
  const others = new Set(options.nodes.filter((node) => node !== self));
  let ports: Ports = {};
  let cuts: ReadonlySet<string> = new Set();
  let receive: ((from: Address, message: Message) => void) | undefined;
  let refuse: (to: Address, message: Message) => void = () => undefined;

  const deliver = (from: Address, message: Message): void => {
    if (!cuts.has(`${from}>${self}`)) receive?.(from, message);
  };
  const inbound = createInbound({ self, token, onMessage: deliver });
  const outbound = createOutbound({
    self,
    token,
    portOf: (to) => ports[to],
    onMessage: deliver,
    onRefused: (to, message) => {
      // On a cut link nobody hears that the other side is down.
      if (!cuts.has(`${self}>${to}`) && !cuts.has(`${to}>${self}`)) refuse(to, message);
    },
  });

  return {
    network: {
      self,
      send: (to, message) => {
        if (to === self) {
          const copy = JSON.parse(JSON.stringify(message)) as Message;
          setImmediate(() => receive?.(self, copy));
        } else if (!others.has(to)) inbound.send(to, message);
        else if (!cuts.has(`${self}>${to}`)) outbound.send(to, message);
      },
      onMessage: (receiver) => {
        receive = receiver;
        inbound.admit();
      },
      onRefused: (receiver) => {
        refuse = receiver;
      },
    },
    listen: (port) => inbound.listen(port),
    setPorts: (next) => {
      for (const to of others) if (ports[to] !== next[to]) outbound.drop(to);
      ports = next;
    },
    setCuts: (next) => {
      cuts = new Set(next);
      // What still waits for a cut link is lost, and does not arrive after it has healed.
      for (const to of others) if (cuts.has(`${self}>${to}`)) outbound.drop(to);
    },
    close: () => {
      outbound.close();
      inbound.close();
    },
  };
}
