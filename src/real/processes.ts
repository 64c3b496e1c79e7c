/**
 * Looking at and signalling processes. A process is named by its id and its start time, because the
 * system gives ids out again; on Linux the start time is field 22 of `/proc/PID/stat` (proc(5)),
 * elsewhere `ps` tells it.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * When the process was started, in a form that is only good for comparing; undefined when there is
 * none.
 */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === "linux") return statOf(`/proc/${pid}/stat`)?.[19];
  if (process.platform === "win32") return undefined;
  try {
    const found = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return found.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Whether every thread of a process stands still; true where the system does not tell. */
export function isStopped(pid: number): boolean {
  if (process.platform !== "linux") return true;
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => {
      const state = statOf(`/proc/${pid}/task/${thread}/stat`)?.[0];
      return state === undefined || state === "T" || state === "Z" || state === "X";
    });
  } catch {
    return true;
  }
}

/**
 * Sends a signal to the group that a process leads (all that it started); false when there is none.
 */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    // Windows has no process groups; the leader alone is better than nothing.
    process.kill(process.platform === "win32" ? leader : -leader, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * The fields of a stat file from the state on, which is field 3; the name before it may hold
 * anything.
 */
function statOf(path: string): readonly string[] | undefined {
  try {
    const text = readFileSync(path, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
