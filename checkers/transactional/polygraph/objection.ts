/** What an order that is otherwise an answer does not explain, and what follows from that. */

/** A cycle of an order, and the literals that it follows from. */
export interface Objection {
  readonly literals: readonly number[];
  readonly cycle: readonly number[];
}
