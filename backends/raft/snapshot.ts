/**
 * Snapshots (dissertation, chapter 5): a node that has applied many entries keeps the state in
 * their place; a follower that lacks entries which are gone gets the state. It travels in one
 * message, for it is small here.
 */
import type { NodeId } from "../../src/world/network.js";
import { acknowledge } from "./acknowledge.js";
import type { Install } from "./messages.js";
import { changed, follow, has, type RaftNode } from "./raft-node.js";
import type { Snapshot } from "./storage.js";

/** Entries that stay in memory behind a snapshot, for followers that are just behind. */
const TRAILING_MAX = 16;

/** Takes a snapshot when enough was applied since the last one. */
export function takeSnapshot(node: RaftNode): void {
  const { log, machine, storage, appliedIndex, settings } = node;
  if (appliedIndex - storage.snapshot.index < settings.snapshotEntries) return;
  const index = has(node, "snapshot-mislabelled") ? log.lastIndex : appliedIndex;
  const snapshot: Snapshot = {
    index,
    term: log.termAt(index) ?? 0,
    members: log.membersAt(index),
    state: machine.snapshot(),
  };
  save(node, snapshot);
  const trailing = Math.min(TRAILING_MAX, settings.snapshotEntries);
  log.compact(Math.max(log.baseIndex, appliedIndex - trailing));
}

/** Sends the last snapshot. */
export function sendSnapshot(
  node: RaftNode,
  to: NodeId,
  marks: { readonly round: number; readonly number: number },
): void {
  const { index, term: lastTerm, members, state } = node.storage.snapshot;
  node.send(to, { kind: "install", term: node.term, index, lastTerm, members, state, ...marks });
}

/** A leader sends a snapshot. */
export function onInstall(node: RaftNode, from: NodeId, message: Install): void {
  const { term, index, lastTerm, members, state, round, number } = message;
  if (term < node.term) {
    acknowledge(node, from, { term: node.term, round, number, success: false, match: 0 });
    return;
  }
  if (term > node.term || node.role !== "follower" || node.leader !== from) {
    follow(node, term, from);
  }
  node.heardNs = node.clock.nowNs();
  // What is committed here is in the snapshot or after it: an older one has nothing to tell.
  if (index > node.commitIndex) install(node, { index, term: lastTerm, members, state });
  else if (has(node, "stale-snapshot-installed")) node.machine.restore(state);
  acknowledge(node, from, { term, round, number, success: true, match: index });
}

function install(node: RaftNode, snapshot: Snapshot): void {
  const { log, machine } = node;
  const { index, term, members, state } = snapshot;
  node.note(`installs a snapshot of entry ${index}`);
  machine.restore(state);
  if (index > log.baseIndex && log.termAt(index) === term) log.compact(index);
  else log.reset({ index, term, members });
  node.commitIndex = index;
  node.appliedIndex = index;
  save(node, snapshot);
  changed(node);
}

function save({ storage, log, term, votedFor }: RaftNode, snapshot: Snapshot): void {
  storage.saveAll({ term, votedFor, snapshot, entries: log.from(snapshot.index + 1) });
}
