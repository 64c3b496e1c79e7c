/**
 * `ordeal check`: decide whether histories that somebody already has keep a consistency promise.
 *
 * Several files are checked one after the other. The exit code is that of the gravest answer; an
 * input that could not be read outweighs every verdict (254), because then the question was not
 * answered as it was asked.
 */
import { Command } from "commander";
import { HarnessError } from "../errors.js";
import { formatNamed } from "../history/codec.js";
import { mergeKinds, type VerdictKind } from "../verdict/verdict.js";
import { withCheckOptions } from "./check-options.js";
import { checkFile, type CheckFlags, type CheckedFile } from "./check-file.js";
import { makeChecker } from "./catalog.js";
import { propertiesFor } from "./check-properties.js";
import { printChecked, resultObject, errorObject } from "./check-output.js";
import { printError, printJson, writeOutput, type CommandContext } from "./context.js";
import { EXIT_CODES, exitCodeOf } from "./exit-codes.js";
import { ISOLATION, isolationFor } from "./isolation.js";
import { modelNamed } from "./own-model.js";
import { assertPromise } from "./promise.js";
import { renderReport, reportFormatOf } from "./report-formats.js";

/** Options as commander gives them. */
interface Flags extends CheckFlags {
  readonly report?: string;
  readonly out?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ ordeal check history.jsonl --model register
  $ ordeal check history.edn --model cas-register --report report.html
  $ ordeal check runs/latest         judges a run again, as its workload does
  $ ordeal check history.edn --checker set-full --checker statistics
  $ ordeal check logs/*.log --model kv --json > results.jsonl
  $ ordeal check - --model kv --format jsonl < history.jsonl

Exit codes: 0 valid, 1 invalid, 2 unknown, 254 bad arguments or input, 255 the
harness failed; of several files the gravest, where an input that could not be
read outweighs every verdict.`;

/** The command, for `program.ts`. */
export function checkCommand(context: CommandContext): Command {
  return withCheckOptions(new Command("check"))
    .description("decide whether histories keep a consistency promise, and show the proof")
    .argument("<file...>", "history files, run directories, or - for standard input")
    .option("--report <file>", "write a report: .html, .md, .xml (JUnit), .json or .txt")
    .option("-o, --out <file>", "write the result as JSON, for ordeal verify")
    .option("--json", "print one JSON object a file on standard output")
    .addHelpText("after", EXAMPLES)
    .action(async (files: readonly string[], flags: Flags) => {
      await refuseEarly(files, flags);
      context.setExitCode(await checkAll(files, flags, context));
    });
}

/** What can be said to be wrong before the first file is opened. */
async function refuseEarly(files: readonly string[], flags: Flags): Promise<void> {
  const isolation = isolationFor(flags);
  if (isolation === undefined) assertPromise(flags.consistency);
  if (isolation === undefined && flags.model !== undefined)
    makeChecker(flags.consistency, await modelNamed(flags.model));
  // Of `strongest` without a model the history will say whether it is about transactions.
  const isOpen = flags.consistency === "strongest" && flags.model === undefined;
  propertiesFor(flags, { promised: isolation === undefined && !isOpen ? undefined : ISOLATION });
  if (flags.format !== undefined) formatNamed(flags.format);
  if (flags.report !== undefined) reportFormatOf(flags.report);
  if (files.length === 1) return;
  for (const option of ["report", "out"] as const) {
    if (flags[option] === undefined) continue;
    throw new HarnessError(
      "bad-argument",
      `--${option} takes one history, not ${files.length}; check them one by one, or use --json for all results`,
    );
  }
}

async function checkAll(
  files: readonly string[],
  flags: Flags,
  context: CommandContext,
): Promise<number> {
  const kinds: VerdictKind[] = [];
  let errorCode = 0;
  for (const file of files) {
    if (context.terminal.closed()) break;
    try {
      const checked = await checkFile(file, flags, context.terminal);
      kinds.push(checked.verdict.verdict);
      report(checked, flags, context, files.length === 1);
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      errorCode = Math.max(errorCode, exitCodeOf(error.code));
      if (flags.json === true) printJson(context, errorObject(file, error));
      printError(context.terminal, error.message);
    }
  }
  return errorCode === 0 ? EXIT_CODES[mergeKinds(kinds)] : errorCode;
}

function report(checked: CheckedFile, flags: Flags, context: CommandContext, alone: boolean): void {
  const result = resultObject(checked);
  if (flags.json === true) printJson(context, result);
  else printChecked(checked, context, { alone });
  if (flags.out !== undefined) writeOutput(flags.out, `${JSON.stringify(result)}\n`);
  if (flags.report !== undefined) {
    const input = {
      ...checked.report,
      ...(flags.out === undefined ? {} : { verify: `ordeal verify ${flags.out} ${checked.file}` }),
    };
    writeOutput(flags.report, renderReport(reportFormatOf(flags.report), input));
    if (flags.json !== true) context.terminal.out.write(`  report   ${flags.report}\n`);
  }
}
