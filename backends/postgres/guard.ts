/**
 * Ends a server whose starter is gone, however it went: a shell that holds the other end of a pipe,
 * and reads from it who the server's leader is. When the pipe closes, the leader gets SIGQUIT,
 * PostgreSQL's immediate shutdown, and a temporary directory is removed.
 */
import { execa } from "execa";

/** What keeps a server from outliving its starter. */
export interface Guard {
  /** Tells of a leader that was started; undefined: there is none any more. */
  watch(leader: number | undefined): void;
  /** Ends it, with what it watches. */
  end(): Promise<void>;
}

// Ctrl-C in the terminal is for the starter, which then decides.
const SCRIPT = `
trap "" INT TERM HUP
leader=
while read -r line; do leader=$line; done
if [ -n "$leader" ]; then
  kill -QUIT "$leader" 2>/dev/null
  tries=0
  while kill -0 "$leader" 2>/dev/null && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
if [ -n "$1" ]; then rm -rf -- "$1"; fi
`;

/** Starts a guard; the directory is removed at its end. */
export function startGuard(directory: string | undefined): Guard {
  const shell = execa("sh", ["-c", SCRIPT, "guard", directory ?? ""], {
    stdin: "pipe",
    stdout: "ignore",
    stderr: "ignore",
    cleanup: false,
    buffer: false,
    reject: false,
  });
  // A pipe that breaks means that somebody killed the guard: there is nothing to be done.
  shell.stdin.on("error", () => undefined);
  return {
    watch: (leader) => {
      shell.stdin.write(`${leader ?? ""}\n`);
    },
    end: async () => {
      shell.stdin.end();
      await shell;
    },
  };
}
