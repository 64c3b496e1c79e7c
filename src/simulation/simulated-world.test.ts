import { describe, expect, test } from "vitest";
import { createHash } from "node:crypto";
import { createRpc, type Rpc } from "../world/rpc.js";
import type { Message } from "../world/network.js";
import type {
  Cluster,
  Deployment,
  NodeContext,
  NodeProgram,
  ProgramOptions,
  World,
} from "../world/world.js";
import { simulatedWorld, type SimulationOptions } from "./simulated-world.js";

interface Bench {
  readonly world: World;
  readonly cluster: Cluster;
  readonly lines: string[];
  readonly rpc: (name: string) => Rpc;
}

function deploymentOf(name: string, nodeCount: number, options: ProgramOptions = {}): Deployment {
  const module = import.meta.url;
  return { program: { module, export: name, options }, nodeCount };
}

const load = async (): Promise<Record<string, unknown>> => ({
  echo,
  chatter,
  canceller,
  recorder,
  relay,
  stillborn,
});

async function simulate<T>(
  deployment: Deployment,
  options: Partial<SimulationOptions>,
  main: (bench: Bench) => Promise<T>,
): Promise<T> {
  const world = simulatedWorld({ seed: 1, load, ...options });
  const lines: string[] = [];
  try {
    return await world.run(async () => {
      const cluster = await world.deploy(deployment, {
        onLog: (node, timeNs, line) => {
          if (!line.startsWith("    at ")) lines.push(`${timeNs} ${node} ${line}`);
        },
      });
      const rpc = (name: string): Rpc => {
        const endpoint = cluster.endpoint(name);
        return createRpc(endpoint.network, endpoint.clock);
      };
      return await main({ world, cluster, lines, rpc });
    });
  } finally {
    await world.close();
  }
}

const withoutTime = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/^\d+ /, ""));

async function chat(seed: number): Promise<string> {
  return simulate(
    deploymentOf("chatter", 4, { meanMs: 3 }),
    { seed, network: { lossProbability: 0.05, duplicationProbability: 0.05 } },
    async ({ world, cluster, lines }) => {
      const { processes, links } = cluster;
      await world.clock.sleep(100);
      await links.cut("n1", "n2");
      await processes.pause("n3");
      await world.clock.sleep(50);
      await processes.powerOff("n4");
      await processes.resume("n3");
      await links.heal();
      await world.clock.sleep(50);
      await processes.start("n4");
      await world.clock.sleep(100);
      await cluster.stop();
      return lines.join("\n");
    },
  );
}

describe("determinism", () => {
  test("the same seed gives the same trace, another seed another one", async () => {
    const [first, second, other] = [await chat(7), await chat(7), await chat(8)];
    expect(first.length).toBeGreaterThan(5_000);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  test("worlds that run at the same time do not disturb each other", async () => {
    const alone = await chat(7);
    const [a, b] = await Promise.all([chat(7), chat(8)]);
    expect(a).toBe(alone);
    expect(b).toBe(await chat(8));
  });

  test("the trace of a seed is pinned", async () => {
    const digest = createHash("sha256")
      .update(await chat(42))
      .digest("hex")
      .slice(0, 16);
    expect(digest).toBe("45724c27bebef31e");
  });
});

describe("time and messages", () => {
  test("requests are answered, within virtual time", async () => {
    await simulate(deploymentOf("echo", 2), {}, async ({ world, rpc }) => {
      const begunNs = world.clock.nowNs();
      const answer = await rpc("c1").call("n2", ["echo", { a: [1, null] }], { timeoutMs: 1_000 });
      expect(answer).toEqual({ from: "c1", argument: { a: [1, null] }, calls: 1, node: "n2" });
      const tookMs = (world.clock.nowNs() - begunNs) / 1e6;
      expect(tookMs).toBeGreaterThan(2);
      expect(tookMs).toBeLessThan(100);
    });
  });

  test("messages overtake each other, unless links are FIFO", async () => {
    const order = async (fifo: boolean): Promise<number[]> =>
      simulate(deploymentOf("recorder", 1), { network: { fifo } }, async (bench) => {
        const { network } = bench.cluster.endpoint("c1");
        for (let i = 0; i < 50; i++) network.send("n1", i);
        await bench.world.clock.sleep(1_000);
        return withoutTime(bench.lines).map((line) => Number(line.replace("n1 c1: ", "")));
      });
    const sent = Array.from({ length: 50 }, (_, i) => i);
    expect(await order(true)).toEqual(sent);
    const reordered = await order(false);
    expect(reordered).not.toEqual(sent);
    expect(reordered.toSorted((a, b) => a - b)).toEqual(sent);
  });

  test("loss and duplication come as often as asked", async () => {
    const received = async (network: SimulationOptions["network"]): Promise<number> =>
      simulate(
        deploymentOf("recorder", 1),
        network === undefined ? {} : { network },
        async (bench) => {
          const client = bench.cluster.endpoint("c1");
          for (let i = 0; i < 1_000; i++) client.network.send("n1", i);
          await bench.world.clock.sleep(1_000);
          return bench.lines.length;
        },
      );
    expect(await received({})).toBe(1_000);
    expect(await received({ lossProbability: 1 })).toBe(0);
    expect(await received({ duplicationProbability: 1 })).toBe(2_000);
    const some = await received({ lossProbability: 0.2 });
    expect(some).toBeGreaterThan(740);
    expect(some).toBeLessThan(860);
  });

  test("the receiver shares nothing with the sender", async () => {
    await simulate(deploymentOf("recorder", 1), {}, async ({ world, cluster, lines }) => {
      const message = { list: [1] };
      cluster.endpoint("c1").network.send("n1", message);
      message.list.push(2);
      await world.clock.sleep(100);
      expect(withoutTime(lines)).toEqual(['n1 c1: {"list":[1]}']);
    });
  });

  test("clocks of nodes are off within bounds, that of the harness is right", async () => {
    await simulate(
      deploymentOf("echo", 3),
      { clock: { skewMsMax: 500, driftPpmMax: 0 } },
      async ({ world, rpc }) => {
        const client = rpc("c1");
        const offsets: number[] = [];
        for (const node of ["n1", "n2", "n3"]) {
          const before = world.clock.wallMs();
          const [, wallMs] = (await client.call(node, ["clock"], { timeoutMs: 1e4 })) as number[];
          offsets.push((wallMs as number) - before);
          expect(Math.abs(offsets.at(-1) as number)).toBeLessThanOrEqual(600);
        }
        expect(Math.max(...offsets) - Math.min(...offsets)).toBeGreaterThan(20);
      },
    );
  });

  test("a timer that was cancelled does not ring; NaN is refused", async () => {
    const world = simulatedWorld({ seed: 1 });
    await world.run(async () => {
      let rung = 0;
      world.clock.timer(1, () => rung++).cancel();
      world.clock.timer(2, () => rung++);
      await world.clock.sleep(2);
      expect(rung).toBe(1);
      expect(world.clock.nowNs()).toBe(2e6);
      expect(() => world.clock.timer(Number.NaN, () => {})).toThrow(RangeError);
    });
    await world.close();
  });
});

describe("partitions", () => {
  test("a cut is one-way, on sending and on arrival, until it is healed", async () => {
    await simulate(deploymentOf("chatter", 2, { meanMs: 2, quiet: true }), {}, async (bench) => {
      const { world, cluster, lines } = bench;
      const heard = async (): Promise<string[]> => {
        lines.length = 0;
        await world.clock.sleep(200);
        return [
          ...new Set(withoutTime(lines).map((line) => line.split(" ")[0] as string)),
        ].toSorted();
      };
      expect(await heard()).toEqual(["n1", "n2"]);
      await cluster.links.cut("n1", "n2");
      expect(cluster.links.cuts()).toEqual(["n1>n2"]);
      expect(await heard()).toEqual(["n1"]);
      await cluster.links.cut("n2", "n1");
      expect(cluster.links.cuts()).toEqual(["n1>n2", "n2>n1"]);
      expect(await heard()).toEqual([]);
      await cluster.links.heal();
      await cluster.links.heal();
      expect(cluster.links.cuts()).toEqual([]);
      expect(await heard()).toEqual(["n1", "n2"]);
    });
  });

  test("a message that was sent over a cut link is not saved by healing", async () => {
    await simulate(
      deploymentOf("relay", 2),
      { network: { latencyMsMin: 10, latencyMsMean: 0 } },
      async ({ world, cluster, lines }) => {
        const { network } = cluster.endpoint("c1");
        const relayed = async (cutMs: number, healMs: number): Promise<number> => {
          lines.length = 0;
          network.send("n1", "n2");
          await world.clock.sleep(cutMs);
          await cluster.links.cut("n1", "n2");
          await world.clock.sleep(healMs - cutMs);
          await cluster.links.heal();
          await world.clock.sleep(100);
          return lines.length;
        };
        // The relay sends after 10 ms; its message arrives at 20 ms.
        expect(await relayed(1, 5)).toBe(1);
        expect(await relayed(5, 15)).toBe(0);
        expect(await relayed(15, 18)).toBe(1);
        expect(await relayed(15, 25)).toBe(0);
      },
    );
  });

  test("unknown nodes and self-cuts are refused", async () => {
    await simulate(deploymentOf("echo", 2), {}, async ({ cluster }) => {
      await expect(cluster.links.cut("n1", "n9")).rejects.toThrow(/no node n9.*n1, n2/);
      await expect(cluster.links.cut("n1", "n1")).rejects.toThrow(/itself/);
      expect(() => cluster.endpoint("n1")).toThrow(/already/);
    });
  });
});

describe("processes", () => {
  test("kill loses memory and keeps the disk; start on a running node changes nothing", async () => {
    await simulate(deploymentOf("echo", 1), {}, async ({ cluster, rpc }) => {
      const client = rpc("c1");
      const call = (...body: string[]): Promise<unknown> =>
        client.call("n1", body, { timeoutMs: 500 });
      await call("store", "a");
      await cluster.processes.start("n1");
      expect(await call("echo", "x")).toMatchObject({ calls: 2 });
      await cluster.processes.kill("n1");
      await cluster.processes.kill("n1");
      expect(cluster.processes.status("n1")).toBe("down");
      await cluster.processes.start("n1");
      expect(cluster.processes.status("n1")).toBe("up");
      expect(await call("echo", "x")).toMatchObject({ calls: 1 });
      expect(await call("recovered")).toBe("a");
    });
  });

  test("powerOff may lose what was not synced, and never what was", async () => {
    const recovered = async (seed: number, sync: boolean): Promise<unknown> =>
      simulate(deploymentOf("echo", 1, { sync }), { seed }, async ({ cluster, rpc }) => {
        const client = rpc("c1");
        for (const line of ["abc", "def", "ghi"]) {
          await client.call("n1", ["store", line], { timeoutMs: 500 });
        }
        await cluster.processes.powerOff("n1");
        await cluster.processes.start("n1");
        return client.call("n1", ["recovered"], { timeoutMs: 500 });
      });
    const outcomes = new Set<unknown>();
    for (let seed = 0; seed < 30; seed++) {
      expect(await recovered(seed, true)).toBe("abcdefghi");
      outcomes.add(await recovered(seed, false));
    }
    expect(outcomes.size).toBeGreaterThan(3);
    for (const left of outcomes) {
      if (left !== null) expect("abcdefghi".startsWith(left as string)).toBe(true);
    }
  });

  test("a paused node does nothing, and catches up in order", async () => {
    await simulate(
      deploymentOf("recorder", 1),
      { network: { fifo: true } },
      async ({ world, cluster, lines }) => {
        await cluster.processes.pause("n1");
        expect(cluster.processes.status("n1")).toBe("paused");
        const { network } = cluster.endpoint("c1");
        for (let i = 0; i < 5; i++) network.send("n1", i);
        await world.clock.sleep(500);
        expect(lines).toEqual([]);
        await cluster.processes.resume("n1");
        await world.clock.sleep(1);
        expect(withoutTime(lines)).toEqual([0, 1, 2, 3, 4].map((i) => `n1 c1: ${i}`));
        await cluster.processes.pause("n1");
        network.send("n1", "lost");
        await world.clock.sleep(100);
        await cluster.processes.kill("n1");
        expect(cluster.processes.status("n1")).toBe("down");
        await cluster.processes.start("n1");
        expect(cluster.processes.status("n1")).toBe("up");
        await world.clock.sleep(100);
        expect(lines.length).toBe(5);
      },
    );
  });

  test("a timer that rang during a pause can still be cancelled", async () => {
    await simulate(deploymentOf("canceller", 1), {}, async ({ world, cluster, lines }) => {
      await cluster.processes.pause("n1");
      await world.clock.sleep(100);
      await cluster.processes.resume("n1");
      await world.clock.sleep(100);
      expect(withoutTime(lines)).toEqual(["n1 first"]);
    });
  });

  test("a down node refuses at once; a duplicated message is never refused", async () => {
    const outcome = async (duplicationProbability: number): Promise<unknown> =>
      simulate(
        deploymentOf("echo", 1),
        { network: { duplicationProbability } },
        async ({ cluster, rpc }) => {
          await cluster.processes.kill("n1");
          return rpc("c1")
            .call("n1", ["echo", 1], { timeoutMs: 500 })
            .catch((error: { code: string }) => error.code);
        },
      );
    expect(await outcome(0)).toBe("refused");
    expect(await outcome(1)).toBe("timeout");
  });

  test("a message does not reach the next incarnation", async () => {
    await simulate(
      deploymentOf("recorder", 1),
      { network: { latencyMsMin: 10, latencyMsMean: 0 } },
      async ({ world, cluster, lines }) => {
        const { network } = cluster.endpoint("c1");
        const refused: unknown[] = [];
        network.onRefused((to, message) => refused.push([to, message]));
        network.send("n1", "old");
        await cluster.processes.kill("n1");
        await cluster.processes.start("n1");
        network.send("n1", "new");
        await world.clock.sleep(100);
        expect(withoutTime(lines)).toEqual(['n1 c1: "new"']);
        expect(refused).toEqual([]);
      },
    );
  });

  test("refusals do not pass a cut way back", async () => {
    await simulate(deploymentOf("relay", 2), {}, async ({ world, cluster, lines }) => {
      const { network } = cluster.endpoint("c1");
      await cluster.processes.kill("n2");
      network.send("n1", "n2");
      await world.clock.sleep(100);
      expect(withoutTime(lines)).toEqual(["n1 refused by n2"]);
      await cluster.links.cut("n2", "n1");
      network.send("n1", "n2");
      await world.clock.sleep(100);
      expect(lines.length).toBe(1);
    });
  });

  test.each(["throw-later", "reject-later"])(
    "an error in a node (%s) ends the node only",
    async (how) => {
      const handlers = process.listenerCount("unhandledRejection");
      await simulate(deploymentOf("echo", 2), {}, async ({ world, cluster, lines, rpc }) => {
        const client = rpc("c1");
        await client.call("n1", [how], { timeoutMs: 500 });
        await world.clock.sleep(50);
        expect(cluster.processes.status("n1")).toBe("down");
        expect(cluster.processes.status("n2")).toBe("up");
        expect(withoutTime(lines).join()).toMatch(/n1 crashed: (thrown|rejected) in a timer/);
        await cluster.processes.start("n1");
        expect(await client.call("n1", ["echo", 1], { timeoutMs: 500 })).toMatchObject({
          calls: 1,
        });
      });
      expect(process.listenerCount("unhandledRejection")).toBe(handlers);
    },
  );

  test("orderly stop lets programs finish, and does not wait for ever", async () => {
    for (const hangAtStop of [false, true]) {
      await simulate(deploymentOf("echo", 2, { hangAtStop }), {}, async ({ cluster, lines }) => {
        await cluster.processes.pause("n2");
        await Promise.all([cluster.stop(), cluster.stop()]);
        await cluster.stop();
        expect(withoutTime(lines)).toEqual(["n1 stopping"]);
        expect(cluster.nodes.map((node) => cluster.processes.status(node))).toEqual([
          "down",
          "down",
        ]);
      });
    }
  });
});

describe("what goes wrong", () => {
  test("a run that waits for nothing is a deadlock, and says who waits", async () => {
    const run = simulate(deploymentOf("echo", 2), {}, async ({ cluster, rpc }) => {
      rpc("c1");
      await cluster.processes.kill("n2");
      await cluster.processes.pause("n1");
      await new Promise(() => {});
    });
    await expect(run).rejects.toMatchObject({
      code: "harness-failure",
      message: expect.stringMatching(
        /deadlock.*n1 is paused with 0 events waiting; n2 is down; open clients: c1/,
      ) as string,
    });
  });

  test("a run without end fails at its limit", async () => {
    const run = simulate(
      deploymentOf("chatter", 2, { meanMs: 10 }),
      { maxVirtualMs: 1_000 },
      () => new Promise(() => {}),
    );
    await expect(run).rejects.toThrow(/not ended after 1000 ms/);
  });

  test("a program that does not start", async () => {
    const rejected = simulate(deploymentOf("stillborn", 1, { how: "reject" }), {}, async () => {});
    await expect(rejected).rejects.toThrow(/node n1 did not start: crashed: no configuration/);
    const hung = simulate(deploymentOf("stillborn", 1, { how: "hang" }), {}, async () => {});
    await expect(hung).rejects.toThrow(/deadlock/);
    await expect(simulate(deploymentOf("nothing", 1), {}, async () => {})).rejects.toThrow(
      /exports no function nothing.*canceller, chatter, echo/,
    );
    const module = { module: "file:///nowhere.js", export: "x", options: {} };
    const missing = simulatedWorld({ seed: 1 });
    await expect(
      missing.run(async () =>
        missing.deploy({ program: module, nodeCount: 1 }, { onLog: () => {} }),
      ),
    ).rejects.toMatchObject({ code: "bad-argument" });
    await missing.close();
  });

  test("programs are imported from their module", async () => {
    const module =
      "data:text/javascript,export const ready = () => ({ start: async (n) => n.log('hi') });";
    const program = { module, export: "ready", options: {} };
    const world = simulatedWorld({ seed: 1 });
    const lines: string[] = [];
    await world.run(() =>
      world.deploy(
        { program, nodeCount: 1 },
        { onLog: (_node, _timeNs, line) => lines.push(line) },
      ),
    );
    await world.close();
    expect(lines).toEqual(["hi"]);
  });

  test("a node that is killed while it starts", async () => {
    await simulate(deploymentOf("echo", 1), {}, async ({ world, cluster }) => {
      await cluster.processes.kill("n1");
      const starting = cluster.processes.start("n1");
      const failed = expect(starting).rejects.toThrow(/killed while it started/);
      await world.clock.sleep(0.5);
      await cluster.processes.kill("n1");
      await failed;
      await cluster.processes.start("n1");
      expect(cluster.processes.status("n1")).toBe("up");
    });
  });

  test("what the harness throws ends the run", async () => {
    const world = simulatedWorld({ seed: 1 });
    await expect(world.run(() => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
    const inTimer = world.run(async () => {
      world.clock.timer(1, () => {
        throw new Error("in a timer");
      });
      await world.clock.sleep(10);
    });
    await expect(inTimer).rejects.toThrow("in a timer");
    const unhandled = world.run(async () => {
      void Promise.reject(new Error("nobody handles me"));
      await world.clock.sleep(10);
    });
    await expect(unhandled).rejects.toThrow("nobody handles me");
    await world.close();
    await world.close();
    await expect(world.run(async () => 1)).rejects.toThrow(/closed/);
  });

  test.each([
    { seed: -1 },
    { seed: 0.5 },
    { seed: 1, network: { lossProbability: 1.1 } },
    { seed: 1, network: { latencyMsMin: Number.NaN } },
    { seed: 1, clock: { driftPpmMax: 1e6 } },
    { seed: 1, disk: { syncMsMean: Infinity } },
  ])("bad options %j", (options) => {
    expect(() => simulatedWorld(options)).toThrow(
      expect.objectContaining({ code: "bad-argument" }),
    );
  });
});

test("2,000 small runs leave nothing behind", async () => {
  const handlers = process.listenerCount("unhandledRejection");
  const small = async (seed: number): Promise<void> =>
    simulate(deploymentOf("echo", 2), { seed }, async ({ cluster, rpc }) => {
      const client = rpc("c1");
      await client.call("n1", ["store", "x".repeat(10_000)], { timeoutMs: 500 });
      void client.call("n2", ["store", "y"], { timeoutMs: 500 }).catch(() => {});
      await cluster.processes.kill("n2");
    });
  for (let seed = 0; seed < 300; seed++) await small(seed);
  const before = process.memoryUsage();
  for (let seed = 0; seed < 1_700; seed++) await small(seed);
  const after = process.memoryUsage();
  // What is kept of every run would be 17 MB of log alone, were the worlds kept.
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(12e6);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(40e6);
  expect(process.listenerCount("unhandledRejection")).toBe(handlers);
}, 120_000);

// The node programs of these tests.

const text = new TextEncoder();

/**
 * Answers `["echo", x]` and counts in memory; appends `["store", line]` to a log, with or without
 * sync.
 */
function echo(options: ProgramOptions): NodeProgram {
  let calls = 0;
  return {
    start: async (node) => {
      const log = await node.disk.read("log");
      const rpc = createRpc(node.network, node.clock);
      rpc.serve(async (from, body) => {
        calls++;
        const [what, argument = null] = body as readonly Message[];
        if (what === "echo") return { from, argument, calls, node: node.id };
        if (what === "read") return new TextDecoder().decode(await node.disk.read("log"));
        if (what === "recovered") return log === undefined ? null : new TextDecoder().decode(log);
        if (what === "store") {
          await node.disk.append("log", text.encode(argument as string));
          if (options["sync"] === true) {
            await node.disk.sync("log");
            await node.disk.syncDirectory();
          }
          return "stored";
        }
        if (what === "throw-later") node.clock.timer(5, () => fail("thrown in a timer"));
        if (what === "reject-later")
          node.clock.timer(5, () => void failAsync("rejected in a timer"));
        if (what === "clock") return [node.clock.nowNs(), node.clock.wallMs()];
        return "done";
      });
      return {
        stop: async () => {
          node.log("stopping");
          if (options["hangAtStop"] === true) await new Promise(() => {});
        },
      };
    },
  };
}

/**
 * Gossips all the time: every node tells a random other one a number, at random intervals, and logs
 * what it hears.
 */
function chatter(options: ProgramOptions): NodeProgram {
  const meanMs = options["meanMs"] as number;
  return {
    start: async (node) => {
      let heard = 0;
      node.network.onMessage((from, message) => {
        heard = (heard * 31 + (message as { n: number }).n) % 1_000_003;
        node.log(`${from} said ${JSON.stringify(message)} ${heard}`);
        if (options["quiet"] !== true) void persist(node, heard);
      });
      const others = node.nodes.filter((id) => id !== node.id);
      const tick = (): void => {
        const n = node.random.below(1000);
        node.network.send(node.random.pick(others), { n, wall: node.clock.wallMs() });
        node.clock.timer(node.random.exponential(meanMs), tick);
      };
      tick();
    },
  };
}

async function persist(node: NodeContext, heard: number): Promise<void> {
  await node.disk.append("heard", text.encode(`${heard}\n`));
  if (heard % 3 === 0) await node.disk.sync("heard");
  node.log(`persisted ${heard}`);
}

/** Records raw messages, without requests and answers. */
function recorder(): NodeProgram {
  return {
    start: async (node) => {
      node.network.onMessage((from, message) => node.log(`${from}: ${JSON.stringify(message)}`));
    },
  };
}

/** Sends what it gets from a client on to the node that the message names. */
function relay(): NodeProgram {
  return {
    start: async (node) => {
      node.network.onMessage((from, message) => {
        if (node.nodes.includes(from)) node.log("relayed");
        else node.network.send(message as string, "hello");
      });
      node.network.onRefused((to) => node.log(`refused by ${to}`));
    },
  };
}

/** Its first timer cancels its second. */
function canceller(): NodeProgram {
  return {
    start: async (node) => {
      const second = node.clock.timer(50, () => node.log("second"));
      node.clock.timer(40, () => {
        node.log("first");
        second.cancel();
      });
    },
  };
}

/** Never gets ready, or fails to. */
function stillborn(options: ProgramOptions): NodeProgram {
  return {
    start: async (node) => {
      node.log("trying");
      if (options["how"] === "reject") fail("no configuration");
      await new Promise(() => {});
    },
  };
}

function fail(message: string): never {
  throw new Error(message);
}

async function failAsync(message: string): Promise<void> {
  await Promise.resolve();
  fail(message);
}

describe("the trips of messages", () => {
  test("each is told of once, with what became of it", async () => {
    const trips: string[] = [];
    const world = simulatedWorld({
      seed: 1,
      network: { latencyMsMean: 0 },
      onMessage: ({ from, to, fate, message, sentNs, endNs }) => {
        trips.push(
          `${from}>${to} ${JSON.stringify(message)} ${fate} after ${(endNs - sentNs) / 1e6} ms`,
        );
      },
      load: async () => ({
        program: () => ({ start: async (node: NodeContext) => node.network.onMessage(() => {}) }),
      }),
    });
    await world.run(async () => {
      const program = { module: "test", export: "program", options: {} };
      const cluster = await world.deploy({ program, nodeCount: 1 }, { onLog: () => {} });
      const { network, clock } = cluster.endpoint("c");
      network.send("n1", "a");
      await clock.sleep(10);
      await cluster.processes.kill("n1");
      network.send("n1", "b");
      await clock.sleep(10);
    });
    await world.close();
    expect(trips).toEqual(['c>n1 "a" delivered after 1 ms', 'c>n1 "b" refused after 1 ms']);
  });
});
