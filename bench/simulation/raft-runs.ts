/**
 * Whole runs of raft under all faults, each judged, as a worker of a campaign carries them out: in
 * a process of their own, with the same flags (`src/cli/worker-flags.ts`).
 */
import { fork, type ChildProcess } from "node:child_process";
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
  /** Of each sample, from the slowest up: runs per second of the processor time of all threads. */
  readonly perSecond: readonly number[];
  readonly operations: number;
  /** Faults that were injected, and their ends. */
  readonly faults: number;
  /** Delivered ones only. */
  readonly messages: number;
  /** The memory of the process at the end. */
  readonly residentBytes: number;
}

/** How much is measured. */
export interface Samples {
  /** Samples of each offer. */
  readonly count: number;
  /** Runs of a sample, always of the same seeds. */
  readonly runs: number;
}

/** What one sample gives. */
type Sample = Omit<WholeRuns, "perSecond"> & { readonly perSecond: number };

/**
 * Samples of all offers in turn, so that a busy minute is one of all of them; each offer has a
 * process, which has done as many runs before that are not counted: in a campaign nearly everything
 * is compiled.
 */
export async function raftRuns(
  offers: readonly Offer[],
  { count, runs }: Samples,
): Promise<readonly WholeRuns[]> {
  const children = offers.map(({ rate, lengthMs }) =>
    fork(fileURLToPath(import.meta.url), [runs, rate, lengthMs].map(String), {
      execArgv: [...workerArguments()],
    }),
  );
  const samples: Sample[][] = offers.map(() => []);
  for (const child of children) await nextSample(child);
  for (let i = 0; i < count; i++) {
    for (const [index, child] of children.entries()) {
      samples[index]?.push(await nextSample(child));
    }
  }
  for (const child of children) child.disconnect();
  return samples.map((all): WholeRuns => {
    const { operations, faults, messages, residentBytes } = all.at(-1) as Sample;
    const perSecond = all.map((sample) => sample.perSecond).toSorted((a, b) => a - b);
    return { perSecond, operations, faults, messages, residentBytes };
  });
}

function nextSample(child: ChildProcess): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`the runs ended with exit code ${code}`));
    child.once("exit", ended);
    child.once("message", (sample) => {
      child.off("exit", ended);
      resolve(sample as Sample);
    });
    child.send("go");
  });
}

async function sampleHere(count: number, { rate, lengthMs }: Offer): Promise<Sample> {
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
  const residentBytes = process.memoryUsage().rss;
  return { perSecond, operations, faults, messages: delivered / count, residentBytes };
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count, rate, lengthMs] = process.argv.slice(2).map(Number) as [number, number, number];
  process.on("message", () => {
    void sampleHere(count, { rate, lengthMs }).then((sample) => process.send?.(sample));
  });
}
