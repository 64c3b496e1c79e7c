/** Makes the choices of a case again. */
import { HarnessError } from "../errors.js";
import type { Chooser } from "./chooser.js";
import type { Candidate } from "./step.js";

/** Follows the choices to their end, and does what is usual from there on. */
export function recordedChooser(choices: readonly string[]): Chooser {
  let position = 0;
  return {
    schedule: (candidates: readonly Candidate[]) => {
      const wanted = choices[position];
      if (wanted === undefined) return 0;
      const index = candidates.findIndex(({ id }) => id === wanted);
      if (index < 0) {
        const there = candidates.map(({ id }) => id).join(", ");
        throw new HarnessError(
          "harness-failure",
          `choice ${position + 1} of the case is "${wanted}", but what can happen is ${there}; ` +
            "a case needs the same version of ordeal and of your code",
        );
      }
      position++;
      return index;
    },
    choose: (options) => {
      const index = options.indexOf(choices[position] ?? "", 1);
      if (index < 0) return 0;
      position++;
      return index;
    },
    disable: () => undefined,
  };
}
