/** The bugs that `crdt` can be given, one at a time, and where each is known from. */
import type { KnownBugs } from "../replicated/known-bug.js";

/** A bug of `crdt`. */
export type CrdtVariant =
  | "removed-come-back"
  | "counter-in-one-slot"
  | "counter-merged-by-sum"
  | "ties-unbroken"
  | "wall-clock"
  | "merge-replaces"
  | "no-repair";

const STUDY = "Shapiro et al., A Comprehensive Study of Convergent and Commutative RDTs, 2011";

/** Every variant by name. */
export const CRDT_VARIANTS: KnownBugs<CrdtVariant> = {
  "removed-come-back": {
    description: "a removal leaves no trace, so that a merge brings the element back",
    source: `${STUDY}, section 3.3.2; the shopping cart of DeCandia et al., Dynamo, SOSP 2007`,
  },
  "counter-in-one-slot": {
    description: "all nodes count in one slot, and the larger one wins",
    source: `${STUDY}, section 3.1.1: a vector with an entry for each replica`,
  },
  "counter-merged-by-sum": {
    description: "what nodes have counted is added up again at each merge",
    source: `${STUDY}, section 2.2.2: merges have to be idempotent`,
  },
  "ties-unbroken": {
    description: "of two values with one timestamp each node keeps its own",
    source: `${STUDY}, section 3.2.1: timestamps are unique and totally ordered`,
  },
  "wall-clock": {
    description:
      "writes are stamped by wall clocks, and a later one loses to a clock that is ahead",
    source: "Kingsbury, Jepsen: Cassandra, 2013: last write wins, by clocks that are not in step",
  },
  "merge-replaces": {
    description: "the state of another node takes the place of one's own",
    source: `${STUDY}, section 2.2.2: a merge is the least upper bound of both`,
  },
  "no-repair": {
    description: "each change is told once, and what is lost on the way is never told again",
    source: "Demers et al., Epidemic Algorithms, PODC 1987: direct mail needs anti-entropy",
  },
};
