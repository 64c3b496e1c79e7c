/** `ordeal shrink` and `ordeal replay FILE`: failures made small, and carried out as they are. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { readCase } from "../src/store/case-file.js";
import {
  fileIn,
  INVALID,
  jsonLines,
  ordeal,
  PROGRAM,
  temporaryDirectory,
  VALID,
} from "./command-line.js";

interface Shrunk {
  readonly from: { readonly operations: number };
  readonly to: { readonly [name: string]: number };
  readonly spent: boolean;
  readonly result: { readonly verdict: { readonly verdict: string } };
}

async function failedRun(...argv: readonly string[]): Promise<string> {
  const out = join(temporaryDirectory(), "run");
  const { exitCode } = await ordeal("run", ...argv, "--out", out, "--quiet", "--json");
  expect(exitCode).toBe(1);
  return out;
}

const PARTED = ["register", "--system", "primary-backup", "--nemesis", "partition", "--seed", "1"];

describe("a simulated run", () => {
  test("comes down to a few operations and one fault, which replay as they are written", async () => {
    const run = await failedRun(...PARTED, "--time-limit", "30s");
    const { exitCode, stdout, stderr } = await ordeal("shrink", run, "--json");
    expect([exitCode, stderr]).toEqual([1, ""]);
    const { from, to, result } = JSON.parse(stdout) as Shrunk;
    expect(from.operations).toBeGreaterThan(1_000);
    expect(to).toMatchObject({ faults: 1, nodes: 2 });
    expect(to["operations"]).toBeLessThanOrEqual(4);
    expect(result.verdict.verdict).toBe("invalid");

    const file = join(run, "shrunk.json");
    const [again, directory] = [join(run, "again"), join(run, "and-again")];
    const replayed = await ordeal("replay", file, "--out", again, "--quiet", "--json");
    expect(replayed).toMatchObject({ exitCode: 1, stderr: "" });
    // The directory of a replayed case keeps the case, and replays too.
    expect((await ordeal("replay", again, "--out", directory, "--quiet")).exitCode).toBe(1);
    const historyIn = (folder: string): string =>
      readFileSync(join(folder, "history.jsonl"), "utf8");
    expect(historyIn(directory)).toBe(historyIn(again));
    expect((await ordeal("verify", again)).exitCode).toBe(0);

    // Its messages are kept, and drawn again from the directory alone.
    const messages = readFileSync(join(again, "messages.jsonl"), "utf8").trimEnd().split("\n");
    expect(messages.length).toBeGreaterThan(to["operations"] ?? 0);
    const page = readFileSync(join(again, "report.html"), "utf8");
    expect(page).toContain('<svg class="sequence"');
    expect((await ordeal("report", again)).exitCode).toBe(0);
    expect(readFileSync(join(again, "report.html"), "utf8")).toBe(page);
    const told = await ordeal("report", again, "--format", "text");
    expect(told.stdout).toMatch(/┏ .*\n|messages? were recorded/);
  });

  test("stays within its budget, and says that more may go", async () => {
    const run = await failedRun(...PARTED, "--time-limit", "30s");
    const { stdout } = await ordeal("shrink", run, "--json", "--runs", "5");
    const { to, from, spent } = JSON.parse(stdout) as Shrunk;
    expect(spent).toBe(true);
    expect(to["operations"]).toBeLessThanOrEqual(from.operations);
    expect((await ordeal("shrink", run, "--runs", "5")).stdout).toContain(
      "ended early, so more may go",
    );
  });

  test("keeps the smallest so far when it is interrupted, and leaves in order", async () => {
    const run = await failedRun(...PARTED, "--time-limit", "30s");
    // A process that does not listen yet is just ended: then later.
    for (const afterMs of [1_000, 3_000, 9_000]) {
      const child = execa(process.execPath, [PROGRAM, "shrink", run], { reject: false });
      const timer = setTimeout(() => child.kill("SIGINT"), afterMs);
      const { exitCode, stderr, signal } = await child;
      clearTimeout(timer);
      if (signal === "SIGINT") continue;
      if (stderr !== "") expect(stderr).toContain("interrupted: keeping what is the smallest");
      expect(exitCode).toBe(1);
      break;
    }
    expect(existsSync(join(run, "shrunk.json"))).toBe(true);
  });

  test("that is valid is not shrunk", async () => {
    const out = join(temporaryDirectory(), "run");
    await ordeal("run", "register", "--system", "memory", "--time-limit", "1s", "-q", "-o", out);
    const { exitCode, stdout } = await ordeal("shrink", out);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/is valid, so there is nothing to shrink/);
  });

  test("a case that a better system survives is said to be one no more", async () => {
    const run = await failedRun(...PARTED);
    await ordeal("shrink", run, "--quiet");
    const text = readFileSync(join(run, "shrunk.json"), "utf8");
    const file = fileIn(
      temporaryDirectory(),
      "case.json",
      text.replace("primary-backup", "quorum"),
    );
    const { exitCode, stderr } = await ordeal("replay", file, "-q", "-o", join(run, "better"));
    expect(exitCode).not.toBe(1);
    expect(stderr).toContain(`${file} is a case of not-linearizable, but now: it is`);
  });
});

describe("a history", () => {
  test("keeps what its anomaly is about, in a file of its own", async () => {
    const noise = Array.from({ length: 40 }, (_, index) => [
      { type: "invoke", process: 2, f: "write", value: 100 + index },
      { type: "ok", process: 2, f: "write", value: 100 + index },
    ]).flat();
    const wrong = INVALID.trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { index: number; time: number });
    const file = fileIn(
      temporaryDirectory(),
      "h.jsonl",
      jsonLines([...noise, ...wrong.map(({ index: _i, time: _t, ...event }) => event)]),
    );
    const { exitCode, stdout } = await ordeal("shrink", file, "--model", "register");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("42 → 2 operations");
    const small = file.replace(".jsonl", ".shrunk.jsonl");
    expect((await ordeal("check", small, "--model", "register")).exitCode).toBe(1);
  });

  test("a counter keeps every addition, for its reads are sums", async () => {
    const events = [1, 2, 3].flatMap((value) => [
      { type: "invoke", process: 0, f: "add", value },
      { type: "ok", process: 0, f: "add", value },
    ]);
    const read = [
      { type: "invoke", process: 1, f: "read", value: null },
      { type: "ok", process: 1, f: "read", value: 5 },
    ];
    const right = [
      { type: "invoke", process: 1, f: "read", value: null },
      { type: "ok", process: 1, f: "read", value: 6 },
    ];
    const file = fileIn(
      temporaryDirectory(),
      "h.jsonl",
      jsonLines([...events, ...right, ...read, ...right]),
    );
    const { stdout } = await ordeal("shrink", file, "--model", "counter", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ operations: 4 });
  });

  test("that is valid is left as it is", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", VALID);
    const { exitCode, stdout } = await ordeal("shrink", file, "--model", "register");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("nothing to shrink");
  });

  test("is never written over by what comes of it", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", INVALID);
    const { exitCode, stderr } = await ordeal("shrink", file, "--model", "register", "-o", file);
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/is the history itself; name another file/);
    expect(readFileSync(file, "utf8")).toBe(INVALID);
  });

  test("that is not there is one line", async () => {
    const { exitCode, stderr } = await ordeal("shrink", "nowhere.jsonl", "--model", "register");
    expect([exitCode, stderr]).toEqual([254, "error: there is no nowhere.jsonl\n"]);
  });
});

describe("a case file", () => {
  const CASE = {
    format: "ordeal-case",
    version: 1,
    about: "a read missed a write",
    anomaly: "not-linearizable",
    test: {
      version: 1,
      workload: "register",
      system: "memory",
      world: "simulated",
      nemeses: ["crash"],
      seed: 1,
      nodeCount: 1,
      concurrency: 1,
      timeLimitMs: 1000,
      ratePerSecond: 0,
      operationTimeoutMs: 1000,
      nemesisIntervalMs: 100,
    },
    world: { network: { latencyMsMean: 0 } },
    operations: [{ worker: 0, atMs: 1.5, f: "write", key: "a", value: 1 }],
    faults: [{ atMs: 2, f: "start-crash", value: { nodes: ["n1"] } }],
    untilMs: 3,
    final: [],
  };

  test("is shrunk further", async () => {
    const run = await failedRun(...PARTED, "--time-limit", "30s");
    const large = join(run, "large.json");
    await ordeal("shrink", run, "--runs", "4", "-o", large, "-q");
    const { exitCode, stdout } = await ordeal("shrink", large, "--json");
    expect(exitCode).toBe(1);
    const { to, file } = JSON.parse(stdout) as Shrunk & { readonly file: string };
    expect(file).toBe(join(run, "large.shrunk.json"));
    expect(to["operations"]).toBeLessThanOrEqual(4);
  });

  test("is shown without what a terminal would obey", async () => {
    const file = join(temporaryDirectory(), "case.json");
    writeFileSync(file, JSON.stringify({ ...CASE, anomaly: "\u001B[2Jx", faults: [] }));
    const { stderr } = await ordeal("replay", file, "--quiet", "--out", `${file}.run`);
    expect(stderr).toContain("is a case of \u{FFFD}[2Jx, but now");
  });

  test("that is not there is one line", async () => {
    const { exitCode, stderr } = await ordeal("replay", "nowhere.json");
    expect([exitCode, stderr]).toEqual([254, "error: there is no nowhere.json\n"]);
  });

  test("is read as it was meant", async () => {
    const file = fileIn(temporaryDirectory(), "case.json", JSON.stringify(CASE));
    const { failing } = await readCase(file);
    expect(failing.script).toEqual({
      operations: [{ worker: 0, atNs: 1_500_000, f: "write", key: "a", value: 1 }],
      faults: [{ atNs: 2_000_000, invocation: { f: "start-crash", value: { nodes: ["n1"] } } }],
      untilNs: 3_000_000,
      final: [],
    });
  });

  test.each([
    [{ version: 2 }, /case.json: field "version" is 2; expected 1/],
    [
      { format: "other" },
      /case.json: field "format" is "other"; expected "ordeal-case"; ordeal shr/,
    ],
    [
      { operations: [{ worker: 4e9, atMs: 0, f: "read" }] },
      /"operations\[0\]\.worker" is 4000000000; exp/,
    ],
    [
      { final: [{ worker: 1, atMs: 0, f: "read" }] },
      /"final\[0\]\.worker" is 1; expected less than/,
    ],
    [
      { untilMs: 1e300 },
      /case.json: field "untilMs" is 1e\+300; expected a number of milliseconds/,
    ],
    [
      { faults: [{ atMs: 0, f: "start-frob" }] },
      /case.json: faults\[0\]\.f is "start-frob", which none/,
    ],
    [{ test: { ...CASE.test, world: "real" } }, /"test\.world" is "real"; expected "simulated"/],
    [{ world: { load: {} } }, /field "world" is .*\(network, disk, clock\)/],
    [
      { world: { network: { speed: 3 } } },
      /case.json: there is no network option speed; there are/,
    ],
    [{ world: { network: { fifo: 3 } } }, /case.json: network option fifo is true or false, not 3/],
    [
      { world: { disk: { latencyMsMin: true } } },
      /disk option latencyMsMin is a number .*not true/,
    ],
    [
      { test: { ...CASE.test, system: "raft", nodeCount: 3 }, systemOptions: { variant: "no" } },
      /case.json: systemOptions: raft cannot be made with {"variant":"no"}/,
    ],
    [{ operations: [{ worker: -1, atMs: 0, f: "read" }] }, /field "operations\[0\]\.worker" is -1/],
    [{ faults: [{ atMs: 0 }] }, /field "faults\[0\]\.f" is missing; expected a string/],
    [{ test: { ...CASE.test, seed: "x" } }, /field "test\.seed" is "x"/],
    [{ world: { network: 3 } }, /field "world" is .*settings of the world by group/],
    [{ test: { ...CASE.test, system: "memry" } }, /did you mean memory/],
  ])("that is damaged is one clear line: %j", async (change, message) => {
    const file = join(temporaryDirectory(), "case.json");
    writeFileSync(file, JSON.stringify({ ...CASE, ...change }));
    const { exitCode, stderr } = await ordeal("replay", file, "--quiet");
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
