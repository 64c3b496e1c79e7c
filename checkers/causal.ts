/**
 * Causal consistency of registers, in its three strengths, and pipelined RAM (Bouajjani, Enea,
 * Guerraoui & Hamza, POPL 2017, sections 3 and 4). Operations precede others causally by the order
 * of their session, and when they read what others wrote.
 *
 * - `causal` (CC): what a read sees is some order of what precedes it causally.
 * - `causal-convergence` (CCv): and that order is one for all.
 * - `causal-memory` (CM): or one for each session, in which all its reads are explained.
 * - `pram`: as causal memory, but only the order of sessions counts.
 *
 * Where each value is written once to a key, the values say who read from whom, and each of these
 * is decided in polynomial time by its bad patterns: near linear for CC and CCv
 * (causal/visible-writes.ts, causal/arbitration.ts) and for each session of CM (causal/views.ts).
 *
 * ```
 * causality-cycle (CyclicCO)                  causally-overwritten-read (WriteCORead)
 *   0  read y → 1   write x 1                   0  write x 1   write x 2
 *   1  read x → 1   write y 1                   1                 read x → 2   read x → 1
 *
 * thin-air-read (ThinAirRead)                 stale-initial-read (WriteCOInitRead)
 *   0  read x → 7         nobody wrote it       0  write x 1   write y 1
 *                                               1                 read y → 1   read x → null
 *
 * diverging-writes (CyclicCF)                 view-cycle (CyclicHB)
 *   0  write x 1   read x → 2                   0  write x 1
 *   1  write x 2   read x → 1                   1  write x 2   read x → 1   read x → 2
 *
 * stale-initial-view (WriteHBInitRead)
 *   0  write y 1   write x 1   write z 1
 *   1  write x 2   read y → null   read z → 1   read x → 2
 * ```
 */
import type { Checker } from "../src/checker/checker.js";
import { levelOf } from "../src/consistency/lattice.js";
import type { Certificate } from "../src/verdict/certificate.js";
import { decideCausal, type CausalLevel, type Explained } from "./causal/decide.js";
import { judgeObject } from "./causal/objects/judge.js";
import { namedOrder } from "./causal/proof.js";
import { judge, type Promised, type RegisterOptions, type Said } from "./causal/judge.js";

/** Options of `causal`. */
export interface CausalOptions extends RegisterOptions {
  /** What is promised; default `"causal"`. */
  readonly level?: CausalLevel;
}

/** What holds when the answer is valid. */
const HOLDS: { readonly [level in CausalLevel]: string } = {
  causal: "no read reads what was overwritten causally before it",
  "causal-convergence": "one order of writes explains every read by what precedes it causally",
  "causal-memory": "for each session an order that keeps causality explains all its reads",
  pram: "for each session an order that keeps all sessions explains its reads",
};

/** Decides whether registers are causally consistent, with evidence either way. */
export function causal(options: CausalOptions): Checker {
  const { level = "causal" } = options;
  const promised: Promised<Explained> = {
    name: level,
    promise: level,
    holds: HOLDS[level],
    patterns: PATTERNS,
    decide: (registers, meter) => decideCausal(registers, level, meter),
    objects: (history, budget) => {
      const { model, nothingCompleted = "unknown" } = options;
      return judgeObject(history, { model, name: level, promise: level, nothingCompleted }, budget);
    },
    certify: (registers, explained, about): Certificate => {
      if (explained.kind === "order") {
        const promise = level === "causal-convergence" ? level : "causal";
        const order = namedOrder(registers, explained.order);
        return { kind: "causal-order", promise, ...about, order };
      }
      const views = explained.views.map(({ of, order }) => ({
        of: registers.invocations[of] as number,
        order: namedOrder(registers, order),
      }));
      const promise = level === "pram" ? level : "causal-memory";
      return { kind: "views", promise, ...about, views };
    },
  };
  return {
    name: level,
    description: levelOf(level).says,
    check: (history, budget) => judge(history, promised, { options, budget }),
  };
}

const PATTERNS: { readonly [pattern: string]: Said } = {
  ThinAirRead: { kind: "thin-air-read", says: "A read of a value that nobody wrote" },
  CyclicCO: { kind: "causality-cycle", says: "Operations precede themselves causally" },
  WriteCOInitRead: {
    kind: "stale-initial-read",
    says: "A read of the initial value after a write that precedes it causally",
  },
  WriteCORead: {
    kind: "causally-overwritten-read",
    says: "A read of what was overwritten causally before it",
  },
  CyclicCF: {
    kind: "diverging-writes",
    says: "Sessions disagree on the order of writes",
  },
  WriteHBInitRead: {
    kind: "stale-initial-view",
    says: "A session read the initial value after a write that its other reads put before it",
  },
  CyclicHB: {
    kind: "view-cycle",
    says: "No order of the writes that a session saw explains all its reads",
  },
};
