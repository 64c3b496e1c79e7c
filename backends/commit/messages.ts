/** What coordinators and participants say to each other. */
import type { Value } from "../../src/history/value.js";
import type { NodeId } from "../../src/world/network.js";
import type { Step } from "./items.js";

/** The outcome of a transaction. */
export type Outcome = "commit" | "abort";

/** What a participant knows of a transaction. */
export type Phase = "unknown" | "prepared" | "precommitted" | "commit" | "abort";

/** What a coordinator does about a transaction: at it, has committed it, or knows nothing. */
export type Standing = "running" | "commit" | "none";

/** Any message; `transaction` names what it is about. */
export type CommitMessage = { readonly transaction: string } & (
  | {
      /** Can you do this, whatever happens? */
      readonly kind: "prepare";
      readonly steps: readonly Step[];
      /** All that take part. */
      readonly participants: readonly NodeId[];
    }
  | {
      readonly kind: "vote";
      readonly yes: boolean;
      /** Why not. */
      readonly reason: string;
      /** What the steps find, in their order. */
      readonly values: readonly Value[];
    }
  /** Three phases: all have voted yes. */
  | { readonly kind: "precommit" }
  | { readonly kind: "precommitted" }
  | { readonly kind: "decide"; readonly outcome: Outcome }
  | { readonly kind: "decided" }
  /** What was decided? To the coordinator; with three phases to everyone. */
  | { readonly kind: "inquire" }
  /** Three phases: the answer of a participant; whether it was down since it has voted. */
  | { readonly kind: "phase"; readonly phase: Phase; readonly recovered: boolean }
  /** Three phases: what does its coordinator do about it? */
  | { readonly kind: "standing" }
  | { readonly kind: "stands"; readonly standing: Standing }
  /** Three phases: a backup coordinator brings those that are up to where it is itself. */
  | { readonly kind: "align"; readonly phase: "prepared" | "precommitted" }
  | { readonly kind: "aligned" }
);
