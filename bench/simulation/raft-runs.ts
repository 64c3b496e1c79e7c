/**
 * Whole runs of raft under all faults, each judged, as a worker of a campaign carries them out: in
 * a process of their own, with the same flags (`src/cli/worker-flags.ts`).
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { raft } from "../../backends/raft.js";
import { crash } from "../../nemeses/crash.js";
import { partition } from "../../nemeses/partition.js";
import { pause } from "../../nemeses/pause.js";
import { powerLoss } from "../../nemeses/power-loss.js";
import { workerArguments } from "../../src/cli/worker-flags.js";
import { NEMESIS } from "../../src/history/history.js";
import type { MessageTrip } from "../../src/simulation/options.js";
import { runUnder } from "../mutants/scenario.js";

/** How densely a run is filled: some 1,000 operations take the longer the fewer are offered. */
export interface Offer {
  /** Operations per second, over all clients. */
  readonly rate: number;
  /** Length of the main phase. */
  readonly lengthMs: number;
}

/** Whole runs, and what is in one of them on average. */
export interface WholeRuns {
  /** Per second of the processor time of all threads of the process. */
  readonly perSecond: number;
  readonly operations: number;
  /** Faults that were injected, and their ends. */
  readonly faults: number;
  /** Delivered ones only. */
  readonly messages: number;
  /** The memory of the process at the end. */
  readonly residentBytes: number;
}

/** So many runs after as many that are not counted: in a campaign nearly everything is compiled. */
export function raftRuns(count: number, { rate, lengthMs }: Offer): Promise<WholeRuns> {
  return new Promise((resolve, reject) => {
    const given = [count, rate, lengthMs].map(String);
    const child = fork(fileURLToPath(import.meta.url), given, {
      execArgv: [...workerArguments()],
    });
    child.on("message", (runs) => resolve(runs as WholeRuns));
    child.on("exit", (code) => reject(new Error(`the runs ended with exit code ${code}`)));
  });
}

async function runsHere(
  count: number,
  { rate, lengthMs }: Offer,
): Promise<Omit<WholeRuns, "residentBytes">> {
  const begun = process.cpuUsage();
  let operations = 0;
  let faults = 0;
  let delivered = 0;
  const onMessage = ({ fate }: MessageTrip): void => {
    if (fate === "delivered") delivered++;
  };
  for (let seed = 1; seed <= count; seed++) {
    const { result, history } = await runUnder(
      {
        nemeses: () => [partition(), crash(), pause(), powerLoss()],
        rate,
        lengthMs,
        concurrency: 10,
        failFast: false,
        world: { onMessage },
      },
      raft(),
      seed,
    );
    operations += result.counts.invoked / count;
    // Each has an event when it begins and one when it has taken effect.
    faults += history.processes.filter((process) => process === NEMESIS).length / 2 / count;
  }
  const { user, system } = process.cpuUsage(begun);
  const perSecond = count / ((user + system) / 1e6);
  return { perSecond, operations, faults, messages: delivered / count };
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count, rate, lengthMs] = process.argv.slice(2).map(Number) as [number, number, number];
  await runsHere(count, { rate, lengthMs });
  const runs = await runsHere(count, { rate, lengthMs });
  process.send({ ...runs, residentBytes: process.memoryUsage().rss } satisfies WholeRuns);
  process.disconnect();
}
