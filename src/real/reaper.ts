/**
 * A small process that outlives the harness by a moment. It holds one end of a pipe whose other end
 * only the harness has; when that closes (the harness ended, in whatever way, SIGKILL too) it kills
 * the hosts that are still registered, removes the temporary directory, and ends. Hosts notice the
 * end of the harness by themselves, but one that is stopped by SIGSTOP, or caught in a loop,
 * cannot.
 *
 * Lines on its standard input: `+ PID START-TIME`, `- PID`, `directory PATH`.
 */
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { signalGroup, startTimeOf } from "./processes.js";

const hosts = new Map<number, string>();
const directories: string[] = [];

// Whoever interrupts the harness does not mean this one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const [command, first = "", ...rest] = line.split(" ");
  if (command === "+") hosts.set(Number(first), rest.join(" "));
  else if (command === "-") hosts.delete(Number(first));
  else if (command === "directory") directories.push(line.slice("directory ".length));
});
lines.on("close", () => void cleanUp());

async function cleanUp(): Promise<void> {
  for (const [pid, startTime] of hosts) kill(pid, startTime);
  for (let round = 0; round < 100 && [...hosts].some(isAlive); round++) await pause();
  for (const path of directories) {
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
  process.exit(0);
}

function kill(pid: number, startTime: string): void {
  const found = startTimeOf(pid);
  // Another process has got the id. When the leader is gone its group may live on, and its number
  // is not given out.
  if (found !== undefined && found !== startTime) return;
  signalGroup(pid, "SIGKILL");
}

function isAlive([pid, startTime]: readonly [number, string]): boolean {
  return startTimeOf(pid) === startTime;
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
}
