import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realWorld } from "../src/real/real-world.js";
import { createRpc, type Rpc } from "../src/world/rpc.js";
import type { Message } from "../src/world/network.js";
import type { Cluster, DeployOptions, World } from "../src/world/world.js";
import { eventually, marked, processesOf } from "./real/processes.js";

const module = new URL("./real/programs.ts", import.meta.url).href;
const onLinux = process.platform === "linux";

let world: World;
let mark: string;
let log: string[];
let endpoints = 0;

beforeEach(() => {
  mark = randomUUID();
  Object.assign(process.env, marked(mark));
  world = realWorld({ seed: 7 });
  log = [];
});
afterEach(async () => {
  await world.close();
  if (onLinux) expect(processesOf(mark)).toEqual([]);
});

function deploy(
  program: string,
  nodeCount = 1,
  options: Partial<DeployOptions> & { readonly how?: string } = {},
): Promise<Cluster> {
  const { how, ...rest } = options;
  return world.deploy(
    { program: { module, export: program, options: how ? { how } : {} }, nodeCount },
    { onLog: (node, _timeNs, line) => log.push(`${node}: ${line}`), ...rest },
  );
}

function client(cluster: Cluster): Rpc {
  const { network, clock } = cluster.endpoint(`c${endpoints++}`);
  return createRpc(network, clock);
}

const LONG = { timeoutMs: 20_000 };
const SHORT = { timeoutMs: 300 };

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "ok",
    (error: unknown) => (error as { readonly code?: string }).code ?? error,
  );
}

describe("programs in child processes", () => {
  it("answer requests, and pass on what they throw", async () => {
    const cluster = await deploy("kv");
    const rpc = client(cluster);
    const value = { text: 'ä\n"', list: [1, null, true], big: "x".repeat(300_000) };
    await rpc.call("n1", ["set", "a", value], LONG);
    expect(await rpc.call("n1", ["get", "a"], LONG)).toEqual(value);
    expect(await codeOf(rpc.call("n1", ["fail"], LONG))).toBe("failed");
    expect(log).toContain("n1: started with 0 keys");
  });

  it("share the run's clock, and draw other numbers at each incarnation", async () => {
    const cluster = await deploy("kv", 2);
    const rpc = client(cluster);
    const ask = async (node: string): Promise<{ nowNs: number; random: number; pid: number }> =>
      (await rpc.call(node, ["who"], LONG)) as { nowNs: number; random: number; pid: number };
    const before = world.clock.nowNs();
    const first = await ask("n1");
    const after = world.clock.nowNs();
    expect(first.nowNs).toBeGreaterThan(before);
    expect(first.nowNs).toBeLessThan(after);
    expect(first.pid).not.toBe(process.pid);
    const other = await ask("n2");
    await cluster.processes.kill("n1");
    await cluster.processes.start("n1");
    const second = await ask("n1");
    expect(new Set([first.random, other.random, second.random]).size).toBe(3);
  });

  it("can reach each other while they start", async () => {
    const cluster = await deploy("needy", 3);
    expect(cluster.nodes).toEqual(["n1", "n2", "n3"]);
  });

  it("listen on 127.0.0.1 alone, and let nobody in who does not know the run", async () => {
    const cluster = await deploy("kv");
    const { pid } = (await client(cluster).call("n1", ["who"], LONG)) as { pid: number };
    if (!onLinux) return;
    const listening = listeningOf(pid);
    expect(listening.length).toBe(1);
    // 0100007F is 127.0.0.1.
    expect(listening[0]).toMatch(/^0100007F:/);
  });

  it("are told to stop in order", async () => {
    const directory = mkdtempSync(join(tmpdir(), "ordeal-test-"));
    try {
      const cluster = await deploy("kv", 2, { directory });
      await cluster.processes.pause("n2");
      await cluster.stop();
      expect(cluster.nodes.map((node) => cluster.processes.status(node))).toEqual(["down", "down"]);
      expect(existsSync(join(directory, "n1", "stopped"))).toBe(true);
      expect(existsSync(join(directory, "n2", "stopped"))).toBe(true);
      await world.close();
      expect(readdirSync(directory)).toEqual(["n1", "n2"]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe("processes", () => {
  it("keep their disk, and lose their memory, when they are killed", async () => {
    const cluster = await deploy("kv");
    const { processes } = cluster;
    const rpc = client(cluster);
    await rpc.call("n1", ["set", "a", 1], LONG);
    await processes.kill("n1");
    await processes.kill("n1");
    expect(processes.status("n1")).toBe("down");
    await processes.start("n1");
    await processes.start("n1");
    expect(processes.status("n1")).toBe("up");
    expect(await rpc.call("n1", ["get", "a"], LONG)).toBe(1);
    expect(log).toContain("n1: started with 1 keys");
    // An end that was asked for is not worth a line.
    expect(log.filter((line) => line.includes("by itself"))).toEqual([]);
  });

  it("refuse for certain while they are down, and never lose that message into the next life", async () => {
    const cluster = await deploy("kv");
    const rpc = client(cluster);
    expect(await rpc.call("n1", ["get", "a"], LONG)).toBe(null);
    await cluster.processes.kill("n1");
    const fresh = client(cluster);
    expect(await codeOf(fresh.call("n1", ["set", "a", 1], LONG))).toBe("refused");
    await cluster.processes.start("n1");
    expect(await fresh.call("n1", ["get", "a"], LONG)).toBe(null);
  });

  it("time out while they are paused, and answer when they go on", async () => {
    const cluster = await deploy("kv");
    const { processes } = cluster;
    const rpc = client(cluster);
    await rpc.call("n1", ["set", "a", 1], LONG);
    await processes.pause("n1");
    await processes.pause("n1");
    expect(processes.status("n1")).toBe("paused");
    expect(await codeOf(rpc.call("n1", ["set", "a", 2], SHORT))).toBe("timeout");
    const patient = rpc.call("n1", ["get", "a"], LONG);
    await processes.resume("n1");
    await processes.resume("n1");
    expect([1, 2]).toContain(await patient);
    // The message that had timed out was waiting, and is carried out all the same.
    while ((await rpc.call("n1", ["get", "a"], LONG)) !== 2) await world.clock.sleep(10);
  });

  it("refuse what waited for a greeting when they are killed in a pause", async () => {
    const cluster = await deploy("kv");
    await cluster.processes.pause("n1");
    const waiting = codeOf(client(cluster).call("n1", ["set", "a", 1], LONG));
    await cluster.processes.kill("n1");
    expect(await waiting).toBe("refused");
    expect(cluster.processes.status("n1")).toBe("down");
    await cluster.processes.resume("n1");
    expect(cluster.processes.status("n1")).toBe("down");
  });

  it("that die by themselves are down, and say why", async () => {
    const cluster = await deploy("kv");
    await client(cluster)
      .call("n1", ["crash"], LONG)
      .catch(() => undefined);
    await eventually(() => cluster.processes.status("n1") === "down");
    await eventually(() => log.some((line) => line.includes("by itself")));
    expect(log).toContain("n1: n1 ended by itself: it exited with code 1");
    expect(log.some((line) => line.includes("the program is broken on purpose"))).toBe(true);
    await cluster.processes.start("n1");
    expect(cluster.processes.status("n1")).toBe("up");
  });

  it.skipIf(!onLinux)("share their fate with what the program started", async () => {
    const cluster = await deploy("wrapper", 2);
    const { processes } = cluster;
    const rpc = client(cluster);
    const state = (pid: number): string =>
      existsSync(`/proc/${pid}`)
        ? (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] as string)
        : "gone";
    const first = (await rpc.call("n1", null, LONG)) as number;
    const second = (await rpc.call("n2", null, LONG)) as number;
    await processes.pause("n1");
    expect(await eventually(() => state(first) === "T")).toBe(true);
    await processes.resume("n1");
    expect(await eventually(() => state(first) === "S")).toBe(true);
    await processes.kill("n1");
    await cluster.stop();
    const ended = (pid: number): boolean => ["gone", "Z", "X"].includes(state(pid));
    expect(await eventually(() => ended(first) && ended(second))).toBe(true);
  });

  it("move when somebody took their port", async () => {
    const cluster = await deploy("chatter", 2);
    const rpc = client(cluster);
    const ask = (node: string, other: string): Promise<Message> =>
      rpc.call(node, ["ask", other], LONG);
    expect(await ask("n2", "n1")).toBe("n1");
    if (!onLinux) return;
    const { processes } = cluster;
    const ports = new Set(hostPorts(mark));
    await processes.kill("n1");
    const still = hostPorts(mark);
    const free = [...ports].find((port) => !still.includes(port));
    const squatter = await listen(free as number);
    try {
      // Whoever has the port now does not know the run, and gets no message.
      expect(await ask("n2", "n1")).toEqual({ code: "refused" });
      await processes.start("n1");
      expect(await ask("n2", "n1")).toBe("n1");
      expect(await ask("n1", "n2")).toBe("n2");
    } finally {
      squatter.close();
    }
  });
});

describe("links", () => {
  it("drop messages in one direction until they are healed", async () => {
    const cluster = await deploy("chatter", 3);
    const { links, processes } = cluster;
    const rpc = client(cluster);
    const ask = (node: string, other: string): Promise<Message> =>
      rpc.call(node, ["ask", other], LONG);
    await links.cut("n1", "n2");
    await links.cut("n1", "n2");
    expect(links.cuts()).toEqual(["n1>n2"]);
    expect(await ask("n1", "n2")).toEqual({ code: "timeout" });
    // The request gets through, the answer does not.
    expect(await ask("n2", "n1")).toEqual({ code: "timeout" });
    expect(await ask("n1", "n3")).toBe("n3");
    expect(await ask("n3", "n2")).toBe("n2");
    // A node that starts, or goes on, keeps to the cuts; who is cut off does not hear of refusals.
    await processes.kill("n2");
    expect(await ask("n1", "n2")).toEqual({ code: "timeout" });
    expect(await ask("n3", "n2")).toEqual({ code: "refused" });
    await processes.start("n2");
    await processes.kill("n1");
    await processes.start("n1");
    expect(await ask("n1", "n2")).toEqual({ code: "timeout" });
    await processes.pause("n3");
    await links.cut("n3", "n1");
    await processes.resume("n3");
    expect(await ask("n3", "n1")).toEqual({ code: "timeout" });
    await links.heal();
    expect(links.cuts()).toEqual([]);
    for (const [from, to] of [
      ["n1", "n2"],
      ["n2", "n1"],
      ["n3", "n1"],
    ] as const) {
      expect(await ask(from, to)).toBe(to);
    }
  });
});

describe("a start that fails", () => {
  it.each([
    ["throws", "n1 did not start: Error: no such configuration"],
    ["exits", "n1 did not start: it exited with code 7"],
  ])("says why when the program %s", async (how, message) => {
    const started = deploy("unable", 1, { how });
    await expect(started).rejects.toMatchObject({ code: "harness-failure" });
    await expect(started).rejects.toThrow(message);
    await expect(started).rejects.toThrow("n1: about to go wrong");
  });

  it("is given up when the program hangs", async () => {
    await world.close();
    world = realWorld({ seed: 1, startTimeoutMs: 8000 });
    await expect(deploy("unable", 2, { how: "hangs" })).rejects.toThrow(
      /took more than 8 s.*\n.*about to/,
    );
  });

  it("names what the module exports when the program is not there", async () => {
    await expect(deploy("nothing")).rejects.toThrow(/no function nothing \(it exports .*kv/);
  });

  it("is refused in a closed world", async () => {
    await world.close();
    await expect(deploy("kv")).rejects.toThrow("this world is closed");
  });
});

describe("availability", () => {
  it("gives reason and alternative for loss of power", async () => {
    expect(world.availability("kill")).toEqual({ available: true });
    expect(world.availability("cut-link")).toEqual({ available: true });
    expect(world.availability("power-loss")).toMatchObject({
      available: false,
      alternative: expect.stringContaining("--nemesis crash") as string,
    });
  });
});

// Each row ends a harness that has a node paused and a node in a loop.
describe.skipIf(!onLinux)("nothing outlives the harness", () => {
  it.each<[string, string, NodeJS.Signals | undefined]>([
    ["SIGKILL", "wait", "SIGKILL"],
    ["Ctrl-C", "wait", "SIGINT"],
    ["SIGTERM", "wait", "SIGTERM"],
    ["process.exit", "exit", undefined],
    ["an uncaught exception", "throw", undefined],
  ])("that ends by %s", async (_name, how, signal) => {
    const own = randomUUID();
    const temporary = mkdtempSync(join(tmpdir(), "ordeal-test-"));
    const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const script = fileURLToPath(new URL("./real/harness.ts", import.meta.url));
    const harness = execa(process.execPath, ["--import", loader, script, how], {
      env: { ...marked(own), TMPDIR: temporary },
      reject: false,
      buffer: false,
    });
    try {
      await Promise.race([once(harness.stdout, "data"), harness]);
      if (signal !== undefined) {
        expect(processesOf(own).filter((line) => line.includes("/real/host.")).length).toBe(3);
        harness.kill(signal);
      }
      await harness;
      expect(await eventually(() => processesOf(own).length === 0)).toBe(true);
      const left = readdirSync(temporary).filter((name) => name.startsWith("ordeal-"));
      expect(left).toEqual([]);
    } finally {
      harness.kill("SIGKILL");
      rmSync(temporary, { recursive: true, force: true });
    }
  });

  it("when the world is closed in the middle of a start", async () => {
    const started = deploy("unable", 2, { how: "hangs" });
    const refused = expect(started).rejects.toThrow("did not start");
    await eventually(() => log.length > 0);
    await world.close();
    expect(processesOf(mark)).toEqual([]);
    await refused;
  });
});

/** The local addresses of the sockets on which a process listens. */
function listeningOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/net/tcp`, "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === "0A" && owns(pid, inode as string))
    .map(([, address]) => address as string);
}

function owns(pid: number, inode: string): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
    } catch {
      return false;
    }
  });
}

/** The ports of all hosts with this mark. */
function hostPorts(of: string): number[] {
  return processesOf(of)
    .filter((line) => line.includes("/real/host."))
    .flatMap((line) => listeningOf(Number.parseInt(line, 10)))
    .map((address) => Number.parseInt(address.split(":")[1] as string, 16));
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    // It answers, but not as a node would.
    const server = createServer((socket) => socket.end("220 hello\r\n"));
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
