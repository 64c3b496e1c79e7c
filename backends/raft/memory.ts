/**
 * All that a node goes by, as plain data, so that exploration knows a state again; see
 * `NodeInstance.memory`. What is on the disk too is here as well: the two may differ in a variant.
 */
import type { Message } from "../../src/world/network.js";
import { sorted } from "../replicated/sorted.js";
import type { Leadership, Progress, RaftNode } from "./raft-node.js";

/** Undefined while something that was saved is not durable: who waits for that cannot be told. */
export function memoryOf(node: RaftNode): Message | undefined {
  if (!node.storage.isIdle()) return undefined;
  const { term, votedFor, role, leader = null, heardNs, votes, leading } = node;
  return [
    [term, votedFor, role, leader, heardNs, [...votes].toSorted()],
    leading === undefined ? null : leadershipOf(leading),
    node.log.memory(),
    node.machine.memory(),
    node.storage.snapshot as unknown as Message,
    [node.commitIndex, node.appliedIndex],
    // In their order: they are told in it.
    [...node.waiting].map(([index, { request }]) => [index, request]),
  ];
}

function leadershipOf(leading: Leadership): Message {
  const { progress, round, roundBeganNs, confirmedNs, confirmedRound, sends } = leading;
  return [
    sorted([...progress].map(([member, known]) => [member, progressMemory(known)])),
    [round, confirmedNs === -Infinity ? null : confirmedNs, confirmedRound, sends],
    [...roundBeganNs],
    leading.sentLast ?? null,
  ];
}

function progressMemory(known: Progress): Message {
  const { nextIndex, matchIndex, sent = null, isCurrent, sentRound, round, promisedMs } = known;
  return [nextIndex, matchIndex, sent, isCurrent, sentRound, round, promisedMs];
}
