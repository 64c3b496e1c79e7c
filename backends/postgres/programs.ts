/**
 * The programs of PostgreSQL on this machine: where they are, and how to run them. The server
 * refuses to run as root, so that root hands it to somebody who may do less; and as that somebody
 * need not be able to reach our directory by its path, the programs are given it as an open file.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { HarnessError } from "../../src/errors.js";

/** Folders of packages, with a folder a version (Debian, postgresql.org, Homebrew). */
const PACKAGES = ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt"];

/** Whom the server runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The programs of a server, ready to be run. */
export interface Programs {
  /** Whom they run as; undefined: as whoever we are. */
  readonly account: Account | undefined;
  /** Runs one on the data in that directory; the password is for `initdb`. */
  run(name: "initdb" | "postgres", options: RunOptions): Program;
}

/** What a program is run with. */
export interface RunOptions {
  readonly data: string;
  readonly passwordFile?: string;
  readonly more: readonly string[];
}

/** A program that runs; resolves when it has ended and all who share its error output too. */
export interface Program extends Promise<{ readonly exitCode?: number }> {
  readonly pid?: number;
  readonly stderr: Readable;
  kill(signal: NodeJS.Signals): boolean;
}

/** The folder with `initdb` and `postgres`; undefined when PostgreSQL is not installed. */
export function findPostgres(): string | undefined {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...onPath, ...PACKAGES.flatMap(versionsIn)].find(
    (folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")),
  );
}

/** @throws HarnessError `unavailable` when there are none, or nobody may run them */
export function postgresPrograms(): Programs {
  const folder = findPostgres();
  if (folder === undefined) {
    throw new HarnessError(
      "unavailable",
      "there is no PostgreSQL server on this machine: install the package postgresql, or put the " +
        "folder with its initdb on the PATH",
    );
  }
  const account = otherAccount();
  return {
    account,
    run: (name, { data, passwordFile, more }) => {
      const opened = [data, ...(passwordFile === undefined ? [] : [passwordFile])];
      const files = opened.map((path) => openSync(path, "r"));
      // Linux alone shows a process its open files as paths.
      const paths =
        account !== undefined && process.platform === "linux"
          ? files.map((_, place) => `/proc/self/fd/${3 + place}`)
          : opened;
      const secret = passwordFile === undefined ? [] : [`--pwfile=${paths[1]}`];
      try {
        return execa(join(folder, name), ["-D", paths[0] as string, ...secret, ...more], {
          buffer: false,
          reject: false,
          extendEnv: false,
          ...account,
          cwd: "/",
          // Its messages are read by us; nothing else of our environment is its business.
          env: { LC_ALL: "C", PATH: process.env["PATH"] ?? "" },
          stdio: ["ignore", "ignore", "pipe", ...(files as unknown as [])],
        });
      } finally {
        for (const file of files) closeSync(file);
      }
    },
  };
}

/** Undefined when we are not root. */
function otherAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const line = lines.find((each) => each.startsWith(`${name}:`)) ?? "";
    const [, , uid, gid] = line.split(":");
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  const message = "PostgreSQL refuses to run as root, and there is no user postgres or nobody here";
  throw new HarnessError("unavailable", message);
}

/** The newest first. */
function versionsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const version = (name: string): number => Number(/[\d.]+$/.exec(name)?.[0] ?? 0);
  return readdirSync(folder)
    .filter((name) => /^(\d+|pgsql-\d+|postgresql(@\d+)?)$/.test(name))
    .toSorted((a, b) => version(b) - version(a))
    .map((name) => join(folder, name, "bin"));
}
