/**
 * The stores of states as systems under test, a node each: `hosted/program.ts` opens the store on
 * the node, and a kill or a loss of power ends it and leaves it to its recovery.
 */
import type { System, SystemPromise } from "../src/runner/system.js";
import type { WorldKind } from "../src/world/world.js";
import { connectStore } from "../backends/store-client.js";
import type { HostedOptions } from "./hosted/program.js";

export { hostedProgram } from "./hosted/program.js";

/** The memory store on a node. */
export function memoryStates(): System {
  return hosted({
    name: "memory-states",
    description: "the states in the memory of a node: volatile",
    worlds: ["simulated", "real"],
    promise: {
      consistency: "linearizable",
      under: ["pause"],
      deviation: "what is in memory is lost when the node is killed or loses power",
    },
    options: { store: "memory", recovery: "checkpoint", fsync: "always" },
  });
}

/** Options of `fileStates`. */
export interface FileStatesOptions {
  /** How it comes back after a crash. Default `checkpoint`. */
  readonly recovery?: "checkpoint" | "log-replay" | "reconstruction";
  /**
   * When changes are forced to the disk: `always`, every 100 ms (`late`), or `never`. Default
   * `always`.
   */
  readonly fsync?: "always" | "late" | "never";
}

const LATE_MS = 100;

/** The file store on a node. */
export function fileStates(options: FileStatesOptions = {}): System {
  const { recovery = "checkpoint", fsync = "always" } = options;
  const parts = [
    ...(recovery === "checkpoint" ? [] : [recovery]),
    ...(fsync === "always" ? [] : [`${fsync}-fsync`]),
  ];
  const survives = fsync === "always";
  return hosted({
    name: ["file-states", ...(parts.length === 0 ? [] : [parts.join("-")])].join(":"),
    description: `the states in files of a node, recovered by ${RECOVERIES[recovery]}${FSYNCS[fsync]}`,
    worlds: ["simulated", "real"],
    promise: survives
      ? { consistency: "linearizable", under: ["kill", "power-loss", "pause"] }
      : {
          consistency: "linearizable",
          under: ["kill", "pause"],
          deviation: "what was acknowledged since the last sync is lost when the power goes",
        },
    options: { store: "file", recovery, fsync: fsync === "late" ? LATE_MS : fsync },
  });
}

const RECOVERIES = {
  checkpoint: "the newest checkpoint and the log after it",
  "log-replay": "the whole log",
  reconstruction: "rebuilding them from their events",
} as const;

const FSYNCS = { always: "", late: "; synced every 100 ms", never: "; never synced" } as const;

/** The SQLite store on a node. */
export function sqliteStates(): System {
  return hosted({
    name: "sqlite-states",
    description: "the states in a SQLite database of a node (libsql), in a child process",
    worlds: ["real"],
    promise: { consistency: "linearizable", under: ["kill", "pause"] },
    options: { store: "sqlite", recovery: "checkpoint", fsync: "always" },
  });
}

/** Options of `postgresStates`. */
export interface PostgresStatesOptions {
  /** Whether a commit waits for the log to be on the disk. Default true. */
  readonly synchronousCommit?: boolean;
}

/** The PostgreSQL store on a node, which brings a server of its own. */
export function postgresStates(options: PostgresStatesOptions = {}): System {
  const { synchronousCommit = true } = options;
  return hosted({
    name: synchronousCommit ? "postgres-states" : "postgres-states:late-commit",
    description: synchronousCommit
      ? "the states in a PostgreSQL database of a node, whose server is killed with it"
      : "the states in PostgreSQL; it answers before its log is on the disk",
    worlds: ["real"],
    promise: synchronousCommit
      ? { consistency: "linearizable", under: ["kill", "pause"] }
      : {
          consistency: "linearizable",
          under: ["pause"],
          deviation: "it answers before its log is written, so that a kill loses what it answered",
        },
    options: {
      store: "postgres",
      recovery: "checkpoint",
      fsync: synchronousCommit ? "always" : "never",
    },
  });
}

function hosted(given: {
  readonly name: string;
  readonly description: string;
  readonly worlds: readonly WorldKind[];
  readonly promise: SystemPromise;
  readonly options: HostedOptions;
}): System {
  const { name, description, worlds, promise, options } = given;
  return {
    name,
    description,
    worlds,
    functions: ["state", "states"],
    nodes: { min: 1, default: 1, max: 1 },
    promise,
    deployment: (nodeCount) => ({
      program: { module: import.meta.url, export: "hostedProgram", options: { ...options } },
      nodeCount,
    }),
    connect: connectStore,
  };
}
