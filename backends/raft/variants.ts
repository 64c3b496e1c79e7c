/**
 * The bugs that `raft` can be given, one at a time. Each is one condition in the code; here is what
 * it is and where it is known from.
 */

import type { KnownBugs } from "../replicated/known-bug.js";

/** A bug of `raft`. */
export type RaftVariant =
  | "vote-not-persisted"
  | "double-vote"
  | "votes-any-log"
  | "longest-log-wins"
  | "minority-quorum"
  | "old-term-commit"
  | "commit-past-match"
  | "answer-on-append"
  | "ack-wrong-follower"
  | "ack-counts-unsent"
  | "prev-term-unchecked"
  | "stale-leader-accepted"
  | "truncates-always"
  | "ack-before-fsync"
  | "no-fsync"
  | "torn-accepted"
  | "local-reads"
  | "follower-reads"
  | "read-before-noop"
  | "lease-wall-clock"
  | "lease-outlives-election"
  | "duplicates-applied"
  | "snapshot-without-sessions"
  | "snapshot-mislabelled"
  | "stale-snapshot-installed"
  | "lost-leadership-fails"
  | "two-changes-at-once"
  | "change-before-noop";

const DISSERTATION = "Ongaro, Consensus: Bridging Theory and Practice, 2014";
const PAPER = "Ongaro & Ousterhout, In Search of an Understandable Consensus Algorithm, 2014";
const GUIDE = "Gjengset, Students' Guide to Raft, 2016";

/** Every variant by name. */
export const RAFT_VARIANTS: KnownBugs<RaftVariant> = {
  "vote-not-persisted": {
    description: "term and vote are forgotten in a crash, so that two leaders can have one term",
    source: `${PAPER}, figure 2: currentTerm and votedFor are persistent state`,
  },
  "double-vote": {
    description: "a node votes for every candidate of a term that asks",
    source: `${PAPER}, section 5.2: at most one vote in a term, first-come-first-served`,
  },
  "votes-any-log": {
    description: "votes go to candidates whose log lacks committed entries",
    source: `${PAPER}, section 5.4.1: the election restriction`,
  },
  "longest-log-wins": {
    description: "logs are compared by their length and not by the term of their last entry",
    source: `${PAPER}, section 5.4.1: the later term is more up-to-date, whatever the length`,
  },
  "minority-quorum": {
    description: "half of the nodes, rounded down, are taken for a majority",
    source: "the off-by-one of majorities: floor(n / 2) where floor(n / 2) + 1 is meant",
  },
  "old-term-commit": {
    description: "entries of older terms are committed by counting replicas",
    source: `${PAPER}, section 5.4.2 and figure 8`,
  },
  "commit-past-match": {
    description: "a follower commits what the leader has, though its own log may differ there",
    source: `${PAPER}, figure 2: min(leaderCommit, index of last new entry); ${GUIDE}`,
  },
  "answer-on-append": {
    description: "the leader answers before its entry is on a majority",
    source: `${PAPER}, section 5.3: the result is returned once the entry is committed`,
  },
  "ack-wrong-follower": {
    description: "an acknowledgement is credited to the follower that was sent to last",
    source: "Maelstrom's demo python/raft.py: a loop variable that is bound late",
  },
  "ack-counts-unsent": {
    description: "an acknowledgement is taken for all that the leader has by then",
    source: `${GUIDE}: matchIndex is prevLogIndex + entries.length of the request, nothing else`,
  },
  "prev-term-unchecked": {
    description: "a follower looks at the index of the previous entry and not at its term",
    source: `${PAPER}, section 5.3: the log matching property`,
  },
  "stale-leader-accepted": {
    description: "entries of a leader that was deposed are still accepted",
    source: `${PAPER}, figure 2: reply false if term < currentTerm`,
  },
  "truncates-always": {
    description: "a late message cuts off entries that were acknowledged after it was sent",
    source: `${GUIDE}: truncate only on a conflict`,
  },
  "ack-before-fsync": {
    description: "followers acknowledge entries before their disks have them",
    source: `${DISSERTATION}, section 3.8; Alagappan et al., Protocol-Aware Recovery, FAST 2018`,
  },
  "no-fsync": {
    description: "nothing is ever forced to the disk",
    source: "Redis Raft and etcd with unsafe-no-fsync: data is lost with the power",
  },
  "torn-accepted": {
    description: "a torn record at the end of the log is repaired instead of dropped",
    source: "Alagappan et al., Protocol-Aware Recovery, FAST 2018: truncated and patched logs",
  },
  "local-reads": {
    description: "whoever takes itself for the leader reads without asking the others",
    source: `${DISSERTATION}, section 6.4; Jepsen, etcd and Consul, 2014: stale reads`,
  },
  "follower-reads": {
    description: "every node answers reads from its own state",
    source: "Jepsen, etcd 0.4.1, 2014: reads are served by any node",
  },
  "read-before-noop": {
    description: "a new leader reads before it knows what is committed",
    source: `${DISSERTATION}, section 6.4, step 1: an entry of its own term has to be committed`,
  },
  "lease-wall-clock": {
    description: "leases are given and kept by the wall clocks of different nodes",
    source: `${DISSERTATION}, section 6.4.1; Jepsen, YugabyteDB and CockroachDB: clock skew`,
  },
  "lease-outlives-election": {
    description:
      "a lease lasts longer than the silence after which the others elect another leader",
    source: `${DISSERTATION}, section 6.4.1: the lease ends before any election time-out`,
  },
  "duplicates-applied": {
    description: "a request that a client repeats is carried out again",
    source: `${DISSERTATION}, section 6.3: sessions and sequence numbers`,
  },
  "snapshot-without-sessions": {
    description: "snapshots have no sessions, so that a repeated request is carried out again",
    source: `${DISSERTATION}, section 6.3: sessions are part of the state machine`,
  },
  "snapshot-mislabelled": {
    description: "a snapshot claims to hold the whole log, though only a part of it is applied",
    source: `${DISSERTATION}, section 5.1: the last included index is the last applied`,
  },
  "stale-snapshot-installed": {
    description: "a snapshot that comes late takes the state back",
    source: `${DISSERTATION}, figure 5.3; etcd: snapshots older than the commit index are ignored`,
  },
  "lost-leadership-fails": {
    description: "an entry whose leader was deposed is reported as failed, and may yet happen",
    source: "Jepsen: indeterminate results that are reported as definite failures",
  },
  "two-changes-at-once": {
    description: "a change of the members does not wait until the last one is committed",
    source: `${DISSERTATION}, section 4.1: majorities of neighbouring configurations overlap`,
  },
  "change-before-noop": {
    description: "a new leader changes the members before it has committed an entry of its term",
    source: "Ongaro, bug in single-server membership changes, raft-dev, July 2015",
  },
};
