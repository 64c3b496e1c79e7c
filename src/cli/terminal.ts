/**
 * Where a command writes: the process's streams, or a test's. A reader that goes away (`| head`) is
 * no error: the rest of the output is dropped and the command may stop early.
 */
import { Chalk, type ChalkInstance } from "chalk";

/** What a stream must be able to do. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  getColorDepth?(): number;
}

/** The output side of a command. */
export interface Terminal {
  readonly out: OutputStream;
  readonly err: OutputStream;
  /** Paints for `out` and `err`; plain where colours are not wanted. */
  readonly outPaint: ChalkInstance;
  readonly errPaint: ChalkInstance;
  /** True once the reader of `out` has gone. */
  readonly closed: () => boolean;
}

/** The environment variables that decide about colours. */
type ColourEnvironment = { readonly [name: string]: string | undefined };

/** Makes a terminal of two streams. */
export function createTerminal(options: {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly closed?: () => boolean;
}): Terminal {
  const { stdout, stderr, closed } = options;
  return {
    out: stdout,
    err: stderr,
    outPaint: new Chalk(colourLevel(stdout)),
    errPaint: new Chalk(colourLevel(stderr)),
    closed: closed ?? (() => false),
  };
}

/**
 * How many colours to use on a stream: none when `NO_COLOR` is set or it is no terminal, unless
 * `FORCE_COLOR` says otherwise (it wins, as it does in Node itself).
 */
export function colourLevel(
  stream: OutputStream,
  environment: ColourEnvironment = process.env,
): { readonly level: 0 | 1 | 2 | 3 } {
  const force = environment["FORCE_COLOR"];
  if (force !== undefined) {
    if (force === "0" || force === "false") return { level: 0 };
    return { level: force === "2" ? 2 : force === "3" ? 3 : 1 };
  }
  if ((environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb") return { level: 0 };
  if (stream.isTTY !== true) return { level: 0 };
  const depthBits = stream.getColorDepth?.() ?? 4;
  return { level: depthBits >= 24 ? 3 : depthBits >= 8 ? 2 : depthBits >= 4 ? 1 : 0 };
}
