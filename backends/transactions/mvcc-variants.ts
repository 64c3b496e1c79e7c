/** The bugs that `mvcc` can be given, one at a time, and where each is known from. */
import type { KnownBugs } from "../replicated/known-bug.js";
import type { MvccIsolation } from "./mvcc-engine.js";

/** A bug of `mvcc`. */
export type MvccVariant =
  | "last-committer-wins"
  | "late-snapshot"
  | "fractured-snapshot"
  | "installed-too-soon"
  | "own-writes-unseen"
  | "long-fork"
  | "ssi-later-writes-missed"
  | "ssi-readers-forgotten"
  | "ssi-phantoms"
  | "stale-snapshot"
  | "cursor-unchecked"
  | "cursor-follows-rereads";

const CRITIQUE = "Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995";
const CAHILL = "Cahill, Röhm, Fekete, Serializable Isolation for Snapshot Databases, 2008";
const ADYA = "Adya, Weak Consistency, 1999";

/** Every variant by name. */
export const MVCC_VARIANTS: KnownBugs<MvccVariant> = {
  "last-committer-wins": {
    description: "snapshot isolation that does not look whether others wrote the same rows",
    source: `${CRITIQUE}, section 4.2: first committer wins; P4: lost updates`,
  },
  "late-snapshot": {
    description: "snapshot isolation with a snapshot for each statement",
    source: `${CRITIQUE}, A5A: read skew; Oracle's and PostgreSQL's read committed`,
  },
  "fractured-snapshot": {
    description: "a snapshot of two shards whose halves are not taken at once",
    source:
      "Bailis et al., Scalable Atomic Visibility with RAMP Transactions, 2014: fractured reads",
  },
  "installed-too-soon": {
    description: "a transaction's rows are there before it is decided that it may commit",
    source: `${ADYA}, G1a: aborted reads; Jepsen: MongoDB 4.2.6, 2020`,
  },
  "own-writes-unseen": {
    description: "a transaction does not see what it has written itself",
    source: `internal consistency of Cerone, Bernardi, Gotsman, A Framework for Transactional Consistency Models, 2015`,
  },
  "long-fork": {
    description: "two sites that hear of each other's commits later: parallel snapshot isolation",
    source:
      "Sovran et al., Transactional Storage for Geo-Replicated Systems, 2011, section 4; Jepsen: Amazon RDS for PostgreSQL 17.4, 2025",
  },
  "ssi-later-writes-missed": {
    description: "serializable, but a reader of an old version does not mind who wrote the next",
    source: `${CAHILL}, section 3.2: an edge is noticed by whoever of the two comes second`,
  },
  "ssi-readers-forgotten": {
    description: "serializable, but who has committed is forgotten as a reader",
    source: `${CAHILL}, section 3.3: readers are kept until all who were concurrent are done`,
  },
  "ssi-phantoms": {
    description: "serializable, but reads by predicate are remembered by the rows they found",
    source: `${CAHILL}, section 3.5: phantoms; ${ADYA}, G2 beside G2-item`,
  },
  "stale-snapshot": {
    description: "strict serializable, but with snapshots that lag behind",
    source:
      "Elnikety, Zwaenepoel, Pedone, Database Replication Using Generalized Snapshot Isolation, 2005",
  },
  "cursor-unchecked": {
    description:
      "cursor stability that does not look whether the row has changed since it was read",
    source: `${CRITIQUE}, section 4.1, P4C: lost updates through cursors`,
  },
  "cursor-follows-rereads": {
    description: "cursor stability that compares a row with how it was read last, not first",
    source: `${ADYA}, G-cursor: what was read at first was overwritten before the write`,
  },
};

/** The level that each bug breaks. */
export const MVCC_VARIANT_LEVELS: { readonly [variant in MvccVariant]: MvccIsolation } = {
  "last-committer-wins": "snapshot-isolation",
  "late-snapshot": "snapshot-isolation",
  "fractured-snapshot": "snapshot-isolation",
  "installed-too-soon": "snapshot-isolation",
  "own-writes-unseen": "snapshot-isolation",
  "long-fork": "snapshot-isolation",
  "ssi-later-writes-missed": "serializable",
  "ssi-readers-forgotten": "serializable",
  "ssi-phantoms": "serializable",
  "stale-snapshot": "strict-serializable",
  "cursor-unchecked": "cursor-stability",
  "cursor-follows-rereads": "cursor-stability",
};
