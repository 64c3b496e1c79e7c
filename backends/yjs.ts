/**
 * Yjs as a store: the library that many editors share their documents with, a replica on each node.
 * Needs the package `yjs`.
 *
 * Nicolaescu et al., "Near Real-Time Peer-to-Peer Shared Editing on Extensible Data Types", GROUP
 * 2016.
 *
 * An update of Yjs waits for those before it, but what it removes is removed at once. So where one
 * was lost, a replica shows a key as absent that was written anew, also to who has written it,
 * until repair brings the rest: without repair that would be for ever, and the store is never weak.
 */
import type { System } from "../src/runner/system.js";
import { documentStore } from "./documents/store.js";

/** Options of `yjs`. */
export interface YjsOptions {
  /** As that of other systems; there is no choice. */
  readonly strategy?: "eventual";
}

/**
 * Replicas of a Yjs document.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have
 */
export function yjs({ strategy }: YjsOptions = {}): System {
  return documentStore({
    library: "yjs",
    title: "a Yjs",
    strategy,
    program: { file: "yjs", export: "yjsProgram", options: {} },
  });
}
