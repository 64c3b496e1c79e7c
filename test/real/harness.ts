/**
 * A harness to be killed: deploys nodes in the real world, pauses one, says where its temporary
 * data is, and then waits or ends as its argument says.
 */
import { realWorld } from "../../src/real/real-world.js";
import { createRpc } from "../../src/world/rpc.js";

const [how = "wait"] = process.argv.slice(2);
const world = realWorld({ seed: 1 });
const module = new URL("./programs.ts", import.meta.url).href;
const cluster = await world.deploy(
  { program: { module, export: "kv", options: {} }, nodeCount: 3 },
  { onLog: () => undefined },
);
await cluster.processes.pause("n1");
const { network, clock } = cluster.endpoint("c0");
const rpc = createRpc(network, clock);
// The second node is caught in a loop, and cannot hear that the harness is gone.
await rpc.call("n2", ["spin"], { timeoutMs: 200 }).catch(() => undefined);
process.stdout.write("ready\n");
if (how === "exit") process.exit(3);
if (how === "throw") {
  setImmediate(() => {
    throw new Error("the harness is broken on purpose");
  });
}
await clock.sleep(60_000);
