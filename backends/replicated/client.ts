/**
 * The client of a store with a leader: it looks for the leader, and repeats what was not answered,
 * which its session makes safe (Ongaro's dissertation, section 6.3). It begins with the node that
 * it is told to prefer and goes where it is sent.
 *
 * It sends `["register"]`, `["command", session, sequence, f, key, value]` and `["read", f, key,
 * value]`, with the session and sequence of its last command that was answered; it is answered as
 * in `store-client.ts`, or with `["not-leader", node | null]` when nothing has happened, with
 * `["behind"]` by a node that has not got that command yet, or with `["lost"]` when nobody knows
 * whether something will happen.
 *
 * Reads and commands look for their node apart, so that a node that answers reads itself is asked.
 */
import type { Value } from "../../src/history/value.js";
import { OperationError, type Client } from "../../src/runner/client.js";
import type { ConnectOptions } from "../../src/runner/system.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { createRpc, RpcError, type Rpc } from "../../src/world/rpc.js";
import { onlyLooks } from "../objects/state.js";
import { decodeAnswer } from "../store-client.js";
import type { StoreAnswer } from "../store-commands.js";

/** How long one node has for its answer before another is asked. */
const ATTEMPT_MS = 300;
/** Between two attempts, so that there is time for an election. */
const PAUSE_MS = 20;

/** A node that is behind gets so many chances to catch up before another is asked. */
const TIMES_BEHIND = 3;

const READS: ReadonlySet<string> = new Set(["read", "get", "states"]);

/** Opens the client of one process. */
export async function connectReplicated(options: ConnectOptions): Promise<Client> {
  const { endpoint, timeoutMs } = options;
  const rpc = createRpc(endpoint.network, endpoint.clock);
  const leader = createFinder(options, rpc);
  const reader = createFinder(options, rpc);
  let session: number | undefined;
  let sequence = 0;
  /** The last command that was answered, of any session. */
  let seen: readonly [] | readonly [session: number, sequence: number] = [];
  let closed = false;

  const perform = async (f: string, key: Value, value: Value): Promise<StoreAnswer> => {
    const { clock } = endpoint;
    // A little before the runner's patience ends, so that definite failures are told.
    const deadlineNs = clock.nowNs() + timeoutMs * 0.95 * 1e6;
    if (READS.has(f) || (f === "state" && onlyLooks(value))) {
      return (await reader.ask(["read", f, key, value, ...seen], deadlineNs)).answer;
    }
    if (session === undefined) {
      const { answer } = await leader.ask(["register"], deadlineNs);
      if (answer.outcome !== "ok") return { ...answer, outcome: "fail" };
      session = answer.value as number;
      sequence = 0;
    }
    const request = ["command", session, ++sequence, f, key, value];
    const { answer, mayHaveHappened } = await leader.ask(request, deadlineNs);
    if (answer.outcome === "ok") {
      seen = [session, sequence];
      return answer;
    }
    if (answer.code === "expired") session = undefined;
    if (answer.code === "no-answer" && mayHaveHappened) return { ...answer, outcome: "info" };
    return answer;
  };

  return {
    invoke: async ({ f, key = null, value }) => {
      if (closed) throw new OperationError("fail", "closed", "this client is closed");
      const answer = await perform(f, key, value);
      if (answer.outcome === "ok") return answer.value;
      throw new OperationError(answer.outcome, answer.code, answer.message);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      endpoint.close();
    },
  };
}

interface Finder {
  /** Asks one node after the other until one answers that can. */
  ask(
    request: Message,
    deadlineNs: number,
  ): Promise<{
    readonly answer: StoreAnswer;
    /** Whether an attempt without an answer may have been carried out. */
    readonly mayHaveHappened: boolean;
  }>;
}

function createFinder({ endpoint, nodes, preferred }: ConnectOptions, rpc: Rpc): Finder {
  const { clock } = endpoint;
  let target: NodeId = preferred;
  const next = (): NodeId => nodes[(nodes.indexOf(target) + 1) % nodes.length] as NodeId;

  return {
    ask: async (request, deadlineNs) => {
      let mayHaveHappened = false;
      let timesBehind = 0;
      const leftMs = (): number => (deadlineNs - clock.nowNs()) / 1e6;
      while (leftMs() > 1) {
        try {
          const timeoutMs = Math.min(ATTEMPT_MS, leftMs());
          const reply = await rpc.call(target, request, { timeoutMs });
          const [kind, hint] = reply as readonly Message[];
          if (kind === "lost") mayHaveHappened = true;
          else if (kind === "behind") {
            if (++timesBehind > TIMES_BEHIND) target = next();
          } else if (kind !== "not-leader") return { answer: decodeAnswer(reply), mayHaveHappened };
          if (typeof hint === "string" && hint !== target) {
            target = hint;
            continue;
          }
          if (kind === "not-leader") target = next();
        } catch (error) {
          if (!(error instanceof RpcError)) throw error;
          if (error.code !== "refused") mayHaveHappened = true;
          target = next();
        }
        await clock.sleep(Math.min(PAUSE_MS, Math.max(0, leftMs())));
      }
      const message = "no leader has answered in time";
      return { answer: { outcome: "fail", code: "no-answer", message }, mayHaveHappened };
    },
  };
}
