/**
 * A running system for one case of the backend contract: deployed, with clients that cannot hang,
 * and stopped however the case ends.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Invocation } from "../generator/generator.js";
import type { Value } from "../history/value.js";
import { completionOf, type Client, type Completion } from "../runner/client.js";
import { openSession, type System } from "../runner/system.js";
import type { NodeId } from "../world/network.js";
import type { Cluster, World } from "../world/world.js";
import { ContractViolation } from "./contract.js";

/** What a backend is tested with. */
export interface BackendContractOptions {
  readonly system: System;
  /** A new world for each case; a simulated one always of the same seed. */
  readonly world: () => World;
  /** How long clients wait for one operation, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number;
}

/** Which cases apply, and why not. */
export interface Applicability {
  /** Undefined when a single client sees its own writes; else why not. */
  readonly sequential: string | undefined;
  /** Undefined when all clients see one register; else why not. */
  readonly linearizable: string | undefined;
}

/** One running system. */
export interface Fixture {
  readonly world: World;
  readonly cluster: Cluster;
  readonly timeoutMs: number;
  /** Opens a client of its own; by default of the first node. */
  readonly connect: (node?: NodeId) => Promise<Client>;
  /**
   * Carries out one operation.
   * @throws ContractViolation when it takes longer than a client may.
   */
  readonly perform: (client: Client, invocation: Invocation) => Promise<Completion>;
  /**
   * Carries out one operation that has to succeed.
   * @throws ContractViolation
   */
  readonly succeed: (client: Client, invocation: Invocation) => Promise<Value>;
  /**
   * Carries out an operation until it succeeds, for the time that a system may need after a fault
   * (30 s).
   * @throws ContractViolation
   */
  readonly recover: (node: NodeId, invocation: Invocation) => Promise<Value>;
}

/**
 * What a client may take longer than its time-out, in milliseconds: scheduling, and the answer's
 * way.
 */
const GRACE_MS = 1_000;
const RECOVERY_ATTEMPTS = 60;
const RECOVERY_PAUSE_MS = 500;

/** Why cases that need to write and to read do not apply. */
export const NO_ACCESS = "it has no pair of functions that write and read";

/** Starts a system, lets the body use it, and stops it. */
export async function withSystem(
  options: BackendContractOptions,
  body: (fixture: Fixture) => Promise<void>,
): Promise<void> {
  const { system } = options;
  const world = options.world();
  const directory =
    world.kind === "real" ? await mkdtemp(join(tmpdir(), "ordeal-contract-")) : undefined;
  try {
    await world.run(async () => {
      const cluster = await world.deploy(system.deployment(system.nodes.default), {
        ...(directory === undefined ? {} : { directory }),
        onLog: () => undefined,
      });
      try {
        await drive(options, { world, cluster }, body);
      } finally {
        await cluster.stop();
      }
    });
  } finally {
    await world.close();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}

async function drive(
  options: BackendContractOptions,
  { world, cluster }: { readonly world: World; readonly cluster: Cluster },
  body: (fixture: Fixture) => Promise<void>,
): Promise<void> {
  const { system, timeoutMs = 2_000 } = options;
  const { clock } = world;
  const session = await openSession(system, {
    clock,
    random: world.random.fork("system"),
    nodes: cluster.nodes,
  });
  const clients: Client[] = [];
  let opened = 0;

  const connect: Fixture["connect"] = async (node = cluster.nodes[0]) => {
    const client = await session.connect({
      endpoint: cluster.endpoint(`c${opened++}`),
      nodes: cluster.nodes,
      preferred: node as NodeId,
      timeoutMs,
    });
    clients.push(client);
    return client;
  };

  const perform: Fixture["perform"] = async (client, invocation) =>
    new Promise((resolve, reject) => {
      const limitMs = timeoutMs + GRACE_MS;
      const timer = clock.timer(limitMs, () => {
        const message = `${shown(invocation)} had not ended after ${limitMs} ms; clients may wait ${timeoutMs} ms`;
        reject(new ContractViolation(message));
      });
      const finish = (completion: Completion): void => {
        timer.cancel();
        resolve(completion);
      };
      void (async () => client.invoke(invocation))().then(
        (value) => finish({ type: "ok", value }),
        (error: unknown) => finish(completionOf(error)),
      );
    });

  const succeed: Fixture["succeed"] = async (client, invocation) => {
    const completion = await perform(client, invocation);
    if (completion.type === "ok") return completion.value;
    throw new ContractViolation(
      `${shown(invocation)} should succeed; it ended as ${completion.type} ${JSON.stringify(completion.error)}`,
    );
  };

  const recover: Fixture["recover"] = async (node, invocation) => {
    for (let attempt = 1; attempt <= RECOVERY_ATTEMPTS; attempt++) {
      const completion = await perform(await connect(node), invocation);
      if (completion.type === "ok") return completion.value;
      await clock.sleep(RECOVERY_PAUSE_MS);
    }
    throw new ContractViolation(
      `${shown(invocation)} on ${node} does not succeed again after the fault`,
    );
  };

  try {
    await body({ world, cluster, timeoutMs, connect, perform, succeed, recover });
  } finally {
    await Promise.allSettled(clients.map(async (client) => client.close()));
    await session.close();
  }
}

/** An invocation in words. */
export function shown({ f, key, value }: Invocation): string {
  return `${f}(${key === undefined ? "" : `${JSON.stringify(key)}, `}${JSON.stringify(value)})`;
}
