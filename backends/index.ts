/** The systems that ordeal ships: state stores, correct ones and ones with a named bug. */
export { automerge, type AutomergeOptions } from "./automerge.js";
export { chain, type ChainOptions, type ChainVariant } from "./chain.js";
export { crdt, type CrdtOptions, type CrdtVariant } from "./crdt.js";
export { file, type FileOptions, type FileVariant } from "./file.js";
export { gossip, type GossipOptions } from "./gossip.js";
export {
  locking,
  type LockingIsolation,
  type LockingOptions,
  type LockingVariant,
} from "./locking.js";
export { memory, type MemoryOptions, type MemoryVariant } from "./memory.js";
export { multiPaxos, type MultiPaxosOptions, type PaxosVariant } from "./multi-paxos.js";
export { mvcc, type MvccIsolation, type MvccOptions, type MvccVariant } from "./mvcc.js";
export { postgres, type PostgresOptions, type PostgresVariant } from "./postgres.js";
export {
  postgresTransactions,
  type PostgresIsolation,
  type PostgresTransactionsOptions,
} from "./postgres-transactions.js";
export { primaryBackup, type PrimaryBackupOptions } from "./primary-backup.js";
export { quorum, type QuorumOptions } from "./quorum.js";
export { raft, type RaftOptions, type RaftVariant } from "./raft.js";
export { sqlite, type SqliteOptions } from "./sqlite.js";
export {
  sqliteTransactions,
  type SqliteIsolation,
  type SqliteTransactionsOptions,
} from "./sqlite-transactions.js";
export {
  ALGORITHMS,
  IMPOSSIBLE,
  STATE_ALGORITHMS,
  STRATEGIES,
  STRATEGY_LEVELS,
  strategiesOf,
  synchronized,
  type Algorithm,
  type StateAlgorithm,
  type Strategy,
  type StrategyLevels,
  type SynchronizedOptions,
} from "./synchronized.js";
export { threePhaseCommit, type ThreePhaseCommitOptions } from "./three-phase-commit.js";
export {
  twoPhaseCommit,
  type CommitVariant,
  type TwoPhaseCommitOptions,
} from "./two-phase-commit.js";
export { yjs, type YjsOptions } from "./yjs.js";
