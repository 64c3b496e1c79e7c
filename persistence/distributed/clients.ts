/**
 * The clients of a distributed store: each does one thing at a time, so that calls at once have one
 * each. What went wrong with one that may still be under way ends it.
 */
import type { Client } from "../../src/runner/client.js";
import type { System } from "../../src/runner/system.js";
import type { NodeId } from "../../src/world/network.js";
import type { ClientEndpoint, Cluster } from "../../src/world/world.js";

/** What clients are made from. */
export interface ClientsOptions {
  readonly cluster: Cluster;
  readonly system: System;
  /** What the names of endpoints begin with; no other endpoint of the cluster may be called so. */
  readonly name: string;
  /** The node that is asked first. */
  readonly node: NodeId;
  readonly timeoutMs: number;
  /** Whether another node will do when that one is down. */
  readonly goesElsewhere: boolean;
}

/** Opens clients when they are needed, and uses them again. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #idle: Client[] = [];
  readonly #all = new Set<Client>();
  readonly #timer: ClientEndpoint;
  #node: NodeId;
  #opened = 0;

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#node = options.node;
    this.#timer = options.cluster.endpoint(`${options.name}.0`);
  }

  nowNs(): number {
    return this.#timer.clock.nowNs();
  }

  /** Waits for about so long, lest those who met meet again. */
  async pause(meanMs: number): Promise<void> {
    const { clock, random } = this.#timer;
    await clock.sleep(meanMs * (0.5 + random.float()));
  }

  /** Lets a call use a client; one whose call rejects is not used again. */
  async use<T>(call: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#idle.pop() ?? (await this.#open());
    try {
      const answer = await call(client);
      this.#idle.push(client);
      return answer;
    } catch (error) {
      this.#all.delete(client);
      await client.close();
      throw error;
    }
  }

  /** The node that is asked does not answer: from now on the next one is. */
  goOn(): void {
    const { cluster, goesElsewhere } = this.#options;
    if (!goesElsewhere) return;
    const next = (cluster.nodes.indexOf(this.#node) + 1) % cluster.nodes.length;
    this.#node = cluster.nodes[next] as NodeId;
    const idle = this.#idle.splice(0);
    for (const client of idle) {
      this.#all.delete(client);
      void client.close();
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#all].map(async (client) => client.close()));
    this.#timer.close();
  }

  async #open(): Promise<Client> {
    const { cluster, system, name, timeoutMs } = this.#options;
    const client = await system.connect({
      endpoint: cluster.endpoint(`${name}.${++this.#opened}`),
      nodes: cluster.nodes,
      preferred: this.#node,
      timeoutMs,
    });
    this.#all.add(client);
    return client;
  }
}
