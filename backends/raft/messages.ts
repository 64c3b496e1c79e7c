/**
 * What nodes say to each other. There are no requests and answers: each message stands for itself
 * and carries its term, so that one that comes late is known for what it is.
 */
import type { Value } from "../../src/history/value.js";
import type { NodeId } from "../../src/world/network.js";
import type { Entry } from "./log.js";

/** Asks for a vote; with `pre`, whether there would be one. */
export type VoteRequest = {
  readonly kind: "vote-request";
  readonly pre: boolean;
  /** The candidate's term; with `pre` the one that it would have. */
  readonly term: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
};

/** A vote, or its refusal. */
export type Vote = {
  readonly kind: "vote";
  readonly pre: boolean;
  readonly term: number;
  readonly granted: boolean;
};

/** Entries that follow `prevIndex`; without any, a heartbeat. */
export type Append = {
  readonly kind: "append";
  readonly term: number;
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry[];
  /** What the leader has committed. */
  readonly commit: number;
  /** Comes back with the answer: who answers it took the sender for the leader after it. */
  readonly round: number;
  /** Comes back with the answer: which message it is about. */
  readonly number: number;
};

/** A snapshot for a follower that lacks entries which are no longer in the log. */
export type Install = {
  readonly kind: "install";
  readonly term: number;
  readonly index: number;
  readonly lastTerm: number;
  readonly members: readonly NodeId[];
  readonly state: Value;
  readonly round: number;
  readonly number: number;
};

/** The answer to `Append` and `Install`. */
export type Acknowledgement = {
  readonly kind: "ack";
  readonly term: number;
  readonly round: number;
  readonly number: number;
  /** Whether the follower's log is the leader's up to `match`; else where to go on. */
  readonly success: boolean;
  readonly match: number;
  /** Until when the follower will not vote, by its own wall clock; read by a variant only. */
  readonly promisedMs: number;
};

/** Any of them. */
export type RaftMessage = VoteRequest | Vote | Append | Install | Acknowledgement;
