/** Carries out errands: the part of a search through states that many threads can do at once. */
import { execute, type ExecutionParts, type Judged } from "./execution.js";
import { Path, type Errand, type Met } from "./path.js";
import type { CutReason } from "./queue-options.js";

/** What came of an errand, as plain data. */
export interface Answer {
  readonly trace: readonly Met[];
  /** Its choices in the words of a case. */
  readonly words: readonly string[];
  readonly steps: number;
  readonly cut: CutReason | undefined;
  /** A name for what clients have seen; absent where the execution was given up. */
  readonly name?: string;
  /** Absent where this thread has judged what clients have seen before. */
  readonly judged?: Judged;
}

/** Carries out errands, each for itself, in any order. */
export type CarryOut = (errands: readonly Errand[]) => Promise<readonly Answer[]>;

/** Carries out errands in this thread. */
export function errandsHere(parts: ExecutionParts, isKnown: (digest: string) => boolean): CarryOut {
  const seen = new Set<string>();
  return async (errands) => {
    const answers: Answer[] = [];
    for (const errand of errands) {
      const path = new Path(errand, isKnown);
      const { steps, cut, name, judged } = await execute(parts, {
        chooser: path,
        seen,
        looks: true,
      });
      answers.push({
        trace: path.trace,
        words: path.words,
        steps,
        cut,
        ...(name === undefined ? {} : { name }),
        ...(judged === undefined ? {} : { judged }),
      });
    }
    return answers;
  };
}
