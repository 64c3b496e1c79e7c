/**
 * The simulated world: nodes, network, disks and clocks in one process, under virtual time, from
 * one seed. The same seed and the same code give the same run, byte for byte, on every machine.
 *
 * The ideas are those of FoundationDB's simulator and of TigerBeetle's; here the code under test is
 * plain JavaScript that is handed its clock, network and disk, so nothing has to be patched.
 */
import { HarnessError, messageOf } from "../errors.js";
import { createRandom, type Random } from "../random.js";
import type { NodeId } from "../world/network.js";
import type {
  ClientEndpoint,
  Cluster,
  Deployment,
  DeployOptions,
  NodeProgram,
  ProgramReference,
  World,
} from "../world/world.js";
import { createPerfectClock, drawClockError } from "./clock.js";
import { createMachineDisk } from "./disk-port.js";
import { createMachine, type Machine } from "./machine.js";
import { createNetwork, type SimulatedNetwork } from "./network.js";
import { resolveOptions, type ResolvedOptions, type SimulationOptions } from "./options.js";
import { createScheduler, type Scheduler } from "./scheduler.js";
import { createScope } from "./scope.js";

export type {
  ClockOptions,
  DiskOptions,
  MessageTrip,
  NetworkOptions,
  SimulationOptions,
} from "./options.js";

/**
 * Makes a world in which time is virtual. It can inject every fault.
 * @throws HarnessError `bad-argument` when an option is out of its bounds.
 */
export function simulatedWorld(given: SimulationOptions): World {
  const simulation = createSimulation(resolveOptions(given));
  const { scheduler, random, machines, network } = simulation;
  return {
    kind: "simulated",
    clock: createPerfectClock(scheduler, scheduler.harness),
    random: random.fork("harness"),
    availability: () => ({ available: true }),
    deploy: (deployment, where) => deploy(simulation, deployment, where),
    run: (main) => scheduler.run(main),
    waiting: () => [...machines.values()].map((machine) => machine.describe()),
    insight: {
      node: (node) => machines.get(node)?.memory(),
      waitsFor: (address, request) => network.waitsFor(address, request),
    },
    close: async () => {
      scheduler.close();
      for (const machine of machines.values()) machine.kill();
    },
  };
}

/** What the parts of one world share. */
interface Simulation {
  readonly options: ResolvedOptions;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly machines: Map<NodeId, Machine>;
  /** The names of the clients that are open. */
  readonly clients: Set<string>;
  /** The names that clients have ever had. */
  readonly clientNames: Set<string>;
}

function createSimulation(options: ResolvedOptions): Simulation {
  const random = createRandom(options.seed);
  const machines = new Map<NodeId, Machine>();
  const clients = new Set<string>();
  const scheduler = createScheduler({
    maxVirtualMs: options.maxVirtualMs,
    queue: options.queue,
    describe: () => {
      const lines = [...machines.values()].map((machine) => machine.describe());
      const cuts = network.cuts();
      if (cuts.length > 0) lines.push(`cut links: ${cuts.join(" ")}`);
      if (clients.size > 0) lines.push(`open clients: ${[...clients].join(" ")}`);
      return lines.length > 0 ? lines.join("; ") : "no node and no client";
    },
  });
  const { network: links, onMessage } = options;
  const network = createNetwork({ scheduler, random, options: links, onMessage });
  return { options, random, scheduler, network, machines, clients, clientNames: new Set() };
}

async function deploy(
  simulation: Simulation,
  { nodeCount, program }: Deployment,
  where: DeployOptions,
): Promise<Cluster> {
  const { machines, options, random, scheduler, network } = simulation;
  if (!Number.isSafeInteger(nodeCount) || nodeCount < 1) {
    throw new HarnessError("bad-argument", `a cluster has 1 node or more, not ${nodeCount}`);
  }
  if (machines.size > 0) {
    throw new HarnessError("harness-failure", "a world holds one deployment; make a new world");
  }
  const makeProgram = await scheduler.external(() => loadProgram(program, options.load));
  const nodes = Array.from({ length: nodeCount }, (_, index) => `n${index + 1}`);
  for (const id of nodes) {
    const machine = createMachine({
      id,
      nodes,
      scheduler,
      network,
      random,
      disk: createMachineDisk({
        node: id,
        crashes: options.queue?.crashes,
        scheduler,
        random: random.fork(`disk:${id}`),
        options: options.disk,
      }),
      clockError: drawClockError(random.fork(`clock:${id}`), options.clock),
      makeProgram,
      onLog: (line) => where.onLog(id, scheduler.nowNs(), line),
    });
    machines.set(id, machine);
  }
  await Promise.all([...machines.values()].map((machine) => machine.start()));
  return clusterOf(simulation, nodes);
}

function clusterOf(simulation: Simulation, nodes: readonly NodeId[]): Cluster {
  const { machines, network } = simulation;
  const machineOf = (node: NodeId): Machine => {
    const machine = machines.get(node);
    if (machine !== undefined) return machine;
    const known = [...machines.keys()].join(", ");
    throw new HarnessError("bad-argument", `there is no node ${node}; the nodes are ${known}`);
  };
  const assertLink = (from: NodeId, to: NodeId): void => {
    machineOf(from);
    machineOf(to);
    if (from === to) {
      throw new HarnessError("bad-argument", `the link from ${from} to itself cannot be struck`);
    }
  };
  return {
    nodes,
    processes: {
      start: async (node) => machineOf(node).start(),
      kill: async (node) => machineOf(node).kill(),
      powerOff: async (node) => machineOf(node).powerOff(),
      pause: async (node) => machineOf(node).pause(),
      resume: async (node) => machineOf(node).resume(),
      status: (node) => machineOf(node).status(),
    },
    links: {
      cut: async (from, to) => {
        assertLink(from, to);
        network.cut(from, to);
      },
      heal: async () => network.heal(),
      cuts: () => network.cuts(),
    },
    quality: {
      degrade: async (from, to, quality) => {
        assertLink(from, to);
        network.degrade(from, to, quality);
      },
      restore: async () => network.restore(),
      degraded: () => network.degraded(),
    },
    clocks: {
      jump: async (node, byMs) => machineOf(node).clock.jump(byMs),
      drift: async (node, rate) => machineOf(node).clock.drift(rate),
      restore: async () => {
        for (const node of nodes) machineOf(node).clock.restore();
      },
      wrong: () => nodes.filter((node) => machineOf(node).clock.isWrong()),
    },
    disks: {
      strike: async (node, fault) => machineOf(node).disk.strike(fault),
      rot: async (node, share) => machineOf(node).disk.rot(share),
      restore: async (fault) => {
        for (const node of nodes) machineOf(node).disk.restore(fault);
      },
      struck: (fault) => nodes.filter((node) => machineOf(node).disk.suffers(fault)),
    },
    endpoint: (name) => openEndpoint(simulation, name),
    stop: async () => {
      await Promise.all([...machines.values()].map((machine) => machine.stop()));
    },
  };
}

function openEndpoint(simulation: Simulation, name: string): ClientEndpoint {
  const { random, scheduler, network, machines, clients, clientNames } = simulation;
  if (clientNames.has(name) || machines.has(name)) {
    throw new HarnessError("bad-argument", `there is an endpoint ${name} already`);
  }
  clientNames.add(name);
  clients.add(name);
  const scope = createScope(name, (error) => scheduler.harness.onError(error));
  return {
    network: network.attach(name, scope),
    clock: createPerfectClock(scheduler, scope),
    random: random.fork(`client:${name}`),
    close: () => {
      clients.delete(name);
      scheduler.kill(scope);
      network.detach(name, scope);
      network.forget(name);
    },
  };
}

/** Imports a program; what it gives makes the program anew each time. */
async function loadProgram(
  program: ProgramReference,
  load: ResolvedOptions["load"],
): Promise<() => NodeProgram> {
  const module = await loadModule(program.module, load);
  const make = module[program.export];
  if (typeof make !== "function") {
    throw new HarnessError(
      "bad-argument",
      `${program.module} exports no function ${program.export}; it exports: ` +
        (Object.keys(module).toSorted().join(", ") || "nothing"),
    );
  }
  return () => (make as (given: object) => NodeProgram)({ ...program.options });
}

async function loadModule(
  module: string,
  load: ResolvedOptions["load"],
): Promise<Record<string, unknown>> {
  try {
    return await load(module);
  } catch (error) {
    throw new HarnessError(
      "bad-argument",
      `the program's module ${module} could not be loaded: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
