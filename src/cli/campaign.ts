/**
 * `ordeal campaign`: many simulated runs, each in other circumstances, on all cores, until one
 * fails; what failed is made small and written as a case.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { runCampaign, type CampaignResult } from "../campaign/campaign.js";
import { createExplorer, type Strategy } from "../campaign/explorer.js";
import { HarnessError } from "../errors.js";
import type { TestDescription } from "../runner/result.js";
import { writeFailures } from "./campaign-failures.js";
import { createCampaignProgress, printCampaign } from "./campaign-output.js";
import { STRATEGIES, type Strategy as Synchronization } from "./catalog-strategies.js";
import { openTrialPool, WorkerLost } from "./campaign-workers.js";
import { printJson, printWarning, type CommandContext } from "./context.js";
import { describeTest } from "./describe-test.js";
import { EXIT_CODES } from "./exit-codes.js";
import { listenForInterruption } from "./interruption.js";
import { planOf, type Names, type Plan } from "./plan.js";
import { parseBound, parseCount, parseDuration, parseRate, parseSeed } from "./quantities.js";

interface Flags {
  readonly system?: string;
  readonly synchronization?: Synchronization;
  readonly nemesis?: string;
  readonly nodes?: number;
  readonly explore: Strategy;
  readonly trials?: number;
  readonly time?: number;
  readonly failures?: number;
  readonly workers?: number;
  readonly seed?: number;
  readonly timeLimit?: number;
  readonly concurrency?: number;
  readonly rate?: number;
  readonly progressWithin?: number;
  readonly shrink: boolean;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  $ ordeal campaign                                   a minute of runs of quorum
  $ ordeal campaign kv --system raft:double-vote --time 5m
  $ ordeal campaign ./my.test.ts --trials 1000        your own store
  $ ordeal campaign kv --system raft --explore uniform --trials 200

Each run is simulated and has a seed of its own. With --explore swarm it also
draws which faults strike, how often, and how network, disks and clocks behave;
with guided (the default) its sizes are chosen by what runs before it reached
for what they cost. The first failure of each kind is made small, for at most
30 s and as long as there is time, and written as a case for ordeal replay.

Exit codes: 0 nothing failed, 1 something failed, 2 no run proved anything, 254
bad arguments, 255 the harness failed.`;

const DEFAULT_TIME_MS = 60_000;
const TRIAL_LENGTH_MS = 10_000;
const INTERVAL_MS = 500;

/** The command, for `program.ts`. */
export function campaignCommand(context: CommandContext): Command {
  return new Command("campaign")
    .description("carry out many simulated runs, each in other circumstances, until one fails")
    .argument("[workload]", "a workload, or a test file of yours", "register")
    .option("-s, --system <name>", "the system under test (see: ordeal run --help)")
    .addOption(
      new Option(
        "--synchronization <strategy>",
        "how the copies of the system are kept in step (default: the system's own; see docs/backends.md)",
      ).choices(STRATEGIES),
    )
    .option("-n, --nemesis <names>", "faults that may strike (default: those that it survives)")
    .option("--nodes <count>", "number of nodes (default: the system's own)", parseCount)
    .addOption(
      new Option("-e, --explore <strategy>", "how runs differ")
        .choices(["guided", "swarm", "uniform"])
        .default("guided"),
    )
    .option("--trials <count>", "at most so many runs", parseCount)
    .option(
      "--time <duration>",
      "for the whole campaign, shrinking too (default: 60s, or none with --trials)",
      parseDuration,
    )
    .option("--failures <count>", "end after so many kinds of failures (default: 1)", parseCount)
    .option("--workers <count>", "processes (default: one for each core)", parseCount)
    .option(
      "--seed <number>",
      "of the first run; the others follow from it (default: 1)",
      parseSeed,
    )
    .option("-t, --time-limit <duration>", "length of each run (default: 10s)", parseDuration)
    .option("-c, --concurrency <count>", "clients of each run (default: 8)", parseCount)
    .option("-r, --rate <number>", "operations per second (default: 100)", parseRate)
    .option(
      "--progress-within <duration>",
      "after healing something must be answered within this; none for not to ask (default: 10s)",
      parseBound,
    )
    .option("--no-shrink", "leave failures as large as they are")
    .option("-o, --out <dir>", "where cases go (default: runs/TIME-campaign-WORKLOAD-SYSTEM)")
    .option("--json", "print the result as one JSON object on standard output")
    .option("-q, --quiet", "no live progress")
    .addHelpText("after", EXAMPLES)
    .action(async (workload: string, flags: Flags) => {
      await carryOutCampaign(context, { workload, ...flags });
    });
}

async function carryOutCampaign(
  context: CommandContext,
  flags: Flags & { readonly workload: string },
): Promise<void> {
  const names: Names = { ...flags, world: "simulated" };
  const plan = await planOf(names);
  const test = describeTrials(plan, flags);
  const cores = Math.max(1, flags.workers ?? availableParallelism());
  // Before there are workers, which get the same Ctrl-C and may end of it while they start.
  const interruption = listenForInterruption(context, "ending with what was found");
  const pool = await openTrialPool(names, cores);
  const progress = createCampaignProgress(context, flags.quiet === true);
  const timeMs = flags.time ?? (flags.trials === undefined ? DEFAULT_TIME_MS : Infinity);
  const begunMs = performance.now();
  let result: CampaignResult;
  try {
    result = await runCampaign({
      explorer: createExplorer({ test, nodes: plan.system.nodes, world: {} }, flags.explore),
      run: pool.run,
      workers: pool.workers,
      trials: flags.trials ?? Infinity,
      timeMs,
      nowMs: () => performance.now(),
      failures: flags.failures ?? 1,
      signal: interruption.signal,
      onTrial: (_trial, _outcome, soFar) => progress.show(soFar),
    });
  } catch (error) {
    if (!(error instanceof WorkerLost)) throw error;
    throw new HarnessError("harness-failure", error.message, { cause: error });
  } finally {
    interruption.stop();
    progress.stop();
    await pool.close();
  }
  const directory = flags.out ?? join("runs", directoryName(test));
  const failures = await writeFailures(context, result.failures, {
    names,
    directory,
    quiet: flags.quiet === true,
    shrink: flags.shrink,
    endMs: begunMs + timeMs,
  });
  const { invalid, valid, trials } = result;
  context.setExitCode(
    invalid > 0 ? EXIT_CODES.invalid : valid === 0 ? EXIT_CODES.unknown : EXIT_CODES.valid,
  );
  if (trials === 0) printWarning(context.terminal, "no run was carried out");
  if (flags.json === true) printJson(context, { ...result, failures, test });
  else printCampaign(context, { result, failures, test, explore: flags.explore });
}

function describeTrials(plan: Plan, flags: Flags): TestDescription {
  const { timeLimit = TRIAL_LENGTH_MS, concurrency = 8, rate, seed = 1, progressWithin } = flags;
  const asked = { timeLimit, concurrency, rate, seed, progressWithin };
  const test = describeTest(plan, { ...asked, failFast: true });
  return { ...test, nemesisIntervalMs: Math.min(INTERVAL_MS, test.nemesisIntervalMs) };
}

/** `20261125T093000-campaign-register-quorum`. */
function directoryName({ workload, system }: TestDescription): string {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+Z$/g, "");
  return [stamp, "campaign", workload, system]
    .map((part) => part.replaceAll(/[^\w.]+/g, "-"))
    .join("-");
}
