/** How an exploration is shown: a line that rewrites itself, and what was covered and found. */
import type { Explored } from "../explore/execution.js";
import type { ExploreResult, Round } from "../explore/explore.js";
import { print, type CommandContext } from "./context.js";

/** A violation, with the case that was written for it. */
export interface ReportedViolation {
  readonly anomaly: string;
  readonly message: string;
  readonly after: number;
  readonly choices: readonly string[];
  readonly file: string;
  readonly replay: string;
  readonly shrink: string;
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
      const line = `${brieflyCovered(soFar)} · ${briefly(soFar)}`;
      if (live) err.write(`\r\u001B[2K${line.slice(0, (err.columns ?? 80) - 1)}`);
      else err.write(`${line}\n`);
    },
    stop: () => {
      if (live && !quiet) err.write("\r\u001B[2K");
    },
  };
}

/** Says what is going to be explored. */
export function printScope(context: CommandContext, explored: Explored): void {
  context.terminal.err.write(`${scopeOf(explored)}\n`);
}

/** Prints what came of it. */
export function printExplored(
  context: CommandContext,
  given: {
    readonly result: ExploreResult;
    readonly violations: readonly ReportedViolation[];
    readonly explored: Explored;
  },
): void {
  const { result, violations, explored } = given;
  const { test } = explored;
  const { outPaint } = context.terminal;
  for (const { message, choices, after, replay, shrink, file } of violations) {
    print(context, `${outPaint.red("✗ INVALID")} ${message}\n`);
    print(context, `Found   by execution ${count(after)}, in ${choices.length} choices:`);
    for (const line of wrapped(choices)) print(context, `        ${line}`);
    print(context, `Replay  ${replay}`);
    print(context, `Shrink  ${shrink}`);
    print(context, `Case    ${outPaint.underline(file)}\n`);
  }
  const { invalid, unknown, valid, complete, unknownReason, steps, longest, elapsedMs } = result;
  const isRight = complete && invalid === 0 && unknown === 0 && valid > 0;
  const mark =
    invalid > 0 ? outPaint.red("✗") : isRight ? outPaint.green("✓") : outPaint.yellow("?");
  print(context, `${mark} ${test.workload} on ${test.system}: ${coverageOf(result)}`);
  print(context, `  ${executionsOf(result)}`);
  print(context, `  ${prunedOf(result)}`);
  const seconds = elapsedMs / 1e3;
  print(context, `  ${count(steps)} steps in ${seconds.toFixed(1)} s, ${longest} in the longest`);
  if (unknownReason !== undefined) print(context, `  unknown: ${unknownReason}`);
  for (const line of nextOf(result, explored)) print(context, `Next    ${line}`);
}

/** What to do with the answer. */
function nextOf(
  { violations, complete, cutShort, valid, reduction }: ExploreResult,
  { bounds, operations }: Explored,
): readonly string[] {
  if (violations.length > 0) {
    return ["replay it for the report with its messages; shrink it for as little as shows it"];
  }
  if (valid === 0) return ["nothing was judged: let clients read what others write, with --do"];
  if (complete) {
    const more = (["lost", "late", "waits", "kills", "pauses", "cuts"] as const).filter(
      (name) => bounds[name] === 0,
    );
    const flags = more.map((name) => `--${name === "lost" ? "lose" : name} 1`);
    const wider = [...flags, "another operation"].join(", or ");
    return [`nothing can go wrong within this; allow more: ${wider}`];
  }
  if (cutShort > 0) return ["executions were cut short: allow more --steps, or fewer operations"];
  const fewer =
    operations.flat().length > 1 ? ["fewer operations", "fewer nodes"] : ["fewer nodes"];
  if (reduction !== "states") fewer.push("--delays 2");
  return [`give it more --time, or less to do: ${fewer.join(", ")}`];
}

/** What is explored, in words. */
function scopeOf({ test, operations, bounds }: Explored): string {
  const { lost, late, waits, kills, powerLosses, pauses, cuts, disks } = bounds;
  const amount = (number: number, what: string, many: string = `${what}s`): string =>
    `${number} ${number === 1 ? what : many}`;
  const faults = [
    ...(lost > 0 ? [`${amount(lost, "message")} lost`] : []),
    ...(late > 0 ? [`${amount(late, "message")} late`] : []),
    ...(waits > 0 ? [amount(waits, "wait of a client", "waits of clients")] : []),
    ...(kills > 0 ? [amount(kills, "kill")] : []),
    ...(powerLosses > 0 ? [`${powerLosses} losses of power`] : []),
    ...(pauses > 0 ? [amount(pauses, "pause")] : []),
    ...(cuts > 0 ? [amount(cuts, "cut link", "cut links")] : []),
    ...(disks ? ["calls of disks"] : []),
  ];
  const all = operations.map((own) => own.length).reduce((sum, each) => sum + each, 0);
  return (
    `exploring ${amount(all, "operation")} of ${amount(operations.length, "client")} ` +
    `on ${amount(test.nodeCount, "node")} of ${test.system}, with ` +
    (faults.length === 0 ? "no faults" : `up to ${faults.join(", ")}`)
  );
}

/** The coverage of the search under way, in a few words. */
function brieflyCovered({ reduction, states, rounds, share }: ExploreResult): string {
  const last = rounds.at(-1);
  const of = reduction === "states" || last === undefined ? "" : ` ${within(last)}`;
  const met = reduction === "states" ? `, ${count(states)} states` : "";
  return `some ${percentOf(share)}%${of}${met}`;
}

function briefly({ executions, histories, invalid }: ExploreResult): string {
  return `${count(executions)} executions, ${count(histories)} histories, ${count(invalid)} invalid`;
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
  if (delays === Infinity) return "within the bounds";
  return delays === 0 ? "with no delay" : `with up to ${delays} delay${delays === 1 ? "" : "s"}`;
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
