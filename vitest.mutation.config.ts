/**
 * The tests that mutation testing runs against each mutant: those of the checker core, the
 * differential ones on a slice that is just large enough.
 */
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** A mutant is gone with the first test that fails: those that take least time come first. */
class DifferentialTestsLast extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      moduleId.endsWith(".oracle.test.ts") ? 2 : moduleId.includes("/linearizable/") ? 0 : 1;
    return Promise.resolve(files.toSorted((a, b) => rank(a) - rank(b)));
  }
}

export default defineConfig({
  test: {
    include: ["checkers/linearizable*.test.ts", "checkers/linearizable/*.test.ts"],
    // Tests of other files, which say little of the core.
    exclude: ["online*", "excluded", "spans"].map(
      (name) => `checkers/linearizable/${name}.test.ts`,
    ),
    env: { ORDEAL_ORACLE_HISTORIES: "150" },
    testTimeout: 60_000,
    pool: "forks",
    maxWorkers: 1,
    sequence: { sequencer: DifferentialTestsLast },
  },
});
