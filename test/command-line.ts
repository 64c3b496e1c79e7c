/**
 * Drives the command line for the tests: in this process, which is quick, or as the built program,
 * which is real.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { runCli } from "../src/cli/program.js";

/** What a command left. */
export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program. */
export const PROGRAM: string = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));

/** Runs one command line in this process. */
export async function ordeal(...argv: readonly string[]): Promise<CommandResult> {
  let stdout = "";
  let stderr = "";
  const exitCode = await runCli(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { exitCode, stdout, stderr };
}

/** How to run the built program. */
export interface ProgramOptions {
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
  readonly input?: string;
}

/** Runs the built program as a process of its own, without the colour variables of this one. */
export async function program(
  argv: readonly string[],
  { env = {}, cwd, input = "" }: ProgramOptions = {},
): Promise<CommandResult> {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ORDEAL_DEBUG: _debug, ...inherited } = process.env;
  const { exitCode, stdout, stderr } = await execa(process.execPath, [PROGRAM, ...argv], {
    reject: false,
    extendEnv: false,
    env: { ...inherited, ...env },
    input,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return { exitCode, stdout, stderr };
}

/** An empty folder that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "ordeal-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes a file into a folder and gives back its path. */
export function fileIn(directory: string, name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** One event a line. */
export function jsonLines(events: readonly object[]): string {
  return events
    .map((event, index) => `${JSON.stringify({ index, time: index * 1000, ...event })}\n`)
    .join("");
}

/** A register that keeps its promise: a write, then a read of it. */
export const VALID: string = jsonLines([
  { type: "invoke", process: 0, f: "write", value: 1 },
  { type: "ok", process: 0, f: "write", value: 1 },
  { type: "invoke", process: 1, f: "read", value: null },
  { type: "ok", process: 1, f: "read", value: 1 },
]);

/** A register that does not: the read comes after the write and misses it. */
export const INVALID: string = jsonLines([
  { type: "invoke", process: 0, f: "write", value: 1 },
  { type: "ok", process: 0, f: "write", value: 1 },
  { type: "invoke", process: 1, f: "read", value: null },
  { type: "ok", process: 1, f: "read", value: null },
]);
