/** The stores of states that ordeal ships. */
export {
  distributedPersistence,
  distributedPersistenceOn,
  type ClusterOptions,
  type DistributedOptions,
  type DistributedPersistence,
} from "./distributed.js";
export {
  filePersistence,
  filePersistenceOn,
  type FileOptions,
  type FilePersistence,
  type FsyncPolicy,
} from "./file.js";
export {
  fileStates,
  memoryStates,
  postgresStates,
  sqliteStates,
  type FileStatesOptions,
  type PostgresStatesOptions,
} from "./hosted-systems.js";
export { memoryPersistence } from "./memory.js";
export { postgresPersistence, type PostgresOptions } from "./postgres.js";
export { stateSystem, type StateSystemOptions } from "./state-system.js";
export { sqlitePersistence, type SqliteOptions } from "./sqlite.js";
