/**
 * What crashes, pauses and losses of power have in common: they strike some of the nodes, and the
 * struck nodes are mended later.
 *
 * Nothing is remembered between calls: which nodes are struck is read from the cluster, so that
 * healing also mends what a call that failed half-way has left, and healing twice is healing once.
 */
import { HarnessError, messageOf } from "../src/errors.js";
import type { Value } from "../src/history/value.js";
import type { Random } from "../src/random.js";
import type { Nemesis, NemesisContext } from "../src/runner/nemesis.js";
import type { NodeId } from "../src/world/network.js";
import type { Cluster, FaultKind, ProcessControl } from "../src/world/world.js";
import { alternate } from "./alternate.js";

/** Which nodes are struck. */
export interface NodeFaultOptions {
  /**
   * Whether a majority of the nodes stays up, whatever other nemeses have struck already. Default
   * true; false strikes any non-empty set of nodes, up to all. With one or two nodes it is one node
   * either way.
   */
  readonly majority?: boolean;
}

interface NodeFault {
  readonly name: string;
  readonly description: string;
  readonly need: FaultKind;
  readonly strike: (processes: ProcessControl, node: NodeId) => Promise<void>;
  readonly mend: (processes: ProcessControl, node: NodeId) => Promise<void>;
  /** What a struck node is, to the cluster. */
  readonly struck: "down" | "paused";
}

/** Makes a nemesis of a fault that nodes suffer. */
export function nodeFault(fault: NodeFault, options: NodeFaultOptions): Nemesis {
  const { name } = fault;
  const start = `start-${name}`;
  const stop = `stop-${name}`;
  const mendAll = async ({ cluster }: NemesisContext): Promise<Value> => {
    const nodes = cluster.nodes.filter((node) => cluster.processes.status(node) === fault.struck);
    await onEach(nodes, {
      act: async (node) => fault.mend(cluster.processes, node),
      failure: fault.struck === "down" ? "did not come up again" : "did not go on",
    });
    return { nodes };
  };
  return {
    name,
    description: fault.description,
    needs: [fault.need],
    available: () => ({ available: true }),
    functions: [start, stop],
    schedule: (schedule) => alternate(name, schedule),
    invoke: async (invocation, context) => {
      if (invocation.f === stop) return mendAll(context);
      if (invocation.f !== start) throw unknownFunction(name, invocation.f);
      const { cluster } = context;
      const nodes =
        targetsIn(invocation.value, cluster) ?? drawTargets(context, options.majority ?? true);
      await onEach(nodes, {
        act: async (node) => fault.strike(cluster.processes, node),
        failure: `could not be struck by ${name}`,
      });
      return { nodes };
    },
    heal: async (context) => {
      await mendAll(context);
    },
  };
}

/** The error of a nemesis that is asked for what it does not do. */
export function unknownFunction(name: string, f: string): HarnessError {
  return new HarnessError("harness-failure", `the ${name} nemesis does not understand ${f}`);
}

/**
 * The nodes that a recorded fault names, so that it can be driven again; undefined when it names
 * none.
 */
export function targetsIn(value: Value, { nodes }: Cluster): readonly NodeId[] | undefined {
  if (value === null) return undefined;
  const named = (value as { readonly nodes?: Value }).nodes;
  if (!Array.isArray(named)) {
    throw new HarnessError("bad-argument", `a fault names its nodes as {"nodes": [...]}`);
  }
  const strangers = named.filter((node) => !nodes.includes(node as NodeId));
  if (strangers.length > 0) {
    throw new HarnessError("bad-argument", `there is no node ${strangers.join(", ")} here`);
  }
  return named as readonly NodeId[];
}

/** Draws nodes that are up, so few that a majority stays up if it is asked for. */
export function drawTargets(context: NemesisContext, majority: boolean): readonly NodeId[] {
  const { cluster, random } = context;
  const up = cluster.nodes.filter((node) => cluster.processes.status(node) === "up");
  const struck = cluster.nodes.length - up.length;
  const most = majority ? Math.max(1, minorityOf(cluster.nodes.length)) - struck : up.length;
  if (most < 1) {
    throw new HarnessError(
      "harness-failure",
      `${struck} of ${cluster.nodes.length} nodes are down or paused already, so no other is struck`,
    );
  }
  return drawSome(cluster.nodes, up, { random, count: 1 + random.below(most) });
}

/** The size of the largest minority of this many nodes. */
export function minorityOf(nodeCount: number): number {
  return Math.floor((nodeCount - 1) / 2);
}

/** Draws nodes, and gives them in the order of the cluster. */
export function drawSome(
  order: readonly NodeId[],
  from: readonly NodeId[],
  draw: { readonly random: Random; readonly count: number },
): readonly NodeId[] {
  const drawn = new Set(draw.random.shuffle(from).slice(0, draw.count));
  return order.filter((node) => drawn.has(node));
}

/** Starts all that are down. */
export async function startDown({ cluster }: NemesisContext): Promise<void> {
  const { nodes, processes } = cluster;
  await onEach(
    nodes.filter((node) => processes.status(node) === "down"),
    {
      act: async (node) => processes.start(node),
      failure: "did not come up again",
    },
  );
}

/** Acts on every node, even when some fail, and then throws if any did. */
async function onEach(
  nodes: readonly NodeId[],
  action: { readonly act: (node: NodeId) => Promise<void>; readonly failure: string },
): Promise<void> {
  const results = await Promise.allSettled(nodes.map(async (node) => action.act(node)));
  const failures = results.flatMap((result, index) =>
    result.status === "rejected"
      ? [{ node: nodes[index] as NodeId, cause: result.reason as unknown }]
      : [],
  );
  const [first] = failures;
  if (first === undefined) return;
  const message = failures
    .map(({ node, cause }) => `${node} ${action.failure}: ${messageOf(cause)}`)
    .join("; ");
  throw new HarnessError("harness-failure", message, { cause: first.cause });
}
