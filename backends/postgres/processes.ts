/**
 * Ends all processes of a server at once. A PostgreSQL server is many processes, and each client's
 * leads a group of its own: to kill them all they have to be found. What they share is that they
 * stand in the directory of their data.
 */
import { readdirSync, readlinkSync, realpathSync } from "node:fs";
import type { Clock } from "../../src/world/clock.js";

/** Whether this system shows where a process stands. */
export const SHOWS_PROCESSES: boolean = process.platform === "linux";

/**
 * Kills everything that stands in that directory; resolves when nothing does any more. Elsewhere
 * than on Linux it does nothing: there the processes notice by themselves that their leader is
 * gone.
 */
export async function killAllIn(directory: string, clock: Clock): Promise<void> {
  if (!SHOWS_PROCESSES) return;
  const place = realpathSync(directory);
  for (;;) {
    const pids = processesIn(place);
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
    await clock.sleep(2);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It was faster.
  }
}

function processesIn(place: string): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return pid !== process.pid && readlinkSync(`/proc/${pid}/cwd`) === place;
    } catch {
      // It ended, or is somebody else's.
      return false;
    }
  });
}
