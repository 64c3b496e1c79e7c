/**
 * Ctrl-C of commands that can end early with what they have: the first asks them to, the second
 * ends the process.
 */
import type { CommandContext } from "./context.js";
import { EXIT_CODES } from "./exit-codes.js";

/** Whether somebody wants an end. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Nothing is listened for any more. */
  stop(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Listens from now on; `saying` tells what comes of the first Ctrl-C. */
export function listenForInterruption({ terminal }: CommandContext, saying: string): Interruption {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODES.harness);
    const clear = terminal.err.isTTY === true ? "\r\u001B[2K" : "";
    terminal.err.write(`${clear}interrupted: ${saying} (again to quit at once)\n`);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, interrupt);
    },
  };
}
