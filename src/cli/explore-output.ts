/** How an exploration is shown: a line that rewrites itself, and what was covered and found. */
import type { ExploreResult, Round } from "../explore/explore.js";
import type { TestDescription } from "../runner/result.js";
import { print, type CommandContext } from "./context.js";

/** A violation, with the case that was written for it. */
export interface ReportedViolation {
  readonly anomaly: string;
  readonly message: string;
  readonly after: number;
  readonly choices: readonly string[];
  readonly file: string;
  readonly replay: string;
}

/** The line of an exploration that goes on. */
export interface ExploreProgress {
  show(soFar: ExploreResult): void;
  stop(): void;
}

const REDRAW_MS = 100;
const PLAIN_MS = 10_000;

/** Makes the line; where nobody looks, it comes now and then. */
export function createExploreProgress(
  { terminal }: CommandContext,
  quiet: boolean,
): ExploreProgress {
  const { err } = terminal;
  const live = err.isTTY === true;
  let drawnMs = 0;
  return {
    show: (soFar) => {
      const { elapsedMs } = soFar;
      if (quiet || elapsedMs - drawnMs < (live ? REDRAW_MS : PLAIN_MS)) return;
      drawnMs = elapsedMs;
      const line = `${executionsOf(soFar)} · ${coverageOf(soFar)}`;
      if (live) err.write(`\r\u001B[2K${line.slice(0, (err.columns ?? 80) - 1)}`);
      else err.write(`${line}\n`);
    },
    stop: () => {
      if (live && !quiet) err.write("\r\u001B[2K");
    },
  };
}

/** Prints what came of it. */
export function printExplored(
  context: CommandContext,
  given: {
    readonly result: ExploreResult;
    readonly violations: readonly ReportedViolation[];
    readonly test: TestDescription;
  },
): void {
  const { result, violations, test } = given;
  const { outPaint } = context.terminal;
  for (const { message, choices, after, replay, file } of violations) {
    print(context, `${outPaint.red("✗ INVALID")} ${message}\n`);
    print(context, `Found   by execution ${count(after)}, in ${choices.length} choices:`);
    for (const line of wrapped(choices)) print(context, `        ${line}`);
    print(context, `Replay  ${replay}`);
    print(context, `Case    ${outPaint.underline(file)}\n`);
  }
  const { invalid, unknown, valid, complete, unknownReason, steps, longest, elapsedMs } = result;
  const mark =
    invalid > 0
      ? outPaint.red("✗")
      : complete && unknown === 0 && valid > 0
        ? outPaint.green("✓")
        : outPaint.yellow("?");
  print(context, `${mark} ${test.workload} on ${test.system}: ${coverageOf(result)}`);
  print(context, `  ${executionsOf(result)}`);
  print(context, `  ${prunedOf(result)}`);
  const seconds = elapsedMs / 1e3;
  print(context, `  ${count(steps)} steps in ${seconds.toFixed(1)} s, ${longest} in the longest`);
  if (unknownReason !== undefined) print(context, `  unknown: ${unknownReason}`);
}

function executionsOf(result: ExploreResult): string {
  const { executions, histories, valid, invalid, unknown, empty } = result;
  return (
    `${count(executions)} executions with ${count(histories)} histories: ` +
    `${count(valid)} valid, ${count(invalid)} invalid, ${count(unknown)} unknown` +
    (empty === 0 ? "" : `, ${count(empty)} in which nothing succeeded`)
  );
}

function prunedOf({ redundant, leftOut, cutShort }: ExploreResult): string {
  return (
    `${count(redundant)} given up as redundant, ${count(leftOut)} alternatives left out, ` +
    `${count(cutShort)} cut short`
  );
}

function coverageOf(result: ExploreResult): string {
  const { rounds, cutShort, reduction } = result;
  const last = rounds.at(-1);
  if (reduction === "states" && last !== undefined) return statesOf(result);
  const said: string[] = [];
  const whole = rounds.findLast(({ complete }) => complete);
  if (last === undefined) return "nothing was tried";
  if (whole !== undefined) said.push(`everything ${within(whole)} was tried`);
  if (last.share === 1 && !last.complete) {
    said.push(
      `everything ${within(last)} up to the bound of steps, which cut ${count(cutShort)} executions short`,
    );
  } else if (!last.complete) {
    const percent = last.share * 100;
    const shown = percentOf(last.share);
    // Of less than that nothing can be said about the whole.
    const total =
      percent < 1 ? "" : ` (of some ${count(Math.round(last.executions / last.share))})`;
    said.push(`an estimated ${shown}% of the executions ${within(last)}${total}`);
  }
  return said.join("; ");
}

function statesOf({ states, share, cutShort }: ExploreResult): string {
  const reached = `${count(states)} states`;
  if (share === 1) {
    return cutShort === 0
      ? `everything within the bounds was tried: ${reached}`
      : `everything up to the bound of steps was tried, which cut ${count(cutShort)} executions short: ${reached}`;
  }
  return `${reached} were reached, an estimated ${percentOf(share)}% of what is within the bounds`;
}

function percentOf(share: number): string {
  const percent = share * 100;
  return percent < 0.01 ? "less than 0.01" : percent.toFixed(2);
}

function within({ delays }: Round): string {
  return delays === Infinity ? "within the bounds" : `with up to ${delays} delays`;
}

function wrapped(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 3 <= 80) {
      lines[lines.length - 1] = `${last}, ${word}`;
    } else lines.push(word);
  }
  return lines;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
