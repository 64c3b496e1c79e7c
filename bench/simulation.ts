/**
 * How fast the simulated world is: messages delivered per second of CPU time, with nodes that do
 * nothing but pass them on, whole small runs (five nodes, disks, requests, a crash) per second, and
 * whole runs of raft under all faults, with their check and the messages that they deliver, at two
 * rates (medians of samples in turn, with their range); and what is held after 1,000 and 10,000
 * runs. Targets: 100,000 messages and 20 runs of raft per second and core, and nothing that grows.
 *
 * To be run as compiled code: `npm run bench:built -- simulation`.
 */
import { createRpc } from "../src/world/rpc.js";
import type { Cluster, NodeContext, NodeProgram, World } from "../src/world/world.js";
import { median } from "./rows/median.js";
import { heldAfter } from "./simulation/leaks.js";
import { raftRuns, type Offer, type Samples, type WholeRuns } from "./simulation/raft-runs.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";

/** Measures and prints. */
export async function benchSimulation(): Promise<void> {
  await messagesPerSecond(50_000);
  const rate = await messagesPerSecond(400_000);
  process.stdout.write(`messages, passed on and no more: ${format(rate)} per second of CPU\n`);
  await runsPerSecond(100);
  const small = await runsPerSecond(1_000);
  process.stdout.write(`small runs: ${format(small)} per second of CPU\n`);
  for (const [index, runs] of (await raftRuns(OFFERS, SAMPLES)).entries()) {
    tellWholeRuns(OFFERS[index] as Offer, runs);
  }
  const counts = [1_000, 10_000];
  const held = await heldAfter(counts);
  for (const [index, { heapBytes, bufferBytes, handles, listeners }] of held.entries()) {
    process.stdout.write(
      `held after ${format(counts[index] as number)} small raft runs: heap ${mebibytes(heapBytes)}, ` +
        `buffers ${mebibytes(bufferBytes)}, ${handles} handles, ${listeners} listeners\n`,
    );
  }
}

/**
 * Some 1,000 operations, at a rate that leaves the system time and at one that the clients can
 * hardly keep up with. Elections, heartbeats and faults go by virtual time, so that there are fewer
 * of them in a shorter run.
 */
const OFFERS: readonly Offer[] = [
  { rate: 165, lengthMs: 10_000 },
  { rate: 400, lengthMs: 5_200 },
];

/** Of seeds 1 to 60; one more of each is not counted. */
const SAMPLES: Samples = { count: 5, runs: 60 };

function tellWholeRuns(offer: Offer, runs: WholeRuns): void {
  const { perSecond, operations, faults, messages, residentBytes } = runs;
  const [least = 0, most = 0] = [perSecond[0], perSecond.at(-1)];
  const middle = median(perSecond);
  process.stdout.write(
    `whole raft runs (5 nodes, ${format(operations)} operations at ${offer.rate} a second offered, ` +
      `${format(faults)} faults and their ends, ${format(messages)} messages delivered, check): ` +
      `${middle.toFixed(1)} per second of CPU (${least.toFixed(1)} to ${most.toFixed(1)} in ` +
      `${perSecond.length} samples), ${format(middle * messages)} messages per second of CPU, ` +
      `${mebibytes(residentBytes)} resident\n`,
  );
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
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
  const begunMs = cpuMs();
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
  return total / ((cpuMs() - begunMs) / 1e3);
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
  const begunMs = cpuMs();
  try {
    await world.run(main);
  } finally {
    await world.close();
  }
  return count / ((cpuMs() - begunMs) / 1e3);
}

/** The CPU time of all threads of this process so far: others on the machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

function format(rate: number): string {
  return Math.round(rate).toLocaleString("en-US");
}
