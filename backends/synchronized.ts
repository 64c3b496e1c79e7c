/**
 * Replicated systems by how they keep copies in step: a strategy, and the algorithm behind it.
 * What each strategy promises is in `replicated/synchronization.ts`.
 */
import type { System } from "../src/runner/system.js";
import { automerge } from "./automerge.js";
import { chain } from "./chain.js";
import { crdt } from "./crdt.js";
import { gossip } from "./gossip.js";
import { multiPaxos } from "./multi-paxos.js";
import { primaryBackup } from "./primary-backup.js";
import { quorum } from "./quorum.js";
import { raft } from "./raft.js";
import {
  assertKnown,
  assertStrategy,
  type Algorithm,
  type Strategy,
} from "./replicated/synchronization.js";
import { threePhaseCommit } from "./three-phase-commit.js";
import { twoPhaseCommit } from "./two-phase-commit.js";
import { yjs } from "./yjs.js";

export {
  ALGORITHMS,
  IMPOSSIBLE,
  STATE_ALGORITHMS,
  STRATEGIES,
  STRATEGY_LEVELS,
  strategiesOf,
  type Algorithm,
  type StateAlgorithm,
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
  assertKnown(strategy);
  const { algorithm = strategy === "strong" ? "raft" : "gossip" } = options;
  assertStrategy(algorithm, strategy);
  return MAKERS[algorithm](strategy);
}

/** Each is given only what it can have, as was asserted before. */
type Maker = (strategy: Strategy) => System;

const ordered =
  (make: (options: { readonly strategy: "strong" | "eventual" }) => System): Maker =>
  (strategy) =>
    make({ strategy: strategy === "strong" ? strategy : "eventual" });

const answering =
  (make: (options: { readonly strategy: "eventual" | "weak" }) => System): Maker =>
  (strategy) =>
    make({ strategy: strategy === "weak" ? strategy : "eventual" });

const MAKERS: { readonly [algorithm in Algorithm]: Maker } = {
  raft: ordered(raft),
  "multi-paxos": ordered(multiPaxos),
  chain: ordered(chain),
  "two-phase-commit": ordered(twoPhaseCommit),
  "three-phase-commit": ordered(threePhaseCommit),
  gossip: answering(gossip),
  quorum: (strategy) => quorum({ strategy }),
  "primary-backup": ordered(primaryBackup),
  crdt: answering(crdt),
  yjs: () => yjs(),
  automerge: answering(automerge),
};
