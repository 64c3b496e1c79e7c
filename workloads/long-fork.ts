/**
 * Two writes to two keys, and transactions that read both: no two reads may see the writes in
 * opposite orders. Each key is written once, and new keys follow.
 */
import { longFork as longForkChecker } from "../checkers/long-fork.js";
import { limit, repeat, untilOk } from "../src/generator/index.js";
import type { Value } from "../src/history/value.js";
import type { Client } from "../src/runner/client.js";
import type { Workload } from "../src/runner/workload.js";
import { objectClient } from "./objects.js";

/** Transactions on a pair of keys, two of which write. */
const PER_PAIR = 16;
const ATTEMPTS = 10;

/** Makes the workload. */
export function longFork(): Workload {
  return {
    name: "long-fork",
    description: "pairs of writes, and reads of both; no two reads see them in opposite orders",
    requires: ["registers"],
    optional: [],
    functions: ["txn"],
    observes: ["txn"],
    generator: () =>
      repeat(({ index, random }) => {
        const pair = Math.floor(index / PER_PAIR);
        const [x, y] = [`${pair}.x`, `${pair}.y`];
        const place = index % PER_PAIR;
        if (place === 2) return { f: "txn", value: [["w", x, index]] };
        if (place === PER_PAIR / 2) return { f: "txn", value: [["w", y, index]] };
        return { f: "txn", value: random.shuffle([x, y]).map((key) => ["r", key, null]) };
      }),
    finalGenerator: () =>
      limit(
        ATTEMPTS,
        untilOk(
          repeat({
            f: "txn",
            value: [
              ["r", "0.x", null],
              ["r", "0.y", null],
            ],
          }),
        ),
      ),
    checker: () => longForkChecker(),
    client: (client) => transactor(client),
  };
}

/** The registers of a pair are one object of the store. */
function transactor(inner: Client): Client {
  const store = objectClient(inner, "registers");
  return {
    invoke: async ({ f, value }) => {
      const [step] = value as readonly (readonly [string, string, Value])[];
      const pair = step?.[1].split(".")[0] ?? null;
      return store.invoke({ f, key: pair, value });
    },
    close: async () => store.close(),
  };
}
