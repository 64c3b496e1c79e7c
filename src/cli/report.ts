/**
 * `ordeal report`: write the reports of a run again, from its directory.
 */
import { join } from "node:path";
import { Command, Option } from "commander";
import { HarnessError } from "../errors.js";
import { readMessages } from "../store/messages-file.js";
import { openRunDirectory } from "../store/run-directory.js";
import { print, printJson, writeOutput, type CommandContext } from "./context.js";
import {
  REPORT_FORMATS,
  renderReport,
  reportFormatOf,
  type ReportFormat,
} from "./report-formats.js";

interface Flags {
  readonly format?: ReportFormat;
  readonly out?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ ordeal report runs/latest                     writes runs/latest/report.html
  $ ordeal report runs/latest --format markdown   prints a summary
  $ ordeal report runs/latest --out junit.xml     the ending names the format

Without --out, html goes into the run directory and all other formats to
standard output.`;

/** The command, for `program.ts`. */
export function reportCommand(context: CommandContext): Command {
  return new Command("report")
    .description("write the reports of a run again")
    .argument("<run>", "a run directory")
    .addOption(
      new Option(
        "-f, --format <name>",
        "the form (default: by the ending of --out, else html)",
      ).choices(REPORT_FORMATS),
    )
    .option("-o, --out <file>", "where it goes")
    .option("--json", "print one JSON object that names what was written")
    .addHelpText("after", EXAMPLES)
    .action(async (run: string, flags: Flags) => {
      const { result, history } = await openRunDirectory(run);
      if (result === undefined) {
        throw new HarnessError(
          "unreadable-input",
          `${run} has no results: the run did not get that far; judge what it saw with: ordeal check ${run} --report FILE`,
        );
      }
      const format = flags.format ?? (flags.out === undefined ? "html" : reportFormatOf(flags.out));
      const messages = await readMessages(run);
      const text = renderReport(format, {
        result,
        history: history.history,
        ...(messages === undefined ? {} : { messages }),
      });
      const file = flags.out ?? (format === "html" ? join(run, "report.html") : undefined);
      if (file === undefined && flags.json !== true) {
        context.terminal.out.write(text);
        return;
      }
      const target = file ?? join(run, DEFAULT_FILES[format]);
      writeOutput(target, text);
      if (flags.json === true) printJson(context, { run, format, file: target });
      else print(context, `Report  ${target}`);
    });
}

/** Where a report goes that must be a file and was given none. */
const DEFAULT_FILES: { readonly [format in ReportFormat]: string } = {
  html: "report.html",
  json: "report.json",
  junit: "junit.xml",
  markdown: "summary.md",
  text: "summary.txt",
};
