/**
 * What follows for a level from verdicts on others.
 */
import { implies } from "../../src/consistency/lattice.js";
import type { LevelName } from "../../src/consistency/level.js";
import type { Verdict } from "../../src/verdict/verdict.js";

/** Whether a level is decided by the verdicts on others. */
export function isKnown(
  level: LevelName,
  parts: { readonly [level: string]: Pick<Verdict, "verdict"> },
): boolean {
  return Object.entries(parts).some(
    ([name, { verdict }]) =>
      (verdict === "valid" && implies(name as LevelName, level)) ||
      (verdict === "invalid" && implies(level, name as LevelName)),
  );
}
