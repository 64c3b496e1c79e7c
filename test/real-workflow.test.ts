/**
 * Workflows on stores in real processes that are killed with SIGKILL: what keeps its states keeps
 * its promises, and what does not is found. PostgreSQL is in the page of stores under faults.
 */
import { expect, test } from "vitest";
import { raft } from "../backends/raft.js";
import { crash } from "../nemeses/crash.js";
import { fileStates, memoryStates, sqliteStates } from "../persistence/index.js";
import { realWorld } from "../src/real/real-world.js";
import { runTest } from "../src/runner/run.js";
import type { System } from "../src/runner/system.js";
import { workflow } from "../workloads/workflow.js";

/** A few seconds of a workflow under kills; the verdict, its reason, and the kills that struck. */
async function underKills(system: System): Promise<{ said: string; faults: number }> {
  const workload = workflow();
  const { result } = await runTest({
    test: {
      version: 1,
      workload: workload.name,
      system: system.name,
      world: "real",
      nemeses: ["crash"],
      seed: 1,
      nodeCount: system.nodes.default,
      concurrency: 8,
      timeLimitMs: 5_000,
      ratePerSecond: 80,
      operationTimeoutMs: 1_000,
      nemesisIntervalMs: 700,
    },
    system,
    workload,
    nemeses: [crash()],
    world: realWorld({ seed: 1 }),
    replay: "",
  });
  const { verdict, reason } = result.verdict;
  return { said: `${verdict}: ${reason}`, faults: result.counts.faults };
}

const KEEPING: readonly System[] = [
  fileStates(),
  fileStates({ recovery: "reconstruction" }),
  // A kill leaves what was written to the operating system.
  fileStates({ fsync: "never" }),
  sqliteStates(),
  raft(),
];

test.each(KEEPING)("$name keeps workflows over kill -9", { timeout: 120_000 }, async (system) => {
  const { said, faults } = await underKills(system);
  expect(said).toMatch(/^valid: /);
  expect(faults).toBeGreaterThan(0);
});

test("memory-states loses them, and is found out", { timeout: 120_000 }, async () => {
  const { said } = await underKills(memoryStates());
  expect(said).toMatch(/^invalid: .*although .* was acknowledged/);
});
