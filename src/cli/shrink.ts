/**
 * `ordeal shrink`: from a failure to the smallest one of its kind. A simulated run is carried out
 * again and again with less in it; a history (also that of a real run) is only judged again.
 */
import { existsSync } from "node:fs";
import { Command } from "commander";
import { HarnessError } from "../errors.js";
import { isCaseFile } from "../store/case-file.js";
import { withCheckOptions } from "./check-options.js";
import type { CheckFlags } from "./check-file.js";
import type { CommandContext } from "./context.js";
import { lasting, readRun } from "./input.js";
import { parseCount } from "./quantities.js";
import { shrinkHistoryFile } from "./shrink-history.js";
import { shrinkCaseFile, shrinkRecordedRun, type ShrinkRunFlags } from "./shrink-run.js";

const EXAMPLES = `
Examples:
  $ ordeal shrink runs/latest      writes runs/latest/shrunk.json
  $ ordeal replay runs/latest/shrunk.json
  $ ordeal shrink history.jsonl --model register --out small.jsonl

A simulated run is carried out again with ever less in it, for as long as it
fails in the same way. Of a history, and of a run on real processes, operations
are left out and the rest is judged again.

Exit codes: 1 when there was a failure, and it was made smaller; 0 or 2 when the
history is valid or undecided; 254 bad arguments or input, 255 the harness
failed.`;

/** The command, for `program.ts`. */
export function shrinkCommand(context: CommandContext): Command {
  const command = new Command("shrink")
    .description("make a failing run or history as small as it can be")
    .argument("<failure>", "the directory of a failed run, a case, or a history file");
  return withCheckOptions(command)
    .option("--runs <count>", "at most so many runs, or checks of a history", parseCount)
    .option(
      "-s, --system <name>",
      "of a case: another system than it names, or the module that exports yours",
    )
    .option("-o, --out <file>", "where the result goes (default: beside the failure)")
    .option("--json", "print the result as one JSON object on standard output")
    .option("-q, --quiet", "no live progress")
    .addHelpText("after", EXAMPLES)
    .action(async (target: string, flags: CheckFlags & ShrinkRunFlags) => {
      if (target !== "-" && !existsSync(target)) {
        throw new HarnessError("unreadable-input", `there is no ${target}`);
      }
      const run = await readRun(target);
      const asks = flags.model !== undefined || flags.checker !== undefined;
      if (isCaseFile(target) && !asks) {
        await shrinkCaseFile(context, target, flags);
        return;
      }
      if (run?.test.world === "simulated" && !asks) {
        await shrinkRecordedRun(context, { ...run, directory: lasting(target) }, flags);
      } else await shrinkHistoryFile(context, target, flags);
    });
}
