/**
 * The package as users get it: packed, installed in an empty folder, and used from there. Takes the
 * built `dist` (`npm test` builds it first).
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VALID } from "./command-line.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const { exports: entries, version } = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
) as { exports: { [path: string]: unknown }; version: string };

const SUB_PATHS = Object.keys(entries).filter((path) => path !== "./package.json");

describe("the packed package, installed in an empty folder", () => {
  let folder = "";

  const run = async (
    file: string,
    ...argv: readonly string[]
  ): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> => {
    const { exitCode, stdout, stderr } = await execa(file, argv, { cwd: folder, reject: false });
    return { exitCode, stdout, stderr };
  };

  beforeAll(async () => {
    if (!existsSync(join(ROOT, "dist/src/cli/main.js"))) {
      throw new Error("dist is missing: run npm run build first (npm test does)");
    }
    folder = mkdtempSync(join(tmpdir(), "ordeal-package-"));
    await execa("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: ROOT });
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name: "empty", private: true, type: "module" }),
    );
    await execa("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`], {
      cwd: folder,
    });
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("npx ordeal --help and --version", async () => {
    const help = await run("npx", "ordeal", "--help");
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toContain("Usage: ordeal");
    expect((await run("npx", "ordeal", "--version")).stdout).toBe(version);
  });

  test("npx ordeal check", async () => {
    writeFileSync(join(folder, "history.jsonl"), VALID);
    const { exitCode, stdout } = await run(
      "npx",
      "ordeal",
      "check",
      "history.jsonl",
      "--model",
      "register",
      "--report",
      "report.html",
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^✓ valid/);
    expect(readFileSync(join(folder, "report.html"), "utf8")).toMatch(/<!doctype html>/i);
  });

  test.each(SUB_PATHS)(
    "%s can be imported without TypeScript, and exports something",
    async (path) => {
      const name = `ordeal${path.slice(1)}`;
      const script = `const m = await import(${JSON.stringify(name)}); console.log(Object.keys(m).length)`;
      const { exitCode, stdout, stderr } = await run("node", "--input-type=module", "-e", script);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(Number(stdout)).toBeGreaterThan(0);
    },
  );

  test("what is not exported stays inside", async () => {
    const { exitCode } = await run(
      "node",
      "--input-type=module",
      "-e",
      'await import("ordeal/dist/src/cli/main.js")',
    );
    expect(exitCode).not.toBe(0);
  });

  test("nothing but the product is in it", () => {
    const inside = (sub: string): readonly string[] =>
      readdirSync(join(folder, "node_modules/ordeal", sub));
    expect(inside("").toSorted()).toEqual(
      ["CHANGELOG.md", "LICENSE", "README.md", "dist", "docs", "package.json"].toSorted(),
    );
    const all = readdirSync(join(folder, "node_modules/ordeal/dist"), { recursive: true }).map(
      String,
    );
    expect(all.filter((path) => /\.test\.|(^|\/)(test|bench|fixtures)\//.test(path))).toEqual([]);
    expect(all).toContain("src/cli/main.js");
  });

  test("the starter test of init runs", async () => {
    expect((await run("npx", "ordeal", "init")).exitCode).toBe(0);
    const { exitCode, stdout, stderr } = await run(
      "npx",
      "ordeal",
      "run",
      "./ordeal.test.ts",
      "--time-limit",
      "1s",
      "--json",
    );
    expect(
      { exitCode, verdict: (JSON.parse(stdout) as { verdict: string }).verdict },
      stderr,
    ).toEqual({
      exitCode: 0,
      verdict: "valid",
    });
  });
});
