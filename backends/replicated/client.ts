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
 * Reads and commands look for their node apart, so that a node that answers reads itself is asked;
 * once a read was sent on to a leader they look together.
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
/**
 * Between two attempts, so that there is time for an election: each pause of an operation is twice
 * the last one, up to the most, for while there is no leader every question is in vain.
 */
const PAUSE_MS_MIN = 20;
const PAUSE_MS_MAX = 80;

/** A node that is behind gets so many chances to catch up before another is asked. */
const TIMES_BEHIND = 3;

const READS: ReadonlySet<string> = new Set(["read", "get", "states"]);

/** Opens the client of one process. */
export async function connectReplicated(options: ConnectOptions): Promise<Client> {
  const { endpoint, timeoutMs } = options;
  const rpc = createRpc(endpoint.network, endpoint.clock);
  const finder = createFinder(options, rpc);
  const leading: Place = { node: options.preferred };
  let reading: Place = { node: options.preferred };
  let session: number | undefined;
  let sequence = 0;
  /** The last command that was answered, of any session. */
  let seen: readonly [] | readonly [session: number, sequence: number] = [];
  let closed = false;

  /** Gives the result. @throws OperationError for any other answer. */
  const perform = async (f: string, key: Value, value: Value): Promise<Value> => {
    if (closed) throw new OperationError("fail", "closed", "this client is closed");
    const { clock } = endpoint;
    // A little before the runner's patience ends, so that definite failures are told.
    const deadlineNs = clock.nowNs() + timeoutMs * 0.95 * 1e6;
    if (READS.has(f) || (f === "state" && onlyLooks(value))) {
      const { answer, wasSentOn } = await finder.ask(
        ["read", f, key, value, ...seen],
        reading,
        deadlineNs,
      );
      if (wasSentOn && reading !== leading) {
        leading.node = reading.node;
        reading = leading;
      }
      return resultOf(answer);
    }
    if (session === undefined) {
      const { answer } = await finder.ask(["register"], leading, deadlineNs);
      if (answer.outcome !== "ok") throw errorOf(answer, "fail");
      session = answer.value as number;
      sequence = 0;
    }
    const request = ["command", session, ++sequence, f, key, value];
    const { answer, mayHaveHappened } = await finder.ask(request, leading, deadlineNs);
    if (answer.outcome === "ok") {
      seen = [session, sequence];
      return answer.value;
    }
    if (answer.code === "expired") session = undefined;
    throw errorOf(answer, answer.code === "no-answer" && mayHaveHappened ? "info" : answer.outcome);
  };

  return {
    invoke: ({ f, key = null, value }) => perform(f, key, value),
    close: async () => {
      if (closed) return;
      closed = true;
      endpoint.close();
    },
  };
}

function resultOf(answer: StoreAnswer): Value {
  if (answer.outcome === "ok") return answer.value;
  throw errorOf(answer, answer.outcome);
}

function errorOf({ code, message }: Refusal, outcome: "fail" | "info"): OperationError {
  return new OperationError(outcome, code, message);
}

type Refusal = Exclude<StoreAnswer, { readonly outcome: "ok" }>;

/** Who is asked next. */
interface Place {
  node: NodeId;
}

interface Finder {
  /** Asks one node after the other, from this place on, until one answers that can. */
  ask(request: Message, place: Place, deadlineNs: number): Promise<Found>;
}

interface Found {
  readonly answer: StoreAnswer;
  /** Whether an attempt without an answer may have been carried out. */
  readonly mayHaveHappened: boolean;
  /** Whether a node said that it is for the leader to answer. */
  readonly wasSentOn: boolean;
}

function createFinder({ endpoint, nodes }: ConnectOptions, rpc: Rpc): Finder {
  const { clock } = endpoint;
  const after = (node: NodeId): NodeId => nodes[(nodes.indexOf(node) + 1) % nodes.length] as NodeId;

  return {
    ask: async (request, place, deadlineNs) => {
      let mayHaveHappened = false;
      let wasSentOn = false;
      let timesBehind = 0;
      let pauseMs = PAUSE_MS_MIN;
      const leftMs = (): number => (deadlineNs - clock.nowNs()) / 1e6;
      while (leftMs() > 1) {
        const { node } = place;
        try {
          const timeoutMs = Math.min(ATTEMPT_MS, leftMs());
          const reply = await rpc.call(node, request, { timeoutMs });
          const [kind, hint] = reply as readonly Message[];
          if (kind === "lost") mayHaveHappened = true;
          else if (kind === "behind") {
            if (++timesBehind > TIMES_BEHIND) place.node = after(node);
          } else if (kind === "not-leader") wasSentOn = true;
          else return { answer: decodeAnswer(reply), mayHaveHappened, wasSentOn };
          if (typeof hint === "string" && hint !== node) {
            place.node = hint;
            continue;
          }
          if (kind === "not-leader") place.node = after(node);
        } catch (error) {
          if (!(error instanceof RpcError)) throw error;
          if (error.code !== "refused") mayHaveHappened = true;
          place.node = after(node);
        }
        await clock.sleep(Math.min(pauseMs, Math.max(0, leftMs())));
        pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
      }
      const message = "no leader has answered in time";
      const answer = { outcome: "fail", code: "no-answer", message } as const;
      return { answer, mayHaveHappened, wasSentOn };
    },
  };
}
