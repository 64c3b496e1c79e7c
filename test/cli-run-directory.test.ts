/**
 * What the commands do with the directory of a run: judge it again, verify it, write its reports
 * again; also when the run was killed half-way.
 */
import { existsSync, readFileSync, rmSync, truncateSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ordeal, temporaryDirectory } from "./command-line.js";

async function madeRun(system: string, ...more: readonly string[]): Promise<string> {
  const out = temporaryDirectory();
  const argv = ["run", "register", "--system", system, "--seed", "7", "--time-limit", "5s"];
  const result = await ordeal(
    ...argv,
    "--out",
    out,
    "--json",
    "--quiet",
    "--nemesis",
    "none",
    ...more,
  );
  expect(result.stderr).toBe("");
  return out;
}

async function verdictOf(...argv: readonly string[]): Promise<[number | undefined, string]> {
  const { exitCode, stdout, stderr } = await ordeal(...argv, "--json");
  return [exitCode, stdout === "" ? stderr : (JSON.parse(stdout) as { verdict: string }).verdict];
}

describe("a run directory", () => {
  test("of a valid run", async () => {
    const run = await madeRun("memory");
    expect(await verdictOf("check", run)).toEqual([0, "valid"]);
    expect((await ordeal("verify", run)).stdout).toContain("confirmed");
    expect(
      (await ordeal("verify", join(run, "results.json"), join(run, "history.jsonl"))).exitCode,
    ).toBe(0);
  });

  test("of an invalid run", async () => {
    const run = await madeRun("memory:stale-reads");
    expect(await verdictOf("check", run)).toEqual([1, "invalid"]);
    expect(await verdictOf("check", run, "--model", "cas-register")).toEqual([1, "invalid"]);
    expect((await ordeal("verify", run)).exitCode).toBe(0);
  });

  test("another history is not what its results are about", async () => {
    const [one, other] = [await madeRun("memory"), await madeRun("memory:stale-reads")];
    expect((await ordeal("verify", join(one, "results.json"), other)).exitCode).toBe(1);
  });

  test("its reports can be written again, in every form", async () => {
    const run = await madeRun("memory:stale-reads");
    rmSync(join(run, "report.html"));
    const html = await ordeal("report", run);
    expect(html).toMatchObject({ exitCode: 0, stderr: "" });
    expect(html.stdout).toContain(join(run, "report.html"));
    expect(readFileSync(join(run, "report.html"), "utf8")).toMatch(/<!doctype html>/i);
    for (const [format, expected] of [
      ["markdown", /invalid/i],
      ["junit", /<testsuite/],
      ["text", /INVALID/],
      ["json", /"verdict"/],
    ] as const) {
      const { exitCode, stdout } = await ordeal("report", run, "--format", format);
      expect(exitCode, format).toBe(0);
      expect(stdout, format).toMatch(expected);
    }
    const file = join(temporaryDirectory(), "deep", "junit.xml");
    const json = await ordeal("report", run, "--out", file, "--json");
    expect(JSON.parse(json.stdout)).toEqual({ run, format: "junit", file });
    expect(existsSync(file)).toBe(true);
  });

  test("of a run that was killed: what it saw is judged, and there is nothing to report or verify yet", async () => {
    const run = await madeRun("memory");
    rmSync(join(run, "results.json"));
    const history = join(run, "history.jsonl");
    truncateSync(history, Math.floor(statSync(history).size / 2));
    const checked = await ordeal("check", run);
    expect(checked.exitCode).toBe(0);
    expect(checked.stdout).toMatch(/^✓ valid/);
    const report = await ordeal("report", run);
    expect(report.exitCode).toBe(254);
    expect(report.stderr).toMatch(/^error: .*no results.*ordeal check.*\n$/);
    expect((await ordeal("verify", run)).exitCode).toBe(254);
  });
});
