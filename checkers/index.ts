/**
 * The checkers that ordeal ships.
 */
export { bank, type BankOptions } from "./bank.js";
export { broadcast, type BroadcastOptions } from "./broadcast.js";
export { causal, type CausalOptions } from "./causal.js";
export { causalReverse } from "./causal-reverse.js";
export { compose } from "./compose.js";
export {
  CONSISTENCY_LEVELS,
  consistencyChecker,
  type ConsistencyChecker,
  type ConsistencyLevel,
  type ConsistencyOptions,
} from "./consistency.js";
export { counter, type CounterOptions } from "./counter.js";
export { deltaAtomicity, type DeltaAtomicityOptions } from "./delta-atomicity.js";
export { durability, type DurabilityOptions } from "./durability.js";
export { eventual, type EventualOptions } from "./eventual.js";
export { exactlyOnce, type ExactlyOnceOptions } from "./exactly-once.js";
export { kAtomicity, type KAtomicityOptions } from "./k-atomicity.js";
export { leader, type LeaderOptions } from "./leader.js";
export { linearizable, type LinearizableOptions } from "./linearizable.js";
export { liveness, type LivenessOptions } from "./liveness.js";
export { lock, type LockOptions } from "./lock.js";
export { logPatterns, type LogPatternsOptions } from "./log-patterns.js";
export { longFork } from "./long-fork.js";
export { monotonic, type MonotonicOptions } from "./monotonic.js";
export { perKey } from "./per-key.js";
export { predicate } from "./predicate.js";
export { sequential, type SequentialOptions } from "./sequential.js";
export { sessions, SESSION_GUARANTEES, type SessionsOptions } from "./sessions.js";
export { setFull, type SetFullOptions } from "./set-full.js";
export { statistics, type StatisticsOptions } from "./statistics.js";
export { aroundLevel, type AroundOptions } from "./strongest/around.js";
export { strongest, type Question, type StrongestOptions } from "./strongest.js";
export { stream, type StreamOptions } from "./stream.js";
export { totalQueue, type TotalQueueOptions } from "./total-queue.js";
export { unhandledErrors, type UnhandledErrorsOptions } from "./unhandled-errors.js";
export {
  transactional,
  transactionalAt,
  type TransactionalOptions,
  type VersionRule,
} from "./transactional.js";
export { uniqueIds, type UniqueIdsOptions } from "./unique-ids.js";
export { workflow, type WorkflowOptions } from "./workflow.js";
