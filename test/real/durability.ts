/**
 * The ordeal of one real node with a disk: clients write counters of their own while `kill -9`
 * strikes again and again, and after each restart everything that was acknowledged has to be there.
 */
import type { System } from "../../src/runner/system.js";
import { OperationError, type Client } from "../../src/runner/client.js";
import { realWorld } from "../../src/real/real-world.js";
import type { Cluster, World } from "../../src/world/world.js";
import { eventually } from "./processes.js";

/** What came of it. */
export interface Durability {
  /** Writes that the system has acknowledged. */
  readonly acknowledged: number;
  /** Writes that ended some other way. */
  readonly unclear: number;
  /** Values that were there when they should not be, or not there when they should, in words. */
  readonly violations: readonly string[];
}

const CLIENTS = 8;

/**
 * Kills the node of a store this many times while it is written to. A client writes 1, 2, 3, … to
 * its own key and waits for each answer, so that what it reads later is at least the last
 * acknowledged and at most the last that it sent.
 */
export async function durabilityOf(
  makeSystem: () => System,
  options: { readonly kills: number; readonly seed: number },
): Promise<Durability> {
  const world = realWorld({ seed: options.seed });
  try {
    const system = makeSystem();
    const cluster = await world.deploy(system.deployment(1), { onLog: () => undefined });
    return await strike({ system, cluster, world, kills: options.kills });
  } finally {
    await world.close();
  }
}

interface Ordeal {
  readonly system: System;
  readonly cluster: Cluster;
  readonly world: World;
  readonly kills: number;
}

async function strike({ system, cluster, world, kills }: Ordeal): Promise<Durability> {
  const random = world.random.fork("kills");
  const acknowledged = Array.from({ length: CLIENTS }, () => 0);
  const sent = [...acknowledged];
  const violations: string[] = [];
  let count = 0;
  let unclear = 0;
  let names = 0;
  const connect = (timeoutMs: number): Promise<Client> =>
    system.connect({
      endpoint: cluster.endpoint(`c${names++}`),
      nodes: cluster.nodes,
      preferred: "n1",
      timeoutMs,
    });

  const write = async (index: number, goesOn: () => boolean): Promise<void> => {
    const client = await connect(1000);
    while (goesOn()) {
      const value = (sent[index] as number) + 1;
      sent[index] = value;
      try {
        await client.invoke({ f: "put", key: `k${index}`, value });
        acknowledged[index] = value;
        count++;
      } catch (error) {
        unclear++;
        // One that was certainly not carried out must not be found either; its number is used
        // again.
        if (error instanceof OperationError && error.outcome === "fail") sent[index] = value - 1;
        else break;
      }
    }
    await client.close();
  };

  for (let round = 1; round <= kills; round++) {
    let alive = true;
    const enough = count + CLIENTS;
    const writers = acknowledged.map((_, index) => write(index, () => alive));
    // Strikes only when something is under way, however slow the machine is.
    await eventually(() => count >= enough);
    await world.clock.sleep(random.below(200));
    await cluster.processes.kill("n1");
    alive = false;
    await Promise.all(writers);
    await cluster.processes.start("n1");
    const reader = await connect(30_000);
    for (let index = 0; index < CLIENTS; index++) {
      const found = Number(await reader.invoke({ f: "get", key: `k${index}`, value: null }));
      const [least, most] = [acknowledged[index] as number, sent[index] as number];
      if (found < least || found > most) {
        violations.push(`after kill ${round}, k${index} is ${found}, not ${least} to ${most}`);
      }
      acknowledged[index] = found;
      sent[index] = found;
    }
    await reader.close();
  }
  return { acknowledged: count, unclear, violations };
}
