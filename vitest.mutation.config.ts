/**
 * The tests that mutation testing runs against each mutant: those of the checker core, the
 * differential ones on a slice that is just large enough.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["checkers/linearizable*.test.ts", "checkers/linearizable/*.test.ts"],
    exclude: ["checkers/linearizable/online*.test.ts"],
    env: { ORDEAL_ORACLE_HISTORIES: "300" },
    testTimeout: 60_000,
    pool: "forks",
    maxWorkers: 1,
  },
});
