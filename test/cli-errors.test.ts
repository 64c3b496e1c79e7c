/**
 * What goes wrong at the command line: every error is one clear line on standard error and the
 * right exit code, never a stack trace; colours, pipes and typos behave.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MALFORMED_CASES } from "../src/history/malformed-cases.js";
import { colourLevel } from "../src/cli/terminal.js";
import { editDistance, nearest } from "../src/nearest.js";
import { parseCount, parseDuration, parseSeed, parseSize } from "../src/cli/quantities.js";
import {
  fileIn,
  INVALID,
  ordeal,
  PROGRAM,
  program,
  temporaryDirectory,
  VALID,
} from "./command-line.js";

const COMMANDS = [
  "run",
  "check",
  "verify",
  "replay",
  "campaign",
  "shrink",
  "report",
  "list",
  "init",
];

/** One clear line, without a stack trace. */
function expectOneLine(stderr: string): void {
  expect(stderr).toMatch(/^error: \S.*\n$/);
  expect(stderr).not.toMatch(/\n\s+at |\bat .*\.(js|ts):\d+/);
}

describe("help", () => {
  test("names every command, the examples and the exit codes", async () => {
    const { exitCode, stdout, stderr } = await ordeal("--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain("254 bad arguments");
  });

  test.each(COMMANDS)("of %s has examples and --json", async (command) => {
    const { exitCode, stdout, stderr } = await ordeal(command, "--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain(`$ ordeal ${command}`);
    expect(stdout).toContain("--json");
    expect((await ordeal("help", command)).stdout).toBe(stdout);
  });

  test("--version is that of the package", async () => {
    const { exitCode, stdout } = await ordeal("--version");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("no command is no success", async () => {
    const { exitCode, stdout, stderr } = await ordeal();
    expect({ exitCode, stdout }).toEqual({ exitCode: 254, stdout: "" });
    expect(stderr).toContain("Usage: ordeal");
  });
});

describe("bad arguments exit 254 with one line", () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["command", ["chek"], /did you mean check/],
    ["command without a near one", ["frobnicate"], /unknown command/],
    ["option", ["check", "x", "--modle", "register"], /did you mean --model/],
    ["missing file", ["check"], /missing required argument/],
    [
      "model",
      ["check", "H", "--model", "regster"],
      /did you mean register\? \(ordeal list models has all/,
    ],
    ["no model", ["check", "H"], /--model register/],
    [
      "consistency",
      ["check", "H", "--model", "register", "--consistency", "linearisable"],
      /did you mean linearizable/,
    ],
    ["format", ["check", "H", "--model", "register", "--format", "jsnl"], /jsonl/],
    [
      "duration without unit",
      ["check", "H", "--model", "register", "--time-budget", "60"],
      /500ms, 60s, 2m or 1h/,
    ],
    ["no duration", ["check", "H", "--model", "register", "--time-budget", "0s"], /more than 0/],
    [
      "size",
      ["check", "H", "--model", "register", "--memory-budget", "lots"],
      /512MiB, 2GiB or 1GB/,
    ],
    ["initial", ["check", "H", "--model", "register", "--initial", "abc"], /takes JSON/],
    [
      "nil reads",
      ["check", "H", "--model", "register", "--nil-reads", "maybe"],
      /unknown or value/,
    ],
    ["failed cas", ["check", "H", "--model", "register", "--failed-cas", "x"], /observe or ignore/],
    ["report ending", ["check", "H", "--model", "register", "--report", "r.docx"], /\.html/],
    [
      "report of several",
      ["check", "H", "H", "--model", "register", "--report", "r.html"],
      /one history/,
    ],
    ["missing history", ["check", "absent.jsonl", "--model", "register"], /absent\.jsonl/],
    ["missing result", ["verify", "absent.json", "H"], /absent\.json/],
    ["no history", ["verify", "absent.json"], /HISTORY/],
    ["no run directory", ["report", "absent"], /absent/],
    ["no run directory to replay", ["replay", "absent"], /absent/],
    ["list", ["list", "model"], /did you mean models/],
    ["workload", ["run", "regster"], /did you mean register/],
    [
      "system",
      ["run", "register", "--system", "memory:stale-read"],
      /did you mean memory:stale-reads/,
    ],
    ["nemesis", ["run", "register", "--nemesis", "partitoin"], /did you mean partition/],
    ["world", ["run", "register", "--world", "imaginary"], /simulated/],
    ["seed", ["run", "register", "--seed", "1.5"], /whole number/],
    ["test file", ["run", "./absent.test.ts"], /absent\.test\.ts/],
  ];

  test.each(cases)("%s", async (_, argv, expected) => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", VALID);
    const { exitCode, stdout, stderr } = await ordeal(
      ...argv.map((word) =>
        word === "H" || word.startsWith("H/") ? word.replace("H", file) : word,
      ),
    );
    expectOneLine(stderr);
    expect(stderr).toMatch(expected);
    expect({ exitCode, stdout }).toEqual({ exitCode: 254, stdout: "" });
  });

  test("a report that cannot be written: the verdict is told all the same", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", INVALID);
    const report = join(file, "report.html");
    const argv = ["check", file, "--model", "register", "--report", report];
    const { exitCode, stdout, stderr } = await ordeal(...argv);
    expect(exitCode).toBe(254);
    expectOneLine(stderr);
    expect(stderr).toMatch(/cannot write .*report\.html/);
    expect(stdout).toMatch(/^✗ invalid/);
  });

  test("a history that is about something else suggests the model that fits", async () => {
    const file = fileIn(
      temporaryDirectory(),
      "h.jsonl",
      VALID.replaceAll("write", "put").replaceAll("read", "get"),
    );
    const { exitCode, stderr } = await ordeal("check", file, "--model", "register");
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/put, get.*--model kv/);
  });
});

/** What a file of transactions is asked for; every other one is about a store. */
const TRANSACTIONS = ["--consistency", "read-committed"];

describe("malformed histories", () => {
  test("there are many", () => {
    expect(MALFORMED_CASES.length).toBeGreaterThanOrEqual(40);
  });

  test.each(MALFORMED_CASES.map((each) => [each.name, each] as const))("%s", async (name, each) => {
    const file = fileIn(temporaryDirectory(), name, each.bytes);
    const asked = each.kind !== "error" && name.endsWith(".txt") ? TRANSACTIONS : ["--model", "kv"];
    const { exitCode, stdout, stderr } = await ordeal("check", file, ...asked);
    expect(stderr).not.toMatch(/\n\s+at /);
    if (each.kind === "error") {
      expectOneLine(stderr);
      expect(stderr.startsWith(`error: ${file}:`)).toBe(true);
      expect(stderr.slice(`error: ${file}:`.length).trim()).toMatch(each.expected);
      expect({ exitCode, stdout }).toEqual({ exitCode: 254, stdout: "" });
      return;
    }
    // Read all the same: the verdict is told, and so is what was wrong.
    expect(stderr).toMatch(/^(warning: \S.*\n)+$/);
    expect(stderr.slice(`warning: ${file}: `.length)).toMatch(each.expected);
    if (each.kind === "empty") expect(exitCode).toBe(2);
    else expect([0, 1, 2]).toContain(exitCode);
    expect(stdout).toMatch(/^[✓✗?] (valid|invalid|unknown)/);
  });
});

describe("the program", () => {
  test("malformed input, bad arguments and verdicts have their exit codes", async () => {
    const directory = temporaryDirectory();
    const junk = fileIn(directory, "junk.jsonl", Buffer.from([0, 1, 2, 255, 254]));
    const valid = fileIn(directory, "valid.jsonl", VALID);
    const invalid = fileIn(directory, "invalid.jsonl", INVALID);
    const codes = [];
    for (const file of [valid, invalid, junk]) {
      codes.push((await program(["check", file, "--model", "register"])).exitCode);
    }
    expect(codes).toEqual([0, 1, 254]);
    const bad = await program(["check", junk, "--model", "register"]);
    expectOneLine(`${bad.stderr}\n`);
  });

  test("colours: none in a pipe, some when forced, none with NO_COLOR", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", VALID);
    const argv = ["check", file, "--model", "register"];
    expect((await program(argv)).stdout).not.toContain("\u001B[");
    expect((await program(argv, { env: { FORCE_COLOR: "1" } })).stdout).toContain("\u001B[32m");
    expect((await program(argv, { env: { NO_COLOR: "1" } })).stdout).not.toContain("\u001B[");
    expect((await program(["--help"], { env: { FORCE_COLOR: "1" } })).stdout).toContain("\u001B[");
    expect((await program(["--help"], { env: { FORCE_COLOR: "0" } })).stdout).not.toContain(
      "\u001B[",
    );
  });

  test("ORDEAL_DEBUG=1 shows where an error came from", async () => {
    const { stderr, exitCode } = await program(["list", "nothing"], { env: { ORDEAL_DEBUG: "1" } });
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toMatch(/\n\s+at /);
  });

  test("a reader that goes away is no error", async () => {
    const directory = temporaryDirectory();
    const files = Array.from({ length: 200 }, (_, i) => fileIn(directory, `${i}.jsonl`, VALID));
    const child = spawn(process.execPath, [
      PROGRAM,
      "check",
      ...files,
      "--model",
      "register",
      "--json",
    ]);
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    child.stdout.once("data", () => child.stdout.destroy());
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      child.on("close", (...ended) => resolve(ended));
    });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: "" });
  });

  test("all that was said reaches a slow reader", async () => {
    const events = Array.from(
      // More than a pipe or a socket holds.
      { length: 120_000 },
      (_, i) =>
        `{"index":${i},"time":${i},"type":"${i % 2 === 0 ? "invoke" : "ok"}","process":0,"f":"write","value":${i >> 1}}\n`,
    );
    const file = fileIn(temporaryDirectory(), "h.jsonl", events.join(""));
    const child = spawn(process.execPath, [
      PROGRAM,
      "check",
      file,
      "--model",
      "register",
      "--json",
    ]);
    const chunks: Buffer[] = [];
    const closed = new Promise((resolve) => child.on("close", resolve));
    child.stdout.on("data", (data: Buffer) => chunks.push(data));
    child.stdout.pause();
    setTimeout(() => child.stdout.resume(), 1_000);
    await closed;
    const result = JSON.parse(Buffer.concat(chunks).toString()) as { operations: number };
    expect(result.operations).toBe(60_000);
  });
});

describe("the small parts", () => {
  test("durations", () => {
    expect(
      ["500ms", "60s", "2m", "1.5min", "1h", " 3 s "].map((text) => parseDuration(text)),
    ).toEqual([500, 60_000, 120_000, 90_000, 3_600_000, 3_000]);
    for (const text of ["", "60", "s", "-1s", "1 day", "1e3s", "Infinitys", "0s"]) {
      expect(() => parseDuration(text), text).toThrow(/duration/);
    }
  });

  test("sizes", () => {
    expect(["512MiB", "2GiB", "1GB", "10kb", "100B"].map((text) => parseSize(text))).toEqual([
      512 * 2 ** 20,
      2 ** 31,
      1e9,
      10_000,
      100,
    ]);
    for (const text of ["", "2", "GiB", "-1GiB", "0GB", "2 GiBs"]) {
      expect(() => parseSize(text), text).toThrow(/size/);
    }
  });

  test("counts and seeds", () => {
    expect(parseCount("0")).toBe(0);
    expect(parseSeed("9007199254740991")).toBe(2 ** 53 - 1);
    for (const text of ["", "-1", "1.5", "1e3", "x", "9007199254740992"]) {
      expect(() => parseCount(text), text).toThrow();
      expect(() => parseSeed(text), text).toThrow();
    }
  });

  test("the nearest name", () => {
    const names = ["register", "cas-register", "kv", "primary-backup"];
    expect(nearest("regsiter", names)).toBe("register");
    expect(nearest("Register", names)).toBe("register");
    expect(nearest("prim", names)).toBe("primary-backup");
    expect(nearest("zookeeper", names)).toBeUndefined();
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("ab", "ba")).toBe(1);
    expect(editDistance("", "abc")).toBe(3);
  });

  test("colour levels", () => {
    const terminal = { write: () => true, isTTY: true, getColorDepth: () => 8 };
    const pipe = { write: () => true };
    expect(colourLevel(terminal, {})).toEqual({ level: 2 });
    expect(colourLevel(pipe, {})).toEqual({ level: 0 });
    expect(colourLevel(terminal, { NO_COLOR: "1" })).toEqual({ level: 0 });
    expect(colourLevel(terminal, { NO_COLOR: "" })).toEqual({ level: 2 });
    expect(colourLevel(terminal, { TERM: "dumb" })).toEqual({ level: 0 });
    expect(colourLevel(pipe, { FORCE_COLOR: "1", NO_COLOR: "1" })).toEqual({ level: 1 });
    expect(colourLevel(pipe, { FORCE_COLOR: "3" })).toEqual({ level: 3 });
    expect(colourLevel(terminal, { FORCE_COLOR: "0" })).toEqual({ level: 0 });
  });

  test("an unexpected exception is our bug: 255, and says so", async () => {
    const { describeError } = await import("../src/cli/describe-error.js");
    expect(describeError(new TypeError("x is undefined"))).toMatchObject({ exitCode: 255 });
    expect(describeError(new TypeError("x is undefined")).message).toMatch(
      /bug in ordeal.*x is undefined/,
    );
    expect(describeError("thrown text")).toMatchObject({ exitCode: 255 });
  });

  test("a path below a file that is no folder", async () => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "h.jsonl", VALID);
    const { exitCode, stderr } = await ordeal("init", join(file, "below"));
    expect(exitCode).toBe(254);
    expectOneLine(stderr);
  });
});
