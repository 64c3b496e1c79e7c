/** What a node says of itself when somebody asks why nothing goes on. */
import { othersOf, type RaftNode } from "./raft-node.js";

/** Its role, and whom it waits for. */
export function wordsOf(node: RaftNode): readonly string[] {
  const { leading, waiting, log, commitIndex } = node;
  const silent = othersOf(node).filter((id) => leading?.progress.get(id)?.sent !== undefined);
  const owed = waiting.size === 0 ? "" : `, clients wait for ${waiting.size}`;
  return [
    `${roleOf(node)}, ${commitIndex} of ${log.lastIndex} entries committed${owed}`,
    ...(silent.length === 0 ? [] : [`waits for answers of ${silent.join(", ")}`]),
  ];
}

function roleOf({ role, term, leader, votes }: RaftNode): string {
  if (role === "leader") return `leader of term ${term}`;
  if (role === "follower") return `follower of ${leader ?? "nobody"} in term ${term}`;
  return `${role} in term ${term} with ${votes.size === 0 ? "no vote" : `the votes of ${[...votes].toSorted().join(", ")}`}`;
}
