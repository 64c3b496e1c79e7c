/**
 * How fast isolation is decided, and in how much memory: generated histories of transactions at
 * growing sizes, right and wrong, on lists and on registers. What is measured is in
 * `transactional/cases.ts`, how in `rows/row.ts`.
 */
import { runBenchmark } from "./rows/run.js";
import { TRANSACTIONAL } from "./transactional/cases.js";

/** Measures what the arguments ask for, prints tables, and writes JSON if told to. */
export function benchTransactional(argv: readonly string[]): Promise<void> {
  return runBenchmark(TRANSACTIONAL, argv);
}
