/**
 * Log replication (dissertation, sections 3.5, 3.6 and 10.2.1): the leader sends what a follower
 * lacks, the follower makes it durable and says so, and what a majority has is committed.
 *
 * One exchange is under way with each follower at a time; what comes meanwhile, entries and the
 * questions of reads, goes with the next one. Who was sent nothing for the time of a heartbeat is
 * sent what it lacks, again if need be: a message may arrive late, twice or never. A follower
 * compares, and changes its log only where it differs. The leader writes to its own disk at the
 * same time, and counts itself when that is done.
 */
import { immutable } from "../../src/world/immutable.js";
import type { Message, NodeId } from "../../src/world/network.js";
import type { Entry, Operation } from "./log.js";
import type { Acknowledgement, Append } from "./messages.js";
import {
  changed,
  commit,
  follow,
  has,
  othersOf,
  type Leadership,
  type Progress,
  type RaftNode,
} from "./raft-node.js";
import { acknowledge } from "./acknowledge.js";
import { sendSnapshot, takeSnapshot } from "./snapshot.js";

/** Appends an entry to the leader's log; gives its index. */
export function appendHere(node: RaftNode, operation: Operation): number {
  const { log, storage, term } = node;
  // It goes to all nodes and to their disks as it is.
  const entry = immutable({ term, operation } as unknown as Message) as unknown as Entry;
  log.append([entry]);
  const index = log.lastIndex;
  storage.saveEntries(index, [entry]);
  storage.whenDurable(() => {
    if (node.leading === undefined || node.term !== term) return;
    const own = progressOf(node, node.leading, node.id);
    own.matchIndex = Math.max(own.matchIndex, index);
    advance(node, node.leading);
  });
  return index;
}

/** Asks everyone whether this node still leads; those with an exchange under way are asked next. */
export function beginRound(node: RaftNode): void {
  const { leading } = node;
  if (leading === undefined) return;
  leading.round++;
  leading.roundBeganNs.set(leading.round, node.clock.nowNs());
  sendNews(node);
  advance(node, leading);
}

/** Sends to those who have answered what was sent before. */
export function sendNews(node: RaftNode): void {
  const { leading } = node;
  if (leading === undefined) return;
  for (const other of othersOf(node)) {
    if (progressOf(node, leading, other).sent === undefined) send(node, leading, other);
  }
}

/** A heartbeat is due: it goes to those who were sent nothing since the last one was. */
export function beat(node: RaftNode): void {
  const { leading } = node;
  if (leading === undefined) return;
  // A lease is as old as the last round.
  if (node.settings.leases) beginRound(node);
  for (const other of othersOf(node)) {
    const progress = progressOf(node, leading, other);
    if (!progress.isCurrent) send(node, leading, other);
    progress.isCurrent = false;
  }
}

function progressOf(node: RaftNode, leading: Leadership, member: NodeId): Progress {
  let progress = leading.progress.get(member);
  if (progress === undefined) {
    const nextIndex = node.log.lastIndex + 1;
    progress = {
      nextIndex,
      matchIndex: 0,
      sent: undefined,
      isCurrent: false,
      sentRound: 0,
      round: 0,
      promisedMs: 0,
    };
    leading.progress.set(member, progress);
  }
  return progress;
}

function send(node: RaftNode, leading: Leadership, to: NodeId): void {
  const { log, term, commitIndex } = node;
  const progress = progressOf(node, leading, to);
  const { round } = leading;
  const number = ++leading.sends;
  progress.sent ??= number;
  progress.isCurrent = true;
  progress.sentRound = round;
  leading.sentLast = to;
  const prevIndex = progress.nextIndex - 1;
  const prevTerm = log.termAt(prevIndex);
  if (prevTerm === undefined) {
    sendSnapshot(node, to, { round, number });
    return;
  }
  const entries = log.from(prevIndex + 1, node.settings.batchEntries);
  node.send(to, {
    kind: "append",
    term,
    prevIndex,
    prevTerm,
    entries,
    commit: commitIndex,
    round,
    number,
  });
}

/** A leader sends entries, or that it lives. */
export function onAppend(node: RaftNode, from: NodeId, message: Append): void {
  const { term, prevIndex, prevTerm, entries, round, number } = message;
  const { log, clock } = node;
  const stale = term < node.term;
  if (stale && !has(node, "stale-leader-accepted")) {
    acknowledge(node, from, { term: node.term, round, number, success: false, match: 0 });
    return;
  }
  if (!stale) {
    if (term > node.term || node.role !== "follower" || node.leader !== from) {
      follow(node, term, from);
    }
    node.heardNs = clock.nowNs();
  }
  const known = log.termAt(prevIndex);
  const matches = known === prevTerm || (known !== undefined && has(node, "prev-term-unchecked"));
  if (!matches && prevIndex > log.baseIndex) {
    // The next try is from the beginning of the term that differs, or from the end of the log.
    const match = known === undefined ? log.lastIndex : log.firstOfTerm(prevIndex) - 1;
    acknowledge(node, from, { term, round, number, success: false, match });
    return;
  }
  store(node, prevIndex, entries);
  const match = prevIndex + entries.length;
  acknowledge(node, from, { term, round, number, success: true, match });
  commit(node, has(node, "commit-past-match") ? message.commit : Math.min(message.commit, match));
  takeSnapshot(node);
}

/** Writes what is missing or differs; what is there already stays, with all that follows it. */
function store(node: RaftNode, prevIndex: number, entries: readonly Entry[]): void {
  const { log, storage } = node;
  let fresh = entries.findIndex((entry, i) => {
    const index = prevIndex + 1 + i;
    // What a snapshot covers is committed, and so the same.
    return index > log.baseIndex && log.termAt(index) !== entry.term;
  });
  if (has(node, "truncates-always") && prevIndex >= log.baseIndex) {
    if (fresh === -1 && log.lastIndex === prevIndex + entries.length) return;
    fresh = 0;
  }
  if (fresh === -1) return;
  const first = prevIndex + 1 + fresh;
  const rest = entries.slice(fresh);
  log.truncateFrom(first);
  log.append(rest);
  storage.saveEntries(first, rest);
}

/** A follower has answered. */
export function onAcknowledgement(node: RaftNode, from: NodeId, answer: Acknowledgement): void {
  if (answer.term > node.term) {
    follow(node, answer.term, undefined);
    return;
  }
  const { leading } = node;
  if (leading === undefined || answer.term < node.term) return;
  const progress = progressOf(node, leading, from);
  // What was sent before, or a copy, must not begin a second exchange beside the one under way.
  const isEnd = progress.sent !== undefined && answer.number >= progress.sent;
  if (isEnd) progress.sent = undefined;
  progress.round = Math.max(progress.round, answer.round);
  progress.promisedMs = Math.max(progress.promisedMs, answer.promisedMs);
  if (answer.success) {
    const wrong = has(node, "ack-wrong-follower") ? leading.sentLast : undefined;
    const credited = progressOf(node, leading, wrong ?? from);
    const match = has(node, "ack-counts-unsent") ? node.log.lastIndex : answer.match;
    credited.matchIndex = Math.max(credited.matchIndex, match);
    credited.nextIndex = match + 1;
  } else {
    progress.nextIndex = Math.max(1, Math.min(progress.nextIndex, answer.match + 1));
  }
  advance(node, leading);
  if (!isEnd || node.leading !== leading || progress.sent !== undefined) return;
  if (progress.nextIndex <= node.log.lastIndex || progress.sentRound < leading.round) {
    send(node, leading, from);
  }
}

/** Commits what a majority has, and learns which round a majority has answered. */
function advance(node: RaftNode, leading: Leadership): void {
  const all = node.log.membership.members.map((member) => progressOf(node, leading, member));
  const matched = all.some(({ matchIndex }) => matchIndex > node.commitIndex)
    ? reachedByMajority(node, all.map(matchOf), node.commitIndex)
    : undefined;
  if (matched !== undefined) {
    const isOwn = node.log.termAt(matched) === node.term || has(node, "old-term-commit");
    if (isOwn) {
      commit(node, matched);
      takeSnapshot(node);
    }
  }
  progressOf(node, leading, node.id).round = leading.round;
  const round =
    leading.round > leading.confirmedRound
      ? reachedByMajority(node, all.map(roundOf), leading.confirmedRound)
      : undefined;
  if (round !== undefined) {
    leading.confirmedRound = round;
    leading.confirmedNs = leading.roundBeganNs.get(round) ?? leading.confirmedNs;
    for (const old of leading.roundBeganNs.keys()) {
      if (old <= round) leading.roundBeganNs.delete(old);
    }
    changed(node);
  }
  const { membership } = node.log;
  if (membership.index <= node.commitIndex && !membership.members.includes(node.id)) {
    // It has removed itself (section 4.2.2).
    follow(node, node.term, undefined);
  }
}

function matchOf({ matchIndex }: Progress): number {
  return matchIndex;
}

function roundOf({ round }: Progress): number {
  return round;
}

/** The highest number that a majority has reached; undefined when it is not above the given one. */
export function reachedByMajority(
  node: RaftNode,
  numbers: readonly number[],
  above: number,
): number | undefined {
  const majority = Math.floor(numbers.length / 2) + (has(node, "minority-quorum") ? 0 : 1);
  const needed = Math.max(1, majority);
  let highest: number | undefined;
  for (const number of numbers) {
    if (number <= (highest ?? above)) continue;
    let count = 0;
    for (const each of numbers) if (each >= number) count++;
    if (count >= needed) highest = number;
  }
  return highest;
}
