/**
 * How a client and a node of a store talk: one request, one answer, and one table that maps what
 * goes wrong to an outcome. All node programs written here speak it, whatever they keep behind it.
 *
 * An answer travels as `["ok", value]` or `["fail" | "info", code, message]`.
 */
import type { Client } from "../src/runner/client.js";
import { OperationError } from "../src/runner/client.js";
import type { ConnectOptions } from "../src/runner/system.js";
import type { Message } from "../src/world/network.js";
import { createRpc, RpcError, type RpcErrorCode } from "../src/world/rpc.js";
import { indeterminate, type Command, type StoreAnswer } from "./store-commands.js";

/** A command on its way, with the time that its client waits for it. */
export interface StoreRequest extends Command {
  /** Milliseconds after which nobody waits for the answer any more. */
  readonly timeoutMs: number;
}

/**
 * What an error of a request means for the operation. `fail` only where it certainly did not
 * happen.
 */
const OUTCOMES: { readonly [code in RpcErrorCode]: "fail" | "info" } = {
  /** Nothing listened there, and the request was never delivered. */
  refused: "fail",
  /** It may be lost, or done, or still under way. */
  timeout: "info",
  /** The node's program threw somewhere between the beginning and the end. */
  failed: "info",
};

/** Failures that come back at once, from a node that is down or does not lead. */
const QUICK_REFUSALS: ReadonlySet<string> = new Set(["refused", "not-primary"]);
/**
 * A client waits so long before it reports such a failure, as a real one waits before it connects
 * again: else one node that is down turns most of a workload that has no rate into failures that
 * test nothing.
 */
const REFUSAL_PAUSE_MS = 100;

/** Opens the client of one process: it sends everything to its preferred node. */
export async function connectStore(options: ConnectOptions): Promise<Client> {
  const { endpoint, preferred, timeoutMs } = options;
  const rpc = createRpc(endpoint.network, endpoint.clock);
  let closed = false;
  return {
    invoke: async ({ f, key = null, value }) => {
      if (closed) throw new OperationError("fail", "closed", "this client is closed");
      const startNs = endpoint.clock.nowNs();
      try {
        const answer = decodeAnswer(
          await rpc.call(preferred, { f, key, value, timeoutMs }, { timeoutMs }),
        );
        if (answer.outcome === "ok") return answer.value;
        throw new OperationError(answer.outcome, answer.code, answer.message);
      } catch (error) {
        const known = classified(error);
        if (known instanceof OperationError && QUICK_REFUSALS.has(known.code)) {
          const leftMs = timeoutMs - (endpoint.clock.nowNs() - startNs) / 1e6;
          // Half of what is left at the most: the failure is definite, and must not become a
          // time-out.
          await endpoint.clock.sleep(Math.max(0, Math.min(REFUSAL_PAUSE_MS, leftMs / 2)));
        }
        throw known;
      }
    },
    close: async () => {
      if (closed) return;
      closed = true;
      endpoint.close();
    },
  };
}

/**
 * Turns the error of a request into that of its operation; what it does not know stays
 * unclassified.
 */
function classified(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  return new OperationError(OUTCOMES[error.code], error.code, error.message, { cause: error });
}

/**
 * The outcome of an operation whose request went wrong, as an answer: for nodes that ask other
 * nodes.
 */
export function answerToError(error: unknown): StoreAnswer {
  const known = classified(error);
  if (!(known instanceof OperationError)) return indeterminate("unclassified", String(error));
  return { outcome: known.outcome, code: known.code, message: known.message };
}

/** Reads a client's request; undefined when the message is none. */
export function decodeRequest(message: Message): StoreRequest | undefined {
  if (message === null || typeof message !== "object" || Array.isArray(message)) return undefined;
  const { f, key, value, timeoutMs } = message as { readonly [name: string]: Message };
  if (typeof f !== "string" || key === undefined || value === undefined) return undefined;
  return { f, key, value, timeoutMs: typeof timeoutMs === "number" ? timeoutMs : 0 };
}

/** An answer as it travels. */
export function encodeAnswer(answer: StoreAnswer): Message {
  return answer.outcome === "ok"
    ? ["ok", answer.value]
    : [answer.outcome, answer.code, answer.message];
}

/** Reads an answer; what cannot be read is indeterminate, for the operation may have happened. */
export function decodeAnswer(message: Message): StoreAnswer {
  if (Array.isArray(message)) {
    const [outcome, first, second] = message as readonly Message[];
    if (outcome === "ok" && first !== undefined) return { outcome, value: first };
    if (
      (outcome === "fail" || outcome === "info") &&
      typeof first === "string" &&
      typeof second === "string"
    ) {
      return { outcome, code: first, message: second };
    }
  }
  return indeterminate("bad-answer", `cannot read the answer ${JSON.stringify(message)}`);
}
