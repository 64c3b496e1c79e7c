/**
 * Starts the processes of the real world. Each leads its own session: Ctrl-C in the terminal
 * reaches the harness alone, which then decides, and a signal to the group reaches all that a
 * program has started.
 */
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { execa, type ResultPromise } from "execa";

const HOST_OPTIONS = {
  ipc: true,
  serialization: "json",
  detached: true,
  cleanup: false,
  reject: false,
  buffer: false,
  stdin: "ignore",
  stdout: "pipe",
  stderr: "pipe",
} as const;

const REAPER_OPTIONS = {
  detached: true,
  cleanup: false,
  reject: false,
  buffer: false,
  stdin: "pipe",
  stdout: "ignore",
  stderr: "ignore",
} as const;

/** The process of a node. */
export type HostProcess = ResultPromise<typeof HOST_OPTIONS>;

/** The process that cleans up after the harness. */
export type ReaperProcess = ResultPromise<typeof REAPER_OPTIONS>;

/** Starts a host; it says `awake` when it listens to its parent. */
export function spawnHost(): HostProcess {
  return execa(process.execPath, argumentsFor("host"), HOST_OPTIONS);
}

/** Starts the reaper. */
export function spawnReaper(): ReaperProcess {
  return execa(process.execPath, argumentsFor("reaper"), REAPER_OPTIONS);
}

/**
 * In the package everything is JavaScript; in a checkout it is TypeScript, which needs a loader.
 */
function argumentsFor(name: "host" | "reaper"): string[] {
  const isSource = import.meta.url.endsWith(".ts");
  const file = fileURLToPath(new URL(`./${name}.${isSource ? "ts" : "js"}`, import.meta.url));
  if (!isSource) return [file];
  const loader = createRequire(import.meta.url).resolve("tsx");
  return ["--import", pathToFileURL(loader).href, file];
}
