/**
 * Tables without rows, and clients that insert one into a table if they find none: at most one of
 * them can have found none. What they read is a predicate, which no lock on a row protects. (Adya's
 * G2; a workload of Jepsen's from the beginning.) New tables follow.
 */
import { predicate as predicateChecker } from "../checkers/predicate.js";
import { repeat } from "../src/generator/index.js";
import type { Client } from "../src/runner/client.js";
import type { Workload } from "../src/runner/workload.js";
import { finalReads } from "./final-reads.js";

/** Clients that try to insert a row into one table. */
const PER_TABLE = 3;

/** Makes the workload. */
export function predicate(): Workload {
  return {
    name: "predicate",
    description: "inserts of a row where a read by predicate finds none: one of them succeeds",
    requires: ["rows"],
    optional: [],
    functions: ["insert", "read"],
    observes: ["insert", "read"],
    generator: () =>
      repeat(({ index }) => ({
        f: "insert",
        key: `t${Math.floor(index / PER_TABLE)}`,
        value: index,
      })),
    finalGenerator: (_, history) => finalReads("read", history),
    checker: () => predicateChecker(),
    client: rowsClient,
  };
}

function rowsClient(client: Client): Client {
  return {
    invoke: async ({ f, key = null, value }) => {
      const call = f === "insert" ? ["insert-if-none", value] : ["read", null];
      return client.invoke({ f: "rows", key, value: call });
    },
    close: async () => client.close(),
  };
}
