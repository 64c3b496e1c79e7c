/**
 * How the answer to one history is shown: a line with the proof below it for people, an object for
 * programs.
 */
import type { HarnessError } from "../errors.js";
import { canonical } from "../history/value.js";
import type { VerdictKind } from "../verdict/verdict.js";
import { terminalSummary } from "../../reports/index.js";
import type { CheckedFile, UsedConventions } from "./check-file.js";
import { print, type CommandContext } from "./context.js";
import { formatMs } from "./quantities.js";

/** The object of `--json` and `--out`: the verdict's own fields, and what it is about. */
export function resultObject(checked: CheckedFile): object {
  const { file, format, conventions, warnings, model, consistency, verdict } = checked;
  const { verdict: kind, reason, operations, elapsedMs, certificate, ...rest } = verdict;
  return {
    file,
    verdict: kind,
    reason,
    operations,
    elapsedMs,
    model:
      model ?? (certificate !== undefined && "model" in certificate ? certificate.model : null),
    consistency,
    format,
    conventions,
    warnings,
    ...rest,
    certificate: certificate ?? null,
  };
}

/** The object of a file that could not be checked. */
export function errorObject(file: string, error: HarnessError): object {
  return {
    file,
    verdict: "unknown",
    reason: error.message,
    operations: 0,
    elapsedMs: 0,
    certificate: null,
    error: { code: error.code, message: error.message },
  };
}

const ICONS: { readonly [kind in VerdictKind]: string } = {
  valid: "✓",
  invalid: "✗",
  unknown: "?",
};

/** Prints the answer for people; `alone`: it is the only file, and gets more room. */
export function printChecked(
  checked: CheckedFile,
  context: CommandContext,
  options: { readonly alone: boolean },
): void {
  const { file, verdict, report } = checked;
  const { terminal } = context;
  const paint = terminal.outPaint;
  const colour = { valid: paint.green, invalid: paint.red, unknown: paint.yellow }[verdict.verdict];
  const mark = colour(`${ICONS[verdict.verdict]} ${verdict.verdict.padEnd(7)}`);
  // Only models take them for anything.
  const said = checked.model === undefined ? "" : conventionsSaid(checked.conventions);
  const noun = verdict.operations === 1 ? "operation" : "operations";
  const facts = [`${verdict.operations} ${noun}, ${formatMs(verdict.elapsedMs)}`];
  if (said !== "") facts.push(`taking ${said}`);
  print(context, `${mark}  ${printable(file)}  ${paint.dim(facts.join(" · "))}`);
  if (verdict.verdict === "invalid" || options.alone) {
    const summary = terminalSummary(report, {
      color: paint.level > 0,
      width: terminal.out.columns ?? 100,
    });
    // Its first block repeats verdict and file.
    print(context, `\n${summary.split("\n").slice(2).join("\n")}\n`);
  } else if (verdict.verdict === "unknown") {
    print(context, `  ${printable(verdict.reason)}`);
  }
}

/** What the events were taken to mean, where that is not what everybody would assume. */
function conventionsSaid({ initial, nilReads, failedCas }: UsedConventions): string {
  const said: string[] = [];
  if (initial !== null) said.push(`${canonical(initial)} as the initial value`);
  if (nilReads === "unknown") said.push("reads of null as unknown (--nil-reads)");
  if (failedCas === "observe") said.push("a failed cas as an observation (--failed-cas)");
  return said.join(", ");
}

/** No control characters: a file name must not be able to steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "\u{FFFD}");
}
