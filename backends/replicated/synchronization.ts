/**
 * How the copies of a state are kept in step: the one option that all replicated systems share, and
 * what each strategy promises. Which system can have which, and why not, is data.
 *
 * ```
 * strong    save ─► copies agree ─► ok        load ─► current               linearizable
 * eventual  save ─► ok ⇢ the others, for certain    load ─► what one has      all agree in the end
 * weak      save ─► ok ⇢ the others, told once      load ─► what one has      each its own saves
 * ```
 *
 * What a strategy promises, the stronger ones keep too: a client that does one thing after the
 * other sees its own saves with each of them. Two are exceptions at `eventual`: at `primary-backup`
 * they come back from the primary to the client's node later; and a document of `yjs` to which
 * something on its way is missing has a key removed already that was written anew.
 */
import { HarnessError } from "../../src/errors.js";

/** How copies are kept in step. */
export type Strategy = "strong" | "eventual" | "weak";

/** What keeps states with versions in step. */
export type StateAlgorithm =
  | "raft"
  | "multi-paxos"
  | "chain"
  | "two-phase-commit"
  | "three-phase-commit"
  | "gossip";

/** What keeps copies in step; beside those of states, systems of registers, sets and counters. */
export type Algorithm = StateAlgorithm | "quorum" | "primary-backup" | "crdt" | "yjs" | "automerge";

/** The consistency level that each strategy promises of loads, saves and deletions. */
export interface StrategyLevels {
  /** Each takes effect at one instant between its call and its return. */
  readonly strong: "linearizable";
  /** When saves stop, all nodes come to show the same. */
  readonly eventual: "eventual";
  /** What a client saved is in what it loads later, from the node that it talks to. */
  readonly weak: "read-your-writes";
}

/** What a strategy promises, as `StrategyLevels` has it, for programs. */
export const STRATEGY_LEVELS: StrategyLevels = {
  strong: "linearizable",
  eventual: "eventual",
  weak: "read-your-writes",
};

/** All strategies, from strong to weak. */
export const STRATEGIES: readonly Strategy[] = ["strong", "eventual", "weak"];

type Reasons = { readonly [strategy in Strategy]?: string };

const NEVER_FORGETS =
  "what it has accepted reaches every copy, so that it is never weaker than eventual";
const ANSWERS_FIRST = "it answers before any other node knows";
const TAKES_BACK =
  "whoever takes over makes all others what it is, so that a client's own writes may be taken back";
const REMOVES_FIRST =
  "it removes what was overwritten before it has what was written, so that a key may stay gone";

/** For each algorithm why it cannot have a strategy; what is not named it can. */
export const IMPOSSIBLE: { readonly [algorithm in Algorithm]: Reasons } = {
  raft: { weak: NEVER_FORGETS },
  "multi-paxos": { weak: NEVER_FORGETS },
  chain: { weak: NEVER_FORGETS },
  "two-phase-commit": { weak: NEVER_FORGETS },
  "three-phase-commit": { weak: NEVER_FORGETS },
  gossip: { strong: ANSWERS_FIRST },
  quorum: {},
  "primary-backup": { weak: TAKES_BACK },
  crdt: { strong: ANSWERS_FIRST },
  yjs: { strong: ANSWERS_FIRST, weak: REMOVES_FIRST },
  automerge: { strong: ANSWERS_FIRST },
};

/** All algorithms. */
export const ALGORITHMS: readonly Algorithm[] = Object.keys(IMPOSSIBLE) as Algorithm[];

/** Those that keep states with versions, as a store of states needs them. */
export const STATE_ALGORITHMS: readonly StateAlgorithm[] = [
  "raft",
  "multi-paxos",
  "chain",
  "two-phase-commit",
  "three-phase-commit",
  "gossip",
];

/** The strategies that an algorithm can have. */
export function strategiesOf(algorithm: Algorithm): readonly Strategy[] {
  return STRATEGIES.filter((strategy) => IMPOSSIBLE[algorithm][strategy] === undefined);
}

/**
 * Whether there is a strategy at all.
 * @throws HarnessError `bad-argument` with those that there are
 */
export function assertKnown(strategy: string): asserts strategy is Strategy {
  if (STRATEGIES.some((each) => each === strategy)) return;
  const message = `there is no strategy ${strategy}; there are ${STRATEGIES.join(", ")}`;
  throw new HarnessError("bad-argument", message);
}

/**
 * Whether an algorithm can have a strategy.
 * @throws HarnessError `bad-argument` with the reason, what else can, and what it can
 */
export function assertStrategy(algorithm: Algorithm, strategy: Strategy): void {
  assertKnown(strategy);
  const reason = Object.hasOwn(IMPOSSIBLE, algorithm)
    ? IMPOSSIBLE[algorithm][strategy]
    : "there is no such algorithm";
  if (reason === undefined) return;
  const others = ALGORITHMS.filter((each) => IMPOSSIBLE[each][strategy] === undefined);
  const own = Object.hasOwn(IMPOSSIBLE, algorithm) ? strategiesOf(algorithm) : [];
  const instead = own.length === 0 ? "" : `; ${algorithm} can be ${own.join(" or ")}`;
  throw new HarnessError(
    "bad-argument",
    `${algorithm} cannot be ${strategy}: ${reason}; what can is ${others.join(", ")}${instead}`,
  );
}
