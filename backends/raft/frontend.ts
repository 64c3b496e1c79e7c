/**
 * How clients are answered. A node that does not lead says who does; all else is up to the client
 * (`client.ts`). Requests are
 *
 * - `["register"]`: opens a session; answers its number;
 * - `["command", session, sequence, f, key, value]`: something that changes the state;
 * - `["read", f, key, value]`: something that does not;
 * - `["members", "add" | "remove", node]`: changes the members;
 * - `["members", "list"]`: who they are.
 *
 * Answers are those of `store-client.ts`, or `["not-leader", node | null]` (nothing has happened),
 * or `["lost"]`: the entry is in a log, and nobody here knows what becomes of it.
 */
import type { Value } from "../../src/history/value.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { encodeAnswer } from "../store-client.js";
import { readOf, seenOf } from "../replicated/machine.js";
import { fail, ok, type Command } from "../store-commands.js";
import type { Operation } from "./log.js";
import { membersAfter, type MemberChange } from "./membership.js";
import { has, type Fate, type RaftNode } from "./raft-node.js";
import type { Reads } from "./reads.js";
import { appendHere, sendNews } from "./replication.js";

/** A request: what it says, and its client with what the client calls it. */
export interface ClientRequest {
  readonly says: readonly Message[];
  readonly name: Message;
}

/** Answers one request. */
export function answerClient(
  node: RaftNode,
  reads: Reads,
  request: ClientRequest,
): Promise<Message> | Message {
  const { says, name } = request;
  const kind = says[0];
  const look = readOf(says);
  if (look !== undefined) {
    if (!node.settings.readsAnywhere) {
      return has(node, "follower-reads")
        ? encodeAnswer(node.machine.read(look))
        : read(node, look, reads.current(request));
    }
    const hasSeen = node.machine.hasApplied(seenOf(says));
    return hasSeen ? encodeAnswer(node.machine.read(look)) : ["behind"];
  }
  if (node.role !== "leader") return notLeader(node);
  if (kind === "register") return propose(node, name, { kind: "register" });
  if (kind === "command") {
    const [, session, sequence, f, key, value] = says as unknown as readonly [
      "command",
      number,
      number,
      string,
      Value,
      Value,
    ];
    const command = { f, key, value };
    return propose(node, name, { kind: "command", session, sequence, command });
  }
  if (kind === "members") {
    const [, how, other] = says as unknown as readonly [
      "members",
      MemberChange["kind"] | "list",
      NodeId,
    ];
    if (how === "list") return encodeAnswer(ok(node.log.membership.members));
    const after = membersAfter(node, { kind: how, node: other });
    if ("refusal" in after) return encodeAnswer(after.refusal);
    return propose(node, name, { kind: "members", members: after.members });
  }
  return encodeAnswer(fail("bad-request", "no such request"));
}

function propose(
  node: RaftNode,
  request: Message,
  operation: Operation,
): Promise<Message> | Message {
  const fate = new Promise<Message>((resolve) => {
    const index = appendHere(node, operation);
    node.waiting.set(index, { request, tell: (told) => resolve(answerOf(node, told)) });
  });
  sendNews(node);
  return has(node, "answer-on-append") && operation.kind === "command"
    ? encodeAnswer(node.machine.read(operation.command))
    : fate;
}

function answerOf(node: RaftNode, fate: Fate): Message {
  if (fate !== undefined) return encodeAnswer(fate);
  if (has(node, "lost-leadership-fails")) {
    return encodeAnswer(fail("deposed", `${node.id} leads no longer`));
  }
  return ["lost"];
}

function read(node: RaftNode, command: Command, current: Promise<boolean>): Promise<Message> {
  return current.then((mayRead) =>
    mayRead ? encodeAnswer(node.machine.read(command)) : notLeader(node),
  );
}

function notLeader({ leader, id }: RaftNode): Message {
  return ["not-leader", leader === undefined || leader === id ? null : leader];
}
