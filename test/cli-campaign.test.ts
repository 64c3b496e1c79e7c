/** `ordeal campaign`: many runs until one fails, and a small case of it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ordeal, program, temporaryDirectory } from "./command-line.js";

interface Result {
  readonly trials: number;
  readonly valid: number;
  readonly situations: number;
  readonly failures: readonly {
    readonly file: string;
    readonly anomaly: string;
    readonly to: { readonly operations: number };
  }[];
}

describe("a campaign", () => {
  test.each(["guided", "swarm", "uniform"])(
    "finds a bug, makes it small and writes a case that replays: %s",
    async (strategy) => {
      const out = temporaryDirectory();
      const faults = ["--nemesis", "partition,crash,pause"];
      const argv = ["kv", "--system", "raft:minority-quorum", "--explore", strategy, ...faults];
      const { exitCode, stdout, stderr } = await ordeal(
        "campaign",
        ...argv,
        "--trials",
        "30",
        "--out",
        out,
        "--json",
        "--quiet",
      );
      expect([exitCode, stderr]).toEqual([1, ""]);
      const { failures } = JSON.parse(stdout) as Result;
      expect(failures).toHaveLength(1);
      const [{ file, anomaly, to } = { file: "", anomaly: "", to: { operations: 99 } }] = failures;
      expect(anomaly).toBe("not-linearizable");
      expect(to.operations).toBeLessThanOrEqual(6);
      const replayed = await ordeal("replay", file, "--out", join(out, "replayed"), "--quiet");
      expect(replayed).toMatchObject({ exitCode: 1, stderr: "" });
    },
    120_000,
  );

  test("that finds nothing leaves nothing behind", async () => {
    const out = join(temporaryDirectory(), "cases");
    const { exitCode, stdout } = await ordeal(
      "campaign",
      "register",
      "--trials",
      "5",
      "--time-limit",
      "2s",
      "--out",
      out,
      "--json",
      "--quiet",
    );
    expect(exitCode).toBe(0);
    const result = JSON.parse(stdout) as Result;
    expect(result).toMatchObject({ trials: 5, valid: 5, failures: [] });
    expect(result.situations).toBeGreaterThan(50);
    expect(existsSync(out)).toBe(false);
  });

  test("carries out runs on threads of its own, and prints what came of them", async () => {
    const { exitCode, stdout } = await program(
      ["campaign", "register", "--trials", "6", "--workers", "2", "--time-limit", "5s", "--quiet"],
      { cwd: temporaryDirectory() },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/✓ register on quorum, guided: 6 runs: \d valid, 0 invalid/);
    expect(stdout).toMatch(/runs\/s · [\d,]+ situations/);
  });

  test("of a system that does not run in the simulation is refused", async () => {
    const { exitCode, stderr } = await ordeal("campaign", "kv", "--system", "sqlite", "--quiet");
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/does not run in the simulated world; use --world real/);
  });
});
