/** The part of `ordeal shrink` that is about histories: leaves operations out, judges the rest. */
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { HarnessError } from "../errors.js";
import { encodeEvent } from "../history/codecs/json-lines.js";
import type { History } from "../history/history.js";
import type { Model } from "../model/model.js";
import type { Meaning } from "../shrink/closure/closure.js";
import { shrinkHistory, type ShrunkHistory } from "../shrink/shrink-history.js";
import type { Verdict } from "../verdict/verdict.js";
import { terminalSummary } from "../../reports/index.js";
import { MODELS } from "./catalog-models.js";
import { checkAgain, questionOf, type CheckFlags } from "./check-file.js";
import { print, printJson, writeOutput, type CommandContext } from "./context.js";
import { EXIT_CODES } from "./exit-codes.js";
import { isDirectory } from "./input.js";
import { listenForInterruption, type Interruption } from "./interruption.js";
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
  let interruption: Interruption | undefined;
  const shrunk = await shrinkHistory({
    history: input.history,
    checker,
    meaningOf: (whole) => meaningOf(whole, model),
    budget: {
      ...(flags.memoryBudget === undefined ? {} : { memoryBytes: flags.memoryBudget }),
      runs: flags.runs ?? Infinity,
      timeMs: flags.timeBudget ?? DEFAULT_TIME_MS,
      nowMs: () => performance.now(),
      stopped: () => interruption?.signal.aborted === true,
      pause: () => setImmediate(),
    },
    // A search does not hear signals: until then Ctrl-C ends the process, and nothing is lost.
    onWhole: () => {
      interruption = listenForInterruption(context, "keeping what is the smallest so far");
    },
  }).finally(() => interruption?.stop());
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
    const { checks, undecided, spent, operations } = shrunk;
    const counts = { operations, checks, undecided, spent };
    printJson(context, { file: out, ...counts, check: again, result: verdict });
  } else printShrunk(context, shrunk, { file, out, again });
}

/**
 * What the operations mean, as the evidence says; of whom it says nothing, only the values in them
 * are known.
 */
function meaningOf(whole: Verdict, given: Model | undefined): Meaning {
  const kind = whole.anomalies[0]?.kind;
  const parts = [whole, ...Object.values(whole.parts ?? {})];
  const certificate = parts.find(
    ({ certificate: evidence, anomalies }) => evidence !== undefined && anomalies[0]?.kind === kind,
  )?.certificate;
  if (certificate === undefined || !("model" in certificate)) return { realTime: false };
  const { name, options } = certificate.model;
  const model =
    given?.name === name ? given : MODELS.find((each) => each.name === name)?.make(options);
  return { model, realTime: certificate.kind === "non-linearizable" };
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
  { history, verdict, operations, whole, checks, undecided, spent }: ShrunkHistory,
  { file, out, again }: { readonly file: string; readonly out: string; readonly again: string },
): void {
  const { terminal } = context;
  const summary = terminalSummary(
    { title: out, verdict, history, replay: again },
    { color: terminal.outPaint.level > 0, width: terminal.out.columns ?? 100 },
  );
  print(context, summary.trimEnd());
  const { bold, underline } = terminal.outPaint;
  const rest = spent
    ? "; ended early, so more may go"
    : undecided > 0
      ? `; ${undecided} came to no answer, so more may go`
      : "";
  print(
    context,
    `\nShrunk   ${file}: ${whole.operations} → ${bold(String(operations))} operations in ${checks} checks${rest}`,
  );
  print(context, `History  ${underline(out)}`);
}
