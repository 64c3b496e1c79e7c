/** The cases of `npm run bench -- linearizable`. */
import type { Benchmark } from "../rows/case.js";
import { everyCase } from "./families.js";
import { absence, subjectsOf } from "./subjects.js";

/** What the benchmark is made of. */
export const LINEARIZABLE: Benchmark = {
  name: "linearizable",
  program: "bench/linearizable/measure",
  cases: () =>
    everyCase().map((planned) =>
      Object.assign({}, planned, {
        absence: () => absence(planned),
        subjects: () => subjectsOf(planned),
      }),
    ),
};
