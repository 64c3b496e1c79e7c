/**
 * What runs in the child process of a real node: it makes a `NodeContext` of sockets, files and the
 * machine's clock, loads the program and starts it. It obeys its parent over the channel between
 * them, and ends at once, with all that it started, when that channel closes: the harness is gone
 * then, however it went.
 *
 * An uncaught exception is left to Node: it prints the stack to the standard error, which the
 * parent reads, and exits with 1.
 */
import { messageOf } from "../errors.js";
import { createRandom } from "../random.js";
import type { NodeContext, NodeInstance } from "../world/world.js";
import { createRealClock } from "./clock.js";
import { openRealDisk } from "./disk.js";
import type { FromHost, HostSettings, ToHost } from "./host-messages.js";
import { loadProgram } from "./load-program.js";
import { createNodeNetwork, type NodeNetwork } from "./node-network.js";
import { signalGroup } from "./processes.js";

interface Host {
  readonly settings: HostSettings;
  readonly network: NodeNetwork;
  instance?: NodeInstance | undefined;
}

let host: Host | undefined;

process.on("message", (message) => {
  void obey(message as ToHost).catch((error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    tell({ type: "failed", message: text }, () => process.exit(1));
  });
});
process.on("disconnect", () => {
  // The host leads a process group of its own, so that a server that the program started goes with
  // it.
  signalGroup(process.pid, "SIGKILL");
  process.exit(1);
});
tell({ type: "awake" });

async function obey(message: ToHost): Promise<void> {
  switch (message.type) {
    case "listen": {
      const { settings } = message;
      const { id: self, nodes, token } = settings;
      host = { settings, network: createNodeNetwork({ self, nodes, token }) };
      tell({ type: "listening", port: await host.network.listen(settings.port) });
      return;
    }
    case "begin": {
      const { settings, network } = started();
      network.setPorts(message.ports);
      network.setCuts(message.cuts);
      const program = await loadProgram(message.program);
      const instance = await program.start(await contextOf(settings, network));
      started().instance = instance ?? undefined;
      tell({ type: "ready" });
      return;
    }
    case "ports":
      started().network.setPorts(message.ports);
      return;
    case "cuts":
      started().network.setCuts(message.cuts);
      tell({ type: "cuts-applied", sequence: message.sequence });
      return;
    case "stop":
      await host?.instance?.stop?.();
      host?.network.close();
      process.exit(0);
  }
}

async function contextOf(settings: HostSettings, { network }: NodeNetwork): Promise<NodeContext> {
  const { id, nodes, directory, seed, incarnation } = settings;
  const clock = createRealClock(BigInt(settings.epoch));
  return {
    id,
    nodes,
    clock,
    network,
    disk: await openRealDisk(directory),
    random: createRandom(seed).fork(`node/${id}/${incarnation}`),
    log: (line) => tell({ type: "log", timeNs: clock.nowNs(), line }),
  };
}

function started(): Host {
  if (host === undefined) throw new Error("the harness has not told this host who it is");
  return host;
}

function tell(message: FromHost, then?: () => void): void {
  if (!process.connected) return;
  // A channel that breaks while something is written to it is reported by `disconnect`.
  process.send?.(message, undefined, undefined, () => then?.());
}
