/** What a queue whose order is chosen is told, and what its events act on. */
import type { Letter } from "../simulation/event-queue.js";
import type { Insight } from "../world/world.js";
import type { ExploreBounds } from "./bounds.js";
import type { Chooser } from "./chooser.js";
import type { OnLink } from "./cuts.js";
import type { RecognitionOptions } from "./recognition.js";
import type { NamingOptions } from "./waiting.js";

/** How a node goes, with its bound; how it comes back, and the words for coming back or not. */
export const GOINGS = [
  { kind: "kill", budget: "kills", coming: "start", words: ["starts again", "stays away"] },
  {
    kind: "power-loss",
    budget: "powerLosses",
    coming: "start",
    words: ["starts again", "stays away"],
  },
  { kind: "pause", budget: "pauses", coming: "resume", words: ["goes on", "stands still"] },
] as const;

/** How a node goes, or comes. */
export type Act = (typeof GOINGS)[number]["kind" | "coming"];

/** What the events of an exploration act on. */
export interface QueueHandles extends NamingOptions {
  readonly nowNs: number;
  /** Makes a node go, or come, at once. Says whether it did: it may be gone, or there, already. */
  readonly act: (kind: Act, node: string) => boolean;
  readonly onLink: OnLink;
  /** Nothing is left to happen, and all operations have ended. */
  readonly onEnd: () => void;
}

/** Why an execution did not go on to its end. */
export type CutReason = "asleep" | "too-long";

/** A look into the world, and what is known of an execution beside. */
export type Looks = Pick<RecognitionOptions, "history" | "said"> & {
  readonly insight: () => Insight | undefined;
};

/** What a queue is told. */
export interface ChosenQueueOptions {
  readonly chooser: Chooser;
  readonly bounds: ExploreBounds;
  /** A client waits at most so long with an operation, in simulated time. */
  readonly waitMs: number;
  /** The execution is to be given up. */
  readonly onCut: (reason: CutReason) => void;
  /** Something threw that belongs to no node. */
  readonly onError: (error: unknown) => void;
  /** For who compares states. */
  readonly looks?: Looks;
  /**
   * Whether it is at its end when all operations have ended; else what is left happens too, in one
   * order. Default false.
   */
  readonly endsDecided?: boolean;
  /** A message is lost, by choice. */
  readonly onLost?: ((letter: Letter, nowNs: number) => void) | undefined;
}
