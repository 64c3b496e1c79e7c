/**
 * What is said when this process is ended while it is too busy to hear of it. A search takes the
 * one thread that there is; so Ctrl-C is left to the system, which ends the process at once, and a
 * shell that reads from this process, and notices when it is gone, says why.
 */
import { spawn } from "node:child_process";

/** Words that may still be taken back. */
export interface LastWords {
  /** They are not said any more; idempotent. */
  unsay(): void;
}

const NOTHING: LastWords = { unsay: () => undefined };

/** Reads until this process is gone; whoever sends signals to all of a terminal means not it. */
const SCRIPT = `trap '' INT TERM HUP; read -r _; printf '%s\\n' "$1" >&2`;

/** Says this on standard error when this process is gone before the words are taken back. */
export function leaveLastWords(text: string): LastWords {
  if (process.platform === "win32") return NOTHING;
  const shell = spawn("sh", ["-c", SCRIPT, "ordeal", text], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  // Without a shell nothing is said; that is no reason to fail.
  shell.on("error", () => undefined);
  shell.stdin.on("error", () => undefined);
  shell.unref();
  return {
    unsay: () => {
      // In this order: a shell that lives would take the end of its input for the end of us.
      shell.kill("SIGKILL");
      shell.stdin.destroy();
    },
  };
}
