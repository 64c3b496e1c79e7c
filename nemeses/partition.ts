/**
 * Network partitions: messages between some nodes are lost while every node lives. Finds split
 * brains, stale reads, and acknowledged writes that only a minority has.
 *
 * ```
 * halves            n1 n2 | n3 n4 n5        nobody crosses
 * isolate-one       n3 | n1 n2 n4 n5        one node is alone
 * one-way           n1 n2 ─x→ n3 n4 n5      lost in one direction only; answers still come back
 * bridge            n1 n2 ── n3 ── n4 n5    two halves that one node still joins
 * majorities-ring   each node sees a majority, and no two nodes the same one
 * ```
 * The shapes are those of Jepsen's `nemesis` namespace.
 */
import { HarnessError, messageOf } from "../src/errors.js";
import type { Value } from "../src/history/value.js";
import type { Random } from "../src/random.js";
import type { Nemesis, NemesisContext } from "../src/runner/nemesis.js";
import type { NodeId } from "../src/world/network.js";
import type { Cluster } from "../src/world/world.js";
import { alternate } from "./alternate.js";
import { minorityOf, unknownFunction } from "./node-fault.js";

/** The ways to part a network. */
export type PartitionShape = "halves" | "isolate-one" | "one-way" | "bridge" | "majorities-ring";

/** How the network is parted. */
export interface PartitionOptions {
  /** Drawn from for each partition. Default: all that the number of nodes allows. */
  readonly shapes?: readonly PartitionShape[];
}

/** What a partition cuts; the value of a completed `start-partition`. */
interface Grudge {
  readonly [name: string]: Value;
  readonly shape: string;
  /** The directed links that lose every message, as `from>to`. */
  readonly cuts: readonly string[];
}

interface Shape {
  /** Nodes without which the shape cuts nothing, or is the same as a simpler one. */
  readonly nodesMin: number;
  /** Draws what is cut, and how to describe it; nodes come shuffled. */
  readonly draw: (nodes: readonly NodeId[], random: Random) => Omit<Grudge, "shape">;
}

const SHAPES: { readonly [name in PartitionShape]: Shape } = {
  halves: { nodesMin: 2, draw: (nodes) => apart(nodes, Math.floor(nodes.length / 2)) },
  "isolate-one": { nodesMin: 2, draw: (nodes) => apart(nodes, 1) },
  "one-way": {
    nodesMin: 2,
    draw: (nodes, random) => {
      const count = 1 + random.below(nodes.length - 1);
      const from = nodes.slice(0, count).toSorted();
      const to = nodes.slice(count).toSorted();
      return { from, to, cuts: between(from, to) };
    },
  },
  bridge: {
    nodesMin: 3,
    draw: ([bridge = "", ...others]) => ({
      bridge,
      ...apart(others, Math.floor(others.length / 2)),
    }),
  },
  "majorities-ring": {
    // Of three nodes in a ring, each is the neighbour of both others.
    nodesMin: 4,
    draw: (ring) => {
      const far = (a: number, b: number): boolean =>
        distance(a, b, ring.length) > reach(ring.length);
      const cuts = ring.flatMap((from, i) =>
        ring.filter((_, j) => far(i, j)).map((to) => `${from}>${to}`),
      );
      return { ring, cuts };
    },
  },
};

const ALL_SHAPES = Object.keys(SHAPES) as readonly PartitionShape[];

/**
 * Cuts links (`start-partition`), and restores all of them (`stop-partition`).
 * @throws HarnessError `bad-argument` for a shape that is none, or an empty list of them.
 */
export function partition(options: PartitionOptions = {}): Nemesis {
  const shapes = options.shapes ?? ALL_SHAPES;
  if (shapes.length === 0 || shapes.some((shape) => !ALL_SHAPES.includes(shape))) {
    const message = `the shapes of partitions are ${ALL_SHAPES.join(", ")}; give at least one`;
    throw new HarnessError("bad-argument", message);
  }
  const nodesMin = Math.min(...shapes.map((shape) => SHAPES[shape].nodesMin));
  return {
    name: "partition",
    description: "cuts the network between nodes, in both directions or in one, and restores it",
    needs: ["cut-link"],
    available: (nodeCount) =>
      nodeCount >= nodesMin
        ? { available: true }
        : {
            available: false,
            reason: `a partition (${shapes.join(", ")}) needs ${nodesMin} nodes and there ${nodeCount === 1 ? "is" : "are"} ${nodeCount}`,
            alternative: `run on more nodes (--nodes ${nodesMin}) if the system allows it, or use crash or pause`,
          },
    functions: ["start-partition", "stop-partition"],
    schedule: (schedule) => alternate("partition", schedule),
    invoke: async ({ f, value }, context) => {
      if (f === "start-partition") return part(grudgeOf(value, shapes, context), context.cluster);
      if (f !== "stop-partition") throw unknownFunction("partition", f);
      const healed = context.cluster.links.cuts();
      await context.cluster.links.heal();
      return { healed };
    },
    heal: async ({ cluster }) => cluster.links.heal(),
  };
}

/** Cuts what the grudge says and nothing else; all or nothing. */
async function part(grudge: Grudge, cluster: Cluster): Promise<Value> {
  const wanted = new Set(grudge.cuts);
  const { links, nodes } = cluster;
  const pairs = nodes.flatMap((from) =>
    nodes.filter((to) => wanted.delete(`${from}>${to}`)).map((to) => ({ from, to })),
  );
  if (wanted.size > 0) {
    throw new HarnessError("bad-argument", `there is no link ${[...wanted].join(", ")} here`);
  }
  try {
    await links.heal();
    // All have settled before anything is undone, so that no late cut survives.
    const cuts = await Promise.allSettled(pairs.map(async ({ from, to }) => links.cut(from, to)));
    const failed = cuts.find((cut) => cut.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  } catch (cause) {
    await links.heal();
    const message = `the network could not be parted: ${messageOf(cause)}`;
    throw new HarnessError("harness-failure", message, { cause });
  }
  return grudge;
}

/** The grudge that a value asks for: a recorded one as it is, one of a given shape, or any. */
function grudgeOf(
  value: Value,
  shapes: readonly PartitionShape[],
  context: NemesisContext,
): Grudge {
  const asked = (value ?? {}) as { readonly shape?: Value; readonly cuts?: Value };
  if (Array.isArray(asked.cuts)) return { shape: "recorded", ...asked } as Grudge;
  const { nodes } = context.cluster;
  const fitting = shapes.filter((shape) => SHAPES[shape].nodesMin <= nodes.length);
  const shape = (asked.shape ?? context.random.pick(fitting)) as PartitionShape;
  if (!ALL_SHAPES.includes(shape) || SHAPES[shape].nodesMin > nodes.length) {
    const message = `no partition of ${nodes.length} nodes has the shape ${JSON.stringify(shape)}`;
    throw new HarnessError("bad-argument", message);
  }
  return { shape, ...SHAPES[shape].draw(context.random.shuffle(nodes), context.random) } as Grudge;
}

/** The first so many nodes against the others, cut in both directions. */
function apart(nodes: readonly NodeId[], count: number): Omit<Grudge, "shape"> {
  const left = nodes.slice(0, count).toSorted();
  const right = nodes.slice(count).toSorted();
  return { groups: [left, right], cuts: [...between(left, right), ...between(right, left)] };
}

function between(from: readonly NodeId[], to: readonly NodeId[]): string[] {
  return from.flatMap((a) => to.map((b) => `${a}>${b}`));
}

/** Steps between two places on a ring. */
function distance(a: number, b: number, size: number): number {
  const steps = Math.abs(a - b);
  return Math.min(steps, size - steps);
}

/** How far a node must see in both directions of a ring to see a majority, itself included. */
function reach(size: number): number {
  const majority = size - minorityOf(size);
  return Math.ceil((majority - 1) / 2);
}
