/**
 * The texts that `ordeal init` writes. The starter test runs as it is; a test holds it to that.
 */

/** A test of a small store in memory, to be replaced by the reader's own. */
export const STARTER_TEST: string = `// A consistency test. Run it with: npx ordeal run ./ordeal.test.ts
import { defineTest, storeSystem, type Value } from "ordeal";

export default defineTest({
  // Replace the map by a client of your own store; keys are texts, values plain JSON.
  system: storeSystem({
    name: "my-store",
    open: async () => {
      const map = new Map<string, Value>();
      return {
        get: async (key) => map.get(key),
        put: async (key, value) => {
          map.set(key, value);
        },
        cas: async (key, expected, next) => {
          if ((map.get(key) ?? null) !== expected) return false;
          map.set(key, next);
          return true;
        },
      };
    },
    // Those of cas, append and delete that your store has.
    methods: ["cas"],
  }),
  workload: "register",
  timeLimitMs: 3_000,
  concurrency: 10,
});
`;

/** A GitHub Actions workflow that runs the test, and keeps its report whatever comes of it. */
export const WORKFLOW: string = `name: ordeal
on: [push, pull_request]

jobs:
  consistency:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm ci
      # 0 valid, 1 invalid, 2 unknown: everything but valid fails the job.
      - run: npx ordeal run ./ordeal.test.ts
      - if: always()
        run: cat runs/*/summary.md >> "$GITHUB_STEP_SUMMARY" || true
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: ordeal-runs
          path: runs
`;
