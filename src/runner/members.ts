/**
 * The handle of a system that can change its members while it works, for the nemesis of members.
 */
import type { ClientEndpoint } from "../world/world.js";
import type { NodeId } from "../world/network.js";

/** A change of one member. */
export interface MemberRequest {
  readonly kind: "add" | "remove";
  readonly node: NodeId;
}

/** Changes members; every call asks one node, and none throws. */
export interface MemberControl {
  /** Who the members are, as this node says; undefined when it does not know or does not answer. */
  list(at: NodeId): Promise<readonly NodeId[] | undefined>;
  /** Whether this node says that it was done; no answer is no. */
  change(at: NodeId, request: MemberRequest): Promise<boolean>;
  /** Gives the system time to make up its mind. */
  sleep(ms: number): Promise<void>;
}

/** What a handle is made from. */
export interface MemberOptions {
  readonly endpoint: ClientEndpoint;
  /** How long one node has for its answer. */
  readonly timeoutMs: number;
}
