/**
 * Puts a node together: acceptor, learner, proposer, the silence after which a node wants to lead,
 * and the requests of clients.
 */
import type { Value } from "../../src/history/value.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { createRpc } from "../../src/world/rpc.js";
import type { NodeContext, NodeInstance } from "../../src/world/world.js";
import { encodeAnswer } from "../store-client.js";
import { fail, type StoreAnswer } from "../store-commands.js";
import { Machine, operationOf, readOf, seenOf } from "../replicated/machine.js";
import { splitNetwork } from "../replicated/split-network.js";
import { openAcceptor } from "./acceptor.js";
import { createLearner } from "./learner.js";
import type { PaxosMessage, Proposal } from "./messages.js";
import { Proposer } from "./proposer.js";
import type { PaxosVariant } from "./variants.js";

/** How often a leader is heard. */
const HEARTBEAT_MS = 50;
/** Silence after which a node wants to lead; it draws from this to twice of it. */
const SILENCE_MS = 250;
const SESSIONS_MAX = 1_000;
/** Chosen slots in one message. */
const BATCH = 64;

/** What became of a proposal: the answer, or undefined when another was chosen, or may be. */
type Fate = StoreAnswer | undefined;

/** A request that waits for a slot. */
interface Waiting {
  /** Its client, and what the client calls it, with what it asks. */
  readonly request: Message;
  readonly origin: number;
  readonly tell: (fate: Fate) => void;
}

/** Starts one incarnation. */
export async function startPaxos(
  context: NodeContext,
  options: { readonly variant: PaxosVariant | null; readonly readsAnywhere: boolean },
): Promise<NodeInstance> {
  const { variant, readsAnywhere } = options;
  const { id, nodes, clock, random, disk, network } = context;
  const { peers, clients } = splitNetwork(network);
  const send = (to: NodeId, message: PaxosMessage): void =>
    peers.send(to, message as unknown as Message);
  const machine = new Machine({
    sessionsMax: SESSIONS_MAX,
    appliesDuplicates: variant === "duplicates-applied",
    snapshotsSessions: true,
  });
  const learner = createLearner(machine, { skipsGaps: variant === "gaps-skipped" });
  const acceptor = await openAcceptor({ disk, send, variant });
  acceptor.chosen.forEach((proposal, i) => learner.learn(i + 1, proposal));
  const waiting = new Map<number, Waiting>();
  let heardNs = clock.nowNs();
  let leader: NodeId | undefined;
  /** The highest ballot that was heard of. */
  let highest = acceptor.promised;

  const abandon = (): void => {
    for (const { tell } of waiting.values()) tell(undefined);
    waiting.clear();
  };
  const onChange = (): void => {
    context.log(proposer.isLeading ? `leads with ballot ${proposer.ballot}` : "leads no longer");
    if (proposer.isLeading) leader = id;
    else abandon();
  };
  const proposer = new Proposer({
    id,
    nodes,
    learner,
    send,
    reserve: (ballot, then) => acceptor.reserve(ballot, then),
    variant,
    onChange,
  });
  learner.onApplied((slot, proposal, answer) => {
    acceptor.settle(slot, proposal);
    const waiter = waiting.get(slot);
    if (waiter === undefined) return;
    waiting.delete(slot);
    // Another leader may have got the slot for something else.
    waiter.tell(waiter.origin === proposal.origin ? answer : undefined);
  });

  const heard = (ballot: number): void => {
    highest = Math.max(highest, ballot);
    if (ballot > proposer.ballot) proposer.resign();
  };

  peers.onMessage((from, given) => {
    const message = given as unknown as PaxosMessage;
    switch (message.kind) {
      case "prepare":
        heard(message.ballot);
        if (message.ballot >= acceptor.promised) heardNs = clock.nowNs();
        acceptor.onPrepare(from, message);
        break;
      case "accept":
        heard(message.ballot);
        acceptor.onAccept(from, message);
        break;
      case "promised":
        proposer.onPromised(from, message);
        break;
      case "accepted":
        proposer.onAccepted(from, message);
        break;
      case "refused":
        heard(message.ballot);
        break;
      case "chosen":
        message.proposals.forEach((proposal, i) => learner.learn(message.from + i, proposal));
        break;
      case "missing":
        send(from, {
          kind: "chosen",
          from: message.from,
          proposals: learner.from(message.from, BATCH),
        });
        break;
      case "heartbeat":
        heard(message.ballot);
        if (message.ballot < acceptor.promised) break;
        leader = from;
        heardNs = clock.nowNs();
        if (message.next > learner.next) send(from, { kind: "missing", from: learner.next });
        break;
    }
  });

  const propose = async (operation: Proposal["operation"], request: Message): Promise<Fate> =>
    new Promise((tell) => {
      const slot = proposer.propose(operation);
      waiting.set(slot, { request, origin: proposer.ballot, tell });
    });
  createRpc(clients, clock).serve(async (from, request, name) => {
    const named: Message = [from, name, request];
    const given = Array.isArray(request) ? (request as readonly Value[]) : [];
    const read = readOf(given);
    if (readsAnywhere && read !== undefined) {
      return machine.hasApplied(seenOf(given)) ? encodeAnswer(machine.read(read)) : ["behind"];
    }
    if (!proposer.isLeading)
      return ["not-leader", leader === undefined || leader === id ? null : leader];
    if (read !== undefined) {
      const fate = variant === "local-reads" ? null : await propose({ kind: "read" }, named);
      return fate === undefined ? ["not-leader", null] : encodeAnswer(machine.read(read));
    }
    const operation = operationOf(given);
    if (operation === undefined) return encodeAnswer(fail("bad-request", "no such request"));
    const answer = await propose(operation, named);
    if (answer !== undefined) return encodeAnswer(answer);
    return variant === "lost-leadership-fails"
      ? encodeAnswer(fail("deposed", `${id} leads no longer`))
      : ["lost"];
  });

  /** When it says next that it lives, and when it looks next whether there is silence. */
  const due = { beatNs: clock.nowNs() + HEARTBEAT_MS * 1e6, silenceNs: 0 };
  let beatTimer = clock.timer(HEARTBEAT_MS, function beat() {
    proposer.beat();
    beatTimer = clock.timer(HEARTBEAT_MS, beat);
    due.beatNs = clock.nowNs() + HEARTBEAT_MS * 1e6;
  });
  let silenceTimer = clock.timer(0, () => undefined);
  const listen = (): void => {
    const limitMs = SILENCE_MS * (1 + random.float());
    due.silenceNs = clock.nowNs() + limitMs * 1e6;
    silenceTimer = clock.timer(limitMs, () => {
      const isSilent = clock.nowNs() - heardNs >= SILENCE_MS * 1e6;
      if (!proposer.isLeading && isSilent) proposer.prepare(highest);
      listen();
    });
  };
  listen();
  return {
    stop: async () => {
      beatTimer.cancel();
      silenceTimer.cancel();
    },
    memory: () => {
      const accepted = acceptor.memory();
      if (accepted === undefined) return undefined;
      const heardOf = [heardNs, leader ?? null, highest, due.beatNs, due.silenceNs];
      const owed = [...waiting].map(([slot, { request, origin }]) => [slot, request, origin]);
      const known = [learner.memory(), machine.memory()];
      return [accepted, proposer.memory(), ...known, heardOf, owed];
    },
  };
}
