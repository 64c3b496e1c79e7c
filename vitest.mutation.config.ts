/**
 * The tests that mutation testing runs against each mutant: those of the parts of the checker core
 * by themselves. Those of whole checks and the differential ones take longer than all of these, and
 * are left out: the score is what is reached without them.
 */
import { defineConfig } from "vitest/config";

const CORE = ["configurations", "minimize", "moves", "parts", "projection", "search"];

export default defineConfig({
  test: {
    include: CORE.map((name) => `checkers/linearizable/${name}.test.ts`),
    testTimeout: 60_000,
    pool: "forks",
    maxWorkers: 1,
  },
});
