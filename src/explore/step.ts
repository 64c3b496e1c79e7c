/**
 * The steps of an execution, and which of them may change places without anybody noticing.
 *
 * A step is one event with all that follows from it at once, and it happens at one place: a node,
 * or a client. Steps at different places commute, with one exception: whether an operation began
 * before another had ended is in the history, so what begins one does not commute with what may end
 * one.
 *
 * All this must be known of an event before it happens. What is only seen when it has happened may
 * differ with what came before it at its place, and the search would then take orders for tried
 * that are not.
 */

/** An event that can happen now. */
export interface Candidate {
  /** The same in all executions that differ in independent steps only. */
  readonly id: string;
  readonly place: string;
  /** Whether it begins an operation, or may end one; absent when neither. */
  readonly operation?: "begins" | "ends" | undefined;
  /** The index of the step that it follows from; -1 for what was there at the start. */
  readonly creator: number;
  /** Whether putting it off is no delay: a fault comes at any moment. */
  readonly free?: true;
}

/** A step of an execution. */
export interface Step extends Candidate {
  /** How often time had passed before; between two stretches nothing changes places. */
  readonly stretch: number;
}

/** What the order of an event and another depends on. */
export type Placed = Pick<Candidate, "place" | "operation">;

/** Whether the order of two events matters. */
export function areDependent(a: Placed, b: Placed): boolean {
  if (a.place === b.place) return true;
  return a.operation !== undefined && b.operation !== undefined && a.operation !== b.operation;
}
