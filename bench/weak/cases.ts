/** The cases of `npm run bench -- weak`. */
import type { Benchmark } from "../rows/case.js";
import { caseOf } from "./case-of.js";
import { everydayPlans } from "./everyday.js";
import { replicatedPlans, sequentialPlans, stalenessPlans } from "./registers.js";

/** What the benchmark is made of. */
export const WEAK: Benchmark = {
  name: "weak",
  program: "bench/weak/measure",
  cases: () =>
    [...replicatedPlans(), ...sequentialPlans(), ...stalenessPlans(), ...everydayPlans()].map(
      caseOf,
    ),
};
