/**
 * Which level to ask next: of those that are open the one of which either answer decides most, with
 * the lattice as it is. Of n levels that imply each other in a row that takes log n questions.
 */
import { implies } from "../../src/consistency/lattice.js";
import type { LevelName } from "../../src/consistency/level.js";
import type { Verdict } from "../../src/verdict/verdict.js";
import { isKnown } from "./known.js";

/** Questions one after the other; who takes one adds its answer to `parts` before the next. */
export function* halving<Question extends { readonly level: LevelName }>(
  questions: readonly Question[],
  parts: { readonly [level: string]: Pick<Verdict, "verdict"> },
): Iterable<Question> {
  const [top, ...others] = questions;
  // Most histories are right, and then the first answer is the last.
  if (top !== undefined) yield top;
  let open = others;
  while (open.length > 0) {
    open = open.filter(({ level }) => !isKnown(level, parts));
    const best = mostTelling(open);
    if (best === undefined) return;
    open = open.filter((each) => each !== best);
    yield best;
  }
}

function mostTelling<Question extends { readonly level: LevelName }>(
  open: readonly Question[],
): Question | undefined {
  let best: Question | undefined;
  let most = 0;
  for (const question of open) {
    const { level } = question;
    const below = open.filter((other) => implies(level, other.level)).length;
    const above = open.filter((other) => implies(other.level, level)).length;
    const tells = Math.min(below, above) + Math.max(below, above) / 1_000;
    if (tells <= most) continue;
    most = tells;
    best = question;
  }
  return best;
}
