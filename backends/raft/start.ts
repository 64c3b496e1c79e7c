/**
 * Puts a node together: what the disk has, the parts of the protocol, the messages of other nodes
 * and the requests of clients.
 */
import type { Message, NodeId } from "../../src/world/network.js";
import { createRpc } from "../../src/world/rpc.js";
import type { NodeContext, NodeInstance } from "../../src/world/world.js";
import { onVote, onVoteRequest, startElections, type Ticking } from "./election.js";
import { answerClient } from "./frontend.js";
import { RaftLog } from "./log.js";
import { Machine } from "../replicated/machine.js";
import { memoryOf } from "./memory.js";
import type { RaftMessage } from "./messages.js";
import type { RaftNode, Settings } from "./raft-node.js";
import { createReads } from "./reads.js";
import { beat, onAcknowledgement, onAppend } from "./replication.js";
import { onInstall } from "./snapshot.js";
import { openStorage } from "./storage.js";
import type { RaftVariant } from "./variants.js";
import { wordsOf } from "./words.js";
import { splitNetwork, type SplitNetwork } from "../replicated/split-network.js";

/** Sessions that a machine keeps. */
const SESSIONS_MAX = 1_000;

/** Starts one incarnation. */
export async function startRaft(
  context: NodeContext,
  options: { readonly settings: Settings; readonly variant: RaftVariant | null },
): Promise<NodeInstance> {
  const { clock, network } = context;
  const { peers, clients } = splitNetwork(network);
  const node = await createNode(context, {
    settings: options.settings,
    variant: options.variant,
    peers,
  });
  const reads = createReads(node);
  peers.onMessage((from, message) => receive(node, from, message as unknown as RaftMessage));
  createRpc(clients, clock).serve((from, request, name) => {
    const says = Array.isArray(request) ? (request as readonly Message[]) : [];
    return answerClient(node, reads, { says, name: [from, name] });
  });
  const elections = startElections(node);
  const heartbeats = startHeartbeats(node);
  return {
    stop: async () => {
      elections.stop();
      heartbeats.stop();
    },
    waitsFor: () => wordsOf(node),
    memory: () => {
      const own = memoryOf(node);
      return own && [own, reads.memory(), elections.memory(), heartbeats.memory()];
    },
  };
}

async function createNode(
  context: NodeContext,
  options: {
    readonly settings: Settings;
    readonly variant: RaftVariant | null;
    readonly peers: SplitNetwork["peers"];
  },
): Promise<RaftNode> {
  const { id, nodes, clock, random, disk } = context;
  const { variant, settings, peers } = options;
  const storage = await openStorage(disk, { members: nodes, variant });
  const { term, votedFor, snapshot, entries } = storage.found;
  const machine = new Machine({
    sessionsMax: SESSIONS_MAX,
    appliesDuplicates: variant === "duplicates-applied",
    snapshotsSessions: variant !== "snapshot-without-sessions",
  });
  if (snapshot.state !== null) machine.restore(snapshot.state);
  return {
    id,
    settings,
    variant,
    clock,
    random,
    storage,
    machine,
    log: new RaftLog(snapshot, entries),
    // Each is made for this one time; what is shared, entries and states, is never changed.
    send: (to, message) => peers.give(to, message as unknown as Message),
    note: (line) => context.log(line),
    term,
    votedFor,
    role: "follower",
    leader: undefined,
    heardNs: clock.nowNs(),
    votes: new Set(),
    leading: undefined,
    commitIndex: snapshot.index,
    appliedIndex: snapshot.index,
    waiting: new Map(),
    listeners: new Set(),
  };
}

function receive(node: RaftNode, from: NodeId, message: RaftMessage): void {
  if (message.kind === "append") onAppend(node, from, message);
  else if (message.kind === "ack") onAcknowledgement(node, from, message);
  else if (message.kind === "vote-request") onVoteRequest(node, from, message);
  else if (message.kind === "vote") onVote(node, from, message);
  else onInstall(node, from, message);
}

/** A leader is heard every so often. */
function startHeartbeats(node: RaftNode): Ticking {
  const { clock, settings } = node;
  let timer = clock.timer(Infinity, () => undefined);
  let beating = false;
  let dueNs = 0;
  const wait = (): void => {
    timer = clock.timer(settings.heartbeatMs, tick);
    dueNs = clock.nowNs() + settings.heartbeatMs * 1e6;
  };
  const tick = (): void => {
    if (node.leading === undefined) {
      beating = false;
      return;
    }
    beat(node);
    wait();
  };
  node.listeners.add(() => {
    if (beating || node.leading === undefined) return;
    beating = true;
    wait();
  });
  return { stop: () => timer.cancel(), memory: () => [beating, dueNs] };
}
