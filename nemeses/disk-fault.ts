/**
 * What faults of disks have in common: they last until the disks are restored, and a node that does
 * not survive them is started again then.
 */
import { HarnessError, messageOf } from "../src/errors.js";
import type { Nemesis, NemesisContext } from "../src/runner/nemesis.js";
import type { NodeId } from "../src/world/network.js";
import type { DiskControl, DiskFault } from "../src/world/world.js";
import { alternate } from "./alternate.js";
import {
  drawTargets,
  startDown,
  targetsIn,
  unknownFunction,
  type NodeFaultOptions,
} from "./node-fault.js";

/** A kind of fault. */
export interface DiskNemesis {
  readonly name: DiskFault;
  readonly description: string;
  /** Whether a node may die of it, and has to be started again. */
  readonly kills: boolean;
}

/** Makes a nemesis of a fault that lasts. */
export function diskFault(
  { name, description, kills }: DiskNemesis,
  options: NodeFaultOptions,
): Nemesis {
  const end = async (context: NemesisContext): Promise<readonly NodeId[]> => {
    const control = disksOf(context);
    const nodes = control.struck(name);
    await control.restore(name);
    if (kills) await startDown(context);
    return nodes;
  };
  return {
    name,
    description,
    needs: [name],
    available: () => ({ available: true }),
    functions: [`start-${name}`, `stop-${name}`],
    schedule: (schedule) => alternate(name, schedule),
    invoke: async ({ f, value }, context) => {
      if (f === `stop-${name}`) return { nodes: await end(context) };
      if (f !== `start-${name}`) throw unknownFunction(name, f);
      const control = disksOf(context);
      const nodes =
        targetsIn(value, context.cluster) ?? drawTargets(context, options.majority ?? true);
      try {
        await Promise.all(nodes.map(async (node) => control.strike(node, name)));
      } catch (cause) {
        const message = `disks could not be struck by ${name}: ${messageOf(cause)}`;
        throw new HarnessError("harness-failure", message, { cause });
      }
      return { nodes };
    },
    heal: async (context) => {
      await end(context);
    },
  };
}

/** The disks of a world that has a hold of them. */
export function disksOf({ cluster }: NemesisContext): DiskControl {
  if (cluster.disks !== undefined) return cluster.disks;
  throw new HarnessError("harness-failure", "this world has no hold of the disks of nodes");
}
