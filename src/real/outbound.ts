/**
 * The side of a connection that connects: clients to nodes, and nodes to each other (one connection
 * for each direction).
 *
 * Nothing but a greeting is written before the node has answered it. So a connection that fails
 * earlier (refused; reset while the node was paused and then killed; taken by another program that
 * got the port) has certainly not delivered anything, and everything that waited for it is reported
 * as refused. Once the answer is there messages are written at once, and one that may have been
 * written is never reported: nobody knows whether it arrived.
 */
import { connect, type Socket } from "node:net";
import type { Address, Message, NodeId } from "../world/network.js";
import { createFrameReader, encodeFrame } from "./framing.js";

/** What a sender needs to know. */
export interface OutboundOptions {
  readonly self: Address;
  /** The secret of the run, which keeps other programs and other runs out. */
  readonly token: string;
  /** Where a node listens, or listened last; undefined when it never did. */
  readonly portOf: (to: NodeId) => number | undefined;
  /** What nodes send back over the same connection. */
  readonly onMessage: (from: NodeId, message: Message) => void;
  /** Called for each message that has certainly not been delivered, and will not be. */
  readonly onRefused: (to: NodeId, message: Message) => void;
}

/** Connections to nodes, made when they are first needed and again after they broke. */
export interface Outbound {
  send(to: NodeId, message: Message): void;
  /** Throws away what waits for a node, and its connection with what is still in it. */
  drop(to: NodeId): void;
  close(): void;
}

interface Waiting {
  readonly message: Message;
  readonly frame: Buffer;
}

interface Link {
  readonly socket: Socket;
  greeted: boolean;
  waiting: Waiting[];
}

/**
 * What may lie in memory for a node that does not read (it is paused), per connection; more is
 * lost.
 */
const BUFFERED_BYTES_MAX = 64 * 1024 * 1024;
const WAITING_MAX = 100_000;

/** Makes the connections of one endpoint. */
export function createOutbound(options: OutboundOptions): Outbound {
  const { self, token, portOf, onMessage, onRefused } = options;
  const links = new Map<NodeId, Link>();
  let closed = false;

  const open = (to: NodeId, port: number): Link => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    const link: Link = { socket, greeted: false, waiting: [] };
    links.set(to, link);
    const read = createFrameReader();
    socket.on("connect", () => socket.write(encodeFrame(["hello", token, self, to])));
    socket.on("data", (chunk) => {
      for (const message of parse(read, chunk, socket)) {
        if (link.greeted) onMessage(to, message);
        else if (isWelcome(message, token, to)) greet(link);
        else {
          socket.destroy();
          return;
        }
      }
    });
    // The close that follows says all that matters.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (links.get(to) === link) links.delete(to);
      if (link.greeted) return;
      const refused = link.waiting;
      link.waiting = [];
      for (const { message } of refused) onRefused(to, message);
    });
    return link;
  };

  const drop = (to: NodeId): void => {
    const link = links.get(to);
    if (link === undefined) return;
    links.delete(to);
    link.waiting = [];
    link.socket.destroy();
  };

  return {
    send: (to, message) => {
      if (closed) return;
      const frame = encodeFrame(message);
      const port = portOf(to);
      if (port === undefined) {
        setImmediate(() => onRefused(to, message));
        return;
      }
      const link = links.get(to) ?? open(to, port);
      if (!link.greeted) {
        if (link.waiting.length < WAITING_MAX) link.waiting.push({ message, frame });
      } else if (link.socket.writableLength < BUFFERED_BYTES_MAX) {
        link.socket.write(frame);
      }
    },
    drop,
    close: () => {
      closed = true;
      for (const to of links.keys()) drop(to);
    },
  };
}

function greet(link: Link): void {
  link.greeted = true;
  for (const { frame } of link.waiting) link.socket.write(frame);
  link.waiting = [];
}

/**
 * A port that nobody listens on can end up connected to itself (the kernel picked it as the local
 * port too), and then echoes the greeting; only the node's own answer counts.
 */
function isWelcome(message: Message, token: string, to: NodeId): boolean {
  return (
    Array.isArray(message) && message[0] === "welcome" && message[1] === token && message[2] === to
  );
}

/** The messages of a chunk; garbage ends the connection. */
export function parse(
  read: (chunk: Buffer) => Message[],
  chunk: Buffer,
  socket: Socket,
): readonly Message[] {
  try {
    return read(chunk);
  } catch {
    socket.destroy();
    return [];
  }
}
