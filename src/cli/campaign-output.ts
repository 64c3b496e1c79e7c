/** How a campaign is shown: a line that rewrites itself while it goes on, and what came of it. */
import type { CampaignResult } from "../campaign/campaign.js";
import type { Strategy } from "../campaign/explorer.js";
import type { TestDescription } from "../runner/result.js";
import type { RunOutcome } from "../runner/run.js";
import type { CaseSize } from "../shrink/failing-case.js";
import { terminalSummary } from "../../reports/index.js";
import { print, type CommandContext } from "./context.js";

/** A failure, with the case that was written for it. */
export interface ReportedFailure {
  readonly anomaly: string;
  readonly message: string;
  /** How many runs it took. */
  readonly after: number;
  readonly seed: number;
  readonly file: string;
  readonly replay: string;
  /** What makes it smaller; present where that was ended early. */
  readonly shrink?: string;
  /** The run of the case that was made small; absent when it was not. */
  readonly outcome?: RunOutcome;
  readonly from?: CaseSize;
  readonly to?: CaseSize;
}

/** The line of a campaign that goes on. */
export interface CampaignProgress {
  show(soFar: CampaignResult): void;
  stop(): void;
}

const REDRAW_MS = 100;
const PLAIN_MS = 10_000;

/** Makes the line; where nobody looks, it comes now and then. */
export function createCampaignProgress(
  { terminal }: CommandContext,
  quiet: boolean,
): CampaignProgress {
  const { err } = terminal;
  const live = err.isTTY === true;
  let drawnMs = -Infinity;
  return {
    show: (soFar) => {
      const { elapsedMs } = soFar;
      if (quiet || elapsedMs - drawnMs < (live ? REDRAW_MS : PLAIN_MS)) return;
      drawnMs = elapsedMs;
      const line = factsOf(soFar).join(" · ");
      if (live) err.write(`\r\u001B[2K${line.slice(0, (err.columns ?? 80) - 1)}`);
      else err.write(`${line}\n`);
    },
    stop: () => {
      if (live && !quiet) err.write("\r\u001B[2K");
    },
  };
}

/** Prints what came of it. */
export function printCampaign(
  context: CommandContext,
  given: {
    readonly result: CampaignResult;
    readonly failures: readonly ReportedFailure[];
    readonly test: TestDescription;
    readonly explore: Strategy;
  },
): void {
  const { result, failures, test, explore } = given;
  const { out, outPaint } = context.terminal;
  const width = out.columns ?? 100;
  for (const failure of failures) {
    const { outcome, from, to, replay } = failure;
    if (outcome !== undefined) {
      const shown = { ...outcome, result: { ...outcome.result, replay } };
      print(context, terminalSummary(shown, { color: outPaint.level > 0, width }).trimEnd());
    } else print(context, `${outPaint.red("✗ INVALID")} ${failure.message}\n\n  replay  ${replay}`);
    print(context, `\nFound   by run ${failure.after} (seed ${failure.seed})`);
    if (from !== undefined && to !== undefined) {
      print(
        context,
        `Shrunk  operations ${from.operations} → ${to.operations}, faults ${from.faults} → ${to.faults}, nodes ${from.nodes} → ${to.nodes}`,
      );
    }
    print(context, `Case    ${outPaint.underline(failure.file)}`);
    if (failure.shrink !== undefined) {
      const is = from === undefined ? "as it was found" : "not as small as it may be";
      print(context, `        ${is}, for that was ended early; to go on: ${failure.shrink}`);
    }
    print(context, "");
  }
  const mark =
    result.invalid > 0
      ? outPaint.red("✗")
      : result.valid === 0
        ? outPaint.yellow("?")
        : outPaint.green("✓");
  print(context, `${mark} ${test.workload} on ${test.system}, ${explore}: ${factsOf(result)[0]}`);
  print(context, `  ${factsOf(result).slice(1).join(" · ")}`);
}

function factsOf(result: CampaignResult): readonly string[] {
  const { trials, valid, invalid, unknown, operations, virtualNs, situations, elapsedMs } = result;
  const seconds = elapsedMs / 1e3;
  const rate = seconds === 0 ? 0 : trials / seconds;
  return [
    `${count(trials)} runs: ${count(valid)} valid, ${count(invalid)} invalid, ${count(unknown)} unknown`,
    `${count(operations)} operations`,
    `${count(Math.round(virtualNs / 1e9))} s of virtual time in ${seconds.toFixed(1)} s`,
    `${rate.toFixed(1)} runs/s`,
    `${count(situations)} situations`,
  ];
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
