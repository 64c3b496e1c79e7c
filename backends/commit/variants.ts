/** The bugs that `two-phase-commit` can be given, one at a time, and where each is known from. */
import type { KnownBugs } from "../replicated/known-bug.js";

/** A bug of `twoPhaseCommit`. */
export type CommitVariant =
  | "coordinator-forgets"
  | "prepared-forgotten"
  | "aborts-alone"
  | "commits-alone"
  | "locks-released-early"
  | "reads-unlocked"
  | "majority-commits"
  | "silence-is-consent"
  | "applied-again"
  | "votes-before-fsync";

const GRAY = "Gray, Notes on Data Base Operating Systems, 1978";
const CONSENSUS = "Gray & Lamport, Consensus on Transaction Commit, 2006";
const BERNSTEIN =
  "Bernstein, Hadzilacos, Goodman, Concurrency Control and Recovery, 1987, chapter 7";

/** Every variant by name. */
export const COMMIT_VARIANTS: KnownBugs<CommitVariant> = {
  "coordinator-forgets": {
    description: "a coordinator tells that it commits before its disk knows it",
    source: `${CONSENSUS}, section 3.2: the decision is written to stable storage first`,
  },
  "prepared-forgotten": {
    description: "what a participant has prepared is lost when it crashes",
    source: `${GRAY}, section 5.8.3.3: a participant that has voted can go either way after a restart`,
  },
  "aborts-alone": {
    description: "a participant that hears nothing aborts though it has voted to commit",
    source: `${BERNSTEIN}: heuristic decisions; XA's XA_HEURRB`,
  },
  "commits-alone": {
    description: "a participant that hears nothing commits though nobody told it to",
    source: `${BERNSTEIN}: heuristic decisions; XA's XA_HEURCOM`,
  },
  "locks-released-early": {
    description: "locks are released when a participant has voted, before the decision",
    source: `${BERNSTEIN}: strict two-phase locking holds them to the end`,
  },
  "reads-unlocked": {
    description: "reads take no locks, and see one account before a transfer and one after it",
    source: `${BERNSTEIN}: two-phase locking; Berenson et al., A Critique of ANSI SQL, 1995: read skew`,
  },
  "majority-commits": {
    description: "a coordinator commits when most participants have voted for it",
    source: `${CONSENSUS}, section 2: one vote against it is enough to abort`,
  },
  "silence-is-consent": {
    description: "a vote that does not come counts as one for it",
    source: `${CONSENSUS}, section 2: commit only when all have prepared`,
  },
  "applied-again": {
    description: "a decision that is repeated is carried out again",
    source: `${GRAY}, section 5.8: redo must be idempotent`,
  },
  "votes-before-fsync": {
    description: "participants vote before their disks have what they prepared",
    source: `${CONSENSUS}, section 3.2: prepared state is written to stable storage first`,
  },
};
