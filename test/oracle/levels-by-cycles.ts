/** Levels that cycles of commits decide, and what is kept beside them, with its prefix. */
import type { BruteLevel, Kept } from "./isolation.js";

/** Without what is kept. */
export const LEVELS_BY_CYCLES: readonly BruteLevel[] = [
  "read-committed",
  "cursor-stability",
  "consistent-view",
  "parallel-snapshot-isolation",
  "snapshot-isolation",
  "update-serializable",
  "serializable",
];

/** What is kept, and how names of levels that keep it begin. */
export const KEPT: readonly (readonly [Kept, string])[] = [
  ["nothing", ""],
  ["session", "strong-session-"],
  ["realtime", "strong-"],
];
