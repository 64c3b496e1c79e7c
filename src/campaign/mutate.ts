/**
 * Small changes of a trial that got somewhere new, for what lies near it: the same faults in
 * another world, other faults in the same circumstances, or one circumstance that is another.
 *
 * Every change draws a new seed. A trial that keeps its seed repeats itself up to the first fault
 * that is changed, and this part of it is known to be right. Such changes (a fault more at a moment
 * that few trials have got to, another suffix, a fault that is moved), and faults that are spliced,
 * repeated or squeezed, found known bugs less often than what is here; see `docs/performance.md`.
 */
import type { TimetableEntry } from "../generator/index.js";
import type { Random } from "../random.js";
import { drawTrial, drawWorld, type SwarmSpace } from "./swarm.js";
import type { Trial } from "./trial.js";

/** A trial that was carried out, with the faults that struck. */
export interface Parent {
  readonly trial: Trial;
  readonly faults: readonly TimetableEntry[];
}

/** What changes work with. */
export interface Mutation {
  readonly parent: Parent;
  readonly space: SwarmSpace;
  readonly random: Random;
}

type Change = (mutation: Mutation) => Trial;

/** The changes by name. */
export const CHANGES: { readonly [name: string]: Change } = {
  /** Other delays and operations, the same faults. */
  again: (m) => ({ ...reseeded(m.parent.trial, m), faults: m.parent.faults }),
  /** Other faults in the same circumstances. */
  redrawn: (m) => reseeded(m.parent.trial, m),
  /** One of its circumstances is another. */
  elsewhere: (m) => reseeded(elsewhere(m), m),
};

function reseeded({ test, world }: Pick<Trial, "test" | "world">, { random }: Mutation): Trial {
  return { test: { ...test, seed: random.below(2 ** 31) }, world };
}

/** Draws all circumstances anew, and takes one of them. */
function elsewhere({ parent, space, random }: Mutation): Pick<Trial, "test" | "world"> {
  const { test, world } = parent.trial;
  const { test: drawn } = drawTrial(space, random, test.seed);
  const { nemeses, nodeCount, concurrency, ratePerSecond, nemesisIntervalMs } = drawn;
  const others = [
    { nemeses },
    { nodeCount },
    { concurrency, ratePerSecond },
    { nemesisIntervalMs },
  ];
  const which = random.below(others.length + 1);
  return which === others.length
    ? { test, world: drawWorld(space.world, random) }
    : { test: { ...test, ...others[which] }, world };
}
