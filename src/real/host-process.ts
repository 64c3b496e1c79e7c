/**
 * One incarnation of a node: its child process, what it says, and its end.
 */
import { createInterface } from "node:readline";
import { HarnessError } from "../errors.js";
import type { FromHost, ToHost } from "./host-messages.js";
import { signalGroup } from "./processes.js";
import type { Reaping } from "./reaping.js";
import { spawnHost } from "./spawn.js";

/** How a process ended. */
export interface Exit {
  readonly type: "exit";
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What happens in the life of a host. */
export type HostEvent = FromHost | Exit;

/** A started host. */
export interface HostChild {
  readonly pid: number;
  tell(message: ToHost): void;
  /** Set once the process has ended and was waited for: nothing of it listens any more. */
  readonly exit: () => Exit | undefined;
  /** Resolves at the end of the process. */
  readonly exited: Promise<Exit>;
  /** Resolves when its last words have been read, too. */
  readonly drained: Promise<void>;
  /**
   * Resolves with the first event that `accept` likes, or with the end of the process.
   * @throws HarnessError `harness-failure` after the limit.
   */
  next(accept: (event: FromHost) => boolean, limit: Limit): Promise<HostEvent>;
  /** Sends a signal to the host and to everything that it started. */
  signal(signal: NodeJS.Signals): void;
}

/** How long to wait, and what to say then. */
export interface Limit {
  readonly limitMs: number;
  readonly what: string;
}

/** What a host is started with. */
export interface HostChildOptions {
  readonly reaping: Reaping;
  /** A line that the process wrote to its standard output or error. */
  readonly onLine: (line: string) => void;
  readonly onEvent: (event: HostEvent) => void;
}

/** How long the output of an ended process may take to arrive. */
const DRAIN_LIMIT_MS = 1000;

/** Starts a host. @throws HarnessError `harness-failure` when the system gives no process. */
export async function startHost(options: HostChildOptions): Promise<HostChild> {
  const { reaping, onLine, onEvent } = options;
  const child = spawnHost();
  const { pid } = child;
  if (pid === undefined) {
    const { message } = (await child) as { readonly message?: string };
    throw new HarnessError("harness-failure", `cannot start a process: ${message ?? "no reason"}`);
  }
  reaping.register(pid);

  const listeners = new Set<(event: HostEvent) => void>();
  let exit: Exit | undefined;
  const emit = (event: HostEvent): void => {
    onEvent(event);
    for (const listener of listeners) listener(event);
  };
  child.on("message", (message) => emit(message as FromHost));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", onLine);
  }
  const drained = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("exit", () => setTimeout(resolve, DRAIN_LIMIT_MS).unref());
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      // What the program started may still be there, and hold its files and ports.
      signalGroup(pid, "SIGKILL");
      reaping.unregister(pid);
      exit = { type: "exit", code, signal };
      resolve(exit);
      emit(exit);
    });
  });

  return {
    pid,
    exit: () => exit,
    exited,
    drained,
    tell: (message) => {
      if (exit === undefined && child.connected) child.send(message, () => undefined);
    },
    next: (accept, { limitMs, what }) =>
      new Promise((resolve, reject) => {
        if (exit !== undefined) {
          resolve(exit);
          return;
        }
        const timer = setTimeout(() => {
          listeners.delete(listener);
          const text = `${what} took more than ${limitMs / 1000} s`;
          reject(new HarnessError("harness-failure", text));
        }, limitMs);
        const listener = (event: HostEvent): void => {
          if (event.type !== "exit" && !accept(event)) return;
          clearTimeout(timer);
          listeners.delete(listener);
          resolve(event);
        };
        listeners.add(listener);
      }),
    signal: (signal) => {
      if (exit === undefined) signalGroup(pid, signal);
    },
  };
}
