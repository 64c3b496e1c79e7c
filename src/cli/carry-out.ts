/**
 * Carries out a planned run for the commands: run directory, live progress, Ctrl-C, reports, exit
 * code.
 */
import { join, relative } from "node:path";
import { createBudget } from "../checker/checker.js";
import { HarnessError } from "../errors.js";
import type { Generator } from "../generator/generator.js";
import { assertPossible } from "../runner/preflight.js";
import type { RecordedMessage } from "../runner/recorded-message.js";
import type { RunResult, TestDescription } from "../runner/result.js";
import {
  runTest,
  type RunObserver,
  type RunOptions,
  type RunOutcome,
  type RunScript,
} from "../runner/run.js";
import { importModule } from "../real/load-program.js";
import { realWorld } from "../real/real-world.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import { encodeMessages, MESSAGES_FILE } from "../store/messages-file.js";
import { createRunDirectory, type RunDirectory } from "../store/run-directory.js";
import type { World } from "../world/world.js";
import {
  htmlReport,
  junitReport,
  markdownReport,
  terminalSummary,
  type RunReportInput,
} from "../../reports/index.js";
import { print, printJson, type CommandContext } from "./context.js";
import { EXIT_CODES } from "./exit-codes.js";
import { leaveLastWords, type LastWords } from "./last-words.js";
import type { Plan } from "./plan.js";
import { createProgress, type Progress } from "./progress.js";
import { replayCommandOf } from "./replay-command.js";

/** How to carry it out. */
export interface CarryOutOptions {
  readonly test: TestDescription;
  /**
   * The run directory, new or empty. Default: one below `runs`, named by time, workload and system.
   */
  readonly out: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly budget: {
    readonly timeMs?: number | undefined;
    readonly memoryBytes?: number | undefined;
  };
  /** A recorded schedule of faults to follow. */
  readonly schedule?: Generator;
  /** The case that is carried out: its script, its world, and how to do it again. */
  readonly given?: GivenCase;
}

/** A case instead of what a workload would do. */
export interface GivenCase {
  /** What the clients do, at times of its own; or else `main`. */
  readonly script?: RunScript;
  readonly main?: RunOptions["main"];
  readonly world: World;
  /** The text of its file, which the run directory keeps. */
  readonly text: string;
  readonly replay: string;
  /** The messages of the run, when it is over; undefined when they are too many. */
  readonly messages: () => readonly RecordedMessage[] | undefined;
}

/** Runs, writes the run directory, prints the result and sets the exit code. */
export async function carryOut(
  context: CommandContext,
  plan: Plan,
  options: CarryOutOptions,
): Promise<CarriedOut> {
  const { test } = options;
  const { system, workload, nemeses } = plan;
  const { given } = options;
  const world = given?.world ?? makeWorld(test, plan);
  // What is refused leaves no directory, and `latest` where it was.
  assertPossible({ ...test, system, workload, nemeses, world });
  const directory = await createRunDirectory(options.out ?? { name: directoryName(test) });
  await directory.writeTest(test);
  if (given !== undefined) await directory.writeFile(CASE_FILE, given.text);
  const { terminal } = context;
  const progress = options.quiet
    ? undefined
    : createProgress({
        stream: terminal.err,
        paint: terminal.errPaint,
        timeLimitMs: test.timeLimitMs,
      });
  const interruption = listenForInterruption(
    progress ?? { say: (text) => terminal.err.write(`${text}\n`), stop: () => undefined },
    { directory: relative(process.cwd(), directory.path), isLive: terminal.err.isTTY === true },
  );
  let outcome: RunOutcome;
  try {
    outcome = await runTest({
      test,
      system,
      workload,
      nemeses,
      world,
      observers: [
        recorder(directory),
        ...(progress === undefined ? [] : [progress]),
        // By then all is stopped and written, and a search does not hear signals.
        { phase: (phase) => void (phase === "checking" && interruption.leave()) },
      ],
      budget: createBudget(givenLimits(options.budget)),
      signal: interruption.signal,
      directory: join(directory.path, "data"),
      ...(options.schedule === undefined ? {} : { schedule: options.schedule }),
      ...(given?.script === undefined ? {} : { script: given.script }),
      ...(given?.main === undefined ? {} : { main: given.main }),
      replay: given?.replay ?? replayCommandOf(test, plan, relative(process.cwd(), directory.path)),
    });
  } finally {
    progress?.stop();
    interruption.stop();
    await directory.close();
  }
  const messages = given?.messages();
  const input =
    messages === undefined || messages.length === 0 ? outcome : { ...outcome, messages };
  await writeReports(directory, input);
  printOutcome(context, input, { directory, json: options.json });
  context.setExitCode(EXIT_CODES[outcome.result.verdict.verdict]);
  return { directory: directory.path, outcome };
}

/** In a run directory: the case that was carried out. */
export const CASE_FILE = "case.json";

/** What a carried out run left. */
export interface CarriedOut {
  readonly directory: string;
  readonly outcome: RunOutcome;
}

/**
 * A simulated run that has not ended so long after its main phase hangs: healing and final reads
 * take seconds.
 */
const OVERTIME_MS = 600_000;

function makeWorld({ seed, world, timeLimitMs }: TestDescription, { user, file }: Plan): World {
  const own = user?.makeWorld?.(seed);
  if (own !== undefined) {
    if (own.kind === world) return own;
    throw new HarnessError(
      "bad-argument",
      `makeWorld of ${file} makes a ${own.kind} world, but the run is ${world}; use --world ${own.kind}`,
    );
  }
  if (world === "real") return realWorld({ seed });
  return simulatedWorld({ seed, maxVirtualMs: timeLimitMs + OVERTIME_MS, load: importModule });
}

function recorder(directory: RunDirectory): RunObserver {
  return {
    event: (event) => directory.appendEvent(event),
    log: (node, timeNs, line) => directory.log(node, timeNs, line),
  };
}

/** The first Ctrl-C (or SIGTERM) ends the run in order; the second ends it at once. */
function listenForInterruption(
  display: Pick<Progress, "say" | "stop">,
  { directory, isLive }: { readonly directory: string; readonly isLive: boolean },
): {
  readonly signal: AbortSignal;
  /** From here on Ctrl-C ends the process at once, however busy it is. */
  leave(): void;
  stop(): void;
} {
  const controller = new AbortController();
  const words = `ended at once; what was seen is in ${directory} (see: ordeal check ${directory})`;
  let last: LastWords | undefined;
  const interrupt = (): void => {
    if (controller.signal.aborted) {
      display.say(words);
      display.stop();
      process.exit(EXIT_CODES.harness);
    }
    display.say("interrupted: healing, stopping and judging what was seen (again to quit at once)");
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  const ignore = (): void => {
    for (const signal of signals) process.off(signal, interrupt);
  };
  return {
    signal: controller.signal,
    leave: () => {
      last = leaveLastWords(`${isLive ? "\r\u001B[2K" : ""}${words}`);
      ignore();
    },
    stop: () => {
      ignore();
      last?.unsay();
    },
  };
}

async function writeReports(directory: RunDirectory, input: RunReportInput): Promise<void> {
  if (input.messages !== undefined) {
    await directory.writeFile(MESSAGES_FILE, encodeMessages(input.messages));
  }
  await directory.writeResult(input.result);
  await directory.writeFile("report.html", htmlReport(input));
  await directory.writeFile("junit.xml", junitReport(input));
  await directory.writeFile("summary.md", markdownReport(input));
}

function printOutcome(
  context: CommandContext,
  outcome: RunReportInput,
  { directory, json }: { readonly directory: RunDirectory; readonly json: boolean },
): void {
  const path = relative(process.cwd(), directory.path);
  const report = join(path, "report.html");
  if (json) {
    printJson(context, { ...flat(outcome.result), directory: path, report });
    return;
  }
  const { out, outPaint } = context.terminal;
  const summary = terminalSummary(outcome, {
    color: outPaint.level > 0,
    width: out.columns ?? 100,
  });
  print(context, summary.trimEnd());
  print(context, `\nReport  ${outPaint.underline(report)}`);
}

/** The result with the verdict's own fields on top, as `check --json` has them. */
function flat(result: RunResult): object {
  const { verdict, ...run } = result;
  return { ...verdict, ...run, checkMs: verdict.elapsedMs };
}

/** The limits that were given; `createBudget` knows the defaults of the others. */
function givenLimits({ timeMs, memoryBytes }: CarryOutOptions["budget"]): {
  timeMs?: number;
  memoryBytes?: number;
} {
  return {
    ...(timeMs === undefined ? {} : { timeMs }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

/** `20261125T093000-register-quorum`: sorts by time; a user's names may have any characters. */
function directoryName({ workload, system }: TestDescription): string {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+Z$/g, "");
  return [stamp, workload, system].map((part) => part.replaceAll(/[^\w.]+/g, "-")).join("-");
}
