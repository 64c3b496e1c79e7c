/** Contract suites for implementations of ordeal's ports, for any test runner. */
export { backendContract, type BackendContractOptions } from "./backend-contract.js";
export { ContractViolation, mustHold, type ContractCase } from "./contract.js";
