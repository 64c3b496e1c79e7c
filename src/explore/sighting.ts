/**
 * What is seen of a state: enough to know it again, however it was reached.
 *
 * Events have names of two kinds. That of `Candidate` follows from how an execution got here, and
 * finds the event again in an execution of the same choices. The one here follows from the state:
 * equal in equal states, so that what is known of an event in one execution holds in another.
 */

/** A state, between two steps. */
export interface Sighting {
  /** Equal for states from which the same can happen, and of which the same has been seen. */
  readonly digest: string;
  /**
   * Equal for states in which clients have seen the same, nodes have said the same last in their
   * logs, the same of them are down, and as much may still go wrong. It only decides what is tried
   * first.
   */
  readonly situation: string;
  /** Of each candidate; undefined where another candidate could not be told from it. */
  readonly names: readonly (string | undefined)[];
}

/** Looks at a state. */
export interface Look {
  /**
   * The index of a candidate that changes nothing and never will, as an answer for which nobody
   * waits; undefined for none.
   */
  idle(): number | undefined;
  sighting(): Sighting;
}
