/**
 * States on several nodes, whose copies are kept in step by a strategy: `strong` (linearizable),
 * `eventual` (all nodes come to show the same) or `weak` (each client sees what it saved), with an
 * algorithm behind it. Which can have which is in `backends/replicated/synchronization.ts`.
 *
 * Conditions (`expected`) are kept by `strong`, and by `eventual` on all algorithms but gossip,
 * where each node checks them against what it has.
 */
import { mkdir } from "node:fs/promises";
import {
  STATE_ALGORITHMS,
  STRATEGY_LEVELS,
  synchronized,
  type StateAlgorithm,
  type Strategy,
  type StrategyLevels,
} from "../backends/synchronized.js";
import { HarnessError } from "../src/errors.js";
import { realWorld } from "../src/real/real-world.js";
import type { System } from "../src/runner/system.js";
import { statePersistence } from "../src/state/derive.js";
import type { StatePersistence } from "../src/state/persistence.js";
import type { NodeId } from "../src/world/network.js";
import type { Cluster } from "../src/world/world.js";
import { Clients } from "./distributed/clients.js";
import { stateCalls } from "./distributed/state-calls.js";
import { lockDirectory, type DirectoryLock } from "./file/directory-lock.js";

/** How copies are kept in step, and how the store is reached. */
export interface ClusterOptions<S extends Strategy = Strategy> {
  /** Default `strong`. */
  readonly strategy?: S;
  /** Default `raft` for `strong`, `gossip` for the others. */
  readonly algorithm?: StateAlgorithm;
  /** The node that is asked. Default the first. */
  readonly node?: NodeId;
  /**
   * How long a call waits for an answer, and how long one that was refused is tried again, in
   * milliseconds. Default 5,000.
   */
  readonly timeoutMs?: number;
  /**
   * What the store's endpoints are called in the cluster; no two stores may share it. Default
   * `states`.
   */
  readonly name?: string;
}

/** Options of a store that brings its nodes. */
export interface DistributedOptions<S extends Strategy = Strategy> extends ClusterOptions<S> {
  /** Default that of the algorithm. */
  readonly nodeCount?: number;
  /**
   * Where the nodes keep what they have; a store that is opened there again has it again. Default:
   * a temporary directory, which goes with the store.
   */
  readonly directory?: string;
}

/** A store on several nodes. */
export interface DistributedPersistence<S extends Strategy = Strategy> extends StatePersistence {
  readonly strategy: S;
  readonly algorithm: StateAlgorithm;
  /** What the strategy promises of loads, saves and deletions. */
  readonly consistency: StrategyLevels[S];
}

/**
 * Starts nodes as child processes of this machine, and opens a store on them.
 * @throws HarnessError `bad-argument` when the algorithm cannot have the strategy, or not so many
 *   nodes; StateError `unavailable` when somebody else has the directory open
 */
export async function distributedPersistence<S extends Strategy = "strong">(
  options: DistributedOptions<S> = {},
): Promise<DistributedPersistence<S>> {
  const { directory } = options;
  const system = systemOf(options);
  const nodeCount = checkedCount(options.nodeCount, system.nodes);
  const lock = directory === undefined ? undefined : await lockOn(directory);
  const world = realWorld({ seed: 1 });
  const end = async (): Promise<void> => {
    await world.close();
    lock?.release();
  };
  try {
    const cluster = await world.deploy(system.deployment(nodeCount), {
      ...(directory === undefined ? {} : { directory }),
      onLog: () => undefined,
    });
    return opened(cluster, options, async () => {
      await cluster.stop();
      await end();
    });
  } catch (error) {
    await end();
    throw error;
  }
}

/** The system behind a store; not all that are kept in step keep states with versions. */
function systemOf(options: ClusterOptions): System {
  const { algorithm } = options;
  const system = synchronized(options);
  if (algorithm === undefined || STATE_ALGORITHMS.includes(algorithm)) return system;
  throw new HarnessError(
    "bad-argument",
    `${algorithm} keeps no states with versions; ${STATE_ALGORITHMS.join(", ")} do`,
  );
}

function checkedCount(nodeCount: number | undefined, { min, default: usual, max }: NodeCounts) {
  const count = nodeCount ?? usual;
  if (Number.isInteger(count) && count >= min && count <= max) return count;
  throw new HarnessError("bad-argument", `there are ${min} to ${max} nodes, not ${count}`);
}

type NodeCounts = System["nodes"];

/** The nodes of two stores must not share their files. */
async function lockOn(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true });
  return lockDirectory(directory);
}

/**
 * Opens a store on the nodes of a cluster, in any world, that run what `synchronized` gives for the
 * same strategy and algorithm.
 * @throws HarnessError `bad-argument` when the algorithm cannot have the strategy
 */
export function distributedPersistenceOn<S extends Strategy = "strong">(
  cluster: Cluster,
  options: ClusterOptions<S> = {},
): DistributedPersistence<S> {
  return opened(cluster, options, async () => undefined);
}

const DEFAULT_TIMEOUT_MS = 5_000;

function opened<S extends Strategy>(
  cluster: Cluster,
  options: ClusterOptions<S>,
  afterwards: () => Promise<void>,
): DistributedPersistence<S> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, name = "states" } = options;
  const strategy = options.strategy ?? ("strong" as S);
  const node = options.node ?? cluster.nodes[0] ?? "";
  if (!cluster.nodes.includes(node)) {
    const message = `there is no node ${node}; there are ${cluster.nodes.join(", ")}`;
    throw new HarnessError("bad-argument", message);
  }
  const algorithm = options.algorithm ?? (strategy === "strong" ? "raft" : "gossip");
  const clients = new Clients({
    cluster,
    system: systemOf({ strategy, algorithm }),
    name,
    node,
    timeoutMs,
    // What a weaker store shows is only sure to be there at the node that has been asked before.
    goesElsewhere: strategy === "strong",
  });
  const persistence = statePersistence({
    name: `${strategy} ${algorithm}`,
    durability: algorithm === "gossip" ? "volatile" : "power-loss",
    ...stateCalls({ clients, timeoutMs }),
    close: async () => {
      await clients.close();
      await afterwards();
    },
  });
  return { ...persistence, strategy, algorithm, consistency: STRATEGY_LEVELS[strategy] };
}
