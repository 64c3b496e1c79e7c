/**
 * Several generators side by side. All of them are told of every event.
 *
 * Each operation is drawn from the sides that have one *now*, in proportion to their weights. A
 * side that waits (for its time, or for a worker) therefore never holds up the others, and the
 * weights hold among the sides that do not wait. The draw is made anew at every question, so
 * waiting has no influence on what is drawn later.
 */
import { HarnessError } from "../errors.js";
import { DONE, ask, dispatched, earlier, pending } from "./ask.js";
import type { Generator, GeneratorContext, Step } from "./generator.js";

/** A generator, or one with a weight (above 0; without one it is 1). */
export type Weighted = Generator | readonly [weight: number, generator: Generator];

/**
 * A random mixture: `mix([3, reads], [1, writes])`. It is done when all of them are.
 * @throws HarnessError `bad-argument` for a weight that is not a finite number above 0.
 */
export function mix(...sides: readonly Weighted[]): Generator {
  return choose(
    sides.map((side) => {
      const [weight, generator] = "step" in side ? [1, side] : side;
      if (!(Number.isFinite(weight) && weight > 0)) {
        // A caller in JavaScript may have given an array of generators.
        const given = typeof weight === "number" ? String(weight) : `a ${typeof weight}`;
        throw new HarnessError(
          "bad-argument",
          `mix takes generators, or [weight, generator] with a weight above 0, not ${given}`,
        );
      }
      return { weight, generator };
    }),
  );
}

/**
 * All of them side by side, whichever has an operation first; when several have, each is as likely.
 */
export function anyOf(...generators: readonly Generator[]): Generator {
  return choose(generators.map((generator) => ({ weight: 1, generator })));
}

interface Side {
  readonly weight: number;
  readonly generator: Generator;
}

function choose(sides: readonly Side[]): Generator {
  const self: Generator = {
    step: (context) => chosen(sides, { self, context }),
    update: (event) => {
      let next: Side[] | undefined;
      for (let index = 0; index < sides.length; index++) {
        const side = sides[index] as Side;
        const after = going(side, side.generator.update(event));
        if (after !== side) (next ??= [...sides])[index] = after;
      }
      return next === undefined ? self : choose(next);
    },
  };
  return self;
}

/** Who is asked, and with what. */
interface Question {
  readonly self: Generator;
  readonly context: GeneratorContext;
}

function chosen(sides: readonly Side[], { self, context }: Question): Step {
  // The sides as they are after this question, undefined for those that are done; absent while all
  // are as they were. Asked at every event of a run: nothing is made that is not needed.
  let after: (Side | undefined)[] | undefined;
  const open = indexesOf(sides);
  let wakeNs: number | undefined;
  while (open.length > 0) {
    const index = draw(sides, open, context);
    const side = sides[index] as Side;
    const step = ask(side.generator, context);
    const next = step.kind === "done" ? undefined : going(side, step.next);
    if (next !== side) (after ??= [...sides])[index] = next;
    if (step.kind === "dispatch") return dispatched(step.dispatch, choose(rest(after ?? sides)));
    if (step.kind === "pending") wakeNs = earlier(wakeNs, step.wakeNs);
  }
  if (after === undefined) return sides.length === 0 ? DONE : pending(self, wakeNs);
  const waiting = rest(after);
  return waiting.length === 0 ? DONE : pending(choose(waiting), wakeNs);
}

/** The indexes of a list, as a list of its own; a copy of a short one has no room to spare. */
function indexesOf({ length }: readonly unknown[]): number[] {
  while (INDEXES.length <= length) INDEXES.push([...INDEXES.keys()]);
  return (INDEXES[length] as number[]).slice();
}

/** The first indexes, by how many there are. */
const INDEXES: number[][] = [];

function rest(sides: readonly (Side | undefined)[]): readonly Side[] {
  return sides.filter((side) => side !== undefined);
}

function going(side: Side, next: Generator): Side {
  return next === side.generator ? side : { weight: side.weight, generator: next };
}

/** Takes one index out of `open`, by weight. */
function draw(sides: readonly Side[], open: number[], context: GeneratorContext): number {
  const last = open.length - 1;
  if (last === 0) return open.pop() as number;
  let total = 0;
  for (let i = 0; i <= last; i++) total += (sides[open[i] as number] as Side).weight;
  let mark = context.random.float() * total;
  let position = 0;
  while (position < last) {
    const { weight } = sides[open[position] as number] as Side;
    if (mark < weight) break;
    mark -= weight;
    position++;
  }
  const drawn = open[position] as number;
  for (; position < last; position++) open[position] = open[position + 1] as number;
  open.pop();
  return drawn;
}
