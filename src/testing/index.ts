/**
 * For the tests of others: contract suites for implementations of ordeal's ports, for any test
 * runner; arbitraries and properties for fast-check; assertions about histories.
 */
export { backendContract, type BackendContractOptions } from "./backend-contract.js";
export { checkerContract, type CheckerContractOptions } from "./checker-contract.js";
export { ContractViolation, mustHold, type ContractCase } from "./contract.js";
export { createFakeCluster, type FakeCluster } from "./fake-cluster.js";
export { generatorContract, type GeneratorContractOptions } from "./generator-contract.js";
export { modelContract, type ModelContractOptions } from "./model-contract.js";
export {
  assertKeeps,
  assertLinearizable,
  ordealMatchers,
  type HistoryLike,
  type MatcherResult,
  type OrdealMatchers,
} from "./matchers.js";
export { nemesisContract, type NemesisContractOptions } from "./nemesis-contract.js";
export { persistenceContract, type PersistenceContractOptions } from "./persistence-contract.js";
export {
  callsOf,
  operationArbitrary,
  type Call,
  type CalledWith,
  type CallOptions,
} from "./property/calls.js";
export { assertSurvives, replayCase, type CaseTest } from "./property/cases.js";
export {
  modelCommands,
  modelStates,
  type CommandOptions,
  type ModelCommand,
  type ModelStates,
  type RealObject,
} from "./property/commands.js";
export {
  eventsArbitrary,
  historyArbitrary,
  plantedHistoryArbitrary,
  type HistoryArbitraryOptions,
  type PlantedAnomaly,
  type PlantedHistory,
  type PlantedOptions,
} from "./property/histories.js";
export { raceProperty, type RaceOptions } from "./property/races.js";
export {
  faultScheduleArbitrary,
  ordealProperty,
  trialArbitrary,
  type FaultScheduleOptions,
  type OrdealPropertyOptions,
  type OrdealTest,
} from "./property/runs.js";
export {
  workloadContract,
  type SequentialSystem,
  type WorkloadContractOptions,
} from "./workload-contract.js";
