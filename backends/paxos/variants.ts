/** The bugs that `multi-paxos` can be given, one at a time, and where each is known from. */
import type { KnownBugs } from "../replicated/known-bug.js";

/** A bug of `multiPaxos`. */
export type PaxosVariant =
  | "accepts-below-promise"
  | "promise-not-persisted"
  | "acceptance-not-synced"
  | "adopts-oldest-value"
  | "ignores-accepted"
  | "minority-quorum"
  | "ballots-without-node"
  | "gaps-skipped"
  | "local-reads"
  | "duplicates-applied"
  | "lost-leadership-fails";

const SIMPLE = "Lamport, Paxos Made Simple, 2001";
const MODERATE = "van Renesse & Altinbuken, Paxos Made Moderately Complex, 2015";
const LIVE = "Chandra, Griesemer, Redstone, Paxos Made Live, 2007";

/** Every variant by name. */
export const PAXOS_VARIANTS: KnownBugs<PaxosVariant> = {
  "accepts-below-promise": {
    description: "an acceptor accepts proposals below what it has promised",
    source: `${SIMPLE}, P1a: an acceptor can accept a proposal iff it has not promised not to`,
  },
  "promise-not-persisted": {
    description: "promises are forgotten in a crash",
    source: `${SIMPLE}, section 2.2: an acceptor must remember its promise even if it fails`,
  },
  "acceptance-not-synced": {
    description: "acceptors answer before their disks have what they accepted",
    source: `${LIVE}, section 5.1: disk corruption and missing flushes`,
  },
  "adopts-oldest-value": {
    description:
      "a new leader proposes the value of the lowest ballot that was accepted, not of the highest",
    source: `${SIMPLE}, P2c: the value of the highest-numbered proposal`,
  },
  "ignores-accepted": {
    description: "a new leader proposes nothing in the place of what was accepted",
    source: `${SIMPLE}, P2: what may have been chosen has to be proposed again`,
  },
  "minority-quorum": {
    description: "half of the nodes, rounded down, are taken for a majority",
    source: "the off-by-one of majorities: floor(n / 2) where floor(n / 2) + 1 is meant",
  },
  "ballots-without-node": {
    description: "two nodes can propose under the same ballot",
    source: `${MODERATE}, section 2: ballots are pairs of a number and a leader`,
  },
  "gaps-skipped": {
    description: "what is chosen is applied at once, before what stands before it",
    source: `${MODERATE}, section 1: replicas perform decisions in the order of their slots`,
  },
  "local-reads": {
    description: "whoever takes itself for the leader reads without asking the others",
    source: `${LIVE}, section 5.2: reads need a lease or an instance of their own`,
  },
  "duplicates-applied": {
    description: "a request that a client repeats is carried out again",
    source: `${MODERATE}, section 1: the same command can be decided in two slots`,
  },
  "lost-leadership-fails": {
    description: "a command whose leader was deposed is reported as failed, and may yet happen",
    source: "Jepsen: indeterminate results that are reported as definite failures",
  },
};
