/** The page about property-based tests: its tests are carried out by node:test, as users would. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import * as testing from "../src/testing/index.js";
import { program, temporaryDirectory } from "./command-line.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/testing.md"), "utf8");
const FILES = new Map(
  [...PAGE.matchAll(/^```ts\n(\/\/ (\S+\.ts)\n[\s\S]*?)^```$/gm)].map(
    ([, text = "", name = ""]) => [name, text] as const,
  ),
);

/** What a property left of a run of a primary with one backup. */
const CASE = {
  format: "ordeal-case",
  version: 1,
  about: "a read missed a write",
  anomaly: "not-linearizable",
  test: {
    version: 1,
    workload: "register",
    system: "primary-backup",
    world: "simulated",
    nemeses: ["partition"],
    seed: 1,
    nodeCount: 3,
    concurrency: 1,
    timeLimitMs: 5_000,
    ratePerSecond: 100,
    operationTimeoutMs: 1_000,
    nemesisIntervalMs: 500,
  },
  world: {},
  operations: [
    { worker: 0, atMs: 0, f: "write", key: "a", value: 1 },
    { worker: 0, atMs: 500, f: "read", key: "a", value: null },
  ],
  faults: [],
  untilMs: 1_000,
  final: [],
};

interface CarriedOut {
  readonly folder: string;
  readonly exitCode?: number;
  readonly stdout: string;
}

/** What the page is about is that these fail. */
const FAILING = new Set(["races.test.ts", "lost-write.test.ts"]);

async function carryOut(
  name: string,
  { as = name, plain = false }: { readonly as?: string; readonly plain?: boolean } = {},
): Promise<CarriedOut> {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/ordeal"), "dir");
  symlinkSync(join(ROOT, "node_modules/fast-check"), join(folder, "node_modules/fast-check"));
  writeFileSync(join(folder, "package.json"), '{ "name": "user", "type": "module" }\n');
  writeFileSync(join(folder, as), FILES.get(name) ?? "");
  mkdirSync(join(folder, "cases"));
  writeFileSync(join(folder, "cases/lost-write.json"), JSON.stringify(CASE));
  const loader = join(ROOT, "node_modules/tsx/dist/esm/index.mjs");
  const { exitCode, stdout } = await execa(
    process.execPath,
    [...(plain ? [] : ["--import", loader]), "--test", "--test-reporter", "tap", as],
    { cwd: folder, reject: false, env: { NODE_OPTIONS: "" } },
  );
  return { ...(exitCode === undefined ? {} : { exitCode }), stdout, folder };
}

describe("the tests of the page", () => {
  test.each([...FILES.keys()].filter((name) => !FAILING.has(name)))(
    "%s passes",
    async (name) => {
      const { exitCode, stdout } = await carryOut(name);
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
      expect(stdout).toMatch(/^# pass 1$/m);
    },
    120_000,
  );

  test("races.test.ts fails, with a drawing", async () => {
    const { exitCode, stdout } = await carryOut("races.test.ts");
    expect(exitCode).toBe(1);
    // Which operations it takes differs: an addition of 0 that overwrites shows in two reads alone.
    expect(stdout).toMatch(/process \d +├─ (?:add|read)/);
  }, 120_000);
});

test("lost-write.test.ts fails, writes its case, and prints what replays it", async () => {
  const { exitCode, stdout, folder } = await carryOut("lost-write.test.ts");
  expect(exitCode).toBe(1);
  const [, command = ""] = /replay {2}npx ordeal (.*)/.exec(stdout) ?? [];
  expect(command).toBe("replay cases/lost-write.json");
  expect(PAGE).toContain(`replay  npx ordeal ${command}`);
  const file = join(folder, "cases/lost-write.json");
  // Another one than was there before.
  expect(readFileSync(file, "utf8")).not.toBe(JSON.stringify(CASE));
  const replayed = await program([...command.split(" "), "--quiet"], { cwd: folder });
  expect([replayed.exitCode, replayed.stderr]).toEqual([1, ""]);
}, 120_000);

test("without a loader, TypeScript runs where the page says it does, and .mjs everywhere", async () => {
  expect(PAGE).toContain("from Node 22.18 on");
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const typed = await carryOut("histories.test.ts", { plain: true });
  const runsTypes = major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
  expect({ ok: typed.exitCode === 0, stdout: typed.stdout }).toMatchObject({ ok: runsTypes });
  if (!runsTypes) expect(typed.stdout).toContain("ERR_UNKNOWN_FILE_EXTENSION");
  const untyped = await carryOut("histories.test.ts", { as: "h.test.mjs", plain: true });
  expect(untyped).toMatchObject({ exitCode: 0 });
  expect(untyped.stdout).toMatch(/^# pass 1$/m);
}, 120_000);

test("what the page names is there", () => {
  const exported = new Set(Object.keys(testing));
  for (const name of [
    "raceProperty",
    "modelCommands",
    "ordealProperty",
    "assertSurvives",
    "replayCase",
    "trialArbitrary",
    "faultScheduleArbitrary",
    "historyArbitrary",
    "plantedHistoryArbitrary",
    "operationArbitrary",
    "ordealMatchers",
    "assertLinearizable",
    "assertKeeps",
  ]) {
    expect(PAGE).toContain(name);
    expect(exported).toContain(name);
  }
});
