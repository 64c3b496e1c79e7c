/** The bugs of `raft`, each under circumstances that bring it out. */
import { raft, RAFT_VARIANTS, type RaftOptions, type RaftVariant } from "../../backends/raft.js";
import { crash } from "../../nemeses/crash.js";
import { membership } from "../../nemeses/membership.js";
import { partition } from "../../nemeses/partition.js";
import { pause } from "../../nemeses/pause.js";
import { powerLoss } from "../../nemeses/power-loss.js";
import type { Circumstances, Scenario } from "./scenario.js";

/** A bit of everything. */
const MIXED: Circumstances = {
  nemeses: () => [partition(), crash(), pause(), powerLoss()],
};

/**
 * Two nodes that only a third one joins, which crashes now and then: leaders that do not know of
 * each other, and one vote that decides. Slow messages leave time for something to happen between
 * any two of them.
 */
const BRIDGES: Circumstances = {
  nemeses: () => [partition({ shapes: ["bridge"] }), crash({ majority: false })],
  nodeCount: 3,
  intervalMs: 150,
  rate: 200,
  world: { network: { latencyMsMean: 30 } },
};
/** The same for long enough that both of two leaders commit something. */
const LONG_BRIDGES: Circumstances = { ...BRIDGES, intervalMs: 800 };

/** Elections of the paper, quick ones, and entries one by one. */
const QUICK: RaftOptions = { preVotes: false, electionMs: 150, batchEntries: 1 };
const QUICK_IN_BATCHES: RaftOptions = { ...QUICK, batchEntries: 8 };

/** Partitions of all shapes and copies of messages. */
const SPLIT: Circumstances = {
  nemeses: () => [partition(), crash({ majority: false })],
  nodeCount: 3,
  intervalMs: 150,
  rate: 200,
  world: { network: { latencyMsMean: 30, duplicationProbability: 0.1 } },
};

/** So many clients that a leader which is cut off has a long end of its log to itself. */
const CROWDED: Circumstances = {
  ...SPLIT,
  intervalMs: 300,
  rate: 400,
  concurrency: 24,
  world: { network: { latencyMsMean: 30 } },
};
const CROWDED_NEARBY: Circumstances = {
  ...CROWDED,
  nemeses: () => [partition(), crash()],
  world: { network: { latencyMsMean: 10 } },
};

/** Slow messages, many of them twice, so that copies come when their time has passed. */
const LATE: Circumstances = {
  ...SPLIT,
  intervalMs: 300,
  world: { network: { latencyMsMean: 60, duplicationProbability: 0.4 } },
};
/** The same, slower, and nearly everything twice. */
const TWICE: Circumstances = {
  ...LATE,
  nemeses: () => [partition()],
  world: { network: { latencyMsMean: 80, duplicationProbability: 0.8 } },
};

/** The power goes everywhere at once, and disks are slow. */
const DARK: Circumstances = {
  nemeses: () => [powerLoss({ majority: false })],
  nodeCount: 3,
  intervalMs: 300,
  rate: 200,
  world: { disk: { syncMsMean: 20 } },
};

/** Clocks that are seconds apart. */
const SKEWED: Circumstances = {
  nemeses: () => [partition()],
  intervalMs: 300,
  rate: 200,
  world: { clock: { skewMsMax: 2_000 } },
};

/** Members come and go while the network is split. */
const MOVING: Circumstances = {
  nemeses: () => [membership(), partition({ shapes: ["halves"] })],
  nodeCount: 5,
  intervalMs: 300,
  rate: 100,
};
const MOVING_OF_FOUR: Circumstances = { ...MOVING, nodeCount: 4, intervalMs: 200 };

/** Nothing but partitions, of three nodes. */
const PARTED: Circumstances = {
  nemeses: () => [partition()],
  nodeCount: 3,
  intervalMs: 500,
  rate: 200,
};

/** Long partitions, and so many clients that some are still with the leader of before. */
const BUSY: Circumstances = { ...PARTED, intervalMs: 800, concurrency: 16 };

interface Case {
  readonly variant: RaftVariant;
  readonly circumstances: Circumstances;
  readonly seeds: number;
  /** Of the mutant and of its twin. */
  readonly options?: RaftOptions;
  readonly elusive?: boolean;
}

const SMALL_SNAPSHOTS: RaftOptions = { snapshotEntries: 3 };

const CASES: readonly Case[] = [
  { variant: "vote-not-persisted", circumstances: BRIDGES, options: QUICK, seeds: 40 },
  {
    variant: "double-vote",
    circumstances: LONG_BRIDGES,
    options: QUICK_IN_BATCHES,
    seeds: 60,
  },
  { variant: "votes-any-log", circumstances: MIXED, seeds: 40 },
  { variant: "longest-log-wins", circumstances: CROWDED, options: QUICK, seeds: 200 },
  { variant: "minority-quorum", circumstances: MIXED, seeds: 20 },
  { variant: "old-term-commit", circumstances: BRIDGES, options: QUICK, seeds: 100, elusive: true },
  {
    variant: "commit-past-match",
    circumstances: CROWDED_NEARBY,
    options: QUICK,
    seeds: 200,
  },
  { variant: "answer-on-append", circumstances: MIXED, seeds: 20 },
  { variant: "ack-wrong-follower", circumstances: MIXED, seeds: 40 },
  { variant: "ack-counts-unsent", circumstances: MIXED, seeds: 60 },
  { variant: "prev-term-unchecked", circumstances: SPLIT, options: QUICK, seeds: 100 },
  { variant: "stale-leader-accepted", circumstances: PARTED, seeds: 150 },
  { variant: "truncates-always", circumstances: SPLIT, options: QUICK, seeds: 150 },
  { variant: "ack-before-fsync", circumstances: DARK, seeds: 100 },
  { variant: "no-fsync", circumstances: DARK, seeds: 20 },
  { variant: "torn-accepted", circumstances: DARK, seeds: 100 },
  { variant: "local-reads", circumstances: MIXED, seeds: 40 },
  { variant: "follower-reads", circumstances: MIXED, seeds: 10 },
  // Where all is sent at once, a follower that answers the round of a read has the noop too.
  {
    variant: "read-before-noop",
    circumstances: MIXED,
    options: { batchEntries: 1 },
    seeds: 40,
  },
  { variant: "lease-wall-clock", circumstances: SKEWED, seeds: 60 },
  { variant: "lease-outlives-election", circumstances: BUSY, seeds: 40 },
  { variant: "duplicates-applied", circumstances: MIXED, seeds: 40 },
  {
    variant: "snapshot-without-sessions",
    circumstances: LATE,
    options: SMALL_SNAPSHOTS,
    seeds: 100,
  },
  { variant: "snapshot-mislabelled", circumstances: SPLIT, options: SMALL_SNAPSHOTS, seeds: 100 },
  {
    variant: "stale-snapshot-installed",
    circumstances: TWICE,
    options: SMALL_SNAPSHOTS,
    seeds: 100,
  },
  { variant: "lost-leadership-fails", circumstances: MIXED, seeds: 80 },
  { variant: "two-changes-at-once", circumstances: MOVING, seeds: 100 },
  {
    variant: "change-before-noop",
    circumstances: MOVING_OF_FOUR,
    options: QUICK,
    seeds: 100,
    elusive: true,
  },
];

/** All of them. */
export const RAFT_SCENARIOS: readonly Scenario[] = CASES.map(
  ({ variant, circumstances, seeds, options = {}, elusive = false }) => ({
    mutant: () => raft({ ...options, variant }),
    twin: () => raft({ ...options, ...(variant.startsWith("lease") ? { reads: "lease" } : {}) }),
    options: { ...options },
    source: RAFT_VARIANTS[variant].source,
    circumstances,
    seeds,
    elusive,
  }),
);
