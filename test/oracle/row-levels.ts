/** The levels at which histories of rows are held against the definition. */
import type { RowLevel } from "./row-isolation.js";

/** These levels, and whether the checker decides every history at them. */
export const ROW_LEVELS: { readonly [level in RowLevel]: boolean } = {
  "read-uncommitted": true,
  "read-committed": true,
  "cursor-stability": true,
  "monotonic-atomic-view": true,
  "read-atomic": true,
  "causal-cerone": true,
  prefix: true,
  "consistent-view": true,
  "parallel-snapshot-isolation": true,
  "repeatable-read": true,
  "snapshot-isolation": true,
  "update-serializable": true,
  serializable: true,
};
