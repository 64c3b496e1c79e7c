/** Contract suites for implementations of ordeal's ports, for any test runner. */
export { backendContract, type BackendContractOptions } from "./backend-contract.js";
export { checkerContract, type CheckerContractOptions } from "./checker-contract.js";
export { ContractViolation, mustHold, type ContractCase } from "./contract.js";
export { createFakeCluster, type FakeCluster } from "./fake-cluster.js";
export { generatorContract, type GeneratorContractOptions } from "./generator-contract.js";
export { modelContract, type ModelContractOptions } from "./model-contract.js";
export { nemesisContract, type NemesisContractOptions } from "./nemesis-contract.js";
export { persistenceContract, type PersistenceContractOptions } from "./persistence-contract.js";
export {
  workloadContract,
  type SequentialSystem,
  type WorkloadContractOptions,
} from "./workload-contract.js";
