/** How families say what their cases are. */
import type { Checker } from "../../src/checker/checker.js";
import type { History } from "../../src/history/history.js";
import type { Model } from "../../src/model/model.js";
import type { Case } from "../rows/case.js";

/** A case with one history. */
export interface Plan extends Pick<
  Case,
  "family" | "variant" | "operations" | "expected" | "timeMs" | "memoryBytes"
> {
  readonly history: () => History;
  readonly checker: Checker;
  readonly model?: Model;
}

/** The case of a plan, for which everything is made here. */
export function caseOf(plan: Plan): Case {
  const { history, checker, model, expected } = plan;
  return {
    ...plan,
    absence: () => undefined,
    subjects: async () => [{ history: history(), checker, model, expected, object: "registers" }],
  };
}
