/** The part of `ordeal shrink` that is about histories: leaves operations out, judges the rest. */
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { HarnessError } from "../errors.js";
import { encodeEvent } from "../history/codecs/json-lines.js";
import type { History } from "../history/history.js";
import type { Model } from "../model/model.js";
import type { Seeing } from "../shrink/closure.js";
import { shrinkHistory, type ShrunkHistory } from "../shrink/shrink-history.js";
import { terminalSummary } from "../../reports/index.js";
import { checkAgain, questionOf, type CheckFlags } from "./check-file.js";
import { print, printJson, writeOutput, type CommandContext } from "./context.js";
import { EXIT_CODES } from "./exit-codes.js";
import { isDirectory } from "./input.js";
import { listenForInterruption } from "./interruption.js";
import type { ShrinkRunFlags } from "./shrink-run.js";

const DEFAULT_TIME_MS = 60_000;

/** Shrinks a history, and writes it. */
export async function shrinkHistoryFile(
  context: CommandContext,
  file: string,
  flags: CheckFlags & ShrinkRunFlags,
): Promise<void> {
  const out = flags.out ?? shrunkName(file);
  if (file !== "-" && resolve(out) === resolve(file)) {
    throw new HarnessError("bad-argument", `--out ${out} is the history itself; name another file`);
  }
  const { input, checker, model } = await questionOf(file, flags);
  const interruption = listenForInterruption(context, "keeping what is the smallest so far");
  const shrunk = await shrinkHistory({
    history: input.history,
    checker,
    seeing: seeingOf(model),
    budget: {
      runs: flags.runs ?? Infinity,
      timeMs: flags.timeBudget ?? DEFAULT_TIME_MS,
      nowMs: () => performance.now(),
      stopped: () => interruption.signal.aborted,
      pause: () => setImmediate(),
    },
  }).finally(() => interruption.stop());
  const { whole, verdict } = shrunk;
  context.setExitCode(EXIT_CODES[whole.verdict]);
  if (whole.verdict !== "invalid") {
    if (flags.json === true) printJson(context, { file, verdict: whole.verdict, result: whole });
    else
      print(context, `${file} is ${whole.verdict}, so there is nothing to shrink: ${whole.reason}`);
    return;
  }
  writeOutput(out, linesOf(shrunk.history));
  const again = checkAgain(out, { ...flags, format: "jsonl" });
  if (flags.json === true) {
    const { checks, spent, operations } = shrunk;
    printJson(context, { file: out, operations, checks, spent, check: again, result: verdict });
  } else printShrunk(context, shrunk, { file, out, again });
}

/** Models whose outputs are the very values that went in. */
const BY_VALUE: ReadonlySet<string> = new Set([
  "register",
  "set",
  "multiset",
  "queue",
  "stack",
  "priority-queue",
  "log",
]);

/** Where no model says what values are, transactions and everyday checkers go by value too. */
function seeingOf(model: Model | undefined): Seeing {
  const type = model?.type?.name;
  return model === undefined || (type !== undefined && BY_VALUE.has(type)) ? "by-value" : "by-key";
}

function shrunkName(file: string): string {
  if (file === "-") return "shrunk.jsonl";
  return isDirectory(file)
    ? join(file, "shrunk.jsonl")
    : `${file.replace(/\.\w+$/, "")}.shrunk.jsonl`;
}

function linesOf(history: History): string {
  const lines = Array.from({ length: history.length }, (_, index) =>
    encodeEvent(history.event(index)),
  );
  return `${lines.join("\n")}\n`;
}

function printShrunk(
  context: CommandContext,
  { history, verdict, operations, whole, checks, spent }: ShrunkHistory,
  { file, out, again }: { readonly file: string; readonly out: string; readonly again: string },
): void {
  const { terminal } = context;
  const summary = terminalSummary(
    { title: out, verdict, history, replay: again },
    { color: terminal.outPaint.level > 0, width: terminal.out.columns ?? 100 },
  );
  print(context, summary.trimEnd());
  const { bold, underline } = terminal.outPaint;
  print(
    context,
    `\nShrunk   ${file}: ${whole.operations} → ${bold(String(operations))} operations in ${checks} checks${spent ? "; ended early, so more may go" : ""}`,
  );
  print(context, `History  ${underline(out)}`);
}
