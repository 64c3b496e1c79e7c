/** What replicas promise that answer from memory and tell each other later. */
import type { SystemPromise } from "../../src/runner/system.js";

/** The promise of a system whose nodes keep everything in memory, by its strategy. */
export function memoryPromise(strategy: "eventual" | "weak"): SystemPromise {
  const under = ["cut-link", "pause"] as const;
  if (strategy === "eventual") {
    const deviation = "nodes answer from what they have; what one has in memory dies with it";
    return { consistency: "eventual", under, deviation };
  }
  const deviation = "a client sees what it wrote, at the node that it talks to, and nothing more";
  return { consistency: "none", under, deviation };
}
