/**
 * Every backend under every fault that it promises to survive, all at once and at random times,
 * judged by the linearizability checker; and under one that it does not, where it has to be caught.
 */
import { describe, expect, test } from "vitest";
import { linearizable } from "../checkers/linearizable.js";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import { kv } from "../src/model/kv.js";
import { createRandom, type Random } from "../src/random.js";
import type { System } from "../src/runner/system.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import { withSystem, type Fixture } from "../src/testing/backend-fixture.js";
import type { NodeId } from "../src/world/network.js";
import type { FaultKind } from "../src/world/world.js";
import type { VerdictKind } from "../src/verdict/verdict.js";
import { file, memory, primaryBackup, quorum } from "./index.js";

const CLIENTS = 6;
const KEYS = 3;
const LENGTH_MS = 6_000;
const THINK_MS = 60;

describe("keeps its promise under all faults that it names:", () => {
  for (const system of [
    memory(),
    file(),
    file({ variant: "no-fsync" }),
    file({ variant: "fsync-retried" }),
    quorum(),
    primaryBackup(),
  ]) {
    test(system.name, async () => {
      for (let seed = 0; seed < 12; seed++) {
        const history = await tortured(system, { seed, faults: system.promise.under });
        expect(await judged(history), `seed ${seed}`).toBe("valid");
      }
    });
  }

  test("quorum, of any size", async () => {
    for (let nodeCount = 1; nodeCount <= 9; nodeCount++) {
      const system = { ...quorum(), nodes: { min: 1, default: nodeCount, max: 9 } };
      const history = await tortured(system, { seed: nodeCount, faults: system.promise.under });
      expect(await judged(history), `${nodeCount} nodes`).toBe("valid");
    }
  });
});

describe("is caught within 20 seeds:", () => {
  const cases: readonly (readonly [System, readonly FaultKind[], pace?: Pace])[] = [
    [memory({ variant: "stale-reads" }), []],
    [memory({ variant: "lost-writes" }), []],
    [memory(), ["kill"]],
    [file({ variant: "no-fsync" }), ["power-loss"]],
    // A coordinator has to die in the middle of a write, and two reads to come before the next one.
    [quorum({ variant: "no-write-back" }), ["kill"], { thinkMs: 10, readShare: 0.8 }],
    [primaryBackup(), ["cut-link"]],
    [primaryBackup(), ["pause"]],
    [primaryBackup(), ["kill"]],
  ];
  for (const [system, faults, pace = {}] of cases) {
    test(`${system.name} under ${faults.join(", ") || "no fault"}`, async () => {
      for (let seed = 0; seed < 20; seed++) {
        if ((await judged(await tortured(system, { seed, faults, ...pace }))) === "invalid") return;
      }
      expect.fail("all 20 were valid");
    });
  }
});

test("the same seed gives the same history, also with faults", async () => {
  const options = { seed: 7, faults: ["kill", "power-loss", "pause", "cut-link"] } as const;
  const [first, second] = [await tortured(quorum(), options), await tortured(quorum(), options)];
  expect(first.length).toBe(second.length);
  for (let i = 0; i < first.length; i++) expect(first.event(i)).toEqual(second.event(i));
});

/** What the model of the check knows; stores have objects beside. */
const UPDATES = new Set(["write", "cas", "put", "append", "delete"]);

async function judged(history: History): Promise<VerdictKind> {
  return (await linearizable({ model: kv() }).check(history, createBudget({ timeMs: 20_000 })))
    .verdict;
}

interface Pace {
  /** Mean pause of a client between operations. Default 60 ms. */
  readonly thinkMs?: number;
  /** How many of the operations are reads. Default 0.5. */
  readonly readShare?: number;
}

/** Clients do what they like while faults come and go. */
async function tortured(
  system: System,
  options: {
    readonly seed: number;
    readonly faults: readonly FaultKind[];
  } & Pace,
): Promise<History> {
  const { seed, faults, ...pace } = options;
  const events: NewEvent[] = [];
  await withSystem(
    { system, world: () => simulatedWorld({ seed }), timeoutMs: 400 },
    async (fixture) => {
      const random = createRandom(seed);
      const { clock } = fixture.world;
      const over = { now: false };
      const clients = Array.from({ length: CLIENTS }, async (_, number) =>
        work(fixture, {
          system,
          number,
          random: random.fork(`client ${number}`),
          events,
          over,
          ...pace,
        }),
      );
      const strikes = faults.map(async (fault) =>
        strike(fixture, { fault, random: random.fork(fault), over }),
      );
      await clock.sleep(LENGTH_MS);
      over.now = true;
      await Promise.all([...strikes, ...clients]);
    },
  );
  return historyOf(events);
}

async function work(
  { world, cluster, connect, perform }: Fixture,
  options: {
    readonly system: System;
    readonly number: number;
    readonly random: Random;
    readonly events: NewEvent[];
    readonly over: { readonly now: boolean };
  } & Pace,
): Promise<void> {
  const { system, random, events, over, number } = options;
  const node = cluster.nodes[number % cluster.nodes.length];
  let process = number;
  let client = await connect(node);
  for (let count = 0; !over.now; count++) {
    await world.clock.sleep(random.exponential(options.thinkMs ?? THINK_MS));
    const key = random.below(KEYS);
    const f = random.chance(options.readShare ?? 0.5)
      ? "get"
      : random.pick(system.functions.filter((name) => UPDATES.has(name)));
    const unique = `${number}.${count} `;
    const value =
      f === "get" || f === "delete"
        ? null
        : f === "cas"
          ? [`${number}.${count - 1} `, unique]
          : unique;
    const operation = { process, f, key };
    events.push({ ...operation, type: "invoke", value, timeNs: world.clock.nowNs() });
    const completion = await perform(client, { f, key, value });
    const { type } = completion;
    events.push({
      ...operation,
      type,
      value: type === "ok" ? completion.value : value,
      timeNs: world.clock.nowNs(),
    });
    if (type !== "info") continue;
    process += CLIENTS;
    await client.close();
    client = await connect(node);
  }
}

/** One fault after the other, of one kind, at random nodes; everything is well again at the end. */
async function strike(
  { cluster, world }: Fixture,
  options: {
    readonly fault: FaultKind;
    readonly random: Random;
    readonly over: { readonly now: boolean };
  },
): Promise<void> {
  const { fault, random, over } = options;
  const { nodes, processes, links } = cluster;
  // Another fault may hit a node while it starts.
  const revive = async (node: NodeId): Promise<void> =>
    processes.start(node).catch(async () => {
      await world.clock.sleep(50);
      return revive(node);
    });
  const wait = async (): Promise<void> => world.clock.sleep(random.exponential(500));
  while (!over.now) {
    await wait();
    const victims = random.shuffle(nodes).slice(0, 1 + random.below(nodes.length));
    if (fault === "cut-link") {
      const others = nodes.filter((node) => !victims.includes(node));
      for (const a of victims) {
        for (const b of others) await Promise.all([links.cut(a, b), links.cut(b, a)]);
      }
      await wait();
      await wait();
      await links.heal();
    } else if (fault === "pause") {
      await Promise.all(victims.map(async (node) => processes.pause(node)));
      await wait();
      await Promise.all(victims.map(async (node) => processes.resume(node)));
    } else {
      const crash = fault === "kill" ? "kill" : "powerOff";
      await Promise.all(victims.map(async (node) => processes[crash](node)));
      await wait();
      await Promise.all(victims.map(async (node) => revive(node)));
    }
  }
}
