/** Every scenario, for the benchmark and for the tests. */
import { CHAIN_SCENARIOS } from "./chain.js";
import { COMMIT_SCENARIOS } from "./commit.js";
import { CRDT_SCENARIOS } from "./crdt.js";
import { FILE_SCENARIOS } from "./file.js";
import { MEMORY_SCENARIOS } from "./memory.js";
import { PAXOS_SCENARIOS } from "./paxos.js";
import { RAFT_SCENARIOS } from "./raft.js";
import { REPLICA_SCENARIOS } from "./replicas.js";
import type { Scenario } from "./scenario.js";
import { TRANSACTION_SCENARIOS } from "./transactions.js";

/** All bugs, each with its twin. */
export const SCENARIOS: readonly Scenario[] = [
  ...RAFT_SCENARIOS,
  ...PAXOS_SCENARIOS,
  ...COMMIT_SCENARIOS,
  ...CHAIN_SCENARIOS,
  ...CRDT_SCENARIOS,
  ...REPLICA_SCENARIOS,
  ...FILE_SCENARIOS,
  ...MEMORY_SCENARIOS,
  ...TRANSACTION_SCENARIOS,
];
