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
import type { MessageTrip } from "../../src/simulation/options.js";
import { runUnder } from "../mutants/scenario.js";

/** Whole runs, and what is in one of them on average. */
export interface WholeRuns {
  /** Per second of the processor time of all threads of the process. */
  readonly perSecond: number;
  readonly operations: number;
  /** Delivered ones only. */
  readonly messages: number;
  /** The memory of the process at the end. */
  readonly residentBytes: number;
}

/** So many runs after as many that are not counted: in a campaign nearly everything is compiled. */
export function raftRuns(count: number, rate = 165): Promise<WholeRuns> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [String(count), String(rate)], {
      execArgv: [...workerArguments()],
    });
    child.on("message", (runs) => resolve(runs as WholeRuns));
    child.on("exit", (code) => reject(new Error(`the runs ended with exit code ${code}`)));
  });
}

async function runsHere(count: number, rate: number): Promise<Omit<WholeRuns, "residentBytes">> {
  const begun = process.cpuUsage();
  let operations = 0;
  let delivered = 0;
  const onMessage = ({ fate }: MessageTrip): void => {
    if (fate === "delivered") delivered++;
  };
  for (let seed = 1; seed <= count; seed++) {
    const { result } = await runUnder(
      {
        nemeses: () => [partition(), crash(), pause(), powerLoss()],
        rate,
        concurrency: 10,
        failFast: false,
        world: { onMessage },
      },
      raft(),
      seed,
    );
    operations += result.counts.invoked / count;
  }
  const { user, system } = process.cpuUsage(begun);
  return { perSecond: count / ((user + system) / 1e6), operations, messages: delivered / count };
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count, rate] = process.argv.slice(2).map(Number) as [number, number];
  await runsHere(count, rate);
  const runs = await runsHere(count, rate);
  process.send({ ...runs, residentBytes: process.memoryUsage().rss } satisfies WholeRuns);
  process.disconnect();
}
