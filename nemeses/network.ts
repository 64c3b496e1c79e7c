/**
 * A bad network: messages between nodes are late, overtake one another, are lost or come twice,
 * while no link is cut. Finds protocols that take a time-out for a death, count an answer twice, or
 * believe that what was sent first arrives first.
 */
import { HarnessError, messageOf } from "../src/errors.js";
import type { Value } from "../src/history/value.js";
import type { Random } from "../src/random.js";
import type { Nemesis, NemesisContext } from "../src/runner/nemesis.js";
import type { NodeId } from "../src/world/network.js";
import type { LinkQuality, QualityControl } from "../src/world/world.js";
import { alternate } from "./alternate.js";
import { targetsIn, unknownFunction } from "./node-fault.js";

/** What may be wrong with a network. */
export type NetworkTrouble = "delay" | "reorder" | "loss" | "duplication";

/** How bad it may get. */
export interface NetworkNemesisOptions {
  /** Drawn from for each fault, one or several. Default: all. */
  readonly troubles?: readonly NetworkTrouble[];
}

const TROUBLES: { readonly [name in NetworkTrouble]: (random: Random) => Partial<LinkQuality> } = {
  delay: (random) => ({ delayMs: 20 + random.below(480) }),
  reorder: (random) => ({ spreadMs: 20 + random.below(280) }),
  loss: (random) => ({ lossProbability: (5 + random.below(45)) / 100 }),
  duplication: (random) => ({ duplicationProbability: (10 + random.below(80)) / 100 }),
};
const ALL = Object.keys(TROUBLES) as readonly NetworkTrouble[];

/** What was done; the value of a completed `start-network`. */
interface BadNetwork extends Partial<LinkQuality> {
  readonly [name: string]: Value;
  /** The troubles, as `delay+loss`. */
  readonly shape: string;
  /** The nodes whose links are bad, from and to others; all where none are named. */
  readonly nodes?: readonly NodeId[];
}

/**
 * Makes links bad (`start-network`), all of them or those around some node, and good again
 * (`stop-network`).
 * @throws HarnessError `bad-argument` for a trouble that is none, or an empty list of them.
 */
export function network(options: NetworkNemesisOptions = {}): Nemesis {
  const troubles = options.troubles ?? ALL;
  if (troubles.length === 0 || troubles.some((trouble) => !ALL.includes(trouble))) {
    throw new HarnessError(
      "bad-argument",
      `the troubles of a network are ${ALL.join(", ")}; give at least one`,
    );
  }
  return {
    name: "network",
    description: "delays, reorders, loses and doubles messages between nodes",
    needs: ["degrade-link"],
    available: (nodeCount) =>
      nodeCount >= 2
        ? { available: true }
        : {
            available: false,
            reason: "one node sends no messages to another",
            alternative: "run on more nodes (--nodes 2) if the system allows it, or use crash",
          },
    functions: ["start-network", "stop-network"],
    schedule: (schedule) => alternate("network", schedule),
    invoke: async ({ f, value }, context) => {
      const quality = controlOf(context);
      if (f === "start-network") {
        const recorded = value as BadNetwork | null;
        // Refuses nodes that are not there.
        if (recorded?.nodes !== undefined) targetsIn(value, context.cluster);
        return degrade(recorded ?? draw(troubles, context), context);
      }
      if (f !== "stop-network") throw unknownFunction("network", f);
      const links = quality.degraded();
      await quality.restore();
      return { links };
    },
    heal: async (context) => controlOf(context).restore(),
  };
}

function controlOf({ cluster }: NemesisContext): QualityControl {
  if (cluster.quality !== undefined) return cluster.quality;
  throw new HarnessError("harness-failure", "this world has no hold of how well links work");
}

function draw(
  troubles: readonly NetworkTrouble[],
  { cluster, random }: NemesisContext,
): BadNetwork {
  const drawn = new Set(random.shuffle(troubles).slice(0, 1 + random.below(troubles.length)));
  const chosen = ALL.filter((trouble) => drawn.has(trouble));
  const quality: Partial<LinkQuality> = Object.assign(
    {},
    ...chosen.map((trouble) => TROUBLES[trouble](random)),
  );
  const shape = chosen.join("+");
  if (random.chance(0.5)) return { shape, ...quality };
  return { shape, ...quality, nodes: [random.pick(cluster.nodes)] };
}

/** Makes these links bad and no others; all or none. */
async function degrade(bad: BadNetwork, context: NemesisContext): Promise<Value> {
  const { delayMs = 0, spreadMs = 0, lossProbability = 0, duplicationProbability = 0 } = bad;
  const quality: LinkQuality = { delayMs, spreadMs, lossProbability, duplicationProbability };
  const control = controlOf(context);
  try {
    await control.restore();
    await Promise.all(
      linksOf(bad, context).map(async ([from, to]) => control.degrade(from, to, quality)),
    );
  } catch (cause) {
    await control.restore();
    const message = `the network could not be made bad: ${messageOf(cause)}`;
    throw new HarnessError("harness-failure", message, { cause });
  }
  return bad;
}

function linksOf(
  { nodes: bad }: BadNetwork,
  { cluster: { nodes } }: NemesisContext,
): readonly (readonly [NodeId, NodeId])[] {
  const isBad = (node: NodeId): boolean => bad === undefined || bad.includes(node);
  return nodes.flatMap((from) =>
    nodes
      .filter((to) => to !== from && (isBad(from) || isBad(to)))
      .map((to) => [from, to] as const),
  );
}
