/**
 * The command that carries out a run once more, for reports and the terminal.
 */
import type { TestDescription } from "../runner/result.js";

/**
 * In the simulation the options say it all; a real run needs its recorded faults, so its directory is named.
 */
export function replayCommandOf(test: TestDescription, directory: string): string {
  if (test.world === "real") return `npx ordeal replay ${quoted(directory)}`;
  const words = [
    "npx ordeal run",
    quoted(test.file ?? test.workload),
    ...(test.file === undefined ? [`--system ${test.system}`] : []),
    "--world simulated",
    `--nemesis ${quoted(test.nemeses.join(",") || "none")}`,
    `--seed ${test.seed}`,
    `--nodes ${test.nodeCount}`,
    `--time-limit ${test.timeLimitMs}ms`,
    `--concurrency ${test.concurrency}`,
    `--rate ${test.ratePerSecond}`,
    `--operation-timeout ${test.operationTimeoutMs}ms`,
    `--nemesis-interval ${test.nemesisIntervalMs}ms`,
  ];
  return words.join(" ");
}

/** Quotes for a shell what is not plain. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
