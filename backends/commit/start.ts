/**
 * A node of a store with transactions: each is a participant for its items, and the coordinator of
 * what it is asked for. Both write to one journal. Accounts are spread over the nodes; states have
 * a copy on each, which a change changes everywhere or nowhere.
 */
import type { Value } from "../../src/history/value.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { createRpc } from "../../src/world/rpc.js";
import type { NodeContext, NodeInstance } from "../../src/world/world.js";
import { openJournal } from "../file/journal.js";
import { splitNetwork } from "../replicated/split-network.js";
import { decodeRequest, encodeAnswer } from "../store-client.js";
import {
  fail,
  keyText,
  ok,
  unsupported,
  type Command,
  type StoreAnswer,
} from "../store-commands.js";
import { Coordinator } from "./coordinator.js";
import type { Step } from "./items.js";
import type { CommitMessage } from "./messages.js";
import { Participant } from "./participant.js";
import { listStatesOf, performOnState } from "./states.js";
import type { CommitVariant } from "./variants.js";

/** How a node commits. */
export interface CommitOptions {
  readonly threePhases: boolean;
  readonly variant: CommitVariant | null;
  /** Whether states are read without regard to what is being decided. */
  readonly readsAnywhere: boolean;
}

const ACCOUNTS = ["a", "b", "c", "d", "e"];

/** Starts one incarnation. */
export async function startCommit(
  node: NodeContext,
  options: CommitOptions,
): Promise<NodeInstance> {
  const { peers, clients } = splitNetwork(node.network);
  const journal = await openJournal(node.disk);
  const send = (to: NodeId, message: CommitMessage): void => peers.send(to, message);
  const { id, clock } = node;
  const participant = new Participant({ id, clock, journal, send, ...options });
  const coordinator = new Coordinator({
    id,
    clock,
    journal,
    send,
    ...options,
    // Who has changed a state, and then reads it here without regard to locks, has to see that.
    ...(options.readsAnywhere ? { onCommitted: (each) => participant.commit(each) } : {}),
  });
  for (const record of [...((journal.checkpoint ?? []) as readonly Value[]), ...journal.records]) {
    participant.replay(record as readonly Value[]);
    coordinator.replay(record as readonly Value[]);
  }
  await journal.replace([...participant.records(), ...coordinator.records()]);
  coordinator.resume();

  peers.onMessage((from, given) => {
    const message = given as unknown as CommitMessage;
    const { kind, transaction } = message;
    if (kind === "prepare") participant.onPrepare(from, message);
    else if (kind === "vote") coordinator.onVote(from, message);
    else if (kind === "precommit") participant.onPrecommit(from, transaction);
    else if (kind === "precommitted") coordinator.onPrecommitted(from, transaction);
    else if (kind === "decide") participant.onDecide(from, transaction, message.outcome);
    else if (kind === "decided") coordinator.onDecided(from, transaction);
    else if (kind === "phase") participant.onPhase(from, message);
    else if (kind === "standing") coordinator.onStanding(from, transaction);
    else if (kind === "stands") participant.onStands(transaction, message.standing);
    else if (kind === "align") participant.onAlign(from, transaction, message.phase);
    else if (kind === "aligned") participant.onAligned(from, transaction);
    else if (options.threePhases) participant.onInquire(from, transaction);
    else coordinator.onInquire(from, transaction);
  });
  /** Requests under way, in the order in which they came; each has a transaction of its own. */
  const requests = new Set<Message>();
  const carryOut = async (request: Command): Promise<Message> => {
    const { nodes } = node;
    const parts = { coordinator, participant, nodes, readsAnywhere: options.readsAnywhere };
    if (request.f === "state") return encodeAnswer(await performOnState(parts, request));
    if (request.f === "states") return encodeAnswer(listStatesOf(parts, request));
    return encodeAnswer(await perform(coordinator, nodes, request));
  };
  createRpc(clients, clock).serve(async (from, message) => {
    const request = decodeRequest(message);
    if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
    const underWay: Message = [from, message];
    requests.add(underWay);
    try {
      return await carryOut(request);
    } finally {
      requests.delete(underWay);
    }
  });
  return {
    waitsFor: () => [...participant.waitsFor(), ...coordinator.waitsFor()],
    memory: () => [[...requests], coordinator.memory(), participant.memory()],
  };
}

async function perform(
  coordinator: Coordinator,
  nodes: readonly NodeId[],
  { f, key, value }: Command,
): Promise<StoreAnswer> {
  const [call, argument] = Array.isArray(value) ? (value as readonly Value[]) : [];
  if (f !== "bank" || (call !== "read" && call !== "transfer")) return unsupported(f);
  const itemOf = (account: string): string => `${keyText(key)}/${account}`;
  const steps = new Map<NodeId, Step[]>();
  const touch = (account: string, change: number): void => {
    const owner = nodes[Math.max(0, ACCOUNTS.indexOf(account)) % nodes.length] as NodeId;
    const part = steps.get(owner) ?? [];
    steps.set(owner, [...part, { item: itemOf(account), change }]);
  };
  if (call === "read") {
    for (const account of ACCOUNTS) touch(account, 0);
    const answer = await coordinator.perform(steps);
    if (answer.outcome !== "ok") return answer;
    const held = answer.value as { readonly [item: string]: Value };
    return ok(Object.fromEntries(ACCOUNTS.map((each) => [each, held[itemOf(each)] ?? null])));
  }
  const { from, to, amount } = argument as { from: string; to: string; amount: number };
  touch(from, -amount);
  touch(to, amount);
  const answer = await coordinator.perform(steps);
  return answer.outcome === "ok" ? ok(null) : answer;
}
