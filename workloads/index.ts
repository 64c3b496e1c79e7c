/** The workloads that ordeal ships. */
export { kv, type KvWorkloadOptions } from "./kv.js";
export { register, type RegisterWorkloadOptions } from "./register.js";
