/**
 * `ordeal run` and `ordeal replay` as processes of their own: what they print, what they leave when
 * they are ended half-way, and that nothing is left running.
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { fileURLToPath } from "node:url";
import { ordeal, program, PROGRAM, temporaryDirectory } from "./command-line.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The processes whose command line or working directory names this folder. */
function processesIn(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const directory = readlinkSync(`/proc/${pid}/cwd`);
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const isZombie = stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
        return !isZombie && (command.includes(folder) || directory.startsWith(folder));
      } catch {
        return false;
      }
    });
}

async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (condition()) return;
    await pause(100);
  }
  throw new Error(`${what} did not come about within 30 s`);
}

/** Starts a real run that would take five minutes. */
function startRun(folder: string) {
  const system = ["--system", "file", "--world", "real", "--nemesis", "crash,pause"];
  const argv = [PROGRAM, "run", "register", ...system, "--time-limit", "5m"];
  const child = execa(process.execPath, argv, { cwd: folder, reject: false });
  // Whatever the test finds: a failed one must not leave the run behind.
  onTestFinished(() => void child.kill("SIGTERM"));
  return child;
}

/** Starts a long run, and waits until its history has this many answers. */
async function longRun(answerCount: number): Promise<{
  readonly folder: string;
  readonly run: string;
  readonly child: ReturnType<typeof startRun>;
}> {
  const folder = temporaryDirectory();
  const child = startRun(folder);
  // Answers, not lines: while a node is down there are lines in plenty, and nothing is proved.
  const answers = (): number => {
    const history = join(folder, "runs/latest/history.jsonl");
    return existsSync(history) ? readFileSync(history, "utf8").split('"type":"ok"').length - 1 : 0;
  };
  await eventually(() => answers() >= answerCount, `a history with ${answerCount} answers`);
  expect(processesIn(folder).length).toBeGreaterThan(1);
  return { folder, run: join(folder, "runs/latest"), child };
}

describe("ordeal run", () => {
  test("takes --workload and --backend for the argument and --system", async () => {
    const out = join(temporaryDirectory(), "run");
    const more = "--nemesis none --seed 1 --time-limit 3s --quiet".split(" ");
    const said = ["--workload", "workflow", "--backend", "gossip"];
    const { exitCode, stdout } = await ordeal("run", ...said, ...more, "--out", out);
    expect(exitCode, stdout).toBe(1);
    expect(stdout).toContain("INVALID workflow on gossip");
    expect(stdout).toContain("npx ordeal run workflow --system gossip");
    const twice = await ordeal("run", "kv", ...said, ...more);
    expect(twice.exitCode).toBe(254);
    expect(twice.stderr).toContain("the workload is said twice, as kv and as workflow");
  });

  const strategies: readonly (readonly [asked: string, system: string, exitCode: number])[] = [
    ["register --system quorum --synchronization strong", "quorum", 0],
    ["eventual --system quorum --synchronization eventual", "quorum:eventual", 0],
    ["eventual --synchronization eventual", "quorum:eventual", 0],
    ["register --synchronization eventual --nemesis partition", "quorum:eventual", 1],
    ["eventual --system gossip --synchronization weak --nemesis partition", "gossip:weak", 1],
    ["settled-set --synchronization eventual", "raft:eventual", 0],
    ["states --synchronization strong", "raft", 0],
  ];
  test.each(strategies)("%s: %s", async (asked, system, exitCode) => {
    const out = join(temporaryDirectory(), "run");
    const argv = [...asked.split(" "), ..."--seed 1 --time-limit 5s --quiet".split(" ")];
    const run = await ordeal("run", ...argv, "--out", out);
    expect(run.exitCode, run.stdout + run.stderr).toBe(exitCode);
    const test = JSON.parse(readFileSync(join(out, "test.json"), "utf8")) as { system: string };
    expect(test.system).toBe(system);
  });
});

describe("a run that is ended half-way", () => {
  test("by SIGKILL leaves a history that check reads, and no process", async () => {
    const { folder, run, child } = await longRun(100);
    child.kill("SIGKILL");
    await child;
    await eventually(() => processesIn(folder).length === 0, "the end of every process");
    const { exitCode, stdout } = await ordeal("check", run, "--json");
    expect(exitCode, stdout).toBe(0);
    const result = JSON.parse(stdout) as { verdict: string; operations: number };
    expect(result.verdict).toBe("valid");
    expect(result.operations).toBeGreaterThan(50);
  });

  test("by Ctrl-C leaves no process, a verdict and a report of what was seen", async () => {
    const { folder, run, child } = await longRun(100);
    child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await child;
    expect(stderr).toContain("interrupted");
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/valid/i);
    expect(processesIn(folder)).toEqual([]);
    expect(existsSync(join(run, "report.html"))).toBe(true);
    const result = JSON.parse(readFileSync(join(run, "results.json"), "utf8")) as {
      endedEarly?: string;
    };
    expect(result.endedEarly).toBe("interrupted");
  });
});

/** A test of one's own whose check never ends, and says when it begins. */
const BUSY = `
import { defineTest, generators } from "ordeal";
import { memory } from "ordeal/backends";
import { writeFileSync } from "node:fs";
export default defineTest({
  system: memory(),
  nemeses: [],
  workload: {
    name: "busy",
    description: "reads",
    requires: ["read"],
    optional: [],
    generator: () => generators.repeat({ f: "read", value: null }),
    checker: () => ({
      name: "busy",
      description: "never ends",
      check: () => {
        writeFileSync("checking", "");
        for (;;);
      },
    }),
  },
});
`;

describe("a run that is being checked, which hears nothing,", () => {
  test.each([
    ["SIGINT", 1],
    ["SIGTERM", 1],
    ["SIGINT", 2],
  ] as const)("ends at once by %s, also the second (%i)", async (signal, times) => {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(ROOT, join(folder, "node_modules/ordeal"));
    writeFileSync(join(folder, "busy.test.ts"), BUSY);
    const limits = times === 2 ? ["--world", "real", "--time-limit", "5m"] : ["--time-limit", "1s"];
    const argv = [PROGRAM, "run", "./busy.test.ts", ...limits];
    const child = execa(process.execPath, argv, { cwd: folder, reject: false });
    onTestFinished(() => void child.kill("SIGKILL"));
    const run = join(folder, "runs/latest");
    const hasBegun = (): boolean =>
      existsSync(join(run, "history.jsonl")) && statSync(join(run, "history.jsonl")).size > 1_000;
    await eventually(hasBegun, "a history");
    if (times === 2) child.kill(signal);
    await eventually(() => existsSync(join(folder, "checking")), "a check");
    const begunMs = performance.now();
    child.kill(signal);
    const ended = await child;
    expect(performance.now() - begunMs).toBeLessThan(5_000);
    expect(ended.signal).toBe(signal);
    expect(ended.stderr).toMatch(
      /ended at once; what was seen is in runs\/\S+ \(see: ordeal check runs\/\S+\)$/,
    );
    await eventually(() => processesIn(folder).length === 0, "the end of every process");
    const { exitCode, stdout } = await ordeal(
      "check",
      realpathSync(run),
      "--model",
      "register",
      "--json",
    );
    expect(exitCode, stdout).toBe(0);
  });

  test("says nothing of the kind when it comes to its end", async () => {
    const out = join(temporaryDirectory(), "run");
    const { exitCode, stderr } = await program(
      [
        "run",
        "register",
        "--system",
        "memory",
        "--nemesis",
        "none",
        "--time-limit",
        "1s",
        "--out",
        out,
      ],
      { cwd: temporaryDirectory() },
    );
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain("ended at once");
  });
});

describe("replay", () => {
  test("gives a simulated run again, byte for byte", async () => {
    const out = temporaryDirectory();
    const [first, again] = [join(out, "first"), join(out, "again")];
    const argv = ["--system", "primary-backup", "--nemesis", "partition", "--seed", "1", "--quiet"];
    expect((await ordeal("run", "register", ...argv, "--out", first)).exitCode).toBe(1);
    const replayed = await ordeal("replay", first, "--out", again, "--quiet");
    expect(replayed.exitCode).toBe(1);
    expect(replayed.stderr).toContain("byte for byte");
  });

  test("says when the history comes out differently", async () => {
    const out = temporaryDirectory();
    const [first, again] = [join(out, "first"), join(out, "again")];
    await ordeal("run", "register", "--system", "memory", "--time-limit", "1s", "--out", first);
    const history = join(first, "history.jsonl");
    const text = readFileSync(history, "utf8");
    writeFileSync(history, text.replace(/"time":\d+/, '"time":0'));
    const replayed = await ordeal("replay", first, "--out", again, "--quiet");
    expect(replayed.exitCode).toBe(255);
    expect(replayed.stderr).toMatch(/differs from line \d+ on/);
  });

  test("drives a real run again with the faults that were recorded", async () => {
    const out = temporaryDirectory();
    const [first, again] = [join(out, "first"), join(out, "again")];
    const argv = ["--system", "file", "--world", "real", "--nemesis", "pause", "--quiet"];
    // Intervals are random: so short that a handful of faults is certain, on a slow machine too.
    const limits = ["--time-limit", "4s", "--nemesis-interval", "100ms", "--seed", "1"];
    await ordeal("run", "register", ...argv, ...limits, "--out", first);
    const faultsOf = (run: string): string[] =>
      readFileSync(join(run, "nemesis.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { f: string }).f);
    const replayed = await ordeal("replay", first, "--out", again, "--quiet");
    expect(replayed.exitCode, replayed.stderr).toBe(0);
    const [before, after] = [faultsOf(first), faultsOf(again)];
    const shared = Math.min(before.length, after.length) - 2;
    expect(shared).toBeGreaterThan(2);
    expect(after.slice(0, shared)).toEqual(before.slice(0, shared));
  });

  test("does not write into a directory that holds something", async () => {
    const out = temporaryDirectory();
    writeFileSync(join(out, "precious.txt"), "keep me");
    const { exitCode, stderr } = await ordeal("run", "register", "--out", out, "--quiet");
    expect(exitCode).toBe(254);
    expect(stderr).toContain("is not empty");
    expect(readdirSync(out)).toEqual(["precious.txt"]);
  });

  test("says what is wrong with a directory that holds no run", async () => {
    const empty = temporaryDirectory();
    const { exitCode, stderr } = await ordeal("replay", empty);
    expect(exitCode).toBe(254);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("test.json");
  });
});

describe("run says no before anything starts", () => {
  const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["a system that is none", ["--system", "quorun"], /did you mean quorum/],
    ["a variant that is none", ["--system", "memory:fast"], /no variant fast .*lost-writes/],
    ["a nemesis that is none", ["--nemesis", "partitions"], /did you mean partition/],
    ["a partition of one node", ["--system", "memory", "--nemesis", "partition"], /needs 2 nodes/],
    [
      "a loss of power for real",
      ["--system", "file", "--world", "real", "--nemesis", "power-loss"],
      /--world simulated/,
    ],
    ["sqlite in the simulation", ["--system", "sqlite", "--world", "simulated"], /--world real/],
    [
      "a strategy of a system that is none",
      ["--system", "quorun", "--synchronization", "weak"],
      /did you mean quorum/,
    ],
    ["a strategy that is none", ["--synchronization", "stong"], /strong, eventual, weak/],
    [
      "a strategy that the system cannot have",
      ["--system", "raft", "--synchronization", "weak"],
      /raft cannot be weak: what it has accepted .*; raft can be strong or eventual/,
    ],
    [
      "a strategy beside a name that says another",
      ["--system", "quorum:weak", "--synchronization", "strong"],
      /--synchronization strong goes with --system quorum/,
    ],
    [
      "a strategy of what has one copy",
      ["--system", "memory", "--synchronization", "strong"],
      /memory has no copies .*; those that have are raft, /,
    ],
    ["a world that is none", ["--world", "virtual"], /simulated or --world real/],
    ["too many nodes", ["--nodes", "100"], /1 to 9 nodes/],
    ["a time without unit", ["--time-limit", "60"], /60s/],
    ["a seed that is none", ["--seed", "-1"], /seed/i],
    ["a rate that is none", ["--rate", "many"], /--rate/],
    ["an option that is none", ["--sytem", "memory"], /--system/],
  ];
  test.each(refused)("%s", async (_name, argv, message) => {
    const { exitCode, stderr, stdout } = await ordeal("run", "register", ...argv);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(exitCode).toBe(254);
    expect(stdout).toBe("");
  });

  test("a strategy of a system of one's own, for nothing says what that would be", async () => {
    const file = join(temporaryDirectory(), "own.test.ts");
    const system = `{ name: "mine", connect: async () => undefined }`;
    writeFileSync(file, `export default { system: ${system}, workload: "register" };`);
    const run = await ordeal("run", file, "--synchronization", "strong");
    expect(run.stderr).toMatch(
      /the system of .* is yours: --synchronization is an option of systems/,
    );
    expect(run.exitCode).toBe(254);
  });

  test("a test file that is missing, and one that exports no test", async () => {
    expect((await ordeal("run", "./nothing.test.ts")).stderr).toMatch(/no test file .*ordeal init/);
    const file = join(temporaryDirectory(), "empty.test.ts");
    writeFileSync(file, "export const x: number = 1;\n");
    const { exitCode, stderr } = await ordeal("run", file);
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/must export a test by default/);
    rmSync(file);
  });
});

test("--json prints one object with the verdict, and nothing else", async () => {
  const argv = ["run", "kv", "--system", "memory", "--time-limit", "2s", "--json", "--quiet"];
  const { stdout, exitCode } = await ordeal(...argv, "--out", temporaryDirectory());
  expect(exitCode).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: "valid",
    test: { workload: "kv", system: "memory", world: "simulated" },
    certificate: { kind: "linearization" },
  });
});
