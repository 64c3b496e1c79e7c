import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "src/**/*.test.ts",
      "{backends,persistence,checkers,nemeses,workloads,reports,test,bench}/**/*.test.ts",
    ],
    // Whole searches and child processes: nothing here is a timed test, this only ends what hangs.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
