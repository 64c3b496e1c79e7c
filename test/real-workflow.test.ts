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
async function underKills(system: System, seed = 1): Promise<{ said: string; faults: number }> {
  const workload = workflow();
  const { result } = await runTest({
    test: {
      version: 1,
      workload: workload.name,
      system: system.name,
      world: "real",
      nemeses: ["crash"],
      seed,
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
    world: realWorld({ seed }),
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

test("memory-states loses them, and is found out", { timeout: 240_000 }, async () => {
  // Whether a kill meets what was acknowledged and is asked for again is up to the machine.
  const answers: string[] = [];
  for (let seed = 1; seed <= 4; seed++) {
    const { said } = await underKills(memoryStates(), seed);
    answers.push(said);
    if (said.startsWith("invalid")) break;
  }
  expect(answers.at(-1)).toMatch(/^invalid: .*although .* was acknowledged/);
});
