/**
 * Answers that need not be asked for again, because they have to be the same: at every event of a
 * run each generator is asked, and nearly all of them wait for their time.
 *
 * A generator that waits waits for its wake time or for an event (rules 4 and 5 of `ask.ts`). So
 * the same one, with the same workers of whom the same are free, gives the same answer until then;
 * but one that draws is asked each time, for the stream would else be elsewhere.
 */
import type { Process } from "../history/operation.js";
import type { GeneratorContext, Step } from "./generator.js";

/** A pending answer, and for how long it stands. */
export interface Standing {
  readonly step: Step;
  readonly processes: readonly Process[];
  /** Those who were free, as the same list; undefined where the answer does not go by them. */
  readonly free: readonly Process[] | undefined;
  readonly fromNs: number;
  readonly untilNs: number;
}

/** Whether it is still the answer. */
export function stands(
  standing: Standing,
  { timeNs, processes }: GeneratorContext,
  free: readonly Process[] | undefined,
): boolean {
  return (
    standing.processes === processes &&
    standing.free === free &&
    timeNs >= standing.fromNs &&
    timeNs < standing.untilNs
  );
}
