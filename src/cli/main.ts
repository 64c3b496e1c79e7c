#!/usr/bin/env node
/**
 * The program `ordeal`: hands the process's arguments and streams to `runCli`, and keeps quiet when
 * the reader of its output goes away.
 */
import { runCli } from "./program.js";
import { printDescription } from "./context.js";
import { describeError } from "./describe-error.js";
import { createTerminal } from "./terminal.js";

let readerGone = false;

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    readerGone = true;
  });
}

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    const description = describeError(error);
    printDescription(createTerminal(process), description);
    process.exit(description.exitCode);
  });
}

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  closed: () => readerGone,
});
// Not `process.exit`: what was written must reach a slow reader first. 0 leaves what a command may
// have set.
if (code !== 0) process.exitCode = code;
