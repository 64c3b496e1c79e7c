/**
 * The command line as a function: arguments and streams in, exit code out. Only the module of the
 * command that was asked for is loaded, so that `ordeal --help` stays quick.
 */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { createTerminal, type OutputStream, type Terminal } from "./terminal.js";
import { printDescription, type CommandContext } from "./context.js";
import { describeError } from "./describe-error.js";

/** Where the output of a command goes. */
export interface CliStreams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** True once nobody reads `stdout` any more. */
  readonly closed?: () => boolean;
}

/** One command of the table. */
interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(context: CommandContext): Promise<Command>;
}

/** Every command, in the order of the help. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: "run",
    summary: "drive a system while faults are injected, and judge what its clients saw",
    load: async (context) => (await import("./run.js")).runCommand(context),
  },
  {
    name: "check",
    summary: "decide whether histories that you already have keep a consistency promise",
    load: async (context) => (await import("./check.js")).checkCommand(context),
  },
  {
    name: "verify",
    summary: "confirm the evidence of a verdict with code that shares nothing with the search",
    load: async (context) => (await import("./verify.js")).verifyCommand(context),
  },
  {
    name: "replay",
    summary: "carry out a run again from its directory",
    load: async (context) => (await import("./replay.js")).replayCommand(context),
  },
  {
    name: "campaign",
    summary: "carry out many simulated runs, each in other circumstances, until one fails",
    load: async (context) => (await import("./campaign.js")).campaignCommand(context),
  },
  {
    name: "explore",
    summary: "try all orders of events of a few operations, within bounds",
    load: async (context) => (await import("./explore.js")).exploreCommand(context),
  },
  {
    name: "shrink",
    summary: "make a failing run or history as small as it can be",
    load: async (context) => (await import("./shrink.js")).shrinkCommand(context),
  },
  {
    name: "report",
    summary: "write the reports of a run again",
    load: async (context) => (await import("./report.js")).reportCommand(context),
  },
  {
    name: "list",
    summary: "list workloads, nemeses, checkers, levels, backends, models, formats and worlds",
    load: async (context) => (await import("./list.js")).listCommand(context),
  },
  {
    name: "init",
    summary: "write a starter test and a CI workflow",
    load: async (context) => (await import("./init.js")).initCommand(context),
  },
];

const HELP = `
Examples:
  $ ordeal run                  five nodes under partitions, crashes and pauses
  $ ordeal check history.jsonl --model register
  $ ordeal verify result.json history.jsonl
  $ ordeal run --help           more about one command

Exit codes: 0 valid, 1 invalid, 2 unknown, 254 bad arguments or input, 255 the
harness failed.`;

/**
 * Carries out one command line (without node and script) and resolves with the exit code; never
 * rejects.
 */
export async function runCli(argv: readonly string[], streams: CliStreams): Promise<number> {
  const terminal = createTerminal(streams);
  let exitCode = 0;
  const context: CommandContext = {
    terminal,
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  try {
    const program = await createProgram(argv, context);
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    const description = describeError(error);
    printDescription(terminal, description);
    return description.exitCode;
  }
  return exitCode;
}

async function createProgram(argv: readonly string[], context: CommandContext): Promise<Command> {
  const program = new Command("ordeal")
    .description("Put a stateful system through an ordeal, and get a proof.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .addHelpText("after", HELP)
    .exitOverride();
  configureOutput(program, context.terminal);
  const asked = new Set(argv.slice(0, 2));
  for (const entry of COMMANDS) {
    const command = asked.has(entry.name)
      ? (await entry.load(context)).summary(entry.summary)
      : new Command(entry.name).description(entry.summary);
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

/**
 * Sends help to the terminal, painted when it may be; errors are printed in one place, by `runCli`.
 */
function configureOutput(program: Command, terminal: Terminal): void {
  program.configureOutput({
    writeOut: (text) => terminal.out.write(text),
    writeErr: (text) => terminal.err.write(text),
    outputError: () => undefined,
    getOutHasColors: () => terminal.outPaint.level > 0,
    getErrHasColors: () => terminal.errPaint.level > 0,
    getOutHelpWidth: () => terminal.out.columns ?? 100,
    getErrHelpWidth: () => terminal.err.columns ?? 100,
  });
  program.configureHelp({
    styleTitle: (title) => terminal.outPaint.bold(title),
    styleCommandText: (text) => terminal.outPaint.cyan(text),
    styleOptionTerm: (text) => terminal.outPaint.cyan(text),
    styleSubcommandTerm: (text) => terminal.outPaint.cyan(text),
  });
}

/** From the package's own description, which lies above `dist/src/cli` or `src/cli`. */
function packageVersion(): string {
  for (const up of ["../../../package.json", "../../package.json"]) {
    try {
      const text = readFileSync(new URL(up, import.meta.url), "utf8");
      const { name, version } = JSON.parse(text) as { name?: string; version?: string };
      if (name === "ordeal" && version !== undefined) return version;
    } catch {
      // Not there: the other place.
    }
  }
  return "unknown";
}
