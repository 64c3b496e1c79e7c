/**
 * How V8 is told to run a process that does nothing but one simulated run after the other.
 *
 * Each core has a worker, so that threads which help to collect garbage have no core to run on, and
 * cost what it takes to wake them and to wait for them. And a run leaves next to nothing behind:
 * the longer the young generation waits, the less of it is alive and has to be copied.
 */
const WORKER_FLAGS: readonly string[] = [
  "--single-threaded-gc",
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
];

/**
 * What Node is called with for such a process: as this one was, and with these flags; but not with
 * a program of the command line (`node -e`), which would run again instead.
 */
export function workerArguments(): readonly string[] {
  const { execArgv } = process;
  const at = execArgv.findIndex((argument) => PROGRAMS.has(argument));
  return [...(at === -1 ? execArgv : execArgv.toSpliced(at, 2)), ...WORKER_FLAGS];
}

const PROGRAMS: ReadonlySet<string> = new Set(["-e", "--eval", "-p", "--print", "-pe"]);
