/**
 * How fast the simulated world is: messages delivered per second of real time, with nodes that do
 * nothing but answer, and whole small runs (three nodes, disks, requests, a crash) per second.
 * Target: 100,000 messages per second and core.
 */
import { createRpc } from "../src/world/rpc.js";
import type { Cluster, NodeContext, NodeProgram, World } from "../src/world/world.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";

/** Measures and prints. */
export async function benchSimulation(): Promise<void> {
  await messagesPerSecond(50_000);
  const rate = await messagesPerSecond(400_000);
  process.stdout.write(`messages: ${format(rate)} per second\n`);
  await runsPerSecond(100);
  process.stdout.write(`small runs: ${format(await runsPerSecond(1_000))} per second\n`);
}

const NODES = 5;

/** Five nodes that pass tokens around until `total` messages were delivered. */
async function messagesPerSecond(total: number): Promise<number> {
  let delivered = 0;
  let done = (): void => {};
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  const program = (): NodeProgram => ({
    start: async (node) => {
      const next = node.nodes[(node.nodes.indexOf(node.id) + 1) % NODES] as string;
      node.network.onMessage((_from, message) => {
        if (++delivered === total) done();
        node.network.send(next, message);
      });
      node.clock.timer(5, () => {
        for (let i = 0; i < 20; i++) node.network.send(next, { term: i, entries: [i, "value"] });
      });
    },
  });
  const world = simulatedWorld({ seed: 1, load: async () => ({ program }) });
  return measure(world, total, async () => {
    await deploy(world);
    await finished;
  });
}

/**
 * Whole worlds: set up, a hundred requests that write to a disk, a crash and a restart, closed
 * again.
 */
async function runsPerSecond(total: number): Promise<number> {
  const begunMs = performance.now();
  for (let seed = 0; seed < total; seed++) {
    const world = simulatedWorld({
      seed,
      load: async () => ({ program: () => ({ start: store }) }),
    });
    await measure(world, 1, async () => {
      const cluster = await deploy(world);
      const endpoint = cluster.endpoint("c1");
      const rpc = createRpc(endpoint.network, endpoint.clock);
      for (let i = 0; i < 100; i++) {
        const node = cluster.nodes[i % NODES] as string;
        await rpc.call(node, i, { timeoutMs: 1_000 });
      }
      await cluster.processes.powerOff("n1");
      await cluster.processes.start("n1");
    });
  }
  return total / ((performance.now() - begunMs) / 1e3);
}

async function store(node: NodeContext): Promise<void> {
  const rpc = createRpc(node.network, node.clock);
  rpc.serve(async (_from, body) => {
    await node.disk.append("log", new Uint8Array([Number(body) % 256]));
    await node.disk.sync("log");
    return null;
  });
}

async function deploy(world: World): Promise<Cluster> {
  const reference = { module: "bench:simulation", export: "program", options: {} };
  return world.deploy({ program: reference, nodeCount: NODES }, { onLog: () => {} });
}

async function measure(world: World, count: number, main: () => Promise<void>): Promise<number> {
  const begunMs = performance.now();
  try {
    await world.run(main);
  } finally {
    await world.close();
  }
  return count / ((performance.now() - begunMs) / 1e3);
}

function format(rate: number): string {
  return Math.round(rate).toLocaleString("en-US");
}
