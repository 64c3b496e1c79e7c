/**
 * What the nodes say to each other. A ballot is a number that belongs to one node, and a proposal
 * is what a slot of the log shall hold.
 */
import type { ClientOperation } from "../replicated/machine.js";

/** What a slot may hold. */
export type Proposal = {
  /** The ballot under which it was proposed first: tells apart proposals for one slot. */
  readonly origin: number;
  readonly operation:
    | ClientOperation
    /** A read, which has its place in the log as everything else. */
    | { readonly kind: "read" }
    /** Fills a slot that nobody has claimed. */
    | { readonly kind: "nothing" };
};

/** What an acceptor has accepted for a slot. */
export type Accepted = {
  readonly slot: number;
  readonly ballot: number;
  readonly proposal: Proposal;
};

/** Phase 1: promise to accept nothing below this ballot; tell what you have accepted since. */
export type Prepare = { readonly kind: "prepare"; readonly ballot: number; readonly from: number };

/** The promise. */
export type Promised = {
  readonly kind: "promised";
  readonly ballot: number;
  readonly accepted: readonly Accepted[];
};

/** Phase 2: accept this. */
export type Accept = {
  readonly kind: "accept";
  readonly ballot: number;
  readonly slot: number;
  readonly proposal: Proposal;
};

/** It is accepted. */
export type Acceptance = {
  readonly kind: "accepted";
  readonly ballot: number;
  readonly slot: number;
};

/** Refused: there is a promise of this higher ballot. */
export type Refusal = { readonly kind: "refused"; readonly ballot: number };

/** These slots are chosen; `from` on, without a gap. */
export type Chosen = {
  readonly kind: "chosen";
  readonly from: number;
  readonly proposals: readonly Proposal[];
};

/** The leader of this ballot lives, and knows everything before `next` to be chosen. */
export type Heartbeat = {
  readonly kind: "heartbeat";
  readonly ballot: number;
  readonly next: number;
};

/** Everything from this slot on is missing here. */
export type Missing = { readonly kind: "missing"; readonly from: number };

/** Any of them. */
export type PaxosMessage =
  | Prepare
  | Promised
  | Accept
  | Acceptance
  | Refusal
  | Chosen
  | Heartbeat
  | Missing;
