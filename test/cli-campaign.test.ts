/** `ordeal campaign`: many runs until one fails, and a small case of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ordeal, program, PROGRAM, temporaryDirectory } from "./command-line.js";

/** In milliseconds; a busy machine is slow to start processes. */
const WAITING = { timeout: 30_000, interval: 100 };

/** Where processes can be watched as files: Linux. */
const PROCESSES_ARE_FILES = existsSync(`/proc/${process.pid}/task`);

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter((text) => text !== "")
    .map(Number);
}

/** Whether a process has used so much of the processor that it runs more than its start. */
function isAtWork(pid: number): boolean {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) > 100;
}

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

  test("carries out runs in processes of its own, and prints what came of them", async () => {
    const { exitCode, stdout } = await program(
      ["campaign", "register", "--trials", "6", "--workers", "2", "--time-limit", "5s", "--quiet"],
      { cwd: temporaryDirectory() },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/✓ register on quorum, guided: 6 runs: \d valid, 0 invalid/);
    expect(stdout).toMatch(/runs\/s · [\d,]+ situations/);
  });

  test.skipIf(!PROCESSES_ARE_FILES).each([
    // Ctrl-C, which all processes of a terminal get.
    { name: "Ctrl-C", signal: "SIGINT", toAll: true },
    { name: "a kill", signal: "SIGKILL", toAll: false },
  ] as const)("leaves none of its processes after $name", async ({ signal, toAll }) => {
    const argv = ["campaign", "register", "--time", "10m", "--workers", "2", "--quiet"];
    const campaign = spawn(process.execPath, [PROGRAM, ...argv], {
      cwd: temporaryDirectory(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const pid = campaign.pid as number;
    let said = "";
    campaign.stdout.on("data", (data: Buffer) => (said += data.toString()));
    campaign.stderr.on("data", (data: Buffer) => (said += data.toString()));
    const ended = once(campaign, "close");
    onTestFinished(() => {
      if (campaign.exitCode === null && campaign.signalCode === null) campaign.kill("SIGKILL");
    });
    await expect.poll(() => childrenOf(pid).filter(isAtWork).length, WAITING).toBe(2);
    const workers = childrenOf(pid);
    process.kill(toAll ? -pid : pid, signal);
    const [exitCode] = (await ended) as [number | null];
    if (signal === "SIGINT") {
      expect(exitCode).toBe(0);
      expect(said).toMatch(/interrupted: ending with what was found/);
      expect(said).toMatch(/✓ register on quorum, guided: \d+ runs/);
    }
    await expect
      .poll(() => workers.filter((worker) => existsSync(`/proc/${worker}`)), WAITING)
      .toEqual([]);
  });

  test("of a system that does not run in the simulation is refused", async () => {
    const { exitCode, stderr } = await ordeal("campaign", "kv", "--system", "sqlite", "--quiet");
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/does not run in the simulated world; use --world real/);
  });
});
