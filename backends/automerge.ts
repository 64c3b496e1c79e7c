/**
 * Automerge as a store: the library for local-first software, a replica on each node. Needs the
 * package `@automerge/automerge`.
 *
 * Kleppmann & Beresford, "A Conflict-Free Replicated JSON Datatype", IEEE TPDS 2017.
 */
import type { System } from "../src/runner/system.js";
import { documentStore, type DocumentOptions } from "./documents/store.js";

/** Options of `automerge`. */
export interface AutomergeOptions extends DocumentOptions {
  /** `own-beginning`: each replica makes its own empty document. Default none. */
  readonly variant?: "own-beginning";
}

/**
 * Replicas of an Automerge document.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have
 */
export function automerge({ variant, strategy }: AutomergeOptions = {}): System {
  return documentStore({
    library: "automerge",
    title: "an Automerge",
    strategy,
    program: {
      file: "automerge",
      export: "automergeProgram",
      options: { variant: variant ?? null },
    },
    ...(variant === undefined
      ? {}
      : {
          bug: [variant, "each replica begins with a document of its own, as if they had been one"],
        }),
  });
}
