/**
 * Systems of users by their modules: in runs, and in cases, which replay though the catalog does
 * not know whose they are.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { primaryBackup } from "../backends/primary-backup.js";
import { quorum } from "../backends/quorum.js";
import { partition } from "../nemeses/partition.js";
import { register } from "../workloads/register.js";
import { assertSurvives, ordealProperty, replayCase } from "../src/testing/index.js";
import type { OrdealPropertyOptions, OrdealTest } from "../src/testing/index.js";
import { program, temporaryDirectory } from "./command-line.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

const MODULES = {
  "mine.mjs": `import { primaryBackup } from "ordeal/backends";
export default (options) => ({ ...primaryBackup(options), name: "mine" });
`,
  "whole.mjs": `import { defineTest } from "ordeal";
import { primaryBackup } from "ordeal/backends";
import { partition } from "ordeal/nemeses";
import { register } from "ordeal/workloads";
export default defineTest({
  system: { ...primaryBackup(), name: "mine" },
  workload: { ...register(), name: "my-load" },
  nemeses: [{ ...partition(), name: "my-cut" }],
});
`,
  "nothing.mjs": "export const system = {};\n",
  "throws.mjs": 'export default () => { throw new Error("no port"); };\n',
};

function project(): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/ordeal"), "dir");
  for (const [name, text] of Object.entries(MODULES)) writeFileSync(join(folder, name), text);
  return folder;
}

const mine: OrdealTest = {
  system: () => ({ ...primaryBackup(), name: "mine" }),
  workload: () => register(),
  nemeses: () => [partition()],
};

/** Fails, and gives what the error says. */
async function failureOf(given: OrdealTest, options: OrdealPropertyOptions): Promise<string> {
  const found = await fc.check(ordealProperty(given, options), { numRuns: 30, seed: 1 });
  expect(found.failed).toBe(true);
  return String(found.errorInstance);
}

describe("the case of a property about a system of one's own", () => {
  test("says what is missing, and replays, shrinks and replays again with its module", async () => {
    const cwd = project();
    const said = await failureOf(mine, { caseFile: join(cwd, "cases/a.json") });
    expect(said).toMatch(
      /process 0 +├─ .*\n\nreplay {2}npx ordeal replay .*a\.json\n\(.*--system/s,
    );
    const bare = await program(["replay", "cases/a.json", "--quiet"], { cwd });
    expect(bare.exitCode).toBe(254);
    expect(bare.stderr).toMatch(/^error: cases\/a\.json: no system is called "mine"/);
    expect(bare.stderr).toContain("name its module: --system ./FILE.ts");
    expect(bare.stderr.length).toBeLessThan(400);

    const argv = ["replay", "cases/a.json", "--system", "./mine.mjs", "--out", "again"];
    const replayed = await program([...argv, "--quiet"], { cwd });
    expect([replayed.exitCode, replayed.stderr]).toEqual([1, ""]);
    const command = "replay  npx ordeal replay cases/a.json --system ./mine.mjs";
    expect(replayed.stdout).toContain(command);
    const printed = await program([...command.split(" ").slice(4), "--quiet"], { cwd });
    expect([printed.exitCode, printed.stderr]).toEqual([1, ""]);
    // What is kept of it knows the module.
    expect((await program(["replay", "again", "--quiet"], { cwd })).exitCode).toBe(1);

    const shrunk = await program(
      ["shrink", "cases/a.json", "--system", "./mine.mjs", "--runs", "5"],
      { cwd },
    );
    expect(shrunk.exitCode).toBe(1);
    const small = await program(["replay", "cases/a.shrunk.json", "--quiet"], { cwd });
    expect([small.exitCode, small.stderr]).toEqual([1, ""]);
  }, 120_000);

  test("replays as it is when the test names the module", async () => {
    const cwd = project();
    const file = pathToFileURL(join(cwd, "mine.mjs"));
    const cases: string[] = [];
    const options = { caseFile: join(cwd, "a.json"), onCase: (text: string) => cases.push(text) };
    const said = await failureOf({ ...mine, file }, options);
    expect(said).not.toContain("--system");
    expect(cases).toEqual([readFileSync(join(cwd, "a.json"), "utf8")]);
    // The path is from where the test ran.
    const replayed = await program([
      "replay",
      join(cwd, "a.json"),
      "--quiet",
      "--out",
      join(cwd, "r"),
    ]);
    expect([replayed.exitCode, replayed.stderr]).toEqual([1, ""]);
  }, 60_000);

  test.each([
    [
      "nothing.mjs",
      /file: .*nothing\.mjs must export a system by default.*; ordeal replay takes the /,
    ],
    [
      "throws.mjs",
      /file: cannot make the system of .*throws\.mjs: no port; ordeal replay takes the/,
    ],
    [
      "other.mjs",
      /exports by default is the system other, but mine is tested; .*or leave file out/,
    ],
    ["broken.mjs", /file: cannot load .*broken\.mjs: .*; ordeal replay takes the default export/s],
  ])("is refused before a run where its module has no such system: %s", async (name, message) => {
    const cwd = project();
    writeFileSync(
      join(cwd, "other.mjs"),
      'export default { name: "other", deployment: () => ({}), connect: () => ({}) };\n',
    );
    writeFileSync(join(cwd, "broken.mjs"), "export default {\n");
    const file = pathToFileURL(join(cwd, name));
    let runs = 0;
    const counting = { ...mine, file, workload: () => (runs++, register()) };
    const property = ordealProperty(counting, { caseFile: join(cwd, "a.json") });
    const found = await fc.check(property, { numRuns: 30, seed: 1 });
    expect(found.errorInstance).toMatchObject({ code: "bad-argument" });
    expect((found.errorInstance as Error).message).toMatch(message);
    expect(existsSync(join(cwd, "a.json"))).toBe(false);
    // Twice looked at, once described; a run would be one more.
    expect([found.numRuns, runs]).toEqual([1, 3]);
  });

  test.each([
    ["absent.mjs", /^file: there is no absent\.mjs \(from the current directory\); .*new URL\(/],
    [new URL("file:///absent/absent.mjs"), /^file: there is no .*absent\/absent\.mjs/],
    [new URL("https://absent.example/mine.mjs"), /^file is a module on this machine/],
    ["", /^file is the path or the file: URL of a module, as in file: new URL/],
  ])("is refused at once where there is no module %s", (file, message) => {
    expect(() => ordealProperty({ ...mine, file })).toThrow(message);
  });

  test("has workload and nemeses of one's own from a test", async () => {
    const cwd = project();
    const test: OrdealTest = {
      ...mine,
      workload: () => ({ ...register(), name: "my-load" }),
      nemeses: () => [{ ...partition(), name: "my-cut" }],
    };
    await failureOf(test, { caseFile: join(cwd, "a.json") });
    const replayed = await program(["replay", "a.json", "--system", "./whole.mjs", "--quiet"], {
      cwd,
    });
    expect([replayed.exitCode, replayed.stderr]).toEqual([1, ""]);
  }, 60_000);

  test("is carried out by a test, which fails for as long as the system does", async () => {
    const file = join(temporaryDirectory(), "a.json");
    await failureOf(mine, { caseFile: file });
    const { result } = await replayCase(file, mine);
    expect(result.verdict.verdict).toBe("invalid");
    await expect(assertSurvives(pathToFileURL(file), mine)).rejects.toThrow(
      /a\.json: it still fails: .*process \d +├─/s,
    );
    await expect(assertSurvives(file, { ...mine, nemeses: () => [] })).rejects.toThrow(
      /faults\[0\]\.f is "start-partition", which none of test\.nemeses does/,
    );
    const mended = await replayCase(file, { ...mine, system: () => quorum() });
    expect(mended.result.verdict.verdict).not.toBe("invalid");
  }, 60_000);
});

describe("a case that names its module is carried out from elsewhere", () => {
  /** A case in `cases` of a project, made in the project. */
  async function projectWithCase(field: "file" | "systemFile", named: string): Promise<string> {
    const cwd = project();
    writeFileSync(join(cwd, "package.json"), '{ "name": "user" }\n');
    for (const name of ["cases", "sub"]) mkdirSync(join(cwd, name));
    await failureOf(
      { ...mine, timeLimitMs: 1_000 },
      {
        caseFile: join(cwd, "cases/a.json"),
        shrinkMs: 0,
      },
    );
    const text = readFileSync(join(cwd, "cases/a.json"), "utf8");
    writeFileSync(
      join(cwd, "cases/a.json"),
      text.replace('"version": 1,\n    ', (all) => `${all}"${field}": "${named}",\n    `),
    );
    return cwd;
  }

  const argv = ["replay", "../cases/a.json", "--quiet"];

  test.each([
    ["a module", "systemFile", "./mine.mjs"],
    ["a test file", "file", "./plain.mjs"],
    ["a module beside it", "systemFile", "./beside.mjs"],
  ] as const)(
    "%s",
    async (_, field, named) => {
      const cwd = await projectWithCase(field, named);
      writeFileSync(join(cwd, "cases/beside.mjs"), MODULES["mine.mjs"]);
      writeFileSync(
        join(cwd, "plain.mjs"),
        MODULES["whole.mjs"].replace('{ ...register(), name: "my-load" }', '"register"'),
      );
      const sub = join(cwd, "sub");
      const replayed = await program([...argv, "--out", "r"], { cwd: sub });
      expect([replayed.exitCode, replayed.stderr]).toEqual([1, ""]);
      // What is kept of it names the module from there, and is found from the project too.
      expect((await program(["replay", "r", "--quiet"], { cwd: sub })).exitCode).toBe(1);
      const shrunk = await program(["shrink", "../cases/a.json", "--runs", "2"], { cwd: sub });
      expect([shrunk.exitCode, shrunk.stderr]).toEqual([1, ""]);
    },
    60_000,
  );

  test("the current directory comes first", async () => {
    const cwd = await projectWithCase("systemFile", "./mine.mjs");
    const sub = join(cwd, "sub");
    writeFileSync(join(sub, "mine.mjs"), "export default () => { throw new Error('this one'); };");
    const { exitCode, stderr } = await program(argv, { cwd: sub });
    expect([exitCode, stderr]).toEqual([254, expect.stringContaining("this one")]);
  }, 60_000);

  test.each(["file", "systemFile"] as const)(
    "nowhere: %s",
    async (field) => {
      const cwd = await projectWithCase(field, "./absent.mjs");
      // Beyond the project nothing is looked for.
      const sub = join(cwd, "sub");
      writeFileSync(join(sub, "package.json"), "{}");
      mkdirSync(join(sub, "cases"));
      writeFileSync(join(sub, "cases/a.json"), readFileSync(join(cwd, "cases/a.json")));
      writeFileSync(join(cwd, "absent.mjs"), MODULES["mine.mjs"]);
      mkdirSync(join(sub, "deep"));
      const { exitCode, stderr } = await program(argv, { cwd: join(sub, "deep") });
      expect(exitCode).toBe(254);
      expect(stderr).toBe(
        "error: ../cases/a.json: there is no module ./absent.mjs (looked in the current directory, ../cases, ..); name it: --system ./FILE",
      );
      const named = await program([...argv, "--system", "../../whole.mjs"], {
        cwd: join(sub, "deep"),
      });
      expect([named.exitCode, named.stderr]).toEqual([1, ""]);
    },
    60_000,
  );

  test("a run too", async () => {
    const cwd = project();
    mkdirSync(join(cwd, "sub"));
    const run = ["run", "register", "--system", "./mine.mjs", "--seed", "1", "--nemesis", "none"];
    await program([...run, "--time-limit", "1s", "--out", "r", "--quiet"], { cwd });
    const sub = join(cwd, "sub");
    const replayed = await program(["replay", "../r", "--quiet"], { cwd: sub });
    expect([replayed.exitCode, replayed.stderr]).toEqual([0, expect.stringContaining("byte for")]);
    rmSync(join(cwd, "mine.mjs"));
    const gone = await program(["replay", "../r", "--quiet"], { cwd: sub });
    expect([gone.exitCode, gone.stderr]).toEqual([
      254,
      expect.stringMatching(
        /there is no module \.\/mine\.mjs \(looked .*; call ordeal from the dir/,
      ),
    ]);
  }, 60_000);
});

describe("a system by its module", () => {
  test("is run, judged again and replayed by the command that is printed", async () => {
    const cwd = project();
    const argv = ["run", "register", "--system", "./mine.mjs", "--seed", "1", "--nemesis", "none"];
    const ran = await program([...argv, "--time-limit", "2s", "--out", "r", "--quiet"], { cwd });
    expect([ran.exitCode, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toMatch(/✓ VALID register on mine/);
    const [, command = ""] = /replay {2}npx ordeal (.*)/.exec(ran.stdout) ?? [];
    expect(command).toContain("--system ./mine.mjs");
    expect((await program([...command.split(" "), "--quiet"], { cwd })).exitCode).toBe(0);
    expect((await program(["check", "r"], { cwd })).exitCode).toBe(0);
    const replayed = await program(["replay", "r", "--quiet"], { cwd });
    expect(replayed.stderr).toContain("byte for byte");
    const other = await program(["replay", "r", "--system", "quorum"], { cwd });
    expect(other.exitCode).toBe(254);
    expect(other.stderr).toContain("--system is for the file of a case");
  }, 60_000);

  test("fails in campaigns on all workers, with a case that replays", async () => {
    const cwd = project();
    const argv = ["campaign", "--system", "./mine.mjs", "--nemesis", "partition", "--workers", "2"];
    const found = await program([...argv, "--trials", "40", "--out", "c", "--quiet"], { cwd });
    expect(found.exitCode, found.stdout + found.stderr).toBe(1);
    const [, command = ""] = /replay {2}npx ordeal (.*)/.exec(found.stdout) ?? [];
    expect(command).toBe("replay c/not-linearizable.json");
    expect((await program([...command.split(" "), "--quiet"], { cwd })).exitCode).toBe(1);
  }, 120_000);

  test.each([
    ["nothing.mjs", /\.\/nothing\.mjs must export a system by default, or what makes one/],
    ["throws.mjs", /cannot make the system of \.\/throws\.mjs: no port/],
    ["absent.mjs", /there is no module \.\/absent\.mjs with a system/],
  ])("that cannot be had is one clear line: %s", async (name, message) => {
    const { exitCode, stderr } = await program(["run", "--system", `./${name}`], {
      cwd: project(),
    });
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
