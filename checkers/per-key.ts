/**
 * Lifts a checker to histories of many independent keys: each key is judged for itself, as
 * `everyday/each-key.ts` has it. The everyday checkers of single objects do so by themselves.
 */
import type { Checker } from "../src/checker/checker.js";
import { checkEachKey } from "./everyday/each-key.js";

/**
 * The checker, applied to the operations of each key; invalid when it is invalid for one, unknown
 * when it is unknown for one. Only for criteria that are local: a history may be sequentially
 * consistent for each key and not as a whole.
 */
export function perKey(checker: Checker): Checker {
  return {
    name: checker.name,
    description: `${checker.description}, each key for itself`,
    check: (history, budget) => checkEachKey(checker, history, budget),
  };
}
