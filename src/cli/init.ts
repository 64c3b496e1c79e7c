/**
 * `ordeal init`: write a test to start from and a CI workflow that runs it. Files that are there
 * already are never touched.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { HarnessError } from "../errors.js";
import { print, printJson, writeOutput, type CommandContext } from "./context.js";
import { shellCommand } from "./shell-command.js";
import { STARTER_TEST, WORKFLOW } from "./starter-files.js";

const EXAMPLES = `
Examples:
  $ ordeal init
  $ ordeal init my-project --json`;

/** The command, for `program.ts`. */
export function initCommand(context: CommandContext): Command {
  return new Command("init")
    .description(
      "write a starter test (ordeal.test.ts) and a CI workflow (.github/workflows/ordeal.yml)",
    )
    .argument("[dir]", "where to", ".")
    .option("--json", "print one JSON object that names what was written")
    .addHelpText("after", EXAMPLES)
    .action((directory: string, flags: { readonly json?: boolean }) => {
      const test = join(directory, "ordeal.test.ts");
      const files: readonly (readonly [string, string])[] = [
        [test, STARTER_TEST],
        [join(directory, ".github", "workflows", "ordeal.yml"), WORKFLOW],
      ];
      const present = files.map(([path]) => path).filter((path) => existsSync(path));
      if (present.length > 0) {
        throw new HarnessError(
          "bad-argument",
          `${present.join(" and ")} ${present.length === 1 ? "is" : "are"} there already, and init overwrites nothing; ` +
            "move it away, or name another directory",
        );
      }
      for (const [path, text] of files) writeOutput(path, text);
      const next = shellCommand(["npx", "ordeal", "run", asModule(test)]);
      if (flags.json === true) {
        printJson(context, { files: files.map(([path]) => path), next });
        return;
      }
      const paint = context.terminal.outPaint;
      for (const [path] of files) print(context, `${paint.green("wrote")}  ${path}`);
      print(context, `\nRun it:  ${paint.cyan(next)}`);
    });
}

/**
 * `ordeal run` takes a name for a workload and a path for a test file: make it look like a path.
 */
function asModule(path: string): string {
  return /^[./\\]|^[a-z]:/i.test(path) ? path : `./${path}`;
}
