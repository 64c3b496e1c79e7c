/** The bugs that `chain` can be given, one at a time, and where each is known from. */
import type { KnownBugs } from "../replicated/known-bug.js";

/** A bug of `chain`. */
export type ChainVariant =
  | "reads-anywhere"
  | "answers-at-head"
  | "numbers-ignored"
  | "forwards-before-fsync"
  | "tail-by-silence"
  | "acks-everything"
  | "duplicates-applied";

const CHAIN = "van Renesse & Schneider, Chain Replication, OSDI 2004";

/** Every variant by name. */
export const CHAIN_VARIANTS: KnownBugs<ChainVariant> = {
  "reads-anywhere": {
    description: "every node answers reads, also of what the tail has not got",
    source: "Terrace & Freedman, CRAQ, USENIX ATC 2009: nodes must ask for the version of the tail",
  },
  "answers-at-head": {
    description: "the head answers before the tail has the update",
    source: `${CHAIN}, section 2: replies come from the tail`,
  },
  "numbers-ignored": {
    description: "a node adds every update that arrives, whether it has it already or not",
    source: `${CHAIN}, section 2: links are reliable and keep the order (Update Propagation Invariant)`,
  },
  "forwards-before-fsync": {
    description: "nodes hand an update on before their disks have it",
    source: `${CHAIN}, section 2: servers are fail-stop; one that comes back must not have forgotten`,
  },
  "tail-by-silence": {
    description: "a node whose successor is silent takes itself for the tail",
    source: `${CHAIN}, section 3: only a master that all agree on may remove a server`,
  },
  "acks-everything": {
    description: "an acknowledgement is taken for all updates that are under way",
    source: `${CHAIN}, section 3: acknowledgements name the update (the Sent list)`,
  },
  "duplicates-applied": {
    description: "a request that a client repeats is carried out again",
    source: `${CHAIN}, section 2: clients repeat requests that are lost`,
  },
};
