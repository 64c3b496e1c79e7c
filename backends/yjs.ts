/**
 * Yjs as a store: the library that many editors share their documents with, a replica on each node.
 * Needs the package `yjs`.
 *
 * Nicolaescu et al., "Near Real-Time Peer-to-Peer Shared Editing on Extensible Data Types", GROUP
 * 2016.
 */
import type { System } from "../src/runner/system.js";
import { documentStore } from "./documents/store.js";

/** Replicas of a Yjs document. */
export function yjs(): System {
  return documentStore({
    name: "yjs",
    description:
      "a map, sets and counters in a Yjs document: answer at once, come to the same state",
    program: { file: "yjs", export: "yjsProgram", options: {} },
  });
}
