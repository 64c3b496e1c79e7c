/**
 * Wrong clocks: the wall clocks of some nodes jump, or all their time passes faster or slower.
 * Finds leases that outlive themselves, and "last" writes that are not.
 */
import { HarnessError, messageOf } from "../src/errors.js";
import type { Value } from "../src/history/value.js";
import type { Nemesis, NemesisContext } from "../src/runner/nemesis.js";
import type { NodeId } from "../src/world/network.js";
import type { ClockControl } from "../src/world/world.js";
import { alternate } from "./alternate.js";
import { drawSome, targetsIn, unknownFunction } from "./node-fault.js";

/** How wrong clocks may get. */
export interface ClockNemesisOptions {
  /**
   * Wall clocks jump by up to this either way, in milliseconds. Default 60,000; 0 for not at all.
   */
  readonly jumpMsMax?: number;
  /**
   * Time passes faster or slower by up to this share, below 1. Default 0.05, a hundred times what
   * quartz does; protocols with leases count on a bound. 0 for not at all.
   */
  readonly driftMax?: number;
}

/** What was done; the value of a completed `start-clock`. */
interface WrongClocks {
  readonly [name: string]: Value;
  readonly nodes: readonly NodeId[];
  readonly jumpMs?: number;
  readonly rate?: number;
}

/**
 * Makes the clocks of some nodes wrong (`start-clock`), and all of them right (`stop-clock`).
 * @throws HarnessError `bad-argument` for options out of their bounds.
 */
export function clock(options: ClockNemesisOptions = {}): Nemesis {
  const { jumpMsMax = 60_000, driftMax = 0.05 } = options;
  if (!(jumpMsMax >= 0 && driftMax >= 0 && driftMax < 1 && jumpMsMax + driftMax > 0)) {
    throw new HarnessError(
      "bad-argument",
      "jumpMsMax is 0 or more, driftMax 0 or more and below 1, and one of them more than 0",
    );
  }
  return {
    name: "clock",
    description: "sets clocks of nodes forward or back, or lets them run fast or slow",
    needs: ["clock"],
    available: () => ({ available: true }),
    functions: ["start-clock", "stop-clock"],
    schedule: (schedule) => alternate("clock", schedule),
    invoke: async ({ f, value }, context) => {
      const control = controlOf(context);
      if (f === "start-clock") {
        const wrong = recorded(value, context) ?? draw({ jumpMsMax, driftMax }, context);
        return setWrong(wrong, control);
      }
      if (f !== "stop-clock") throw unknownFunction("clock", f);
      const nodes = control.wrong();
      await control.restore();
      return { nodes };
    },
    heal: async (context) => controlOf(context).restore(),
  };
}

function controlOf({ cluster }: NemesisContext): ClockControl {
  if (cluster.clocks !== undefined) return cluster.clocks;
  throw new HarnessError("harness-failure", "this world has no hold of the clocks of nodes");
}

function recorded(value: Value, { cluster }: NemesisContext): WrongClocks | undefined {
  const nodes = targetsIn(value, cluster);
  return nodes === undefined ? undefined : { ...(value as WrongClocks), nodes };
}

/** Small jumps are as likely as large ones: both a lease and a day may be missed. */
function draw(
  { jumpMsMax, driftMax }: Required<ClockNemesisOptions>,
  { cluster, random }: NemesisContext,
): WrongClocks {
  const count = 1 + random.below(cluster.nodes.length);
  const nodes = drawSome(cluster.nodes, cluster.nodes, { random, count });
  const jumps = jumpMsMax > 0 && (driftMax === 0 || random.chance(0.5));
  const sign = random.chance(0.5) ? 1 : -1;
  if (jumps) return { nodes, jumpMs: sign * Math.ceil(jumpMsMax ** random.float()) };
  return { nodes, rate: Number((1 + sign * driftMax * random.float()).toFixed(6)) };
}

/** Makes these clocks wrong and no others; all or none. */
async function setWrong(wrong: WrongClocks, control: ClockControl): Promise<Value> {
  const { nodes, jumpMs = 0, rate = 1 } = wrong;
  try {
    await control.restore();
    for (const node of nodes) {
      if (jumpMs !== 0) await control.jump(node, jumpMs);
      if (rate !== 1) await control.drift(node, rate);
    }
  } catch (cause) {
    await control.restore();
    const message = `the clocks could not be set: ${messageOf(cause)}`;
    throw new HarnessError("harness-failure", message, { cause });
  }
  return wrong;
}
