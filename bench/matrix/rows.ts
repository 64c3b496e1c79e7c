/**
 * What the tables of stores are about: which store, kept in step how, coming back how, judged by
 * what; and under which faults. What cannot be is data too, with the reason.
 */
import {
  IMPOSSIBLE,
  STATE_ALGORITHMS,
  STRATEGIES,
  synchronized,
} from "../../backends/synchronized.js";
import type { StateAlgorithm, Strategy } from "../../backends/synchronized.js";

/** A row of a table. */
export interface MatrixRow {
  readonly store: string;
  readonly strategy: Strategy | "one copy";
  readonly recovery: string;
  /** The name of the system in the catalog. */
  readonly system: string;
  /** The name of the workload that judges it, and what that asks. */
  readonly workload: string;
}

/** A column of a table: the nemeses, by their names in the catalog; none for no fault. */
export interface MatrixFault {
  readonly name: string;
  readonly nemeses: readonly string[];
}

/** A table. */
export interface Matrix {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly MatrixRow[];
  readonly faults: readonly MatrixFault[];
  /** Operations per second. */
  readonly rate: number;
}

const ONE = "one copy" as const;

const SINGLE: readonly Omit<MatrixRow, "workload">[] = [
  { store: "memory", strategy: ONE, recovery: "none: volatile", system: "memory-states" },
  { store: "file", strategy: ONE, recovery: "checkpoint", system: "file-states" },
  { store: "file", strategy: ONE, recovery: "log replay", system: "file-states:log-replay" },
  {
    store: "file",
    strategy: ONE,
    recovery: "reconstruction",
    system: "file-states:reconstruction",
  },
  {
    store: "file, synced late",
    strategy: ONE,
    recovery: "checkpoint",
    system: "file-states:late-fsync",
  },
  {
    store: "file, never synced",
    strategy: ONE,
    recovery: "checkpoint",
    system: "file-states:never-fsync",
  },
  {
    store: "file, never synced",
    strategy: ONE,
    recovery: "log replay",
    system: "file-states:log-replay-never-fsync",
  },
  {
    store: "file, never synced",
    strategy: ONE,
    recovery: "reconstruction",
    system: "file-states:reconstruction-never-fsync",
  },
  { store: "SQLite", strategy: ONE, recovery: "its own log", system: "sqlite-states" },
  { store: "PostgreSQL", strategy: ONE, recovery: "its own log", system: "postgres-states" },
  {
    store: "PostgreSQL, synced late",
    strategy: ONE,
    recovery: "its own log",
    system: "postgres-states:late-commit",
  },
];

const RECOVERIES: { readonly [algorithm in StateAlgorithm]: string } = {
  raft: "snapshot and log",
  "multi-paxos": "log",
  chain: "log",
  "two-phase-commit": "checkpoint and journal",
  "three-phase-commit": "checkpoint and journal",
  gossip: "from the others",
};

function replicated(strategy: Strategy): readonly Omit<MatrixRow, "workload">[] {
  return STATE_ALGORITHMS.filter((algorithm) => IMPOSSIBLE[algorithm][strategy] === undefined).map(
    (algorithm) => ({
      store: algorithm,
      strategy,
      recovery: RECOVERIES[algorithm],
      system: synchronized({ strategy, algorithm }).name,
    }),
  );
}

const judgedBy = (
  workload: string,
  rows: readonly Omit<MatrixRow, "workload">[],
): readonly MatrixRow[] => rows.map((row) => ({ ...row, workload }));

const NONE: MatrixFault = { name: "none", nemeses: [] };
const KILL: MatrixFault = { name: "kill", nemeses: ["crash"] };
const POWER: MatrixFault = { name: "power loss, torn writes", nemeses: ["power-loss"] };
const PAUSE: MatrixFault = { name: "pause", nemeses: ["pause"] };
const PARTITION: MatrixFault = { name: "partition", nemeses: ["partition"] };
const ALL: MatrixFault = {
  name: "all at once",
  nemeses: ["partition", "crash", "pause", "power-loss"],
};

/** What each workload asks, for the tables. */
export const ASKS: { readonly [workload: string]: string } = {
  workflow: "linearizable, legal, exactly once, none lost",
  "workflow:eventual": "eventual",
  states: "linearizable, and durable over crashes",
  "states:sequential": "sequential",
  "states:causal": "causal",
  "states:session-guarantees": "session-guarantees",
  "states:read-your-writes": "read-your-writes",
  "states:eventual": "eventual",
};

const LEVELS = Object.keys(ASKS).filter((workload) => workload.startsWith("states"));

/** The tables. */
export const MATRICES: readonly Matrix[] = [
  {
    title: "Workflows",
    about:
      "Workflow instances that many workers move on. A store is judged by what its strategy promises; a weaker strategy also by what a workflow engine needs.",
    rows: [
      ...judgedBy("workflow", [...SINGLE, ...replicated("strong")]),
      ...judgedBy("workflow:eventual", replicated("eventual")),
      ...judgedBy("workflow", replicated("eventual")),
      ...judgedBy("states:read-your-writes", replicated("weak")),
      ...judgedBy("workflow", replicated("weak")),
    ],
    faults: [NONE, KILL, POWER, PAUSE, PARTITION, ALL],
    rate: 100,
  },
  {
    title: "Durability",
    about:
      "States that are saved, loaded and deleted while nodes crash: what was acknowledged is there afterwards, what was deleted stays away, nothing shows what was not saved yet.",
    rows: judgedBy("states", [...SINGLE, ...replicated("strong")]),
    faults: [KILL, POWER, ALL],
    rate: 100,
  },
  {
    title: "Levels",
    about:
      "Each strategy on each of its algorithms against the levels of consistency, from strong to weak: it keeps the one that it promises, and not that of the next strategy up. (Three-phase commit promises nothing under partitions.)",
    rows: STRATEGIES.flatMap(replicated).flatMap((row) =>
      LEVELS.flatMap((workload) => judgedBy(workload, [row])),
    ),
    faults: [PARTITION],
    rate: 200,
  },
];

/** What no row is about, and why. */
export const ABSENT: readonly (readonly [what: string, why: string])[] = [
  [
    "memory, file, SQLite, PostgreSQL with a strategy",
    "they have one copy, and there is nothing to keep in step",
  ],
  ["memory with a recovery", "it is volatile, and says so: nothing is left to recover from"],
  [
    "SQLite, PostgreSQL with a recovery of ordeal's",
    "they recover by their own logs, before anybody can look",
  ],
  [
    "replicated stores with a recovery of ordeal's",
    "their nodes keep journals of their protocols, of which each has its own way to come back",
  ],
  ...STATE_ALGORITHMS.flatMap((algorithm) =>
    Object.entries(IMPOSSIBLE[algorithm]).map(([strategy, reason]): readonly [string, string] => [
      `${strategy} on ${algorithm}`,
      reason,
    ]),
  ),
];
