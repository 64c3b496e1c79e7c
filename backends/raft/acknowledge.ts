/**
 * How a follower answers its leader: never before its own disk has all that the answer rests on.
 */
import type { NodeId } from "../../src/world/network.js";
import type { Acknowledgement } from "./messages.js";
import { has, type RaftNode } from "./raft-node.js";

/** Answers a leader, once all that the answer rests on is durable. */
export function acknowledge(
  node: RaftNode,
  to: NodeId,
  answer: Omit<Acknowledgement, "kind" | "promisedMs">,
): void {
  const { settings, clock } = node;
  const { term, round, number, success, match } = answer;
  const reply = (): void => {
    // In a later term it would be no lie, but of no use.
    if (term !== node.term && !has(node, "stale-leader-accepted")) return;
    const promisedMs = clock.wallMs() + settings.electionMs;
    node.send(to, { kind: "ack", term, round, number, success, match, promisedMs });
  };
  if (has(node, "ack-before-fsync")) reply();
  else node.storage.whenDurable(reply);
}
