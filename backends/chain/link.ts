/**
 * A node of a chain: keeps the updates in their order, hands each to its successor, and hears from
 * it which have arrived at the tail. What was not acknowledged is sent again and again, so that a
 * node that comes back gets what it has missed.
 */
import type { Value } from "../../src/history/value.js";
import type { Timer } from "../../src/world/clock.js";
import type { Message, NodeId } from "../../src/world/network.js";
import type { NodeContext } from "../../src/world/world.js";
import { openJournal } from "../file/journal.js";
import type { ClientOperation, Machine } from "../replicated/machine.js";
import { encodeAnswer } from "../store-client.js";
import type { StoreAnswer } from "../store-commands.js";
import type { ChainVariant } from "./variants.js";

/** Updates in one message at the most. */
const BATCH = 64;
/** How often a node sends again what was not acknowledged. */
const REPEAT_MS = 50;
/** The bug of `tail-by-silence`: how long the successor may say nothing. */
const SILENCE_MS = 300;

/** What the nodes say to each other. */
export type ChainMessage =
  /** Updates from this number on; without any, the question how far the successor is. */
  | {
      readonly kind: "updates";
      readonly from: number;
      readonly updates: readonly ClientOperation[];
    }
  /** The successor has all updates up to `received`; the tail has all up to `committed`. */
  | { readonly kind: "have"; readonly received: number; readonly committed: number };

/** What a link works with. */
export interface LinkOptions {
  readonly node: NodeContext;
  readonly machine: Machine;
  readonly send: (to: NodeId, message: ChainMessage) => void;
  readonly variant: ChainVariant | null;
}

/** A request that waits for its answer. */
interface Waiting {
  readonly request: Message;
  readonly tell: (answer: StoreAnswer) => void;
}

/** A node's place in the chain. */
export interface ChainLink {
  readonly isHead: boolean;
  readonly isTail: boolean;
  /**
   * Adds an update, at the head, for a request that is called so; resolves with its answer when the
   * tail has it.
   */
  update(operation: ClientOperation, request: Message): Promise<StoreAnswer>;
  onMessage(from: NodeId, message: ChainMessage): void;
  /** All that it goes by, the machine too; see `NodeInstance.memory`. */
  memory(): Message | undefined;
  stop(): void;
}

/** Opens what the node had, and takes its place in the chain. */
export async function openLink(options: LinkOptions): Promise<ChainLink> {
  const { node, machine, send, variant } = options;
  const { id, nodes, clock } = node;
  const place = nodes.indexOf(id);
  const [predecessor, successor] = [nodes[place - 1], nodes[place + 1]];
  const journal = await openJournal(node.disk);
  const updates: ClientOperation[] = [];
  const answers: StoreAnswer[] = [];
  const waiting = new Map<number, Waiting>();
  /** Updates that are durable here. */
  let durable = 0;
  /** Updates that the tail is known to have. */
  let committed = 0;
  /** Updates that the successor is known to have. */
  let passed = 0;
  let heardNs = clock.nowNs();

  /** What is durable is applied, and nothing else: reads must not show what a crash takes back. */
  const settle = (number: number): void => {
    durable = Math.max(durable, number);
    while (answers.length < durable) {
      const next = answers.length;
      answers.push(machine.apply(next + 1, updates[next] as ClientOperation));
    }
  };
  const found = [...((journal.checkpoint ?? []) as readonly Value[]), ...journal.records];
  updates.push(...(found as unknown as readonly ClientOperation[]));
  await journal.replace(updates as unknown as Value);
  settle(updates.length);
  const isTail = (): boolean => {
    if (successor === undefined) return true;
    return variant === "tail-by-silence" && clock.nowNs() - heardNs > SILENCE_MS * 1e6;
  };

  const commit = (number: number): void => {
    committed = Math.max(committed, Math.min(number, updates.length));
    for (const [at, { tell }] of waiting) {
      if (at > committed) continue;
      waiting.delete(at);
      tell(answers[at - 1] as StoreAnswer);
    }
  };
  const report = (): void => {
    if (isTail() || variant === "answers-at-head") commit(durable);
    if (predecessor !== undefined) {
      send(predecessor, { kind: "have", received: durable, committed });
    }
  };
  const forward = (): void => {
    if (successor === undefined) return;
    const ready = variant === "forwards-before-fsync" ? updates.length : durable;
    const batch = updates.slice(passed, Math.min(ready, passed + BATCH));
    send(successor, { kind: "updates", from: passed + 1, updates: batch });
  };
  const add = (operation: ClientOperation): number => {
    const number = updates.push(operation);
    void journal.append(operation as unknown as Value).then(() => {
      settle(number);
      forward();
      report();
      return undefined;
    });
    if (variant === "forwards-before-fsync") {
      settle(number);
      forward();
    }
    return number;
  };

  let timer: Timer | undefined;
  let dueNs = 0;
  const repeat = (): void => {
    if (passed < updates.length || committed < updates.length) forward();
    if (isTail()) report();
    timer = clock.timer(REPEAT_MS, repeat);
    dueNs = clock.nowNs() + REPEAT_MS * 1e6;
  };
  repeat();

  return {
    isHead: place === 0,
    get isTail() {
      return isTail();
    },
    update: async (operation, request) =>
      new Promise((tell) => {
        waiting.set(add(operation), { request, tell });
      }),
    onMessage: (from, message) => {
      if (message.kind === "updates" && from === predecessor) {
        message.updates.forEach((operation, i) => {
          const number = message.from + i;
          if (number === updates.length + 1 || variant === "numbers-ignored") add(operation);
        });
        report();
      } else if (message.kind === "have" && from === successor) {
        heardNs = clock.nowNs();
        const [passedBefore, committedBefore] = [passed, committed];
        passed = Math.max(passed, Math.min(message.received, updates.length));
        commit(variant === "acks-everything" ? updates.length : message.committed);
        // Only news is passed on, or messages that come twice would multiply for ever.
        if (committed > committedBefore) report();
        if (passed > passedBefore && passed < durable) forward();
      }
    },
    memory: () =>
      journal.isIdle()
        ? [
            updates as unknown as Message,
            [durable, committed, passed, heardNs, dueNs],
            [...waiting].map(([at, { request }]) => [at, request]),
            answers.map((answer) => encodeAnswer(answer)),
            machine.memory(),
          ]
        : undefined,
    stop: () => timer?.cancel(),
  };
}

/** A message as it travels. */
export function asMessage(message: ChainMessage): Message {
  return message as unknown as Message;
}
