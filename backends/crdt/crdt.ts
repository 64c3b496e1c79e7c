/**
 * What replicated data types have in common (Shapiro et al., "Conflict-free Replicated Data Types",
 * SSS 2011, state-based): a state that only grows in some order, and a merge that is the least
 * upper bound of two states. So it does not matter in which order, how late or how often states
 * arrive.
 */
import type { Value } from "../../src/history/value.js";
import type { CrdtVariant } from "./variants.js";

/** Who calls. */
export interface Caller {
  /** The node and its incarnation: what is counted or tagged by it is nobody else's. */
  readonly slot: string;
  /** A number that grows with everything that the node does or hears of (a Lamport clock). */
  readonly tick: () => number;
  readonly variant: CrdtVariant | null;
}

/** One replica of an object. */
export interface Crdt {
  /** Calls a function; undefined when there is none of this name. */
  call(f: string, argument: Value, caller: Caller): { readonly value: Value } | undefined;
  /** The state, as it travels. */
  state(): Value;
  /** Takes in the state of another replica. */
  merge(state: Value): void;
}
