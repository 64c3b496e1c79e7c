/**
 * A key-value store on a replicated log: Raft, as Ongaro's dissertation has it ("Consensus:
 * Bridging Theory and Practice", 2014). An idea a file, in `raft/`:
 *
 * ```
 * election     pre-votes, votes, becoming a leader   log       entries, and the members they name
 * replication  sending, comparing, committing        storage   what must not be forgotten
 * snapshot     taking, sending, installing           machine   the store and its sessions
 * reads        ReadIndex and leases                  frontend  how clients are answered
 * membership   one server at a time                  client    looks for the leader, repeats
 * ```
 *
 * `raft/variants.ts` has the bugs that it can be given.
 */
import type { System } from "../src/runner/system.js";
import type { NodeProgram } from "../src/world/world.js";
import { controlMembers } from "./raft/member-control.js";
import { connectReplicated } from "./replicated/client.js";
import { startRaft } from "./raft/start.js";
import { RAFT_VARIANTS, type RaftVariant } from "./raft/variants.js";
import { LOG_FUNCTIONS, promiseOf } from "./replicated/log-promise.js";
import { assertStrategy } from "./replicated/synchronization.js";

export { RAFT_VARIANTS, type RaftVariant } from "./raft/variants.js";

/** Options of `raft`. */
export interface RaftOptions {
  /** The bug to have. Default none. */
  readonly variant?: RaftVariant;
  /**
   * How reads are made linearizable: `read-index` asks a majority, `lease` trusts clocks to run
   * apart by less than a tenth. Default `read-index`.
   */
  readonly reads?: "read-index" | "lease";
  /**
   * Whether reads are current, or `eventual`: what the node has that is asked, without asking
   * others. Changes go through the log in any case. Default `strong`.
   */
  readonly strategy?: "strong" | "eventual";
  /** Silence after which an election may be called, in milliseconds, at least 50. Default 250. */
  readonly electionMs?: number;
  /** How often a leader is heard, in milliseconds. Default a fifth of `electionMs`. */
  readonly heartbeatMs?: number;
  /** Applied entries that make a node take a snapshot, at least 1. Default 200. */
  readonly snapshotEntries?: number;
  /** Entries in one message at the most, at least 1. Default 64. */
  readonly batchEntries?: number;
  /**
   * Whether candidates ask first, and votes are withheld while a leader is heard; without it
   * elections are those of the paper, and reads by lease would be wrong. Default true.
   */
  readonly preVotes?: boolean;
}

/**
 * A replicated store.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have
 */
export function raft(options: RaftOptions = {}): System {
  const { variant, reads = "read-index", electionMs = 250, heartbeatMs = electionMs / 5 } = options;
  const { snapshotEntries = 200, batchEntries = 64, preVotes = true } = options;
  const { strategy = "strong" } = options;
  assertStrategy("raft", strategy);
  const leases = reads === "lease" || variant?.startsWith("lease-") === true;
  const readsAnywhere = strategy === "eventual";
  const suffix = variant ?? (readsAnywhere ? strategy : leases ? "lease" : undefined);
  return {
    name: suffix === undefined ? "raft" : `raft:${suffix}`,
    description:
      variant === undefined
        ? readsAnywhere
          ? "a replicated log (Raft), reads of what a node has: changes in one order, stale reads"
          : `a replicated log (Raft), reads by ${leases ? "lease" : "ReadIndex"}; correct under every fault`
        : `the raft store with a bug: ${RAFT_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: LOG_FUNCTIONS,
    nodes: { min: 1, default: 5, max: 9 },
    promise: promiseOf({ variant, strategy }),
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "raftProgram",
        options: {
          variant: variant ?? null,
          leases,
          readsAnywhere,
          electionMs,
          heartbeatMs,
          snapshotEntries,
          batchEntries,
          preVotes: preVotes || leases,
        },
      },
      nodeCount,
    }),
    connect: connectReplicated,
    members: controlMembers,
  };
}

/** What runs on each node of `raft`. */
export function raftProgram(options: {
  readonly variant: RaftVariant | null;
  readonly leases: boolean;
  readonly readsAnywhere: boolean;
  readonly electionMs: number;
  readonly heartbeatMs: number;
  readonly snapshotEntries: number;
  readonly batchEntries: number;
  readonly preVotes: boolean;
}): NodeProgram {
  const { variant, ...settings } = options;
  return { start: async (node) => startRaft(node, { settings, variant }) };
}
