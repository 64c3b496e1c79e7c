/** What is left of whole small runs, checks included: the heap after a collection, and handles. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { raft } from "../../backends/raft.js";
import { crash } from "../../nemeses/crash.js";
import { partition } from "../../nemeses/partition.js";
import { runUnder } from "../mutants/scenario.js";

/** What a process holds on to. */
export interface Held {
  readonly heapBytes: number;
  /** Memory of buffers outside the heap. */
  readonly bufferBytes: number;
  /** Timers, sockets and the like that keep a process alive. */
  readonly handles: number;
  /** Listeners of the process itself. */
  readonly listeners: number;
}

/** What is held after each of these numbers of runs, in ascending order. */
export async function heldAfter(counts: readonly number[]): Promise<readonly Held[]> {
  const held: Held[] = [];
  let run = 0;
  for (const count of counts) {
    while (run < count) await smallRun(++run);
    held.push(await measureHeld());
  }
  return held;
}

/** A second of three nodes under faults, some fifty operations. */
async function smallRun(seed: number): Promise<void> {
  const circumstances = {
    nemeses: () => [partition(), crash()],
    nodeCount: 3,
    lengthMs: 1_000,
    rate: 50,
    intervalMs: 200,
  };
  await runUnder(circumstances, raft(), seed);
}

async function measureHeld(): Promise<Held> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return {
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
    handles: process.getActiveResourcesInfo().length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}
