/** The part of `ordeal shrink` that is about simulated runs: carries them out again and again. */
import { join } from "node:path";
import { createBudget } from "../checker/checker.js";
import { HarnessError } from "../errors.js";
import type { RunResult, TestDescription } from "../runner/result.js";
import type { ShrinkBudget } from "../shrink/attempts.js";
import { sizeOf, type CaseSize, type FailingCase } from "../shrink/failing-case.js";
import { runCase } from "../shrink/rerun.js";
import { scriptOf } from "../shrink/script.js";
import { shrinkRun, type ShrunkRun } from "../shrink/shrink-run.js";
import { TimeLimit } from "../shrink/time-limit.js";
import { encodeCase, isCaseFile, readCase } from "../store/case-file.js";
import { readHistoryFile } from "../store/read-history-file.js";
import { terminalSummary } from "../../reports/index.js";
import { CASE_FILE } from "./carry-out.js";
import { caseIn, resolveCase } from "./case-parts.js";
import { FROM_THERE, withModules } from "./own-place.js";
import { print, printJson, writeOutput, type CommandContext } from "./context.js";
import { EXIT_CODES } from "./exit-codes.js";
import { listenForInterruption } from "./interruption.js";
import { shellCommand } from "./shell-command.js";
import { shrinkExplored } from "./shrink-explored.js";

/** What was asked for. */
export interface ShrinkRunFlags {
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly timeBudget?: number;
  readonly runs?: number;
  /** Another system than the case names, or the module that exports it. */
  readonly system?: string;
}

/** A run directory, and what is in it. */
export interface RecordedFailure {
  readonly directory: string;
  readonly test: TestDescription;
  /** Undefined when the run never came to one. */
  readonly result: RunResult | undefined;
}

const DEFAULT_TIME_MS = 60_000;
/** For the check of one run. */
const CHECK_MS = 10_000;

/** Shrinks a recorded run, and writes the case. */
export async function shrinkRecordedRun(
  context: CommandContext,
  { directory, test, result }: RecordedFailure,
  flags: ShrinkRunFlags,
): Promise<void> {
  const { verdict: known, reason } = result?.verdict ?? { verdict: "invalid", reason: "" };
  if (known !== "invalid") {
    if (flags.json === true) printJson(context, { verdict: known, reason });
    else print(context, `${directory} is ${known}, so there is nothing to shrink: ${reason}`);
    context.setExitCode(EXIT_CODES[known]);
    return;
  }
  const start = await startFrom(directory, test);
  const out = flags.out ?? join(directory, "shrunk.json");
  await shrinkAndWrite(context, { start, of: `the run in ${directory}`, out }, flags);
}

/** Shrinks a case, and writes a smaller one beside it. */
export async function shrinkCaseFile(
  context: CommandContext,
  file: string,
  flags: ShrinkRunFlags,
): Promise<void> {
  const out = flags.out ?? `${file.replace(/\.json$/, "")}.shrunk.json`;
  const start = await caseIn(file, await readCase(file), flags.system);
  await shrinkAndWrite(context, { start, of: `the case in ${file}`, out }, flags);
}

async function shrinkAndWrite(
  context: CommandContext,
  { start, of, out }: { readonly start: FailingCase; readonly of: string; readonly out: string },
  flags: ShrinkRunFlags,
): Promise<void> {
  const shrunk = await shrinkCase(context, start, flags);
  const { verdict } = shrunk.outcome.result;
  if (!shrunk.reproduced) {
    throw new HarnessError(
      "harness-failure",
      `${of} failed, but does not when its operations and faults are carried out again: it is ${verdict.verdict} (${verdict.reason}). ` +
        "Carrying out again needs the same version of ordeal and of your code, and code that draws nothing by itself; " +
        "to make a history smaller without running it again, name its file",
    );
  }
  const [anomaly] = verdict.anomalies;
  const failing = { ...shrunk.best, test: shrunk.outcome.result.test };
  writeOutput(
    out,
    encodeCase({ failing, anomaly: anomaly?.kind ?? "", about: anomaly?.message ?? "" }),
  );
  printShrunk(context, shrunk, { out, json: flags.json === true });
  context.setExitCode(EXIT_CODES.invalid);
}

/** The run as a case; a run of a case begins with that, for its world may differ. */
async function startFrom(directory: string, test: TestDescription): Promise<FailingCase> {
  const file = join(directory, CASE_FILE);
  if (isCaseFile(file)) return caseIn(file, await readCase(file), undefined);
  const { history } = await readHistoryFile(directory, { format: "jsonl" });
  return {
    test: withModules(test, directory, FROM_THERE),
    script: scriptOf(history, test.concurrency),
    world: {},
  };
}

/** Makes a case as small as the flags allow, and shows how far it is. */
export async function shrinkCase(
  context: CommandContext,
  start: FailingCase,
  flags: ShrinkRunFlags,
): Promise<ShrunkRun> {
  const { terminal } = context;
  const shows = terminal.err.isTTY === true && flags.quiet !== true;
  const rewrite = (line: string): void => {
    if (shows) terminal.err.write(`\r\u001B[2K${line.slice(0, (terminal.err.columns ?? 80) - 1)}`);
  };
  rewrite("carrying the run out again …");
  const interruption = listenForInterruption(context, "keeping what is the smallest so far");
  const budget: ShrinkBudget = {
    runs: flags.runs ?? Infinity,
    timeMs: flags.timeBudget ?? DEFAULT_TIME_MS,
    nowMs: () => performance.now(),
    stopped: () => interruption.signal.aborted,
  };
  const onBest = (best: FailingCase, runs: number): void => {
    const { operations, faults } = sizeOf(best);
    const choices = best.order === undefined ? "" : `, ${best.order.choices.length} choices`;
    rewrite(`${operations} operations, ${faults} faults${choices} left after ${runs} runs …`);
  };
  try {
    if (start.order !== undefined) return await shrinkExplored(start, budget, onBest);
    const limit = new TimeLimit(budget.timeMs, budget.nowMs);
    const resolved = await resolveCase(start, { onMessage: () => limit.onMessage() });
    const { plan, parts, settings } = resolved;
    let runs = 0;
    return await shrinkRun({
      start,
      rerun: async (candidate) => {
        // The first tells whether there is anything to make small.
        if (runs++ === 0) {
          return runCase(candidate, parts, { budget: createBudget({ timeMs: CHECK_MS }) });
        }
        const signal = limit.begin();
        const outcome = await runCase(candidate, parts, { budget: limit.budget(CHECK_MS), signal });
        if (!signal.aborted) return outcome;
        // What was cut short where the clock said so would be another run the next time.
        throw new HarnessError("harness-failure", "the time for making a case small is over");
      },
      budget,
      nodesMin: plan.system.nodes.min,
      settings,
      onBest,
    });
  } finally {
    interruption.stop();
    rewrite("");
  }
}

function printShrunk(
  context: CommandContext,
  shrunk: ShrunkRun,
  { out, json }: { readonly out: string; readonly json: boolean },
): void {
  const { from, to, runs, spent, outcome } = shrunk;
  const replay = shellCommand(["npx", "ordeal", "replay", out]);
  if (json) {
    printJson(context, { from, to, runs, spent, file: out, replay, result: outcome.result });
    return;
  }
  const { out: stream, outPaint } = context.terminal;
  const summary = terminalSummary(
    { ...outcome, result: { ...outcome.result, replay } },
    { color: outPaint.level > 0, width: stream.columns ?? 100 },
  );
  print(context, summary.trimEnd());
  const change = (what: keyof CaseSize): string =>
    `${what} ${from[what]} → ${outPaint.bold(String(to[what]))}`;
  const changes = [
    change("operations"),
    change("faults"),
    change("workers"),
    change("nodes"),
    to.choices === undefined
      ? `time ${from.lengthMs} ms → ${outPaint.bold(`${to.lengthMs} ms`)}`
      : change("choices"),
  ];
  print(context, `\nShrunk  ${changes.join(", ")}`);
  print(context, `        in ${runs} runs${spent ? "; ended early, so more may go" : ""}`);
  print(context, `Case    ${outPaint.underline(out)}`);
}
