/**
 * Replicas that answer at once and tell each other later: registers and states where the last
 * writer wins, and sets that only grow, which come to the same state everywhere (Shapiro et al.,
 * Conflict-free Replicated Data Types, 2011). Every node takes reads and writes, whatever it can
 * reach.
 *
 * A change goes to all other nodes as soon as it is made, and may be lost on its way; so each node
 * also sends all that it has to the next one in turn, now and then. The weak strategy has no such
 * repair, and never makes up for what was lost.
 *
 * ```
 *         n1            |cut|   n2
 *  t1     write 1: ok    x      read: null
 *  t2                           (healed) n1 sends all that it has
 *  t3                           read: 1
 * ```
 */
import type { Value } from "../src/history/value.js";
import type { System } from "../src/runner/system.js";
import type { Timer } from "../src/world/clock.js";
import type { Message, NodeId } from "../src/world/network.js";
import { createRpc, type Rpc } from "../src/world/rpc.js";
import type { NodeContext, NodeInstance, NodeProgram } from "../src/world/world.js";
import { listIn } from "./objects/object.js";
import { changeState, listStates } from "./objects/state.js";
import { memoryPromise } from "./replicated/memory-promise.js";
import { assertStrategy } from "./replicated/synchronization.js";
import { connectStore, decodeRequest, encodeAnswer } from "./store-client.js";
import {
  fail,
  keyText,
  ok,
  unsupported,
  type Command,
  type StoreAnswer,
} from "./store-commands.js";

/** Options of `gossip`. */
export interface GossipOptions {
  /** The bug to have: `no-repair` tells of each change once only. Default none. */
  readonly variant?: "no-repair";
  /**
   * Whether nodes come to the same state in the end, or `weak`: they tell of each change once, and
   * what is lost on its way stays so. Default `eventual`.
   */
  readonly strategy?: "eventual" | "weak";
}

/**
 * Replicas that come to the same state.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have
 */
export function gossip(options: GossipOptions = {}): System {
  const { variant, strategy = "eventual" } = options;
  assertStrategy("gossip", strategy);
  const suffix = variant ?? (strategy === "weak" ? strategy : undefined);
  return {
    name: suffix === undefined ? "gossip" : `gossip:${suffix}`,
    description:
      variant !== undefined
        ? "the gossip store with a bug: what is lost between nodes is never sent again"
        : DESCRIPTIONS[strategy],
    worlds: ["simulated", "real"],
    functions: ["read", "write", "get", "put", "set", "state", "states"],
    nodes: { min: 2, default: 3, max: 9 },
    promise:
      variant === undefined
        ? memoryPromise(strategy)
        : { consistency: "none", under: [], deviation: `it has a bug: ${variant}` },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "gossipProgram",
        options: { repairs: suffix === undefined },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

const DESCRIPTIONS = {
  eventual: "replicas that answer at once and come to the same state later; the last writer wins",
  weak: "replicas that answer at once and tell each other once; what is lost stays lost",
} as const;

/** How often a node sends all that it has to another one. */
const REPAIR_MS = 500;
/** Nobody waits longer for a node that is told something. */
const TELL_TIMEOUT_MS = 1_000;

/** What runs on each node of `gossip`. */
export function gossipProgram(options: { readonly repairs: boolean }): NodeProgram {
  return {
    start: async (node) => {
      const rpc = createRpc(node.network, node.clock);
      const replica = new Replica(node);
      const others = node.nodes.filter((other) => other !== node.id);
      rpc.serve((_from, message) => {
        if (Array.isArray(message)) {
          replica.merge(message as readonly Message[]);
          return null;
        }
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        const { answer, news } = replica.perform(request);
        if (news !== undefined) for (const other of others) tell(rpc, other, [news]);
        return encodeAnswer(answer);
      });
      return options.repairs ? startRepair(node, others, { rpc, replica }) : undefined;
    },
  };
}

/**
 * One thing that a node knows: what a register or a state holds, or an element of a set. (A state
 * is a register that holds what `objects/state.ts` keeps.)
 */
type News =
  | readonly ["register", key: string, value: Value, stamp: number, by: NodeId]
  | readonly ["element", key: string, element: Value];

interface Register {
  readonly value: Value;
  /** A Lamport clock; of equal ones the larger name wins. */
  readonly stamp: number;
  readonly by: NodeId;
}

/** More than there are nodes. */
const NODES_MAX = 16;

class Replica {
  readonly #id: NodeId;
  readonly #place: number;
  readonly #registers = new Map<string, Register>();
  readonly #sets = new Map<string, Map<string, Value>>();
  #stamp = 0;

  constructor({ id, nodes }: NodeContext) {
    this.#id = id;
    this.#place = nodes.indexOf(id);
  }

  perform({ f, key, value }: Command): { readonly answer: StoreAnswer; readonly news?: News } {
    const name = keyText(key);
    if (f === "read" || f === "get") {
      return { answer: ok(this.#registers.get(name)?.value ?? null) };
    }
    if (f === "write" || f === "put") {
      const news: News = ["register", name, value, this.#stamp + 1, this.#id];
      this.#learn(news);
      return { answer: ok(value), news };
    }
    if (f === "state") return this.#state(key, value);
    if (f === "states") {
      const held = [...this.#registers].map(([text, register]) => [text, register.value] as const);
      return { answer: ok(listStates(held, value)) };
    }
    const [call, element = null] = Array.isArray(value) ? (value as readonly Value[]) : [];
    if (f !== "set" || (call !== "add" && call !== "read")) return { answer: unsupported(f) };
    if (call === "read") return { answer: ok([...(this.#sets.get(name)?.values() ?? [])]) };
    const news: News = ["element", name, element];
    this.#learn(news);
    return { answer: ok(null), news };
  }

  /** Conditions are about what this node has: another one may accept another change. */
  #state(key: Value, given: Value): { readonly answer: StoreAnswer; readonly news?: News } {
    const [f = null, argument = null] = listIn(given);
    const name = keyText(["state", key]);
    const stamp = this.#stamp + 1;
    // No two nodes give the same one.
    const version = stamp * NODES_MAX + this.#place;
    const kept = this.#registers.get(name)?.value ?? null;
    const changed = typeof f === "string" && changeState(kept, { f, argument }, version);
    if (changed === false || changed === undefined || "refusal" in changed) {
      return { answer: unsupported("state") };
    }
    if (changed.next === undefined) return { answer: ok(changed.value) };
    const news: News = ["register", name, changed.next, stamp, this.#id];
    this.#learn(news);
    return { answer: ok(changed.value), news };
  }

  /** All that this node knows. */
  everything(): readonly News[] {
    return [
      ...[...this.#registers].map(([key, { value, stamp, by }]): News => [
        "register",
        key,
        value,
        stamp,
        by,
      ]),
      ...[...this.#sets].flatMap(([key, elements]) =>
        [...elements.values()].map((element): News => ["element", key, element]),
      ),
    ];
  }

  merge(news: readonly Message[]): void {
    for (const each of news) this.#learn(each as unknown as News);
  }

  #learn(news: News): void {
    const [kind, key] = news;
    if (kind === "element") {
      const elements = this.#sets.get(key) ?? new Map<string, Value>();
      this.#sets.set(key, elements);
      elements.set(keyText(news[2]), news[2]);
      return;
    }
    const [, , value, stamp, by] = news;
    this.#stamp = Math.max(this.#stamp, stamp);
    const known = this.#registers.get(key);
    const isNewer =
      known === undefined || stamp > known.stamp || (stamp === known.stamp && by > known.by);
    if (isNewer) this.#registers.set(key, { value, stamp, by });
  }
}

function tell(rpc: Rpc, other: NodeId, news: readonly News[]): void {
  const message = news as unknown as Message;
  // What does not arrive is sent again with everything else, or never.
  rpc.call(other, message, { timeoutMs: TELL_TIMEOUT_MS }).catch(() => undefined);
}

function startRepair(
  { clock }: NodeContext,
  others: readonly NodeId[],
  { rpc, replica }: { readonly rpc: Rpc; readonly replica: Replica },
): NodeInstance {
  let [turn, timer]: [number, Timer | undefined] = [0, undefined];
  const repair = (): void => {
    const other = others[turn++ % others.length];
    const everything = replica.everything();
    if (other !== undefined && everything.length > 0) tell(rpc, other, everything);
    timer = clock.timer(REPAIR_MS, repair);
  };
  timer = clock.timer(REPAIR_MS, repair);
  return { stop: async () => timer?.cancel() };
}
