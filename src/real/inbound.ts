/**
 * The side of a connection that listens: a node, on a port of 127.0.0.1. Other nodes only send
 * here; clients get their answers over the connection that they opened.
 *
 * A connection is greeted only once the program receives: until then its messages wait at the
 * sender.
 */
import { createServer, type Server, type Socket } from "node:net";
import { assert } from "../errors.js";
import type { Address, Message, NodeId } from "../world/network.js";
import { createFrameReader, encodeFrame } from "./framing.js";
import { parse } from "./outbound.js";

/** What a listener needs to know. */
export interface InboundOptions {
  readonly self: NodeId;
  /** The secret of the run, without which nobody is let in. */
  readonly token: string;
  readonly onMessage: (from: Address, message: Message) => void;
}

/** The connections that others opened. */
export interface Inbound {
  /** Listens on the port if it is free, else on any that is; resolves with the port. */
  listen(port: number | undefined): Promise<number>;
  /** Begins to greet; call it when the receiver is there. */
  admit(): void;
  /** Answers over the connection of a client; the message is lost when there is none. */
  send(to: Address, message: Message): void;
  close(): void;
}

const BUFFERED_BYTES_MAX = 64 * 1024 * 1024;

/** Makes the listener of one node. */
export function createInbound(options: InboundOptions): Inbound {
  const { self, token, onMessage } = options;
  const sockets = new Set<Socket>();
  const peers = new Map<Address, Socket>();
  let early: Socket[] | undefined = [];

  const admit = (socket: Socket): void => {
    const read = createFrameReader();
    let from: Address | undefined;
    socket.on("data", (chunk) => {
      for (const message of parse(read, chunk, socket)) {
        if (from !== undefined) {
          onMessage(from, message);
          continue;
        }
        from = greeter(message, token, self);
        if (from === undefined) {
          socket.destroy();
          return;
        }
        peers.set(from, socket);
        socket.write(encodeFrame(["welcome", token, self]));
      }
    });
    socket.on("close", () => {
      if (from !== undefined && peers.get(from) === socket) peers.delete(from);
    });
  };

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    if (early === undefined) admit(socket);
    else early.push(socket);
  });

  return {
    listen: async (port) => {
      if (port !== undefined && (await tryListen(server, port))) return port;
      assert(await tryListen(server, 0), "no free port on 127.0.0.1");
      const address = server.address();
      assert(address !== null && typeof address === "object", "a TCP server has a port");
      return address.port;
    },
    admit: () => {
      for (const socket of early ?? []) admit(socket);
      early = undefined;
    },
    send: (to, message) => {
      const socket = peers.get(to);
      if (socket === undefined || socket.writableLength > BUFFERED_BYTES_MAX) return;
      socket.write(encodeFrame(message));
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** False when somebody else has the port. */
function tryListen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    };
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", failed);
      resolve(true);
    });
  });
}

/** Who greets; undefined when it is nobody of this run, or somebody who wants another node. */
function greeter(message: Message, token: string, self: NodeId): Address | undefined {
  if (!Array.isArray(message)) return undefined;
  const [kind, secret, from, to] = message as readonly Message[];
  if (kind !== "hello" || secret !== token || to !== self) return undefined;
  return typeof from === "string" ? from : undefined;
}
