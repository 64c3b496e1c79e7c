/**
 * The harness's end of the reaper (`reaper.ts`), and the last thing that the harness does when it
 * ends without closing its world (`process.exit`, an uncaught exception): kill what still runs.
 */
import { signalGroup, startTimeOf } from "./processes.js";
import { spawnReaper } from "./spawn.js";

/** Keeps track of what must not outlive the harness. */
export interface Reaping {
  /** Tells of a host that was just started. */
  register(pid: number): void;
  /** Tells that a host has ended. */
  unregister(pid: number): void;
  /** Has this directory removed at the end, with all that is in it. */
  removeAtEnd(directory: string): void;
  /** Kills and removes whatever is left; resolves when the reaper itself has ended. */
  end(): Promise<void>;
}

/**
 * How long the reaper may take at the end; after that the harness does not wait for it any more.
 */
const END_LIMIT_MS = 20_000;

/** Starts the reaper of one world. */
export function startReaping(): Reaping {
  const pids = new Set<number>();
  const reaper = spawnReaper();
  // A pipe that breaks means that somebody killed the reaper; the hosts still notice our end by
  // themselves.
  reaper.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    reaper.once("exit", resolve);
    reaper.once("error", resolve);
  });
  const killAll = (): void => {
    for (const pid of pids) signalGroup(pid, "SIGKILL");
  };
  process.on("exit", killAll);

  return {
    register: (pid) => {
      pids.add(pid);
      reaper.stdin.write(`+ ${pid} ${startTimeOf(pid) ?? ""}\n`);
    },
    unregister: (pid) => {
      pids.delete(pid);
      reaper.stdin.write(`- ${pid}\n`);
    },
    removeAtEnd: (directory) => {
      reaper.stdin.write(`directory ${directory}\n`);
    },
    end: async () => {
      reaper.stdin.end();
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, END_LIMIT_MS);
      });
      await Promise.race([ended, limit]);
      clearTimeout(timer);
      process.off("exit", killAll);
    },
  };
}
