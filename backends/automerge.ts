/**
 * Automerge as a store: the library for local-first software, a replica on each node. Needs the
 * package `@automerge/automerge`.
 *
 * Kleppmann & Beresford, "A Conflict-Free Replicated JSON Datatype", IEEE TPDS 2017.
 */
import type { System } from "../src/runner/system.js";
import { documentStore } from "./documents/store.js";

/** Options of `automerge`. */
export interface AutomergeOptions {
  /** `own-beginning`: each replica makes its own empty document. Default none. */
  readonly variant?: "own-beginning";
}

/** Replicas of an Automerge document. */
export function automerge({ variant }: AutomergeOptions = {}): System {
  return documentStore({
    name: variant === undefined ? "automerge" : `automerge:${variant}`,
    description:
      "a map, sets and counters in an Automerge document: answer at once, come to the same state",
    program: {
      file: "automerge",
      export: "automergeProgram",
      options: { variant: variant ?? null },
    },
    ...(variant === undefined
      ? {}
      : { bug: "each replica begins with a document of its own, as if they had been one" }),
  });
}
