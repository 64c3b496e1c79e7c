/**
 * The stores of states as systems, each on a node: a part of the catalog.
 */
import { fileStates, memoryStates, postgresStates, sqliteStates } from "../../persistence/index.js";
import type { System } from "../runner/system.js";

/** All of them. */
export const STATE_SYSTEMS: readonly (() => System)[] = [
  memoryStates,
  () => fileStates(),
  () => fileStates({ recovery: "log-replay" }),
  () => fileStates({ recovery: "reconstruction" }),
  () => fileStates({ fsync: "late" }),
  () => fileStates({ fsync: "never" }),
  () => fileStates({ recovery: "log-replay", fsync: "never" }),
  () => fileStates({ recovery: "reconstruction", fsync: "never" }),
  sqliteStates,
  () => postgresStates(),
  () => postgresStates({ synchronousCommit: false }),
];
