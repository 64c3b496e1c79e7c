/**
 * `ordeal replay`: carry out a recorded run once more. A simulated run comes out byte for byte the
 * same; a real one is driven again with the same workload, seed and schedule of faults.
 */
import { existsSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { HarnessError } from "../errors.js";
import { isCaseFile } from "../store/case-file.js";
import { openRunDirectory } from "../store/run-directory.js";
import { carryOut, CASE_FILE } from "./carry-out.js";
import type { CommandContext } from "./context.js";
import { isDirectory, lasting } from "./input.js";
import { FROM_THERE, withModules } from "./own-place.js";
import { namesOf, planOf } from "./plan.js";
import { replayCase } from "./replay-case.js";
import { recordedSchedule } from "./recorded-schedule.js";

const EXAMPLES = `
Examples:
  $ ordeal replay runs/latest
  $ ordeal replay runs/latest --out elsewhere --json
  $ ordeal replay runs/latest/shrunk.json
  $ ordeal replay case.json --system ./mine.ts    a case of a system of yours

A simulated run must give the same history byte for byte; when it does not
(another version of ordeal or of your code), the first line that differs is
named and the exit code is 255. A case is carried out as it is written; when
the system no longer fails in it, that is said.`;

/** Options as commander gives them. */
export interface ReplayFlags {
  readonly system?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The command, for `main.ts`. */
export function replayCommand(context: CommandContext): Command {
  return new Command("replay")
    .description("carry out a recorded run again, with the same seed and faults")
    .argument("<run>", "a run directory, or the file of a case (see: ordeal shrink)")
    .option(
      "-s, --system <name>",
      "of a case: another system than it names, or the module that exports yours",
    )
    .option("-o, --out <dir>", "the new run directory (default: runs/TIME-WORKLOAD-SYSTEM)")
    .option("--json", "print the result as one JSON object on standard output")
    .option("-q, --quiet", "no live progress")
    .addHelpText("after", EXAMPLES)
    .action(async (run: string, flags: ReplayFlags) => {
      if (!existsSync(run)) throw new HarnessError("unreadable-input", `there is no ${run}`);
      const inRun = join(run, CASE_FILE);
      // A file is meant for a case; what it lacks is said when it is read.
      const file = !isDirectory(run) ? run : isCaseFile(inRun) ? lasting(inRun) : undefined;
      if (file !== undefined) {
        await replayCase(context, file, flags);
        return;
      }
      if (flags.system !== undefined) {
        throw new HarnessError(
          "bad-argument",
          `${run} is a run, which is carried out again with the system that it had; --system is for the file of a case (see: ordeal shrink)`,
        );
      }
      // The link `latest` leads to the new run by the time that both are compared.
      const recorded = await openRunDirectory(realpathSync(run));
      const test = withModules(recorded.test, recorded.path, FROM_THERE);
      const plan = await planOf(namesOf(test));
      const carried = await carryOut(context, plan, {
        test,
        out: flags.out,
        json: flags.json === true,
        quiet: flags.quiet === true,
        budget: {},
        ...(test.world === "real" ? { schedule: await recordedSchedule(recorded.path) } : {}),
      });
      if (test.world === "simulated") await compare(context, recorded.path, carried.directory);
    });
}

async function compare(context: CommandContext, before: string, after: string): Promise<void> {
  const [old, now] = await Promise.all(
    [before, after].map(async (directory) => readFile(join(directory, "history.jsonl"), "utf8")),
  );
  if (old === undefined || now === undefined || old === now) {
    tell(context, "Replayed: the history is the same, byte for byte.");
    return;
  }
  const oldLines = old.split("\n");
  const nowLines = now.split("\n");
  const line = oldLines.findIndex((text, index) => text !== nowLines[index]);
  if (line === oldLines.length - 1 && oldLines[line] === "" && nowLines.length > oldLines.length) {
    tell(context, "Replayed: the recorded history, cut short, is a prefix of this one.");
    return;
  }
  throw new HarnessError(
    "harness-failure",
    `the replayed history differs from line ${line + 1} on (${join(after, "history.jsonl")}); ` +
      "replay needs the same version of ordeal and of your own code",
  );
}

function tell({ terminal }: CommandContext, line: string): void {
  terminal.err.write(`${line}\n`);
}
