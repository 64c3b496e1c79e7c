/**
 * Kills for real: of the process that uses a store in files, and of all processes of a database
 * server.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { execa } from "execa";
import { startPostgres } from "../../backends/postgres/server.js";
import { postgresPersistence, type PostgresOptions } from "../../persistence/postgres.js";
import { createRealClock, readEpoch } from "../../src/real/clock.js";
import { createRandom, type Random } from "../../src/random.js";
import { Trial, useStore, type Step, type TrialResult } from "./trial.js";

/** How often to strike, and from which seed. */
export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  /** Called after each kill. */
  readonly onKill?: (count: number) => void;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Steps of a process before it is killed, at the most. */
const STEPS_MAX = 400;
/** What a server acknowledges before it is killed, at the most. */
const ACKNOWLEDGED_MAX = 150;
/** Of so many processes, one is killed at any time since its start, also while it recovers. */
const EARLY_SHARE = 0.3;
const EARLY_MS = 300;

/** Kills the process that uses a store of `PROCESS_STORES`. */
export async function killProcesses(name: string, options: KillOptions): Promise<TrialResult> {
  const folder = mkdtempSync(join(tmpdir(), "ordeal-kills-"));
  try {
    const program = await bundledSaver();
    const random = createRandom(options.seed).fork(name);
    const trial = new Trial();
    for (let kill = 0; kill <= options.kills; kill++) {
      // After the last kill it is opened once more, to see what is there.
      const isLast = kill === options.kills;
      const life = [program, name, join(folder, "states"), String(kill)];
      await liveAndDie(life, { random, trial, isLast });
      if (isLast) break;
      trial.crashed("kill");
      options.onKill?.(kill + 1);
    }
    return await trial.judge();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function liveAndDie(
  life: readonly string[],
  { random, trial, isLast }: { readonly random: Random; readonly trial: Trial; isLast: boolean },
): Promise<void> {
  const saver = execa(process.execPath, life, { cwd: ROOT, buffer: false, reject: false });
  const early = !isLast && random.chance(EARLY_SHARE) ? random.below(EARLY_MS) : undefined;
  const stepsMax = isLast ? 40 : 1 + random.below(STEPS_MAX);
  if (early !== undefined) setTimeout(() => saver.kill("SIGKILL"), early);
  let steps = 0;
  let problem: string | undefined;
  const lines = createInterface({ input: saver.stdout });
  lines.on("line", (line) => {
    const told = JSON.parse(line) as "open" | { readonly error: string } | Step;
    if (told === "open") return;
    if (Array.isArray(told)) trial.note(told as Step);
    else problem = (told as { readonly error: string }).error;
    // Each step has two lines, and every life begins with loads.
    if (++steps === 2 * stepsMax) saver.kill("SIGKILL");
  });
  await Promise.all([saver, once(lines, "close")]);
  if (problem !== undefined) throw new Error(`${life[1]} did not open: ${problem}`);
}

/** One file of JavaScript, so that a new process costs no more than it has to. */
async function bundledSaver(): Promise<string> {
  const outfile = join(ROOT, "node_modules", ".cache", "ordeal", "saver.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("saver.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  return outfile;
}

/** Kills a PostgreSQL server. */
export async function killPostgres(
  options: KillOptions,
  store: PostgresOptions = {},
): Promise<TrialResult> {
  const clock = createRealClock(readEpoch());
  const random = createRandom(options.seed).fork("postgres");
  const server = await startPostgres({ clock });
  try {
    const trial = new Trial();
    for (let kill = 0; kill <= options.kills; kill++) {
      const states = await postgresPersistence(server.url(), store);
      let lives = true;
      const working = useStore(states, {
        random: random.fork(`life ${kill}`),
        tell: (step) => trial.note(step),
        goesOn: () => lives,
      });
      // Strikes while something is under way, however slow the machine is.
      const enough = trial.acknowledged + random.below(ACKNOWLEDGED_MAX);
      for (let waitedMs = 0; trial.acknowledged < enough && waitedMs < 10_000; waitedMs += 2) {
        await clock.sleep(2);
      }
      if (kill < options.kills) await server.kill();
      lives = false;
      await working;
      await states.close();
      if (kill === options.kills) break;
      trial.crashed("kill");
      await server.start();
      options.onKill?.(kill + 1);
    }
    return await trial.judge();
  } finally {
    await server.stop();
  }
}
