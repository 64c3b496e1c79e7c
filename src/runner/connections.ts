/**
 * From a deployed cluster to clients, and back: opens the system's run, connects processes, and
 * ends everything in order, each step within a limit.
 */
import { HarnessError, messageOf } from "../errors.js";
import type { NodeId } from "../world/network.js";
import type { Cluster, World } from "../world/world.js";
import type { Client } from "./client.js";
import type { TestDescription } from "./result.js";
import { openSession, type System, type SystemSession } from "./system.js";
import { within } from "./within.js";
import type { Workload } from "./workload.js";

/** A system that is not open within this cannot be tested. */
const OPEN_TIMEOUT_MS = 60_000;
/** Nobody waits longer for the clients, the system or the nodes to end by themselves. */
const STOP_TIMEOUT_MS = 30_000;

/**
 * Begins the system's run.
 * @throws HarnessError `harness-failure` when the system throws or takes longer than a minute.
 */
export async function openInTime(
  system: System,
  world: World,
  nodes: readonly NodeId[],
): Promise<SystemSession> {
  const { clock, random } = world;
  try {
    return await within(world, {
      what: "opening it",
      action: () => openSession(system, { clock, random: random.fork("system"), nodes }),
      limitMs: OPEN_TIMEOUT_MS,
    });
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(
      "harness-failure",
      `cannot open ${system.name}: ${messageOf(error)}; make sure that it runs and can be reached`,
      { cause: error },
    );
  }
}

/** What connections are made from. */
export interface ConnectorParts {
  readonly test: TestDescription;
  readonly workload: Workload;
  readonly cluster: Cluster;
  readonly session: SystemSession;
}

/** Opens the connections of processes, each attempt at an endpoint of its own. */
export function connector(parts: ConnectorParts): (process: number) => Promise<Client> {
  const { test, workload, cluster, session } = parts;
  const attempts = new Map<number, number>();
  return async (process) => {
    const attempt = (attempts.get(process) ?? 0) + 1;
    attempts.set(process, attempt);
    // The names of endpoints are never used twice, also not when nothing came of the first.
    const endpoint = cluster.endpoint(`c${process}${attempt === 1 ? "" : `.${attempt}`}`);
    try {
      const client = await session.connect({
        endpoint,
        nodes: cluster.nodes,
        preferred: cluster.nodes[process % cluster.nodes.length] as NodeId,
        timeoutMs: test.operationTimeoutMs,
      });
      return workload.client?.(client) ?? client;
    } catch (error) {
      endpoint.close();
      throw error;
    }
  };
}

/**
 * Carries out the steps one after the other; gives what went wrong. One that hangs or fails must
 * not keep the others from their end, nor the run from its verdict.
 */
export async function endInOrder(
  world: World,
  steps: readonly (readonly [what: string, action: () => Promise<void>])[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [what, action] of steps) {
    try {
      await within(world, { what, action, limitMs: STOP_TIMEOUT_MS });
    } catch (error) {
      problems.push(`${what} failed: ${messageOf(error)}`);
    }
  }
  return problems;
}
