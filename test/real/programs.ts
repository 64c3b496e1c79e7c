/**
 * Node programs for the tests of the real world.
 */
import { spawn } from "node:child_process";
import { createRpc } from "../../src/world/rpc.js";
import type { Message } from "../../src/world/network.js";
import type { NodeProgram } from "../../src/world/world.js";

/**
 * A map in memory, with its writes in a log on the disk. `["set", k, v]`, `["get", k]`, and some
 * odd requests.
 */
export function kv(): NodeProgram {
  return {
    start: async (node) => {
      const { network, clock, disk, random, id, nodes } = node;
      const bytes = await disk.read("log");
      const lines = new TextDecoder().decode(bytes ?? new Uint8Array()).split("\n");
      const state = new Map<string, Message>();
      for (const line of lines.filter(Boolean)) {
        const [key, value] = JSON.parse(line) as readonly [string, Message];
        state.set(key, value);
      }
      node.log(`started with ${state.size} keys`);
      createRpc(network, clock).serve(async (_from, body) => {
        const [what, key = "", value = null] = body as readonly [string, string?, Message?];
        switch (what) {
          case "set":
            await disk.append("log", new TextEncoder().encode(`${JSON.stringify([key, value])}\n`));
            await disk.sync("log");
            state.set(key, value);
            return null;
          case "get":
            return state.get(key) ?? null;
          case "who":
            return { id, nodes, pid: process.pid, nowNs: clock.nowNs(), random: random.uint32() };
          case "fail":
            throw new Error("as you wish");
          case "crash":
            setImmediate(() => {
              throw new Error("the program is broken on purpose");
            });
            return null;
          case "spin":
            for (;;);
          default:
            throw new Error(`what is ${what}?`);
        }
      });
      return { stop: async () => disk.write("stopped", new Uint8Array([1])) };
    },
  };
}

/**
 * Passes requests on: `["ask", node]` has this node ask the other for its name, `["name"]` gives
 * it.
 */
export function chatter(): NodeProgram {
  return {
    start: async ({ network, clock, id }) => {
      const rpc = createRpc(network, clock);
      rpc.serve(async (_from, body) => {
        const [what, other = ""] = body as readonly [string, string?];
        if (what === "name") return id;
        try {
          return await rpc.call(other, ["name"], { timeoutMs: 1000 });
        } catch (error) {
          return { code: (error as { readonly code?: string }).code ?? String(error) };
        }
      });
    },
  };
}

/** Needs all other nodes to answer before it serves. */
export function needy(): NodeProgram {
  return {
    start: async ({ network, clock, id, nodes }) => {
      const rpc = createRpc(network, clock);
      rpc.serve(() => id);
      for (const node of nodes) await rpc.call(node, null, { timeoutMs: 10_000 });
    },
  };
}

/** Starts a server of its own, as programs do that wrap a database. */
export function wrapper(): NodeProgram {
  return {
    start: async ({ network, clock }) => {
      const { pid } = spawn("sleep", ["600"], { stdio: "inherit" });
      createRpc(network, clock).serve(() => pid ?? null);
    },
  };
}

/** Does not start. */
export function unable(options: { readonly how: string }): NodeProgram {
  return {
    start: async (node) => {
      node.log("about to go wrong");
      if (options.how === "exits") process.exit(7);
      if (options.how === "hangs") await new Promise(() => undefined);
      throw new Error("no such configuration");
    },
  };
}
