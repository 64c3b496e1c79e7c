/**
 * How fast the checkers of weaker promises decide, and in how much memory: causal consistency,
 * sessions, one order for all, staleness, and the everyday checkers, right and wrong, at growing
 * sizes. What is measured is in `weak/registers.ts` and `weak/everyday.ts`, how in `rows/row.ts`.
 */
import { runBenchmark } from "./rows/run.js";
import { WEAK } from "./weak/cases.js";

/** Measures what the arguments ask for, prints tables, and writes JSON if told to. */
export function benchWeak(argv: readonly string[]): Promise<void> {
  return runBenchmark(WEAK, argv);
}
