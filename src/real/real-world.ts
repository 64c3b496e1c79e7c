/**
 * The real world: every node is a child process with sockets on 127.0.0.1, files in a directory of
 * its own and the machine's clock. Faults are real where a plain user can inject them: SIGKILL,
 * SIGSTOP, and links that the hosts cut.
 *
 * Whatever way the harness ends, nothing of it stays: `close` on the orderly ways, an exit hook on
 * `process.exit` and uncaught exceptions, and a reaper process (`reaper.ts`) where no code of ours
 * runs any more.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HarnessError } from "../errors.js";
import { createRandom } from "../random.js";
import type { Availability, FaultKind, World } from "../world/world.js";
import { createRealClock, readEpoch } from "./clock.js";
import { createCluster, type RealCluster } from "./cluster.js";
import { startReaping, type Reaping } from "./reaping.js";

/** Options of the real world. */
export interface RealWorldOptions {
  /** Drives the random numbers of nodes and clients; an integer from 0 to 2^53 - 1. */
  readonly seed: number;
  /**
   * How long each step of a node's start (process, port, program) may take, in milliseconds; more
   * than 0. Default 15 000.
   */
  readonly startTimeoutMs?: number;
}

const START_TIMEOUT_MS = 15_000;

/** Makes a world of child processes on this machine. */
export function realWorld(options: RealWorldOptions): World {
  const { seed, startTimeoutMs = START_TIMEOUT_MS } = options;
  const epoch = readEpoch();
  const clock = createRealClock(epoch);
  const random = createRandom(seed);
  // A secret, not part of the run's behaviour: the one random thing that must not come from the
  // seed.
  const token = randomUUID();
  const clusters: RealCluster[] = [];
  let reaping: Reaping | undefined;
  let closed = false;
  let closing: Promise<void> | undefined;

  const assertOpen = (): void => {
    if (closed) throw new HarnessError("harness-failure", "this world is closed");
  };

  const close = async (): Promise<void> => {
    await Promise.allSettled(clusters.map((cluster) => cluster.destroy()));
    // Kills what would not die for us, and removes the temporary directory.
    await reaping?.end();
  };

  return {
    kind: "real",
    clock,
    random,
    availability: (fault) => FAULTS[fault],
    deploy: async (deployment, deployOptions) => {
      assertOpen();
      reaping ??= startReaping();
      const directory = dataDirectory(deployOptions.directory, reaping);
      const { onLog } = deployOptions;
      const cluster = createCluster({
        deployment,
        directory,
        onLog,
        seed,
        epoch,
        token,
        startTimeoutMs,
        clock,
        random,
        reaping,
      });
      clusters.push(cluster);
      try {
        await cluster.startAll();
      } catch (error) {
        await cluster.destroy();
        throw error;
      }
      return cluster;
    },
    run: (main) => main(),
    close: () => {
      closed = true;
      closing ??= close();
      return closing;
    },
  };
}

/** The run's directory, or a temporary one that goes away with the world. */
function dataDirectory(given: string | undefined, reaping: Reaping): string {
  if (given !== undefined) {
    mkdirSync(given, { recursive: true });
    return given;
  }
  const directory = mkdtempSync(join(tmpdir(), "ordeal-"));
  reaping.removeAtEnd(directory);
  return directory;
}

const AVAILABLE: Availability = { available: true };

/** What can be injected without special rights. */
const FAULTS: { readonly [fault in FaultKind]: Availability } = {
  kill: AVAILABLE,
  members: AVAILABLE,
  // The hosts themselves drop the messages of a cut link (`node-network.ts`), not the kernel: it
  // needs no rights, and does not reach connections that a program makes by other means than its
  // network.
  "cut-link": AVAILABLE,
  pause:
    process.platform === "win32"
      ? {
          available: false,
          reason: "Windows has no SIGSTOP",
          alternative: "use --world simulated, or another nemesis",
        }
      : AVAILABLE,
  "degrade-link": refused("the kernel delays and loses messages only for who has special rights"),
  clock: refused("the processes of one machine share its clock"),
  "slow-disk": refused("the processes of one machine share its disk"),
  "full-disk": refused("the processes of one machine share its disk"),
  "sync-error": refused("the file system of this machine syncs what it is asked to"),
  "bit-rot": refused("files are not changed behind the back of a program that runs"),
  "power-loss": {
    available: false,
    reason:
      "one process cannot lose its power: what it has written stays with a machine that goes on",
    alternative: "use --nemesis crash for kill -9, or --world simulated for loss of power",
  },
};

function refused(reason: string): Availability {
  return { available: false, reason, alternative: "use --world simulated" };
}
