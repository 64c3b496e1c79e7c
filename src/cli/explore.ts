/**
 * `ordeal explore`: all orders of events of a few operations, within bounds; what breaks the
 * promise is written as a case.
 */
import { join, relative } from "node:path";
import { Command, Option } from "commander";
import { DEFAULT_BOUNDS, type ExploreBounds } from "../explore/bounds.js";
import { explore, type ExploreResult, type FoundViolation } from "../explore/explore.js";
import { drawOperations, parseOperations } from "../explore/operations.js";
import { caseOf } from "../explore/rerun.js";
import type { Reduction } from "../explore/search.js";
import type { Invocation } from "../generator/generator.js";
import { assertPossible } from "../runner/preflight.js";
import type { TestDescription } from "../runner/result.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import { encodeCase } from "../store/case-file.js";
import { printJson, writeOutput, type CommandContext } from "./context.js";
import { describeTest } from "./describe-test.js";
import { EXIT_CODES } from "./exit-codes.js";
import { explorePartsOf } from "./explore-parts.js";
import { createExploreThreads } from "./explore-threads.js";
import {
  createExploreProgress,
  printExplored,
  printScope,
  type ReportedViolation,
} from "./explore-output.js";
import { listenForInterruption } from "./interruption.js";
import { planOf, type Plan } from "./plan.js";
import { parseCount, parseDuration, parseSeed } from "./quantities.js";
import { shellCommand } from "./shell-command.js";

interface Flags {
  readonly system?: string;
  readonly nodes?: number;
  readonly do?: string;
  readonly clients: number;
  readonly each: number;
  readonly seed: number;
  readonly lose: number;
  readonly late: number;
  readonly waits: number;
  readonly kills: number;
  readonly powerLosses: number;
  readonly pauses: number;
  readonly cuts: number;
  readonly disks?: boolean;
  readonly delays?: number;
  readonly final?: boolean;
  readonly steps: number;
  readonly warmUp?: number;
  readonly operationTimeout?: number;
  readonly reduction?: Reduction;
  readonly executions?: number;
  readonly time?: number;
  readonly workers?: number;
  readonly violations: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  $ ordeal explore register --system quorum --nodes 3 --do "write@x:1 / read@x"
  $ ordeal explore register --system primary-backup --do "write@x:1 read@x" --kills 1
  $ ordeal explore ./my.test.ts --clients 2 --each 2 --lose 1

Everything that can be under way at once (messages, invocations, restarts) is
tried in all orders; time passes when nothing is under way. Where nodes say what
they remember, a state that is reached twice is explored once. Each history that
clients could tell apart is judged once. What is found is written as a case for
ordeal replay and ordeal shrink. When the time is over, or at Ctrl-C, it says
how far it came. The answer is the same however many workers there are.

Exit codes: 0 everything within the bounds is right, 1 something is wrong, 2 not
all was tried, or a history could not be judged, 254 bad arguments, 255 the
harness failed.`;

const DEFAULT_TIME_MS = 60_000;
/** Shorter than in other runs: what happens while nobody answers is explored too. */
const OPERATION_TIMEOUT_MS = 250;
/** What needs few unusual orders is found soon in this way, and little time is lost. */
const ROUNDS = [0, 1, 2, Infinity];

/** The command, for `program.ts`. */
export function exploreCommand(context: CommandContext): Command {
  return new Command("explore")
    .description("try all orders of events of a few operations, within bounds")
    .argument("[workload]", "a workload, or a test file of yours", "register")
    .option("-s, --system <name>", "the system under test (see: ordeal run --help)")
    .option("--nodes <count>", "number of nodes (default: the fewest up to 3)", parseCount)
    .option("--do <operations>", 'what clients do: "write@x:1 read@x / read@x" are two clients')
    .option("-c, --clients <count>", "clients, without --do", parseCount, 2)
    .option("--each <count>", "operations that are drawn for each client", parseCount, 1)
    .option("--seed <number>", "of what is drawn", parseSeed, 1)
    .option("--lose <count>", "at most so many messages are lost", parseCount, 0)
    .option("--late <count>", "at most so many messages are slower than timers", parseCount, 0)
    .option(
      "--waits <count>",
      "at most so often a client waits while time passes, before its next operation",
      parseCount,
      0,
    )
    .option("--kills <count>", "at most so often a node is killed and started", parseCount, 0)
    .option("--power-losses <count>", "at most so often a node loses power", parseCount, 0)
    .option("--pauses <count>", "at most so often a node stands still", parseCount, 0)
    .option("--cuts <count>", "at most so many links between two nodes are cut", parseCount, 0)
    .option("--disks", "calls of disks take place among other events (default: at once)")
    .option(
      "--delays <count>",
      "put off events at most so often (default: 0, 1, 2, then all orders)",
      parseCount,
    )
    .option("--final", "after each execution, start dead nodes and read what is left")
    .option("--steps <count>", "cut executions short after so many", parseCount, 500)
    .option(
      "--warm-up <duration>",
      "leave the system alone for so long first (default: 1s)",
      parseDuration,
    )
    .option(
      "--operation-timeout <duration>",
      "after this an operation is indeterminate (default: 250ms)",
      parseDuration,
    )
    .addOption(
      new Option(
        "--reduction <kind>",
        "what is left out because it shows nothing new (default: states where nodes can be compared, else races)",
      ).choices(["states", "races", "sleep", "none"]),
    )
    .option("--executions <count>", "begin at most so many", parseCount)
    .option("--time <duration>", "begin none after this (default: 60s)", parseDuration)
    .option(
      "--workers <count>",
      "threads, where states are compared (default: one for each core)",
      parseCount,
    )
    .option("--violations <count>", "end after so many kinds of violations", parseCount, 1)
    .option("-o, --out <dir>", "where cases go (default: runs/TIME-explore-WORKLOAD-SYSTEM)")
    .option("--json", "print the result as one JSON object on standard output")
    .option("-q, --quiet", "no live progress")
    .addHelpText("after", EXAMPLES)
    .action(async (workload: string, flags: Flags) => {
      await carryOutExploration(context, workload, flags);
    });
}

async function carryOutExploration(
  context: CommandContext,
  workload: string,
  flags: Flags,
): Promise<void> {
  const { system, nodes } = flags;
  const plan = await planOf({ workload, system, nodes, nemesis: "none", world: "simulated" });
  const operations = operationsOf(plan, flags);
  const test = testOf(plan, flags, operations);
  const bounds = boundsOf(flags);
  const explored = { test, operations, bounds };
  if (flags.quiet !== true) printScope(context, explored);
  const progress = createExploreProgress(context, flags.quiet === true);
  const interruption = listenForInterruption(context, "ending with what was covered");
  const threads = createExploreThreads({ workload, system, nodes, ...explored }, flags.workers);
  let result: ExploreResult;
  try {
    result = await explore({
      ...explorePartsOf(plan, explored),
      ...(threads === undefined ? {} : { openThreads: threads.open }),
      ...(flags.delays === undefined ? { rounds: ROUNDS } : {}),
      ...(flags.reduction === undefined ? {} : { reduction: flags.reduction }),
      executions: flags.executions ?? Infinity,
      timeMs: flags.time ?? DEFAULT_TIME_MS,
      nowMs: () => performance.now(),
      violations: flags.violations,
      signal: interruption.signal,
      onExecution: (soFar) => progress.show(soFar),
    });
  } finally {
    interruption.stop();
    progress.stop();
    await threads?.close();
  }
  const directory = flags.out ?? join("runs", directoryName(test));
  const violations = result.violations.map((found) => writeCase(directory, found, explored));
  context.setExitCode(EXIT_CODES[verdictOf(result)]);
  if (flags.json === true) printJson(context, { ...result, violations, test, operations });
  else printExplored(context, { result, violations, explored });
}

function verdictOf({ invalid, unknown, valid, complete }: ExploreResult): keyof typeof EXIT_CODES {
  if (invalid > 0) return "invalid";
  return complete && unknown === 0 && valid > 0 ? "valid" : "unknown";
}

function operationsOf(plan: Plan, flags: Flags): readonly (readonly Invocation[])[] {
  if (flags.do !== undefined) return parseOperations(flags.do);
  const { workload, system } = plan;
  return drawOperations({
    workload,
    system,
    workers: flags.clients,
    each: flags.each,
    seed: flags.seed,
  });
}

/** @throws HarnessError where such a run is impossible. */
function testOf(
  plan: Plan,
  flags: Flags,
  operations: readonly (readonly Invocation[])[],
): TestDescription {
  const { nodes } = plan.system;
  const nodeCount = flags.nodes ?? Math.max(nodes.min, Math.min(3, nodes.max));
  const { operationTimeout = OPERATION_TIMEOUT_MS, seed } = flags;
  const concurrency = operations.length;
  const described = describeTest(plan, { seed, operationTimeout, concurrency, rate: 0 });
  const test = { ...described, nodeCount };
  const world = simulatedWorld({ seed });
  assertPossible({
    ...plan,
    ...test,
    nemeses: [],
    world,
    workload: plan.workload,
    system: plan.system,
  });
  return test;
}

function boundsOf(flags: Flags): ExploreBounds {
  return {
    lost: flags.lose,
    late: flags.late,
    waits: flags.waits,
    kills: flags.kills,
    powerLosses: flags.powerLosses,
    pauses: flags.pauses,
    cuts: flags.cuts,
    disks: flags.disks === true,
    warmUpMs: flags.warmUp ?? DEFAULT_BOUNDS.warmUpMs,
    delays: flags.delays ?? Infinity,
    final: flags.final === true,
    steps: flags.steps,
  };
}

function writeCase(
  directory: string,
  { choices, verdict, after }: FoundViolation,
  made: Omit<Parameters<typeof caseOf>[0], "choices">,
): ReportedViolation {
  const [anomaly] = verdict.anomalies;
  const kind = anomaly?.kind ?? "";
  const about = anomaly?.message ?? verdict.reason;
  const file = join(directory, `${kind}.json`);
  writeOutput(file, encodeCase({ failing: caseOf({ ...made, choices }), anomaly: kind, about }));
  const named = (command: string): string =>
    shellCommand(["npx", "ordeal", command, relative(process.cwd(), file)]);
  const [replay, shrink] = [named("replay"), named("shrink")];
  return { anomaly: kind, message: about, after, choices, file, replay, shrink };
}

/** `20261125T093000-explore-register-quorum`. */
function directoryName({ workload, system }: TestDescription): string {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+Z$/g, "");
  return [stamp, "explore", workload, system]
    .map((part) => part.replaceAll(/[^\w.]+/g, "-"))
    .join("-");
}
