/**
 * Who chooses what happens next, where more than one thing can: a search through all choices, or a
 * list of choices that were made before.
 */
import type { Look } from "./sighting.js";
import type { Candidate } from "./step.js";

/** Makes the choices of one execution after the other. */
export interface Chooser {
  /**
   * Which of these events is next, as an index; undefined to give this execution up, for nothing
   * new can come of it. `stretch` counts how often time has passed.
   */
  schedule(candidates: readonly Candidate[], stretch: number, look: Look): number | undefined;
  /**
   * Which of these is to be the case, as an index; the first one is how it usually is. What is
   * chosen belongs to the last step.
   */
  choose(options: readonly string[]): number;
  /** The last step has seen to it that this event cannot happen any more. */
  disable(id: string): void;
}
