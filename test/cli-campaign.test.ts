/** `ordeal campaign`: many runs until one fails, and a small case of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { runCampaign } from "../src/campaign/campaign.js";
import { createExplorer } from "../src/campaign/explorer.js";
import { runTrial } from "../src/campaign/run-trial.js";
import { writeFailures } from "../src/cli/campaign-failures.js";
import { trialPartsOf } from "../src/cli/campaign-parts.js";
import { describeTest } from "../src/cli/describe-test.js";
import { planOf } from "../src/cli/plan.js";
import { createTerminal } from "../src/cli/terminal.js";
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

  test.skipIf(!PROCESSES_ARE_FILES)(
    "ends with what was found when its workers end as they start, before it hears of Ctrl-C",
    async () => {
      // What is written to them then goes to closed pipes.
      const script = `
        import { readFileSync } from "node:fs";
        import { runCli } from ${JSON.stringify(pathToFileURL(PROGRAM.replace("main.js", "program.js")).href)};
        const children = () =>
          readFileSync("/proc/self/task/" + process.pid + "/children", "utf8").split(" ").filter(Boolean);
        const look = () => {
          const workers = children();
          if (workers.length < 2) return void setImmediate(look);
          for (const worker of workers) process.kill(Number(worker), "SIGKILL");
          setTimeout(() => SIGNAL && process.kill(process.pid, "SIGINT"), 100);
        };
        look();
        const argv = ["campaign", "register", "--time", "10m", "--workers", "2", "--quiet"];
        process.exitCode = await runCli(argv, process);
      `;
      // A file: workers are given the flags of node that their parent has.
      const carryOut = async (signal: boolean) => {
        const cwd = temporaryDirectory();
        writeFileSync(join(cwd, "campaign.mjs"), script.replace("SIGNAL", String(signal)));
        return execa(process.execPath, ["campaign.mjs"], { cwd, reject: false });
      };
      const interrupted = await carryOut(true);
      expect(interrupted.stderr).toMatch(/^interrupted: ending with what was found/);
      // Where this process is slow to look, a worker has carried out some.
      const runs = Number(/ (\d+) runs?: /.exec(interrupted.stdout)?.[1]);
      expect(interrupted.exitCode, interrupted.stdout).toBe(runs === 0 ? 2 : 0);
      // Nobody asked for an end: then it is an error, in one line, and no bug.
      const lost = await carryOut(false);
      expect(lost.stderr).toMatch(/^error: a process that carries out runs has ended: [^\n]+$/);
      expect(lost.exitCode).toBe(255);
    },
    60_000,
  );

  test("of a system that does not run in the simulation is refused", async () => {
    const { exitCode, stderr } = await ordeal("campaign", "kv", "--system", "sqlite", "--quiet");
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/does not run in the simulated world; use --world real/);
  });
});

describe("what failed", () => {
  const names = { workload: "register", system: "primary-backup", nemesis: "partition" };

  async function failed(): Promise<Parameters<typeof writeFailures>[1]> {
    const plan = await planOf(names);
    const parts = await trialPartsOf(names);
    const test = describeTest(plan, { seed: 1, timeLimit: 10_000, failFast: true });
    const { failures } = await runCampaign({
      explorer: createExplorer({ test, nodes: plan.system.nodes, world: {} }, "uniform"),
      run: (trial) => runTrial(trial, parts),
      workers: 1,
      trials: 40,
      timeMs: Infinity,
      nowMs: () => 0,
      failures: 1,
    });
    expect(failures).toHaveLength(1);
    return failures;
  }

  test("is a case that replays when no time is left to make it small, and says so", async () => {
    const failures = await failed();
    const silent = { write: (): void => undefined };
    const terminal = createTerminal({ stdout: silent, stderr: silent });
    const write = async (directory: string, leftMs: number, shrink = true) => {
      const endMs = performance.now() + leftMs;
      const options = { names, directory, quiet: true, shrink, endMs };
      const context = { terminal, setExitCode: () => undefined };
      const [failure] = await writeFailures(context, failures, options);
      return failure;
    };
    const out = temporaryDirectory();
    const late = await write(join(out, "late"), 0);
    expect(late?.shrink).toMatch(/^npx ordeal shrink .*late\/not-linearizable\.json$/);
    expect(late?.to).toBeUndefined();
    const replayed = await ordeal("replay", late?.file ?? "", "-q", "--out", join(out, "replayed"));
    expect(replayed).toMatchObject({ exitCode: 1, stderr: "" });
    // Nobody wanted it smaller: then there is nothing to say.
    expect((await write(join(out, "large"), 0, false))?.shrink).toBeUndefined();

    const early = await write(join(out, "early"), Infinity);
    expect(early?.to?.operations).toBeLessThan(early?.from?.operations ?? 0);
    // A limit that is over ends attempts after the first run, which tells whether there is a case.
    const argv = ["shrink", late?.file ?? "", "--time-budget", "1ms", "--json", "--quiet"];
    const shrunk = JSON.parse((await ordeal(...argv)).stdout) as {
      readonly runs: number;
      readonly spent: boolean;
      readonly to: object;
      readonly from: object;
    };
    expect(shrunk).toMatchObject({ runs: 1, spent: true, to: shrunk.from });
  }, 120_000);
});
