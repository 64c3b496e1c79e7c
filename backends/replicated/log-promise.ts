/** What the systems on a replicated log have in common: their functions, and what they promise. */
import type { SystemPromise } from "../../src/runner/system.js";
import { STORE_FUNCTIONS } from "../store-commands.js";

/** Those of a store; and `states`, which lists the states whose keys begin with a text. */
export const LOG_FUNCTIONS: readonly string[] = [...STORE_FUNCTIONS, "states"];

/** The promise of a system on a log: changes in one order, and reads by its strategy. */
export function promiseOf(options: {
  readonly variant: string | undefined;
  readonly strategy: "strong" | "eventual";
}): SystemPromise {
  const { variant, strategy } = options;
  if (variant !== undefined) {
    return { consistency: "none", under: [], deviation: `it has a bug: ${variant}` };
  }
  const under = ["kill", "power-loss", "pause", "cut-link"] as const;
  if (strategy === "strong") return { consistency: "linearizable", under };
  return {
    consistency: "eventual",
    under,
    deviation: "nodes answer reads from what they have, which may be behind",
  };
}
