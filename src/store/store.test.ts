/**
 * Run directories and the reading of files: what is written is read, killed writers lose nothing,
 * errors are one line.
 */
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HarnessError } from "../errors.js";
import type { HistoryEvent } from "../history/operation.js";
import type { RunResult, TestDescription } from "../runner/result.js";
import { readHistoryFile } from "./read-history-file.js";
import { createRunDirectory, openRunDirectory } from "./run-directory.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ordeal-store-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const description: TestDescription = {
  version: 1,
  workload: "register",
  system: "memory",
  world: "simulated",
  nemeses: ["partition"],
  seed: 7,
  nodeCount: 3,
  concurrency: 2,
  timeLimitMs: 1000,
  ratePerSecond: 0,
  operationTimeoutMs: 100,
  nemesisIntervalMs: 50,
};

const outcome: RunResult = {
  version: 1,
  test: description,
  verdict: {
    verdict: "valid",
    checker: "linearizable",
    reason: "it is",
    operations: 1,
    elapsedMs: 2,
    anomalies: [],
  },
  counts: { invoked: 1, ok: 1, fail: 0, info: 0, faults: 1 },
  durationNs: 10,
  elapsedMs: 3,
  replay: "ordeal run",
};

const events: readonly HistoryEvent[] = [
  { index: 0, timeNs: 1, type: "invoke", process: 0, f: "read", value: null },
  { index: 1, timeNs: 2, type: "info", process: "nemesis", f: "start-partition", value: ["n1"] },
  { index: 2, timeNs: 3, type: "ok", process: 0, f: "read", value: 1 },
];

async function failure(promise: Promise<unknown>): Promise<HarnessError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HarnessError);
  expect((error as HarnessError).message).not.toContain("\n");
  return error as HarnessError;
}

describe("run directory", () => {
  test("what is written is read", async () => {
    const run = await createRunDirectory({ root, name: "20260101T000000-register-memory" });
    await run.writeTest(description);
    for (const event of events) run.appendEvent(event);
    run.log("n1", 1_500_000_000, "hello\n");
    await run.close();
    await run.close();
    await run.writeResult(outcome);
    await run.writeFile("reports/report.html", "<html>");

    expect(readlinkSync(join(root, "latest"))).toBe("20260101T000000-register-memory");
    const read = await openRunDirectory(join(root, "latest"));
    expect(read.test).toEqual(description);
    expect(read.result).toEqual(outcome);
    expect([0, 1, 2].map((index) => read.history.history.event(index))).toEqual(events);
    expect(read.history.warnings).toEqual([]);
    expect(readFileSync(join(run.path, "logs/n1.log"), "utf8")).toBe("1.500000 hello\n");
    expect(readFileSync(join(run.path, "reports/report.html"), "utf8")).toBe("<html>");
    expect(readdirSync(run.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    const { history } = await readHistoryFile(join(run.path, "nemesis.jsonl"));
    expect(history.event(0)).toEqual({ ...events[1], index: 0 });
  });

  test("a taken name gets a number, and latest follows; a taken path is refused", async () => {
    const first = await createRunDirectory({ root, name: "x" });
    const second = await createRunDirectory({ root, name: "x" });
    expect([first.path, second.path]).toEqual([join(root, "x"), join(root, "x-2")]);
    expect(readlinkSync(join(root, "latest"))).toBe("x-2");
    expect((await failure(createRunDirectory(first.path))).message).toMatch(
      /is not empty; name a new/,
    );
    await createRunDirectory(join(root, "fresh", "deep")).then(async (run) => run.close());
    await first.close();
    await second.close();
  });

  test("a latest that is no link stays", async () => {
    mkdirSync(join(root, "latest"));
    await createRunDirectory({ root, name: "x" }).then(async (run) => run.close());
    expect(readdirSync(root).sort()).toEqual(["latest", "x"]);
    expect(readdirSync(join(root, "latest"))).toEqual([]);
  });

  test("names of nodes and files cannot leave the directory", async () => {
    const run = await createRunDirectory({ root, name: "../../x" });
    expect(run.path.startsWith(root)).toBe(true);
    run.log("../../n", 0, "hi");
    await run.close();
    expect(readdirSync(join(run.path, "logs"))).toHaveLength(1);
    expect((await failure(run.writeFile("../y", ""))).code).toBe("bad-argument");
  });

  test("an unfinished run has no result", async () => {
    const run = await createRunDirectory(join(root, "x"));
    await run.writeTest(description);
    await run.close();
    const read = await openRunDirectory(run.path);
    expect(read.result).toBeUndefined();
    expect(read.history.history.length).toBe(0);
  });

  test.each<[string, string, RegExp]>([
    ["test.json", "{", /test\.json:1:2: the input ends here; expected a quoted field name/],
    ["test.json", "[]", /test\.json: not an object/],
    ["test.json", '{"version":2}', /test\.json: field "version" is 2; expected 1/],
    [
      "test.json",
      JSON.stringify({ ...description, seed: -1 }),
      /field "seed" is -1; expected an integer from 0/,
    ],
    [
      "test.json",
      JSON.stringify({ ...description, world: "x" }),
      /field "world" is "x"; expected "simulated" or/,
    ],
    ["results.json", '{\n"version": 1,\n}', /results\.json:3:1: unexpected "}"; expected/],
    [
      "results.json",
      JSON.stringify({ ...outcome, replay: 1 }),
      /results\.json: field "replay" is 1; expected a string/,
    ],
    [
      "results.json",
      JSON.stringify({ ...outcome, verdict: { ...outcome.verdict, verdict: "maybe" } }),
      /field "verdict\.verdict" is "maybe"; expected "valid" or "invalid" or "unknown"/,
    ],
    [
      "results.json",
      JSON.stringify({ ...outcome, counts: {} }),
      /field "counts\.invoked" is missing; expected/,
    ],
  ])("a damaged %s is named: %s", async (name, content, expected) => {
    const run = await createRunDirectory(join(root, "x"));
    await run.writeTest(description);
    await run.writeFile(name, content);
    await run.close();
    const { code, message } = await failure(openRunDirectory(run.path));
    expect(code).toBe("malformed-input");
    expect(message).toMatch(expected);
  });

  test("what is no run directory is said so", async () => {
    expect((await failure(openRunDirectory(root))).message).toMatch(
      /no run directory: it has no test\.json/,
    );
  });

  test("a writer that is killed leaves all that it wrote, even when it never rests", async () => {
    const program = join(root, "writer.mts");
    const module = new URL("run-directory.ts", import.meta.url).href;
    const said = join(root, "said");
    writeFileSync(
      program,
      `import { openSync, writeSync } from "node:fs";
       import { createRunDirectory } from ${JSON.stringify(module)};
       const run = await createRunDirectory(${JSON.stringify(join(root, "x"))});
       const said = openSync(${JSON.stringify(said)}, "w");
       // The event loop never turns, as in a simulated run.
       for (let index = 0; ; index++) {
         run.appendEvent({ index, timeNs: 0, type: "info", process: "nemesis", f: "f", value: null });
         writeSync(said, ".");
       }`,
    );
    const child = spawn(process.execPath, ["--import", "tsx", program], { stdio: "inherit" });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    const spoken = (): number => (existsSync(said) ? statSync(said).size : 0);
    while (spoken() < 2000 && child.exitCode === null) await pause(10);
    child.kill("SIGKILL");
    await exited;
    const { history } = await readHistoryFile(join(root, "x"));
    expect(spoken()).toBeGreaterThanOrEqual(2000);
    // All that it had spoken of; the last may have been written and not been spoken of.
    expect([0, 1]).toContain(history.length - spoken());
  });
});

describe("reading files", () => {
  test("a missing, a directory, an unknown format", async () => {
    expect(await failure(readHistoryFile(join(root, "none")))).toMatchObject({
      code: "unreadable-input",
      message: `${join(root, "none")}: no such file; check the path`,
    });
    expect((await failure(readHistoryFile(root))).message).toMatch(
      /is a directory without history\.jsonl; expected/,
    );
    writeFileSync(join(root, "file"), "");
    expect((await failure(readHistoryFile(join(root, "file", "x")))).code).toBe("unreadable-input");
    expect((await failure(readHistoryFile(join(root, "file"), { format: "xml" }))).code).toBe(
      "bad-argument",
    );
  });

  test.skipIf(process.getuid?.() === 0)("one without permission", async () => {
    const file = join(root, "secret");
    writeFileSync(file, "");
    chmodSync(file, 0);
    expect(existsSync(file)).toBe(true);
    expect((await failure(readHistoryFile(file))).message).toMatch(
      /no permission to read it; change/,
    );
  });
});
