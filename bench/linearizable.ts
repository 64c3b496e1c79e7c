/**
 * How fast the linearizability checker decides, and in how much memory: families of generated
 * histories at growing sizes, right and wrong, real logs, budgets; and, in the same run and in
 * turn, how fast other checkers decide the same ones. What is measured is in
 * `linearizable/families.ts`, how in `rows/row.ts`.
 */
import { LINEARIZABLE } from "./linearizable/cases.js";
import { runBenchmark } from "./rows/run.js";

/** Measures what the arguments ask for, prints tables, and writes JSON if told to. */
export function benchLinearizable(argv: readonly string[]): Promise<void> {
  return runBenchmark(LINEARIZABLE, argv);
}
