/** The bugs of `file`, under circumstances that bring them out. */
import { file, FILE_VARIANTS, type FileVariant } from "../../backends/file.js";
import { powerLoss } from "../../nemeses/power-loss.js";
import { syncError } from "../../nemeses/sync-error.js";
import type { Circumstances, Scenario } from "./scenario.js";

/** The power goes, now and then after the disk could not keep something. */
const FAILING: Circumstances = {
  nemeses: () => [powerLoss(), syncError()],
  intervalMs: 300,
  rate: 200,
};

const CASES: readonly (readonly [FileVariant, Circumstances, seeds: number])[] = [
  ["no-fsync", FAILING, 20],
  ["fsync-retried", FAILING, 20],
];

/** All of them. */
export const FILE_SCENARIOS: readonly Scenario[] = CASES.map(([variant, circumstances, seeds]) => ({
  mutant: () => file({ variant }),
  twin: () => file(),
  source: FILE_VARIANTS[variant].source,
  circumstances,
  seeds,
}));
