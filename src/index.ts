/**
 * The public API of ordeal: the ports that plugins implement, histories, models, verdicts, worlds,
 * and the runner. The plugins themselves are in `ordeal/backends`, `/checkers`, `/nemeses`,
 * `/workloads` and `/reports`.
 */
export { HarnessError, type HarnessErrorCode } from "./errors.js";
export { createRandom, type Random } from "./random.js";

export type { EventType, HistoryEvent, Operation, Outcome, Process } from "./history/operation.js";
export { canonical, sameValue, type Value } from "./history/value.js";
export {
  createHistoryBuilder,
  EVENT_TYPES,
  FAIL,
  HistoryError,
  historyOf,
  INFO,
  INVOKE,
  NEMESIS,
  NONE,
  OK,
  type History,
  type HistoryBuilder,
  type NewEvent,
} from "./history/history.js";
export {
  decodeHistory,
  encodeEvent,
  FORMATS,
  type Codec,
  type Conventions,
  type DecodedHistory,
  type Decoder,
  type DecoderSink,
  type DecodeOptions,
} from "./history/codec.js";

export {
  IMPLICATIONS,
  implies,
  levelNamed,
  LEVELS,
  strongerThan,
  strongest,
  weakerThan,
  weakestViolated,
} from "./consistency/lattice.js";
export type {
  BaseIsolation,
  Implication,
  Level,
  LevelName,
  ObjectLevel,
  TransactionalLevel,
} from "./consistency/level.js";

export {
  byKey,
  type LookAhead,
  type Model,
  type ModelOperation,
  type ObjectType,
} from "./model/model.js";
export { casRegister } from "./model/cas-register.js";
export type { EmptyOptions, FailedRemoval } from "./model/container-rules.js";
export { counter, type CounterOptions } from "./model/counter.js";
export { deque } from "./model/deque.js";
export { fifoQueue, type QueueOptions } from "./model/fifo-queue.js";
export { log } from "./model/log.js";
export { multiset } from "./model/multiset.js";
export { priorityQueue, type PriorityQueueOptions } from "./model/priority-queue.js";
export { set, type SetOptions } from "./model/set.js";
export { stack, type StackOptions } from "./model/stack.js";
export { uniqueIds } from "./model/unique-ids.js";
export { unorderedQueue } from "./model/unordered-queue.js";
export { fencedMutex, type FencedMutexOptions } from "./model/fenced-mutex.js";
export { kv, type KvOptions } from "./model/kv.js";
export type { LockOwner, OwnerOptions } from "./model/lock-rules.js";
export { lease } from "./model/lease.js";
export { multiRegister, type MultiRegisterOptions } from "./model/multi-register.js";
export { mutex } from "./model/mutex.js";
export { reentrantMutex, type ReentrantMutexOptions } from "./model/reentrant-mutex.js";
export { register } from "./model/register.js";
export type { RegisterOptions } from "./model/register-rules.js";
export { semaphore, type SemaphoreOptions } from "./model/semaphore.js";
export {
  DEFAULT_WORKFLOW,
  workflow,
  type WorkflowOptions,
  type WorkflowTransitions,
} from "./model/workflow.js";
export {
  workflowInstances,
  workflowMachine,
  type TransitionRequest,
  type WorkflowInstance,
  type WorkflowInstancesOptions,
  type WorkflowMachine,
} from "./model/workflow-instances.js";

export {
  createBudget,
  DEFAULT_MEMORY_BYTES,
  DEFAULT_TIME_MS,
  type Budget,
  type Checker,
} from "./checker/checker.js";
export type { OnlineCheck, OnlineFinding } from "./checker/online-checker.js";
export { mergeKinds, type Anomaly, type Verdict, type VerdictKind } from "./verdict/verdict.js";
export type {
  Certificate,
  LinearizationCertificate,
  ModelName,
  NonLinearizableCertificate,
} from "./verdict/certificate.js";
export {
  verifyCertificate,
  type Verification,
  type VerificationBudget,
  type AnyVerificationRequest,
  type VerificationRequest,
} from "./verdict/verify.js";

export * as generators from "./generator/index.js";
export type {
  Dispatch,
  Generator,
  GeneratorContext,
  Invocation,
  Step,
} from "./generator/generator.js";

export type {
  Availability,
  ClientEndpoint,
  ClockControl,
  Cluster,
  Deployment,
  DeployOptions,
  DiskControl,
  DiskFault,
  FaultKind,
  LinkControl,
  LinkQuality,
  NodeContext,
  NodeInstance,
  NodeProgram,
  ProcessControl,
  ProgramOptions,
  ProgramReference,
  QualityControl,
  World,
  WorldKind,
} from "./world/world.js";
export type { Clock, Timer } from "./world/clock.js";
export { DiskError, type Disk, type DiskErrorCode } from "./world/disk.js";
export type { Address, Message, Network, NodeId } from "./world/network.js";
export { createRpc, RpcError, type Rpc, type RpcErrorCode } from "./world/rpc.js";
export {
  simulatedWorld,
  type ClockOptions,
  type DiskOptions,
  type MessageTrip,
  type NetworkOptions,
  type SimulationOptions,
} from "./simulation/simulated-world.js";
export { realWorld, type RealWorldOptions } from "./real/real-world.js";

export { DEFAULT_BOUNDS, type ExploreBounds } from "./explore/bounds.js";
export type { ExecutionParts } from "./explore/execution.js";
export {
  explore,
  type ExploreOptions,
  type ExploreResult,
  type FoundViolation,
} from "./explore/explore.js";
export { drawOperations, parseOperations, type DrawOptions } from "./explore/operations.js";
export type { Reduction } from "./explore/search.js";

export { OperationError, type Client, type Completion } from "./runner/client.js";
export { defineTest, type UserTest } from "./runner/define-test.js";
export type { MemberControl, MemberOptions, MemberRequest } from "./runner/members.js";
export type { Nemesis, NemesisContext, ScheduleOptions } from "./runner/nemesis.js";
export type { RunCounts, RunResult, TestDescription } from "./runner/result.js";
export {
  runTest,
  type Phase,
  type RunObserver,
  type RunOptions,
  type RunOutcome,
} from "./runner/run.js";
export { storeSystem, type Store, type StoreSystemOptions } from "./runner/store-system.js";
export {
  openSession,
  type ConnectOptions,
  type SessionOptions,
  type System,
  type SystemPromise,
  type SystemSession,
} from "./runner/system.js";
export type { Workload, WorkloadContext } from "./runner/workload.js";

export { statePersistence } from "./state/derive.js";
export type {
  ChangeOptions,
  Durability,
  ListedState,
  ListOptions,
  SavedState,
  StateChange,
  StatePersistence,
  StateStore,
} from "./state/persistence.js";
export {
  isStateError,
  StateError,
  type StateErrorCode,
  type StateErrorOptions,
} from "./state/state-error.js";
export { reconstruct, type ReconstructionRules } from "./state/reconstruct.js";
export {
  checkpointRecovery,
  logReplay,
  reconstruction,
  type CheckpointSource,
  type Recovered,
  type RecoveryReport,
  type RecoverySource,
  type RecoveryStrategy,
} from "./state/recovery.js";
export { StateTable, type NumberedChange } from "./state/state-table.js";

export { LatencyHistogram } from "./monitor/histogram.js";
export { liveView, type LiveStream, type LiveView } from "./monitor/live-view.js";
export {
  monitorStates,
  type MonitoredStates,
  type MonitorOptions,
  type StateReport,
} from "./monitor/monitor-states.js";
export { openTelemetry, type OpenTelemetryMeter } from "./monitor/open-telemetry.js";
export { prometheusText, servePrometheus, type PrometheusEndpoint } from "./monitor/prometheus.js";
export type {
  LatencySummary,
  StateCall,
  StateEvent,
  StateMetrics,
} from "./monitor/state-metrics.js";
export {
  adaptive,
  errorBurst,
  eventDriven,
  latencyAbove,
  periodic,
  realTime,
  stuck,
  type AdaptiveOptions,
  type MonitorHandle,
  type MonitoringStrategy,
  type StrategyAtWork,
  type Trigger,
} from "./monitor/strategies.js";
