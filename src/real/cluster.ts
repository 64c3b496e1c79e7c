/**
 * The nodes of a real run, and the handles by which faults are injected.
 */
import { join } from "node:path";
import { assert, HarnessError } from "../errors.js";
import type { Random } from "../random.js";
import type { Clock } from "../world/clock.js";
import type { Address, Message, NodeId } from "../world/network.js";
import type {
  ClientEndpoint,
  Cluster,
  Deployment,
  DeployOptions,
  LinkControl,
  ProcessControl,
} from "../world/world.js";
import type { Ports } from "./host-messages.js";
import { createNode, type RealNode } from "./node.js";
import { createOutbound } from "./outbound.js";
import type { Reaping } from "./reaping.js";

/** What a cluster is made from. */
export interface ClusterOptions {
  readonly deployment: Deployment;
  /** Each node has its own directory below this one. */
  readonly directory: string;
  readonly onLog: DeployOptions["onLog"];
  readonly seed: number;
  readonly epoch: bigint;
  /** The secret that keeps strangers out of the run's connections. */
  readonly token: string;
  readonly startTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly reaping: Reaping;
}

/** A cluster that can be ended without asking. */
export interface RealCluster extends Cluster {
  /** Starts all nodes; resolves when they serve. */
  startAll(): Promise<void>;
  /** Kills everything. */
  destroy(): Promise<void>;
}

/** Makes a cluster whose nodes are all down. */
export function createCluster(options: ClusterOptions): RealCluster {
  const { deployment, clock, seed, epoch, token } = options;
  const ids = Array.from({ length: deployment.nodeCount }, (_, index) => `n${index + 1}`);
  const cuts = new Set<string>();
  const sortedCuts = (): readonly string[] => [...cuts].sort();
  const nodes = new Map<NodeId, RealNode>();
  const ports = (): Ports =>
    Object.fromEntries([...nodes.values()].map((node) => [node.id, node.port() ?? 0]));
  for (const id of ids) {
    const directory = join(options.directory, id);
    const node = createNode({
      settings: { id, nodes: ids, directory, seed, epoch: String(epoch), token },
      program: deployment.program,
      reaping: options.reaping,
      startTimeoutMs: options.startTimeoutMs,
      onLog: (line, timeNs) => options.onLog(id, timeNs ?? clock.nowNs(), line),
      ports,
      cuts: sortedCuts,
    });
    nodes.set(id, node);
  }
  const all = [...nodes.values()];
  const find = (id: NodeId): RealNode => {
    const node = nodes.get(id);
    assert(node !== undefined, `there is no node ${id}`);
    return node;
  };
  const endpoints = createEndpoints(options, (id) => nodes.get(id)?.port());

  return {
    nodes: ids,
    processes: processControl(find, all),
    links: linkControl({ find, all, cuts, sortedCuts }),
    endpoint: (name) => endpoints.open(name),
    startAll: async () => {
      await allSettled(all.map((node) => node.launch()));
      await allSettled(all.map((node) => node.begin()));
    },
    stop: async () => {
      await allSettled(all.map((node) => node.stop()));
    },
    destroy: async () => {
      endpoints.closeAll();
      await allSettled(all.map((node) => node.destroy()));
    },
  };
}

function processControl(find: (id: NodeId) => RealNode, all: readonly RealNode[]): ProcessControl {
  return {
    start: (id) =>
      find(id).start(() => {
        for (const other of all) other.refreshPorts();
      }),
    kill: (id) => find(id).kill(),
    powerOff: async () => {
      throw new HarnessError(
        "unavailable",
        "the real world cannot take the power from one process",
      );
    },
    pause: (id) => find(id).pause(),
    resume: (id) => find(id).resume(),
    status: (id) => find(id).status(),
  };
}

interface Links {
  readonly find: (id: NodeId) => RealNode;
  readonly all: readonly RealNode[];
  readonly cuts: Set<string>;
  readonly sortedCuts: () => readonly string[];
}

function linkControl({ find, all, cuts, sortedCuts }: Links): LinkControl {
  return {
    cut: async (from, to) => {
      // Both ends drop: the sender what is to come, the receiver what is still on its way.
      const ends = [find(from), find(to)];
      cuts.add(`${from}>${to}`);
      await allSettled(ends.map((node) => node.refreshCuts()));
    },
    heal: async () => {
      cuts.clear();
      await allSettled(all.map((node) => node.refreshCuts()));
    },
    cuts: sortedCuts,
  };
}

interface Endpoints {
  open(name: string): ClientEndpoint;
  closeAll(): void;
}

/** The clients' places in the network; they live in the harness's process. */
function createEndpoints(
  { clock, random, token }: ClusterOptions,
  portOf: (id: NodeId) => number | undefined,
): Endpoints {
  const names = new Set<string>();
  const open = new Set<ClientEndpoint>();

  const make = (name: string): ClientEndpoint => {
    assert(!names.has(name) && portOf(name) === undefined, `the endpoint name ${name} is taken`);
    names.add(name);
    let receive: (from: Address, message: Message) => void = () => undefined;
    let refuse: (to: Address, message: Message) => void = () => undefined;
    const outbound = createOutbound({
      self: name,
      token,
      portOf,
      onMessage: (from, message) => receive(from, message),
      onRefused: (to, message) => refuse(to, message),
    });
    const endpoint: ClientEndpoint = {
      network: {
        self: name,
        send: (to, message) => outbound.send(to, message),
        onMessage: (receiver) => {
          receive = receiver;
        },
        onRefused: (receiver) => {
          refuse = receiver;
        },
      },
      clock,
      random: random.fork(`client/${name}`),
      close: () => {
        open.delete(endpoint);
        outbound.close();
      },
    };
    open.add(endpoint);
    return endpoint;
  };

  return {
    open: make,
    closeAll: () => {
      for (const endpoint of open) endpoint.close();
    },
  };
}

/** Waits for all, then throws what the first of them threw: nothing goes on unobserved. */
async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === "rejected") throw result.reason;
  }
}
