/**
 * Membership changes of one server at a time (dissertation, chapter 4). The members are what the
 * last entry about them says, committed or not; majorities before and after a change of one have a
 * node in common. So the next change has to wait until the last one is committed, and a new leader
 * until it has committed an entry of its own term (Ongaro, raft-dev, July 2015).
 */
import type { NodeId } from "../../src/world/network.js";
import { fail, type StoreAnswer } from "../store-commands.js";
import { has, type RaftNode } from "./raft-node.js";

/** A change of one member. */
export interface MemberChange {
  readonly kind: "add" | "remove";
  readonly node: NodeId;
}

/** The members after a change; or why it cannot be made now. */
export function membersAfter(
  node: RaftNode,
  change: MemberChange,
): { readonly members: readonly NodeId[] } | { readonly refusal: StoreAnswer } {
  const { index, members } = node.log.membership;
  if (index > node.commitIndex && !has(node, "two-changes-at-once")) {
    return { refusal: fail("busy", "the last change of the members is not committed yet") };
  }
  const isSettled = node.log.termAt(node.commitIndex) === node.term;
  if (!isSettled && !has(node, "change-before-noop")) {
    return { refusal: fail("busy", "this leader has not committed anything yet") };
  }
  const isMember = members.includes(change.node);
  if (isMember === (change.kind === "add")) {
    return { refusal: fail("no-change", `${change.node} is ${isMember ? "a" : "no"} member`) };
  }
  const next = isMember
    ? members.filter((member) => member !== change.node)
    : [...members, change.node].toSorted();
  if (next.length === 0) return { refusal: fail("no-change", "one member has to stay") };
  return { members: next };
}
