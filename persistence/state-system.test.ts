/** Somebody's own store of states, as a system: a right one is valid, wrong ones are found. */
import { expect, test } from "vitest";
import { backendContract } from "../src/testing/index.js";
import { runTest } from "../src/runner/run.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import { statePersistence } from "../src/state/derive.js";
import type { StatePersistence, StateStore } from "../src/state/persistence.js";
import type { Clock } from "../src/world/clock.js";
import { workflow } from "../workloads/workflow.js";
import { memoryPersistence, stateSystem } from "./index.js";

/** Three methods that take their time, on a right store; some are wrong. */
function slow(clock: Clock, flaw: "none" | "late-check" | "forgets-deletions"): StatePersistence {
  const right = memoryPersistence();
  const wait = async (): Promise<void> => clock.sleep(1);
  const store: StateStore = {
    saveState: async (key, value, options) => {
      if (flaw === "late-check" && options?.expected !== undefined) {
        const found = await right.loadState(key).catch(() => ({ version: 0 }));
        await wait();
        // Whoever was faster is overwritten.
        if (found.version === options.expected) return right.saveState(key, value);
      }
      await wait();
      return right.saveState(key, value, options);
    },
    loadState: async (key) => {
      await wait();
      return right.loadState(key);
    },
    deleteState: async (key, options) => {
      await wait();
      if (flaw === "forgets-deletions") await right.loadState(key);
      else await right.deleteState(key, options);
    },
    listStates: (options) => right.listStates(options),
  };
  return statePersistence(store);
}

async function judged(flaw: Parameters<typeof slow>[1]): Promise<string> {
  const system = stateSystem({
    name: "mine",
    worlds: ["simulated"],
    open: async ({ clock }) => slow(clock, flaw),
  });
  const workload = workflow();
  const { result } = await runTest({
    test: {
      version: 1,
      workload: workload.name,
      system: system.name,
      world: "simulated",
      nemeses: [],
      seed: 1,
      nodeCount: 1,
      concurrency: 10,
      timeLimitMs: 4_000,
      ratePerSecond: 300,
      operationTimeoutMs: 1_000,
      nemesisIntervalMs: 1_000,
    },
    system,
    workload,
    nemeses: [],
    world: simulatedWorld({ seed: 1 }),
    replay: "",
  });
  return `${result.verdict.verdict}: ${result.verdict.reason}`;
}

test("a right store is valid", async () => {
  expect(await judged("none")).toMatch(/^valid/);
});

test("one that checks conditions too early loses instances and effects", async () => {
  expect(await judged("late-check")).toMatch(/^invalid: workflow: .*although .* was acknowledged/);
});

test("one that forgets deletions has instances come back", async () => {
  expect(await judged("forgets-deletions")).toMatch(/^invalid: workflow: .*delete of/);
});

const SYSTEM = stateSystem({
  name: "mine",
  worlds: ["simulated"],
  open: async () => memoryPersistence(),
});
for (const { name, skipped, run } of backendContract({
  system: SYSTEM,
  world: () => simulatedWorld({ seed: 1 }),
})) {
  if (skipped === undefined) test(name, run);
}
