/**
 * The state of a node, which all parts of the protocol share, and the three things that happen to
 * it from everywhere: it learns of a later term, it commits, it applies.
 */
import type { Clock } from "../../src/world/clock.js";
import type { Message, NodeId } from "../../src/world/network.js";
import type { NodeContext } from "../../src/world/world.js";
import { ok, type StoreAnswer } from "../store-commands.js";
import type { RaftLog } from "./log.js";
import type { Machine } from "../replicated/machine.js";
import type { RaftMessage } from "./messages.js";
import type { Storage } from "./storage.js";
import type { RaftVariant } from "./variants.js";

/** The times that a cluster lives by, in milliseconds, and its sizes. */
export interface Settings {
  /**
   * How often a leader looks to whom it has sent nothing since it last looked, and sends them a
   * heartbeat: it is silent for less than twice as long.
   */
  readonly heartbeatMs: number;
  /** Silence after which a node may call an election; it draws from this to twice of it. */
  readonly electionMs: number;
  /** Applied entries in the log that make a node take a snapshot. */
  readonly snapshotEntries: number;
  /** Entries in one message at the most. */
  readonly batchEntries: number;
  /** Whether candidates ask before they begin a term, and votes are withheld from disturbers. */
  readonly preVotes: boolean;
  /** Whether a leader may answer reads without asking, while it holds a lease. */
  readonly leases: boolean;
  /** Whether any node answers reads from what it has. */
  readonly readsAnywhere: boolean;
}

/** What a leader knows of one follower. */
export interface Progress {
  /** The next entry to send. */
  nextIndex: number;
  /** The last entry that is known to be durable there. */
  matchIndex: number;
  /** The number of the message that was sent, while neither it nor what repeats it is answered. */
  sent: number | undefined;
  /** Whether anything was sent since the last heartbeat was due. */
  isCurrent: boolean;
  /** The last round that was told. */
  sentRound: number;
  /** The last round that the follower has answered. */
  round: number;
  /** By the follower's wall clock; read by a variant only. */
  promisedMs: number;
}

/** What a node has while it leads. */
export interface Leadership {
  readonly progress: Map<NodeId, Progress>;
  /** Counts the times at which everyone is asked whether this node still leads. */
  round: number;
  /** When each round that may still be answered began. */
  readonly roundBeganNs: Map<number, number>;
  /** When the last round began that a majority has answered. */
  confirmedNs: number;
  confirmedRound: number;
  /** Counts the messages to followers. */
  sends: number;
  /** The follower that was sent to last; read by a variant only. */
  sentLast: NodeId | undefined;
}

/** What became of an entry: the machine's answer, or undefined when its fate is not known here. */
export type Fate = StoreAnswer | undefined;

/** A request that waits for an entry. */
export interface Waiting {
  /** Its client, and what the client calls it. */
  readonly request: Message;
  readonly tell: (fate: Fate) => void;
}

/** The state of a node. */
export interface RaftNode {
  readonly id: NodeId;
  readonly settings: Settings;
  readonly variant: RaftVariant | null;
  readonly clock: Clock;
  readonly random: NodeContext["random"];
  readonly storage: Storage;
  readonly machine: Machine;
  readonly log: RaftLog;
  readonly send: (to: NodeId, message: RaftMessage) => void;
  readonly note: (line: string) => void;

  term: number;
  votedFor: NodeId | null;
  role: "follower" | "pre-candidate" | "candidate" | "leader";
  /** Whom this node follows, as far as it knows. */
  leader: NodeId | undefined;
  /** When a leader was heard last, or a vote was given. */
  heardNs: number;
  /** Who has voted for this node. */
  votes: Set<NodeId>;
  leading: Leadership | undefined;

  commitIndex: number;
  appliedIndex: number;
  /** Those who wait for the entry at an index. */
  readonly waiting: Map<number, Waiting>;
  /** Called when the commit index, the leader or the confirmed round has changed. */
  readonly listeners: Set<() => void>;
}

/** Whether the node has this bug. */
export function has(node: RaftNode, variant: RaftVariant): boolean {
  return node.variant === variant;
}

/** The others of the last membership. */
export function othersOf(node: RaftNode): readonly NodeId[] {
  return node.log.membership.members.filter((member) => member !== node.id);
}

/** Whether these are a majority of the members. */
export function isMajority(node: RaftNode, supports: (member: NodeId) => boolean): boolean {
  const { members } = node.log.membership;
  const needed = Math.floor(members.length / 2) + (has(node, "minority-quorum") ? 0 : 1);
  return members.filter((member) => supports(member)).length >= Math.max(1, needed);
}

/** Tells those who wait for something that changes. */
export function changed(node: RaftNode): void {
  for (const listener of node.listeners) listener();
}

/** Goes on in a later term, or follows a leader of this one. */
export function follow(node: RaftNode, term: number, leader: NodeId | undefined): void {
  if (term > node.term) {
    node.term = term;
    node.votedFor = null;
    node.storage.saveVote(term, null);
  }
  if (node.leading !== undefined) node.note(`term ${term}: leads no longer`);
  node.role = "follower";
  node.leading = undefined;
  node.votes = new Set();
  node.leader = leader;
  // Their entries may be committed by another leader, or never.
  for (const { tell } of node.waiting.values()) tell(undefined);
  node.waiting.clear();
  changed(node);
}

/** Commits up to this index, and applies what is new. */
export function commit(node: RaftNode, index: number): void {
  const last = Math.min(index, node.log.lastIndex);
  if (last <= node.commitIndex) return;
  node.commitIndex = last;
  while (node.appliedIndex < last) {
    const next = node.appliedIndex + 1;
    const entry = node.log.at(next);
    if (entry === undefined) break;
    node.appliedIndex = next;
    const { operation } = entry;
    const isForMachine = operation.kind === "register" || operation.kind === "command";
    const answer = isForMachine ? node.machine.apply(next, operation) : ok(null);
    node.waiting.get(next)?.tell(answer);
    node.waiting.delete(next);
  }
  changed(node);
}
