/**
 * Session guarantees for registers (Terry et al. 1994), as Viotti & Vukolić 2016 (section 3.3)
 * define them: there is what is *visible* to each read, and one *arbitration*, an order of all
 * writes; each read returns the last write to its key, in that order, of those that are visible to
 * it.
 *
 * - read-your-writes: what a session wrote is visible to what it reads later;
 * - monotonic-reads: what was visible to a read is visible to what its session reads later;
 * - monotonic-writes: arbitration keeps what a session wrote in its order;
 * - writes-follow-reads: arbitration puts what was visible to a read before what its session writes
 *   later.
 *
 * Several of them hold together when one visibility and one arbitration serve them all, which is
 * more than each on its own. The last two alone say little about what is read: no register breaks
 * monotonic-writes but by a value from nowhere, or writes-follow-reads but by that and by reads of
 * what is written only because of them. They mean something beside the others. That arbitration is
 * one for all sessions has a consequence: pipelined RAM, where each session may have its own, does
 * not imply read-your-writes.
 *
 * Of objects that are no registers, whatever is no read-only operation is a write, and everything
 * that completed is a read: its result must be right after what is visible to it, in the order of
 * arbitration, with the results of others unknown. Where results are always right, as that of a
 * blind append, this demands nothing. (With read-your-writes and writes-follow-reads it orders a
 * session's own writes, as monotonic-writes does.) An operation need not be visible to itself.
 *
 * ```
 * read-your-writes   0  write x 1   read x → null          monotonic-reads   0  write x 1
 *                                                                            1  read x → 1   read x → null
 * monotonic-writes (with monotonic-reads)                  writes-follow-reads (with
 * monotonic-reads)
 *   0  write x 1   write x 2                                 0  write x 1
 *   1  read x → 2  read x → 1                                1  read x → 1   write x 2
 *                                                            2  read x → 2   read x → 1
 * ```
 */
import type { Checker } from "../src/checker/checker.js";
import { levelOf } from "../src/consistency/lattice.js";
import type { SessionGuarantee } from "../src/verdict/certificate.js";
import { judgeObject } from "./causal/objects/judge.js";
import { namedOrder } from "./causal/proof.js";
import { judge, type Promised, type RegisterOptions, type Said } from "./causal/judge.js";
import { decideSessions } from "./sessions/decide.js";

/** All session guarantees. */
export const SESSION_GUARANTEES: readonly SessionGuarantee[] = [
  "read-your-writes",
  "monotonic-reads",
  "monotonic-writes",
  "writes-follow-reads",
];

/** Options of `sessions`. */
export interface SessionsOptions extends RegisterOptions {
  /** What is promised, together; default all four. */
  readonly guarantees?: readonly SessionGuarantee[];
}

/** Decides whether session guarantees hold together, with evidence either way. */
export function sessions(options: SessionsOptions): Checker {
  const { guarantees = SESSION_GUARANTEES } = options;
  const [first] = guarantees;
  const isAlone = guarantees.length === 1 && first !== undefined;
  const name = isAlone ? first : "session-guarantees";
  const promised: Promised<Int32Array> = {
    name,
    promise: guarantees,
    holds: `one order of writes explains every read, with ${guarantees.join(", ")}`,
    patterns: PATTERNS,
    decide: (registers, meter) => decideSessions(registers, guarantees, meter),
    objects: (history, budget) => {
      const { model, nothingCompleted = "unknown" } = options;
      return judgeObject(history, { model, name, promise: guarantees, nothingCompleted }, budget);
    },
    certify: (registers, order, about) => ({
      kind: "arbitration",
      promise: guarantees,
      ...about,
      order: namedOrder(registers, order),
    }),
  };
  return {
    name,
    description: levelOf(name).says,
    check: (history, budget) => judge(history, promised, { options, budget }),
  };
}

const PATTERNS: { readonly [pattern: string]: Said } = {
  "thin-air-read": { kind: "thin-air-read", says: "A read of a value that nobody wrote" },
  "read-your-writes": {
    kind: "read-your-writes-violation",
    says: "A session read what its own write had overwritten",
  },
  "monotonic-reads": {
    kind: "monotonic-reads-violation",
    says: "A session read what it had seen overwritten",
  },
};
