/**
 * What the workloads of objects share. An object (a set, a queue, a lock, …) lives under a key of
 * the store; clients say `add` or `dequeue`, and the workload's client turns that into a call of
 * the store's function for the object: `{f: "add", key, value: 3}` becomes `{f: "set", key, value:
 * ["add", 3]}`.
 *
 * Small groups of workers share an object for a bounded number of operations and go on to the next,
 * which keeps each object small and its history cheap to judge. Finally every object is read once
 * more.
 */
import { perKey } from "../src/generator/index.js";
import type { Generator } from "../src/generator/generator.js";
import type { History } from "../src/history/history.js";
import type { Client } from "../src/runner/client.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";
import { finalReads } from "./final-reads.js";

/** How objects are used. */
export interface ObjectWorkloadOptions {
  /** Workers that share an object, at least 1; all of them when there are fewer. Default 5. */
  readonly groupSize?: number;
  /** Operations on an object before its group goes on to the next, at least 1. Default 200. */
  readonly operationsPerKey?: number;
}

/** One kind of object. */
export interface ObjectSpec {
  readonly name: string;
  readonly description: string;
  /** The store's function for the object. */
  readonly object: string;
  /** What clients say. */
  readonly functions: readonly string[];
  /** Those whose results show the object. */
  readonly observes: readonly string[];
  /** What is done on one object. */
  readonly generator: () => Generator;
  /** The function with which an object is looked at in the end; absent for none. */
  readonly finalRead?: string;
  readonly checker: () => ReturnType<Workload["checker"]>;
}

/**
 * Makes the workload of an object.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function objectWorkload(spec: ObjectSpec, options: ObjectWorkloadOptions = {}): Workload {
  const { groupSize = 5, operationsPerKey = 200 } = options;
  assertCounts({ groupSize, operationsPerKey });
  const { name, description, object, functions, observes, finalRead } = spec;
  return {
    name,
    description,
    requires: [object],
    optional: [],
    functions,
    observes,
    generator: () =>
      perKey({
        keys: (index) => `${object}${index}`,
        groupSize,
        limitPerKey: operationsPerKey,
        generator: () => spec.generator(),
      }),
    ...(finalRead === undefined
      ? {}
      : { finalGenerator: (_: unknown, history: History) => finalReads(finalRead, history) }),
    checker: () => spec.checker(),
    client: (client) => objectClient(client, object),
  };
}

/** Turns what clients say into calls of an object. */
export function objectClient(client: Client, object: string): Client {
  return {
    invoke: async ({ f, key = null, value }) =>
      client.invoke({ f: object, key, value: [f, value] }),
    close: async () => client.close(),
  };
}
