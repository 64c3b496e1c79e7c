/** Transactions of a few steps on a few keys, which new keys follow before they grow large. */
import type { Random } from "../../src/random.js";
import type { SourceContext } from "../../src/generator/source.js";
import type { MicroOperation } from "./workload.js";

/** How many there are of what. */
export interface FewKeys {
  readonly keys: number;
  /** Transactions on some keys before new ones follow. */
  readonly perKeys: number;
  readonly stepsMax: number;
}

/** Makes transactions; a step may be more than one micro-operation on its key. */
export function onFewKeys(
  { keys, perKeys, stepsMax }: FewKeys,
  step: (key: number, random: Random) => readonly MicroOperation[],
): (context: SourceContext) => readonly MicroOperation[] {
  return ({ index, random }) => {
    const first = Math.floor(index / perKeys) * keys;
    return Array.from({ length: 1 + random.below(stepsMax) }).flatMap(() =>
      step(first + random.below(keys), random),
    );
  };
}
