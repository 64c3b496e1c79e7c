/** The bugs that `locking` can be given, one at a time, and where each is known from. */
import type { KnownBugs } from "../replicated/known-bug.js";
import type { LockingIsolation } from "./locking-engine.js";

/** A bug of `locking`. */
export type LockingVariant =
  | "dirty-reads"
  | "dirty-writes"
  | "undo-forgotten"
  | "short-read-locks"
  | "upgrade-gap"
  | "phantoms"
  | "cursor-released-early"
  | "left-rows-unchecked";

const CRITIQUE = "Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995";
const BERNSTEIN = "Bernstein, Hadzilacos, Goodman, Concurrency Control and Recovery, 1987";

/** Every variant by name. */
export const LOCKING_VARIANTS: KnownBugs<LockingVariant> = {
  "dirty-reads": {
    description: "read committed without read locks: what is not committed is seen",
    source: `${CRITIQUE}, P1; WITH (NOLOCK) of SQL Server`,
  },
  "dirty-writes": {
    description: "write locks end with the statement: others write over what is not committed",
    source: `${CRITIQUE}, P0; degree 0 of Gray et al., Granularity of Locks, 1976`,
  },
  "undo-forgotten": {
    description: "what a transaction wrote stays when it aborts",
    source: `${BERNSTEIN}, section 1.2: recoverability; G1a of Adya, Weak Consistency, 1999`,
  },
  "short-read-locks": {
    description: "serializable, but read locks on rows end with the statement",
    source: `${CRITIQUE}, P2: fuzzy reads; ${BERNSTEIN}, section 3.1: not two-phase`,
  },
  "upgrade-gap": {
    description: "a read lock is given back before the write lock on the same row is there",
    source: `${CRITIQUE}, P4: lost updates; ${BERNSTEIN}, section 3.2: conversions`,
  },
  phantoms: {
    description: "serializable, but a read by predicate locks only the rows that it finds",
    source: `Eswaran et al., The Notions of Consistency and Predicate Locks, 1976; ${CRITIQUE}, P3`,
  },
  "cursor-released-early": {
    description: "cursor stability whose lock on the row read last ends with the statement",
    source: `Date, An Introduction to Database Systems, 1990: cursor stability; ${CRITIQUE}, P4C: lost updates through cursors`,
  },
  "left-rows-unchecked": {
    description: "cursor stability that writes a row which has changed since its cursor left it",
    source: `${CRITIQUE}, section 4.1: rows that a cursor has left are not protected; Adya, Weak Consistency, 1999, G-cursor`,
  },
};

/** The level that each bug breaks. */
export const LOCKING_VARIANT_LEVELS: { readonly [variant in LockingVariant]: LockingIsolation } = {
  "dirty-reads": "read-committed",
  "dirty-writes": "serializable",
  "undo-forgotten": "serializable",
  "short-read-locks": "serializable",
  "upgrade-gap": "serializable",
  phantoms: "serializable",
  "cursor-released-early": "cursor-stability",
  "left-rows-unchecked": "cursor-stability",
};
