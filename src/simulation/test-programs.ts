/** Small node programs for the tests of the simulation; a program's options choose what it does. */
import { createRpc } from "../world/rpc.js";
import type { Message } from "../world/network.js";
import type { NodeContext, NodeProgram, ProgramOptions } from "../world/world.js";

const text = new TextEncoder();

/** Answers `["echo", x]` and counts in memory; appends `["store", line]` to a log, with or without sync. */
export function echo(options: ProgramOptions): NodeProgram {
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

/** Gossips all the time: every node tells a random other one a number, at random intervals, and logs what it hears. */
export function chatter(options: ProgramOptions): NodeProgram {
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

/** Sends itself and its neighbour back whatever it gets, as fast as it can: for measuring. */
export function pingPong(): NodeProgram {
  return {
    start: async (node) => {
      node.network.onMessage((from, message) => {
        node.network.send(from, (message as number) + 1);
      });
      const next = node.nodes[(node.nodes.indexOf(node.id) + 1) % node.nodes.length] as string;
      node.clock.timer(10, () => {
        for (let i = 0; i < 10; i++) node.network.send(next, 0);
      });
    },
  };
}

/** Records raw messages, without requests and answers. */
export function recorder(): NodeProgram {
  return {
    start: async (node) => {
      node.network.onMessage((from, message) => node.log(`${from}: ${JSON.stringify(message)}`));
    },
  };
}

/** Never gets ready, or fails to. */
export function stillborn(options: ProgramOptions): NodeProgram {
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
