/**
 * The command that carries out a run once more, for reports and the terminal.
 */
import { PROGRESS_MS_MIN } from "../runner/progress.js";
import type { TestDescription } from "../runner/result.js";
import { describeTest } from "./describe-test.js";
import type { Plan } from "./plan.js";
import { durationOption } from "./quantities.js";
import { shellCommand } from "./shell-command.js";

/**
 * In the simulation the options say it all; a real run needs its recorded faults, so its directory
 * is named. What the run is about is always said, numbers only where they are not the defaults.
 */
export function replayCommandOf(test: TestDescription, plan: Plan, directory: string): string {
  if (test.world === "real") return shellCommand(["npx", "ordeal", "replay", directory]);
  const usual = describeTest(plan, { seed: test.seed, timeLimit: test.timeLimitMs });
  const usualTimeLimitMs = describeTest(plan, { seed: test.seed }).timeLimitMs;
  const unless = (isUsual: boolean, option: string, value: string): readonly string[] =>
    isUsual ? [] : [option, value];
  const { user, system } = plan;
  return shellCommand([
    "npx",
    "ordeal",
    "run",
    test.file ?? test.workload,
    ...unless(
      test.systemFile === undefined && test.system === user?.system.name,
      "--system",
      test.systemFile ?? test.system,
    ),
    ...unless((user?.world ?? system.worlds[0]) === test.world, "--world", test.world),
    "--nemesis",
    test.nemeses.join(",") || "none",
    "--seed",
    String(test.seed),
    ...unless(
      test.nodeCount === (user?.nodeCount ?? system.nodes.default),
      "--nodes",
      String(test.nodeCount),
    ),
    ...unless(
      test.timeLimitMs === usualTimeLimitMs,
      "--time-limit",
      durationOption(test.timeLimitMs),
    ),
    ...unless(test.concurrency === usual.concurrency, "--concurrency", String(test.concurrency)),
    ...unless(test.ratePerSecond === usual.ratePerSecond, "--rate", String(test.ratePerSecond)),
    ...unless(
      test.operationTimeoutMs === usual.operationTimeoutMs,
      "--operation-timeout",
      durationOption(test.operationTimeoutMs),
    ),
    ...unless(
      test.nemesisIntervalMs === usual.nemesisIntervalMs,
      "--nemesis-interval",
      durationOption(test.nemesisIntervalMs),
    ),
    ...(test.progressMs === undefined || test.progressMs === usual.progressMs
      ? []
      : ["--progress-within", boundOption(test.progressMs)]),
    ...(test.failFast === true ? ["--fail-fast"] : []),
  ]);
}

/** As it is taken: a test file may say less than is asked for. */
function boundOption(progressMs: number): string {
  return progressMs === 0 ? "none" : durationOption(Math.max(progressMs, PROGRESS_MS_MIN));
}
