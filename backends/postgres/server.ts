/**
 * A PostgreSQL server of one's own, without set-up: it makes a database cluster in a directory,
 * serves on a free port of 127.0.0.1, and can be killed and started again. Whatever way its starter
 * ends, the server ends too.
 *
 * Only who knows its password, which is made up for each cluster, can connect: on a machine with
 * other users a test server without one is a way in for them (CVE-2014-0067).
 */
import { randomUUID } from "node:crypto";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { HarnessError } from "../../src/errors.js";
import type { Clock } from "../../src/world/clock.js";
import { startGuard, type Guard } from "./guard.js";
import { killAllIn, SHOWS_PROCESSES } from "./processes.js";
import { postgresPrograms, type Program, type Programs } from "./programs.js";

/** What a server is made from. */
export interface PostgresServerOptions {
  readonly clock: Clock;
  /**
   * Where its data is, and stays: a cluster that is there already is served. Default: a temporary
   * directory that goes away with the server.
   */
  readonly directory?: string;
  /** Settings of the server, as in `postgresql.conf`. */
  readonly settings?: { readonly [name: string]: string };
  /** A line that it wrote to its log. */
  readonly onLine?: (line: string) => void;
}

/** A server that serves. Its calls are made one after the other. */
export interface PostgresServer {
  /** Where, with user and password: `postgresql://…`. */
  url(): string;
  /** SIGKILL for all its processes; resolves when none is left. */
  kill(): Promise<void>;
  /** Starts it again after `kill`; resolves when it has recovered and serves. */
  start(): Promise<void>;
  /** Ends it for good; idempotent. A temporary directory is removed. */
  stop(): Promise<void>;
}

const USER = "ordeal";
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 5;
/** How many lines of its log an error shows. */
const TAIL_LINES = 8;

/** Small, and with nothing outside its directory. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  dynamic_shared_memory_type: "mmap",
  shared_buffers: "16MB",
  max_connections: "60",
};

/**
 * Makes the cluster, if there is none, and starts its server.
 * @throws HarnessError `unavailable` when PostgreSQL is not installed, `harness-failure` when it
 *   does not start
 */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const programs = postgresPrograms();
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "ordeal-postgres-"));
  const guard = startGuard(options.directory === undefined ? directory : undefined);
  const server = new Server({ ...options, directory }, { programs, guard });
  try {
    await server.make();
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class Server implements PostgresServer {
  readonly #options: PostgresServerOptions & { readonly directory: string };
  readonly #programs: Programs;
  readonly #guard: Guard;
  readonly #data: string;
  readonly #passwordFile: string;
  #port: number | undefined;
  #leader: Program | undefined;
  #tail: string[] = [];
  #isOver = false;

  constructor(
    options: PostgresServerOptions & { readonly directory: string },
    { programs, guard }: { readonly programs: Programs; readonly guard: Guard },
  ) {
    this.#options = options;
    this.#programs = programs;
    this.#guard = guard;
    this.#data = join(options.directory, "data");
    this.#passwordFile = join(options.directory, "password");
  }

  url(): string {
    const password = readFileSync(this.#passwordFile, "utf8");
    return `postgresql://${USER}:${password}@127.0.0.1:${this.#port}/postgres`;
  }

  /** Makes the cluster aside, so that one that was not finished is never served. */
  async make(): Promise<void> {
    if (existsSync(this.#data)) return;
    const data = join(this.#options.directory, "data.new");
    rmSync(data, { recursive: true, force: true });
    mkdirSync(data, { recursive: true, mode: 0o700 });
    writeFileSync(this.#passwordFile, randomUUID(), { mode: 0o600 });
    const { account } = this.#programs;
    for (const path of account === undefined ? [] : [data, this.#passwordFile])
      chownSync(path, account?.uid as number, account?.gid as number);
    const more = ["-U", USER, "--auth=password", "--encoding=UTF8", "--no-locale", "--no-sync"];
    // Segments of 1 MiB: a log of 16 MiB would be most of a small cluster.
    more.push("--wal-segsize=1");
    const passwordFile = this.#passwordFile;
    const made = this.#run("initdb", { data, passwordFile, more });
    const { exitCode } = await made;
    if (exitCode !== 0) throw this.#failure("initdb did not make a database cluster");
    renameSync(data, this.#data);
  }

  async start(): Promise<void> {
    if (this.#leader !== undefined) return;
    await this.#clear();
    for (let tries = 0; ; tries++) {
      this.#port ??= await freePort();
      this.#tail = [];
      const settings = {
        ...SETTINGS,
        ...this.#recovery(),
        ...this.#options.settings,
        port: String(this.#port),
      };
      const more = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
      const leader = this.#run("postgres", { data: this.#data, more });
      this.#leader = leader;
      this.#guard.watch(leader.pid);
      if (await this.#serves(leader)) return;
      await this.kill();
      // Somebody was faster, or processes from before are still about to end.
      const isTaken = this.#tail.some((line) => /Address already in use/.test(line));
      const isBusy = this.#tail.some((line) => /shared memory block .* still in use/.test(line));
      if (tries === 20 || !(isTaken || isBusy)) throw this.#failure("PostgreSQL did not start");
      if (isTaken) this.#port = undefined;
      else await this.#options.clock.sleep(250);
    }
  }

  async kill(): Promise<void> {
    this.#leader?.kill("SIGKILL");
    await killAllIn(this.#data, this.#options.clock);
    await this.#leader;
    this.#leader = undefined;
    this.#guard.watch(undefined);
  }

  async stop(): Promise<void> {
    // Somebody else may serve the directory by now.
    if (this.#isOver) return;
    this.#isOver = true;
    const leader = this.#leader;
    if (leader !== undefined) {
      // The immediate shutdown: as durable as a kill, and it takes back its shared memory.
      leader.kill("SIGQUIT");
      await Promise.race([leader, this.#options.clock.sleep(STOP_LIMIT_MS)]);
    }
    if (existsSync(this.#data)) await this.kill();
    await this.#guard.end();
  }

  /** Takes away what a server that was killed has left, which could be taken for a living one. */
  async #clear(): Promise<void> {
    if (!SHOWS_PROCESSES) return;
    await killAllIn(this.#data, this.#options.clock);
    rmSync(join(this.#data, "postmaster.pid"), { force: true });
  }

  /**
   * After a kill the server syncs all its files before it recovers, one after the other, or, from
   * version 14 on and on Linux, in one call, which is some five times faster.
   */
  #recovery(): { readonly [name: string]: string } {
    const version = Number(readIfThere(join(this.#data, "PG_VERSION")));
    const canSyncAll = version >= 14 && process.platform === "linux";
    return canSyncAll ? { recovery_init_sync_method: "syncfs" } : {};
  }

  /** True when it serves, false when it has ended. */
  async #serves(leader: Program): Promise<boolean> {
    const { clock } = this.#options;
    let ended = false;
    void leader.finally(() => (ended = true));
    for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += POLL_MS) {
      // It says so in the last line of this file, in which pg_ctl looks too.
      const lines = readIfThere(join(this.#data, "postmaster.pid")).split("\n");
      if (lines[0] === String(leader.pid) && lines[7]?.trim() === "ready") return true;
      if (ended) return false;
      await clock.sleep(POLL_MS);
    }
    return false;
  }

  #run(name: "initdb" | "postgres", options: Parameters<Programs["run"]>[1]): Program {
    const program = this.#programs.run(name, options);
    createInterface({ input: program.stderr }).on("line", (line) => {
      this.#tail = [...this.#tail.slice(1 - TAIL_LINES), line];
      this.#options.onLine?.(line);
    });
    return program;
  }

  #failure(what: string): HarnessError {
    const lines = this.#tail.map((line) => `\n  ${line}`).join("");
    return new HarnessError("harness-failure", `${what}; its last lines:${lines || " none"}`);
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** A port that nobody listens on now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
