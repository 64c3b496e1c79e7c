/**
 * Replicated systems by how they keep copies in step: a strategy, and the algorithm behind it.
 * What each strategy promises is in `replicated/synchronization.ts`.
 */
import { HarnessError } from "../src/errors.js";
import type { System } from "../src/runner/system.js";
import { chain } from "./chain.js";
import { gossip } from "./gossip.js";
import { multiPaxos } from "./multi-paxos.js";
import { raft } from "./raft.js";
import {
  ALGORITHMS,
  IMPOSSIBLE,
  STRATEGIES,
  type Algorithm,
  type Strategy,
} from "./replicated/synchronization.js";
import { threePhaseCommit } from "./three-phase-commit.js";
import { twoPhaseCommit } from "./two-phase-commit.js";

export {
  ALGORITHMS,
  IMPOSSIBLE,
  STRATEGIES,
  STRATEGY_LEVELS,
  type Algorithm,
  type Strategy,
  type StrategyLevels,
} from "./replicated/synchronization.js";

/** Options of `synchronized`. */
export interface SynchronizedOptions {
  /** How copies are kept in step. Default `strong`. */
  readonly strategy?: Strategy;
  /** What keeps them so. Default `raft` for `strong`, `gossip` for the others. */
  readonly algorithm?: Algorithm;
}

/**
 * The system of a strategy and an algorithm.
 * @throws HarnessError `bad-argument` when there is no such strategy, or the algorithm cannot have
 *   it
 */
export function synchronized(options: SynchronizedOptions = {}): System {
  const { strategy = "strong" } = options;
  if (!STRATEGIES.includes(strategy)) {
    const message = `there is no strategy ${strategy}; there are ${STRATEGIES.join(", ")}`;
    throw new HarnessError("bad-argument", message);
  }
  const { algorithm = strategy === "strong" ? "raft" : "gossip" } = options;
  const reason = Object.hasOwn(IMPOSSIBLE, algorithm)
    ? IMPOSSIBLE[algorithm][strategy]
    : "there is no such algorithm";
  if (reason !== undefined) {
    const others = ALGORITHMS.filter((each) => IMPOSSIBLE[each][strategy] === undefined);
    throw new HarnessError(
      "bad-argument",
      `${algorithm} cannot be ${strategy}: ${reason}; what can is ${others.join(", ") || "nothing"}`,
    );
  }
  if (algorithm === "gossip")
    return gossip({ strategy: strategy === "weak" ? "weak" : "eventual" });
  return MAKERS[algorithm]({ strategy: strategy === "strong" ? "strong" : "eventual" });
}

const MAKERS = {
  raft,
  "multi-paxos": multiPaxos,
  chain,
  "two-phase-commit": twoPhaseCommit,
  "three-phase-commit": threePhaseCommit,
} as const;
