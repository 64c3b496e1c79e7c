/**
 * Leader election with pre-votes (dissertation, sections 3.4 and 9.6).
 *
 * A node that hears no leader for long enough first asks whether it *would* be elected, in the next
 * term, which changes nothing anywhere. Only with a majority behind it does it begin that term. So
 * a node that was cut off does not come back with a high term and depose a leader that is well.
 *
 * Nobody votes, or says that it would, while it hears a leader (section 4.2.3); after a start it
 * cannot know whether it did, and waits as long. Leases (`reads.ts`) rest on this.
 */
import type { Message, NodeId } from "../../src/world/network.js";
import type { Vote, VoteRequest } from "./messages.js";
import { changed, follow, has, isMajority, othersOf, type RaftNode } from "./raft-node.js";
import { appendHere, beginRound } from "./replication.js";

/** Something that a node does again and again, as time passes. */
export interface Ticking {
  stop(): void;
  /** When it does it next, and what it goes by; see `NodeInstance.memory`. */
  memory(): Message;
}

/** Calls elections when there is silence. */
export function startElections(node: RaftNode): Ticking {
  const { clock, settings, random } = node;
  let timeoutMs = 0;
  let timer = clock.timer(0, () => undefined);
  let dueNs = 0;
  const wait = (ms: number): void => {
    dueNs = clock.nowNs() + ms * 1e6;
    timer = clock.timer(ms, () => {
      const silentMs = (clock.nowNs() - node.heardNs) / 1e6;
      if (silentMs < timeoutMs) {
        wait(Math.max(1, timeoutMs - silentMs));
        return;
      }
      if (node.role !== "leader") stand(node, settings.preVotes);
      draw();
    });
  };
  const draw = (): void => {
    timeoutMs = settings.electionMs * (1 + random.float());
    wait(timeoutMs);
  };
  draw();
  return { stop: () => timer.cancel(), memory: () => [timeoutMs, dueNs] };
}

/** Becomes a candidate: with `pre`, asks whether it should. */
function stand(node: RaftNode, pre: boolean): void {
  if (!node.log.membership.members.includes(node.id)) return;
  if (pre) {
    node.role = "pre-candidate";
  } else {
    follow(node, node.term + 1, undefined);
    node.role = "candidate";
    node.votedFor = node.id;
    node.storage.saveVote(node.term, node.id);
  }
  node.leader = undefined;
  node.votes = new Set();
  const term = pre ? node.term + 1 : node.term;
  const { lastIndex, lastTerm } = node.log;
  const { role } = node;
  node.storage.whenDurable(() => {
    // A vote for oneself counts like any other: when it is durable.
    if (node.role !== role || (pre ? node.term + 1 : node.term) !== term) return;
    for (const other of othersOf(node)) {
      node.send(other, { kind: "vote-request", pre, term, lastIndex, lastTerm });
    }
    count(node, node.id);
  });
}

/** Somebody asks for a vote. */
export function onVoteRequest(node: RaftNode, from: NodeId, request: VoteRequest): void {
  const { pre, term } = request;
  if (hearsLeader(node)) return;
  if (!pre && term > node.term) follow(node, term, undefined);
  const free = node.votedFor === null || node.votedFor === from || has(node, "double-vote");
  const granted =
    isUpToDate(node, request) && (pre ? term > node.term : term === node.term && free);
  if (granted && !pre) {
    node.votedFor = from;
    node.heardNs = node.clock.nowNs();
    node.storage.saveVote(term, from);
  }
  // A refusal tells the later term; a pre-vote is for the term that was asked for.
  const answer: Vote = { kind: "vote", pre, term: granted ? term : node.term, granted };
  node.storage.whenDurable(() => {
    if (!granted || pre || node.term === term) node.send(from, answer);
  });
}

/** Somebody has voted. */
export function onVote(node: RaftNode, from: NodeId, { pre, term, granted }: Vote): void {
  if (!granted) {
    if (term > node.term) follow(node, term, undefined);
    return;
  }
  if (node.role !== (pre ? "pre-candidate" : "candidate")) return;
  if (term !== (pre ? node.term + 1 : node.term)) return;
  count(node, from);
}

function count(node: RaftNode, voter: NodeId): void {
  node.votes.add(voter);
  if (!isMajority(node, (member) => node.votes.has(member))) return;
  if (node.role === "pre-candidate") stand(node, false);
  else if (node.role === "candidate") lead(node);
}

/** Leads, and commits something of its own term first (sections 3.6.2 and 6.4). */
function lead(node: RaftNode): void {
  node.note(`term ${node.term}: leads`);
  node.role = "leader";
  node.leader = node.id;
  node.leading = {
    progress: new Map(),
    round: 0,
    roundBeganNs: new Map(),
    confirmedNs: -Infinity,
    confirmedRound: 0,
    sends: 0,
    sentLast: undefined,
  };
  appendHere(node, { kind: "noop" });
  beginRound(node);
  changed(node);
}

function hearsLeader(node: RaftNode): boolean {
  if (!node.settings.preVotes) return false;
  if (node.role === "leader") return true;
  if (node.role === "candidate") return false;
  return node.clock.nowNs() - node.heardNs < node.settings.electionMs * 1e6;
}

/** Whether a candidate's log is at least as up-to-date as the one here (section 3.6.1). */
function isUpToDate(node: RaftNode, { lastIndex, lastTerm }: VoteRequest): boolean {
  const { log } = node;
  if (has(node, "votes-any-log")) return true;
  if (has(node, "longest-log-wins")) return lastIndex >= log.lastIndex;
  return lastTerm > log.lastTerm || (lastTerm === log.lastTerm && lastIndex >= log.lastIndex);
}
