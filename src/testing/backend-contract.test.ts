/**
 * The contract of backends has to accept what is right and to name what is wrong: one toy for each
 * way to be wrong.
 */
import { describe, expect, test } from "vitest";
import type { Value } from "../history/value.js";
import { OperationError, type Client } from "../runner/client.js";
import { storeSystem, type Store } from "../runner/store-system.js";
import type { SessionOptions, System } from "../runner/system.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import { backendContract, ContractViolation } from "./index.js";

type Toy = (session: SessionOptions) => Partial<Store>;

/** A right store, in which a toy replaces methods. */
function toyStore(toy: Toy = () => ({}), map = new Map<string, Value>()): System {
  return storeSystem({
    name: "toy",
    worlds: ["simulated"],
    methods: ["cas", "append", "delete"],
    open: async (session) => {
      map.clear();
      return {
        get: async (key) => map.get(key),
        put: async (key, value) => void map.set(key, value),
        cas: async (key, expected, next) => {
          if (JSON.stringify(map.get(key) ?? null) !== JSON.stringify(expected)) return false;
          map.set(key, next);
          return true;
        },
        append: async (key, text) => void map.set(key, ((map.get(key) ?? "") as string) + text),
        delete: async (key) => void map.delete(key),
        ...toy(session),
      };
    },
  });
}

/** Replaces the clients of a system. */
function withClient(system: System, change: (client: Client, timeoutMs: number) => Client): System {
  return {
    ...system,
    open: async (options) => {
      const session = await system.open?.(options);
      if (session === undefined) throw new Error("toys have sessions");
      return {
        ...session,
        connect: async (connection) =>
          change(await session.connect(connection), connection.timeoutMs),
      };
    },
  };
}

/** The names of the cases that a system breaks. */
async function broken(system: System): Promise<string[]> {
  const names: string[] = [];
  for (const { name, skipped, run } of backendContract({
    system,
    world: () => simulatedWorld({ seed: 1 }),
  })) {
    if (skipped !== undefined) continue;
    try {
      await run();
    } catch (error) {
      if (!(error instanceof ContractViolation)) throw error;
      names.push(name);
    }
  }
  return names;
}

test("a right store breaks nothing", async () => {
  expect(await broken(toyStore())).toEqual([]);
});

test("cases that do not apply are there, with their reason", () => {
  const cases = backendContract({ system: toyStore(), world: () => simulatedWorld({ seed: 1 }) });
  const survives = cases.find(({ name }) => name === "what was acknowledged survives a kill");
  expect(survives?.skipped).toMatch(/does not promise to survive kill: the faults of a run/);
  const weak = backendContract({
    system: { ...toyStore(), promise: { consistency: "eventual", under: [] } },
    world: () => simulatedWorld({ seed: 1 }),
  });
  expect(weak.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
  expect(weak.find(({ name }) => name.startsWith("get "))?.skipped).toBe("it promises eventual");
});

describe("a wrong store is caught:", () => {
  const model = "answers what the model says";
  const map = new Map<string, Value>();
  const store = (toy: Toy): System => toyStore(toy, map);
  const toys: readonly (readonly [what: string, system: System, cases: readonly string[]])[] = [
    [
      "writes are forgotten",
      store(() => ({ put: async () => undefined })),
      [`put ${model}`, "every node shows what was written"],
    ],
    [
      "delete keeps the value",
      store(() => ({ delete: async () => undefined })),
      [`delete ${model}`],
    ],
    [
      "append replaces",
      store(() => ({ append: async (key, text) => void map.set(key, text) })),
      [`append ${model}`, "append loses and repeats nothing among clients"],
    ],
    [
      "cas ignores what it should compare",
      store(() => ({ cas: async (key, _expected, next) => Boolean(map.set(key, next)) })),
      [`cas ${model}`, "a compare-and-set that sees another value fails for certain"],
    ],
    [
      "a mismatch is an unknown error",
      store(() => ({
        cas: async () => {
          throw new Error("mismatch");
        },
      })),
      ["a compare-and-set that sees another value fails for certain"],
    ],
    [
      "cas waits between comparing and setting",
      store(({ clock }) => ({
        cas: async (key, expected, next) => {
          if (JSON.stringify(map.get(key) ?? null) !== JSON.stringify(expected)) return false;
          await clock.sleep(1);
          map.set(key, next);
          return true;
        },
      })),
      ["compare-and-set is atomic among clients"],
    ],
    [
      "append waits between reading and writing",
      store(({ clock }) => ({
        append: async (key, text) => {
          const before = (map.get(key) ?? "") as string;
          await clock.sleep(1);
          map.set(key, before + text);
        },
      })),
      ["append loses and repeats nothing among clients"],
    ],
    [
      "values become text",
      store(() => ({ put: async (key, value) => void map.set(key, JSON.stringify(value)) })),
      ["values of all JSON kinds come back as they were"],
    ],
    [
      "keys lose their case",
      store(() => ({
        get: async (key) => map.get(key.toLowerCase()),
        put: async (key, value) => void map.set(key.toLowerCase(), value),
      })),
      ["keys of any kind are kept apart"],
    ],
    [
      "a write hangs",
      store(() => ({ put: async () => new Promise<void>(() => undefined) })),
      [`put ${model}`, "clients at once see what was written, and agree in the end"],
    ],
    [
      "it does not repeat itself",
      store(({ clock }) => ({
        put: async (key, value) => {
          await clock.sleep(Math.random());
          map.set(key, value);
        },
      })),
      ["two runs of one seed are the same"],
    ],
    [
      "unknown functions succeed",
      withClient(toyStore(), (client) => ({
        ...client,
        invoke: async (invocation) => client.invoke(invocation).catch(() => null),
      })),
      ["a function that it does not have fails for certain"],
    ],
    [
      "a second close throws",
      withClient(toyStore(), (client) => {
        let closed = false;
        return {
          ...client,
          close: async () => {
            if (closed) throw new Error("closed already");
            closed = true;
          },
        };
      }),
      ["a client can be closed twice"],
    ],
    [
      "a refusal takes as long as a time-out",
      withClient(
        toyStore(({ clock }) => ({ put: async () => clock.sleep(3_000) })),
        (client) => client,
      ),
      ["a node that is down refuses, and at once"],
    ],
    [
      "a failed write happens after all",
      {
        ...withClient(toyStore(), (client) => ({
          ...client,
          invoke: async (invocation) => {
            const result = await client.invoke(invocation);
            if (invocation.value === "during") throw new OperationError("fail", "lie", "a lie");
            return result;
          },
        })),
        promise: { consistency: "linearizable", under: ["pause"] },
      },
      ["operations on paused nodes end in time, and never as a failure that happens after all"],
    ],
  ];

  for (const [what, system, cases] of toys) {
    test(what, async () => {
      expect(await broken(system)).toEqual(expect.arrayContaining([...cases]));
    });
  }
});
