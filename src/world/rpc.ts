/**
 * Requests and answers over the best-effort network: one `Rpc` an endpoint. A request that times
 * out may or may not have been carried out; one that was refused certainly was not.
 */
import { messageOf } from "../errors.js";
import type { Clock, Timer } from "./clock.js";
import type { Address, Message, Network } from "./network.js";

/** The endpoint of requests and answers. */
export interface Rpc {
  /**
   * Sends a request and waits for its answer.
   * @throws RpcError `timeout` (may have happened), `refused` (has not), `failed` (the handler
   *   threw: see `message`).
   */
  call(to: Address, body: Message, options: CallOptions): Promise<Message>;
  /**
   * Sets what answers the requests of others. What it throws reaches the caller as `failed`. A copy
   * of a request that the network made is dropped: within one incarnation the handler sees each
   * request at most once.
   */
  serve(handler: RequestHandler): void;
}

/** Answers a request; `name` is what no other request of its sender is called. */
export type RequestHandler = (
  from: Address,
  body: Message,
  name: string,
) => Promise<Message> | Message;

/** How long an answer is waited for. */
export interface CallOptions {
  readonly timeoutMs: number;
  /** Ends it before, as a `timeout`: nobody needs the answer any more. */
  readonly signal?: AbortSignal;
}

/** How a request can go wrong. */
export type RpcErrorCode = "timeout" | "refused" | "failed";

/** A request without an answer. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: RpcErrorCode;

  /** Without a stack: it happens to the network, and which call waited for it no stack tells. */
  constructor(code: RpcErrorCode, message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
  }
}

interface Pending {
  readonly to: Address;
  readonly timer: Timer;
  /** Lets go of what else may end it, if anything may. */
  readonly forget: (() => void) | undefined;
  readonly resolve: (body: Message) => void;
  readonly reject: (error: RpcError) => void;
}

/** Takes over the endpoint's receivers; use one `Rpc` for each `Network`. */
export function createRpc(network: Network, clock: Clock): Rpc {
  const pending = new Map<string, Pending>();
  // Unique over the incarnations of a node, so that a late answer to a dead one finds nobody.
  const prefix = `${clock.nowNs()}.`;
  let count = 0;
  let handler: RequestHandler | undefined;
  const isNew = createDuplicateFilter();

  const settle = (id: string): Pending | undefined => {
    const entry = pending.get(id);
    if (entry === undefined) return undefined;
    pending.delete(id);
    entry.timer.cancel();
    entry.forget?.();
    return entry;
  };

  const answer = (from: Address, id: string, body: Message): void => {
    if (handler === undefined) return;
    const fail = (error: unknown): void => network.send(from, ["err", id, messageOf(error)]);
    const reply = (result: Message): void => {
      try {
        network.send(from, ["ok", id, result]);
      } catch (error) {
        fail(error);
      }
    };
    try {
      const answered = handler(from, body, id);
      if (isPromise(answered)) void answered.then(reply, fail);
      else reply(answered);
    } catch (error) {
      fail(error);
    }
  };

  network.onInquiry?.((id) => pending.has(id));
  network.onMessage((from, message) => {
    if (!Array.isArray(message)) return;
    // By index: this happens to every message of a run.
    const kind = message[0] as Message | undefined;
    const id = message[1] as Message | undefined;
    const body = (message[2] as Message | undefined) ?? null;
    if (typeof id !== "string") return;
    if (kind === "req") {
      if (isNew(from, id)) answer(from, id, body);
    } else if (kind === "ok") settle(id)?.resolve(body);
    else if (kind === "err")
      settle(id)?.reject(
        new RpcError("failed", typeof body === "string" ? body : JSON.stringify(body)),
      );
  });
  network.onRefused((to, message) => {
    if (!Array.isArray(message) || message[0] !== "req") return;
    settle(message[1] as string)?.reject(new RpcError("refused", `${to} refused the connection`));
  });

  return {
    call: (to, body, { timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        const id = `${prefix}${++count}`;
        const timer = clock.timer(timeoutMs, () => {
          settle(id)?.reject(
            new RpcError("timeout", `no answer from ${to} within ${timeoutMs} ms`),
          );
        });
        const forget =
          signal &&
          whenAborted(signal, () => {
            settle(id)?.reject(new RpcError("timeout", `nobody waits for ${to} any more`));
          });
        pending.set(id, { to, timer, forget, resolve, reject });
        network.send(to, ["req", id, body]);
      }),
    serve: (next) => {
      handler = next;
    },
  };
}

/** Gives what takes the listener away again. */
function whenAborted(signal: AbortSignal, listener: () => void): () => void {
  signal.addEventListener("abort", listener);
  return () => signal.removeEventListener("abort", listener);
}

function isPromise(answer: Promise<Message> | Message): answer is Promise<Message> {
  return typeof (answer as { readonly then?: unknown } | null)?.then === "function";
}

/**
 * So many requests later, a late one is taken for a copy; being lost is something that callers
 * expect.
 */
const WINDOW = 4096;

/** One incarnation of a sender. */
interface Sender {
  /** What the names of all its requests begin with. */
  readonly prefix: string;
  highest: number;
  readonly seen: Set<number>;
}

/**
 * Tells whether a request of this sender is seen for the first time; remembers the last `WINDOW` of
 * each. A copy that the network made must not be carried out again: a write that happens twice
 * could undo a later one. Answers may be copied, for the second finds nobody waiting.
 */
function createDuplicateFilter(): (from: Address, id: string) => boolean {
  const senders = new Map<Address, Sender[]>();
  return (from, id) => {
    let incarnations = senders.get(from);
    if (incarnations === undefined) senders.set(from, (incarnations = []));
    const length = id.lastIndexOf(".") + 1;
    let known = incarnations.find(
      ({ prefix }) => prefix.length === length && id.startsWith(prefix),
    );
    if (known === undefined) {
      known = { prefix: id.slice(0, length), highest: 0, seen: new Set() };
      incarnations.push(known);
    }
    const number = Number(id.slice(length));
    if (number <= known.highest - WINDOW || known.seen.has(number)) return false;
    known.seen.add(number);
    for (; known.highest < number; known.highest++) known.seen.delete(known.highest + 1 - WINDOW);
    return true;
  };
}
