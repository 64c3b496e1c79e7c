/**
 * Broadcasts: messages are handed to any node, and every process reads what has come to the node
 * that it talks to; finally all of them read once more.
 */
import { broadcast as broadcastChecker } from "../checkers/broadcast.js";
import { delay, eachWorker, limit, repeat, untilOk } from "../src/generator/index.js";
import type { Client } from "../src/runner/client.js";
import type { Workload } from "../src/runner/workload.js";
import { objectClient } from "./objects.js";

/** Reads show all messages so far, so that they must be few. */
const READ_SHARE = 0.2;
const ATTEMPTS = 10;
const ATTEMPT_DISTANCE_MS = 200;
/** Where all messages are kept. */
const TOPIC = "messages";

/** Makes the workload. */
export function broadcast(): Workload {
  return {
    name: "broadcast",
    description: "messages to all, and what each process sees of them; every one comes, once",
    requires: ["set"],
    optional: [],
    functions: ["broadcast", "read"],
    observes: ["read"],
    generator: () =>
      repeat(({ index, random }) =>
        random.chance(READ_SHARE) ? { f: "read", value: null } : { f: "broadcast", value: index },
      ),
    finalGenerator: () =>
      eachWorker(
        limit(ATTEMPTS, untilOk(delay(ATTEMPT_DISTANCE_MS, repeat({ f: "read", value: null })))),
      ),
    checker: () => broadcastChecker(),
    client: listener,
  };
}

function listener(inner: Client): Client {
  const store = objectClient(inner, "set");
  return {
    invoke: async ({ f, value }) =>
      store.invoke({ f: f === "broadcast" ? "add" : "read", key: TOPIC, value }),
    close: async () => store.close(),
  };
}
