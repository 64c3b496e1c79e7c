/**
 * How the copies of a state are kept in step: the one option that all replicated systems share, and
 * what each strategy promises. Which algorithm can have which, and why not, is data.
 *
 * ```
 * strong    save ─► copies agree ─► ok        load ─► current               linearizable
 * eventual  save ─► ok ⇢ the others, for certain    load ─► what one has      all agree in the end
 * weak      save ─► ok ⇢ the others, told once      load ─► what one has      each its own saves
 * ```
 *
 * What a strategy promises, the stronger ones keep too: a client that does one thing after the
 * other sees its own saves with each of them.
 */

/** How copies are kept in step. */
export type Strategy = "strong" | "eventual" | "weak";

/** What keeps them in step. */
export type Algorithm =
  | "raft"
  | "multi-paxos"
  | "chain"
  | "two-phase-commit"
  | "three-phase-commit"
  | "gossip";

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

const NEVER_FORGETS =
  "what it has accepted reaches every copy, so that it is never weaker than eventual";

/** For each algorithm why it cannot have a strategy; what is not named it can. */
export const IMPOSSIBLE: {
  readonly [algorithm in Algorithm]: { readonly [strategy in Strategy]?: string };
} = {
  raft: { weak: NEVER_FORGETS },
  "multi-paxos": { weak: NEVER_FORGETS },
  chain: { weak: NEVER_FORGETS },
  "two-phase-commit": { weak: NEVER_FORGETS },
  "three-phase-commit": { weak: NEVER_FORGETS },
  gossip: { strong: "it answers before any other node knows" },
};

/** All algorithms. */
export const ALGORITHMS: readonly Algorithm[] = Object.keys(IMPOSSIBLE) as Algorithm[];
