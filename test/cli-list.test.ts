/**
 * `ordeal list` and `ordeal init`: the catalog in three forms, the README's table, and starter
 * files that work.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runCli } from "../src/cli/program.js";
import { ordeal, temporaryDirectory } from "./command-line.js";

type Listing = {
  readonly [kind: string]: readonly { readonly name: string; readonly description: string }[];
};

const KINDS = ["workloads", "nemeses", "checkers", "backends", "models", "formats", "worlds"];

describe("list", () => {
  test("everything, as JSON and as text", async () => {
    const json = await ordeal("list", "--json");
    const listing = JSON.parse(json.stdout) as Listing;
    expect(Object.keys(listing)).toEqual(KINDS);
    const { stdout, exitCode } = await ordeal("list");
    expect(exitCode).toBe(0);
    for (const entries of Object.values(listing)) {
      expect(entries.length).toBeGreaterThan(0);
      expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
      for (const { name, description } of entries) {
        expect(description).not.toBe("");
        expect(stdout).toContain(name);
      }
    }
    expect(listing["backends"]?.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "memory",
        "memory:stale-reads",
        "file",
        "sqlite",
        "quorum",
        "primary-backup",
      ]),
    );
  });

  test.each([...KINDS, "levels"])("%s alone", async (kind) => {
    const { stdout, exitCode } = await ordeal("list", kind, "--json");
    expect(exitCode).toBe(0);
    expect(Object.keys(JSON.parse(stdout) as Listing)).toEqual([kind]);
  });

  test("levels, each with what it implies", async () => {
    const { stdout } = await ordeal("list", "levels");
    expect(stdout).toMatch(/^ {2}causal-memory +who sees .* → causal, pram$/m);
    const json = await ordeal("list", "levels", "--json");
    const { levels } = JSON.parse(json.stdout) as { levels: readonly { readonly name: string }[] };
    expect(levels.find(({ name }) => name === "serializable")).toMatchObject({
      family: "transactional",
      aliases: expect.arrayContaining(["PL-3"]) as unknown,
      implies: expect.arrayContaining([
        expect.objectContaining({ level: "snapshot-isolation" }),
      ]) as unknown,
    });
    expect((await ordeal("list")).stdout).not.toContain("strong-session-serializable");
  });

  test("the README has the table of the catalog", async () => {
    const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8");
    const { stdout } = await ordeal("list", "--markdown");
    const between = /<!-- catalog:begin -->\n([\s\S]*?)<!-- catalog:end -->/.exec(readme)?.[1];
    expect(between?.trim(), "run: npm run build && node scripts/update-readme.mjs").toBe(
      stdout.trim(),
    );
  });
});

describe("init", () => {
  test("writes a test and a workflow, and says how to run it", async () => {
    const directory = temporaryDirectory();
    const { exitCode, stdout, stderr } = await ordeal("init", directory);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const starter = join(directory, "ordeal.test.ts");
    expect(readFileSync(starter, "utf8")).toContain("export default defineTest(");
    expect(readFileSync(join(directory, ".github/workflows/ordeal.yml"), "utf8")).toContain(
      "npx ordeal run ./ordeal.test.ts",
    );
    expect(stdout).toContain(`npx ordeal run ${starter}`);
  });

  test("overwrites nothing", async () => {
    const directory = temporaryDirectory();
    await ordeal("init", directory);
    const { exitCode, stderr } = await ordeal("init", directory);
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/^error: .*ordeal\.test\.ts.* there already.*\n$/);
  });

  test("half of it being there is enough to refuse, and then nothing is written", async () => {
    const directory = temporaryDirectory();
    await ordeal("init", join(directory, "a"));
    const { exitCode, stdout } = await ordeal("init", join(directory, "b"), "--json");
    expect(exitCode).toBe(0);
    expect((JSON.parse(stdout) as { files: string[] }).files).toHaveLength(2);
    const { rmSync } = await import("node:fs");
    rmSync(join(directory, "b/ordeal.test.ts"));
    expect((await ordeal("init", join(directory, "b"))).exitCode).toBe(254);
    expect(existsSync(join(directory, "b/ordeal.test.ts"))).toBe(false);
  });
});

test("the list wraps where a terminal would, under its own column", async () => {
  let stdout = "";
  await runCli(["list"], {
    stdout: { write: (text) => (stdout += text), columns: 72 },
    stderr: { write: () => undefined },
  });
  const lines = stdout.split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72);
  // Descriptions begin two columns after the longest name.
  const indents = lines.flatMap((line) => /^( {10,})\S/.exec(line)?.[1]?.length ?? []);
  expect(indents.length).toBeGreaterThan(5);
  expect(new Set(indents).size).toBe(1);
});

test.each(["", "run", "check", "verify", "replay", "campaign", "shrink", "report", "list", "init"])(
  "the examples in the help of %j fit 80 columns",
  async (command) => {
    const { stdout } = await ordeal(...[command, "--help"].filter((word) => word !== ""));
    const examples = stdout.slice(stdout.indexOf("Examples:")).split("\n");
    expect(examples.length).toBeGreaterThan(2);
    expect(examples.filter((line) => line.length > 80)).toEqual([]);
  },
);
