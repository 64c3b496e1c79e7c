/**
 * How V8 is told to run a process that does nothing but one simulated run after the other.
 *
 * Each core has a worker, so that threads which help to collect garbage have no core to run on, and
 * cost what it takes to wake them and to wait for them. And a run leaves next to nothing behind:
 * the longer the young generation waits, the less of it is alive and has to be copied.
 */
export const WORKER_FLAGS: readonly string[] = [
  "--single-threaded-gc",
  "--min-semi-space-size=32",
  "--max-semi-space-size=32",
];
