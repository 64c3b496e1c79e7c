/**
 * Bit rot: a bit of what a node has stored is inverted while the node is down. Finds recovery that
 * believes what it reads, and recovery that takes damage for a torn end and cuts off what others
 * were promised.
 *
 * A node that notices does not come up; it does when the bit is mended.
 */
import { HarnessError, messageOf } from "../src/errors.js";
import type { Value } from "../src/history/value.js";
import type { Nemesis, NemesisContext } from "../src/runner/nemesis.js";
import type { NodeId } from "../src/world/network.js";
import { alternate } from "./alternate.js";
import { disksOf } from "./disk-fault.js";
import {
  drawTargets,
  startDown,
  targetsIn,
  unknownFunction,
  type NodeFaultOptions,
} from "./node-fault.js";

/** Inverts bits of some nodes (`start-bit-rot`), and mends them (`stop-bit-rot`). */
export function bitRot(options: NodeFaultOptions = {}): Nemesis {
  const end = async (context: NemesisContext): Promise<readonly NodeId[]> => {
    const nodes = disksOf(context).struck("bit-rot");
    await disksOf(context).restore("bit-rot");
    await startDown(context);
    return nodes;
  };
  return {
    name: "bit-rot",
    description: "inverts a bit of what nodes have stored, while they are started again",
    needs: ["bit-rot", "kill"],
    available: () => ({ available: true }),
    functions: ["start-bit-rot", "stop-bit-rot"],
    schedule: (schedule) => alternate("bit-rot", schedule),
    invoke: async ({ f, value }, context) => {
      if (f === "stop-bit-rot") return { nodes: await end(context) };
      if (f !== "start-bit-rot") throw unknownFunction("bit-rot", f);
      const nodes =
        targetsIn(value, context.cluster) ?? drawTargets(context, options.majority ?? true);
      const share = shareIn(value) ?? context.random.float();
      return rot({ nodes, share }, context);
    },
    heal: async (context) => {
      await end(context);
    },
  };
}

function shareIn(value: Value): number | undefined {
  const share = (value as { readonly share?: Value } | null)?.share;
  return typeof share === "number" ? share : undefined;
}

async function rot(
  { nodes, share }: { readonly nodes: readonly NodeId[]; readonly share: number },
  context: NemesisContext,
): Promise<Value> {
  const { processes } = context.cluster;
  const files: string[] = [];
  const refused: NodeId[] = [];
  try {
    for (const node of nodes) {
      await processes.kill(node);
      files.push((await disksOf(context).rot(node, share)) ?? "");
      await processes.start(node).catch(() => refused.push(node));
    }
  } catch (cause) {
    const message = `what nodes stored could not be made to rot: ${messageOf(cause)}`;
    throw new HarnessError("harness-failure", message, { cause });
  }
  return { nodes, share, files, refused };
}
