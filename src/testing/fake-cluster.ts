/**
 * A cluster without nodes: it keeps book of what is done to it. For tests of nemeses.
 */
import { HarnessError } from "../errors.js";
import type { MemberControl } from "../runner/members.js";
import type { NodeId } from "../world/network.js";
import type { Cluster, DiskFault, FaultKind } from "../world/world.js";

/** What a test sees of a fake cluster beside the cluster. */
export interface FakeCluster {
  readonly cluster: Cluster;
  readonly members: MemberControl;
  /** The fault kinds that were injected so far. */
  readonly injected: ReadonlySet<FaultKind>;
  /** All statuses, cuts, damages and members, in one text; equal texts are equal states. */
  state(): string;
  /**
   * Makes the calls with these numbers (from 1, counted from now on) fail; a failed call has no
   * effect.
   */
  failAt(...calls: readonly number[]): void;
}

/** Makes a cluster of nodes n1, n2, … that are all up. */
export function createFakeCluster(nodeCount: number): FakeCluster {
  const nodes: NodeId[] = Array.from({ length: nodeCount }, (_, index) => `n${index + 1}`);
  const statuses = new Map<NodeId, "up" | "down" | "paused">(nodes.map((node) => [node, "up"]));
  const cuts = new Set<string>();
  const members = new Set<NodeId>(nodes);
  const links = new Map<string, string>();
  const clocks = new Map<NodeId, string>();
  const disks = new Set<string>();
  const injected = new Set<FaultKind>();
  let calls = 0;
  let failing = new Set<number>();

  const effect = async (act: () => void, node?: NodeId): Promise<void> => {
    if (node !== undefined && !statuses.has(node)) throw new Error(`there is no node ${node}`);
    if (failing.has(++calls)) throw new Error(`call ${calls} fails, as the test wants`);
    act();
  };
  const change =
    (status: "up" | "down" | "paused", fault?: FaultKind) =>
    async (node: NodeId): Promise<void> =>
      effect(() => {
        // What is down can neither be paused nor resumed.
        if (statuses.get(node) === "down" && (fault === "pause" || fault === undefined)) return;
        statuses.set(node, status);
        if (fault !== undefined) injected.add(fault);
      }, node);

  const wrong = (node: NodeId, how: string): void => {
    clocks.set(node, how);
    injected.add("clock");
  };
  const damage = (node: NodeId, fault: DiskFault | "bit-rot", share = 0): void => {
    disks.add(`${node} ${fault} ${share}`);
    injected.add(fault);
  };

  return {
    cluster: {
      nodes,
      processes: {
        start: async (node) =>
          effect(() => {
            if (statuses.get(node) === "down") statuses.set(node, "up");
          }, node),
        kill: change("down", "kill"),
        powerOff: change("down", "power-loss"),
        pause: change("paused", "pause"),
        resume: change("up"),
        status: (node) => statuses.get(node) ?? "down",
      },
      links: {
        cut: async (from, to) =>
          effect(() => {
            if (from === to) throw new Error(`there is no link from ${from} to itself`);
            cuts.add(`${from}>${to}`);
            injected.add("cut-link");
          }, from),
        heal: async () => effect(() => cuts.clear()),
        cuts: () => [...cuts].sort(),
      },
      quality: {
        degrade: async (from, to, quality) =>
          effect(() => {
            links.set(`${from}>${to}`, JSON.stringify(quality));
            injected.add("degrade-link");
          }, from),
        restore: async () => effect(() => links.clear()),
        degraded: () => [...links.keys()].sort(),
      },
      clocks: {
        jump: async (node, byMs) => effect(() => wrong(node, `${byMs} ms`), node),
        drift: async (node, rate) => effect(() => wrong(node, `× ${rate}`), node),
        restore: async () => effect(() => clocks.clear()),
        wrong: () => [...clocks.keys()].sort(),
      },
      disks: {
        strike: async (node, fault) => effect(() => damage(node, fault), node),
        rot: async (node, share) => {
          await effect(() => damage(node, "bit-rot", share), node);
          return "log";
        },
        restore: async (fault) =>
          effect(() => {
            for (const name of disks) if (name.includes(` ${fault} `)) disks.delete(name);
          }),
        struck: (fault) =>
          nodes.filter((node) => [...disks].some((name) => name.startsWith(`${node} ${fault} `))),
      },
      endpoint: () => {
        throw new HarnessError("unavailable", "a fake cluster has no network");
      },
      stop: async () => undefined,
    },
    members: {
      list: async () => [...members].sort(),
      change: async (_, { kind, node }) => {
        try {
          await effect(() => {
            if (kind === "add") members.add(node);
            else members.delete(node);
            injected.add("members");
          }, node);
          return true;
        } catch {
          return false;
        }
      },
      sleep: async () => undefined,
    },
    injected,
    state: () =>
      JSON.stringify([
        [...statuses],
        [...cuts].sort(),
        [...members].sort(),
        textsOf(links),
        textsOf(clocks),
        [...disks].sort(),
      ]),
    failAt: (...numbers) => {
      calls = 0;
      failing = new Set(numbers);
    },
  };
}

function textsOf(map: ReadonlyMap<string, string>): readonly string[] {
  return Array.from(map, ([name, text]) => `${name} ${text}`).sort();
}
