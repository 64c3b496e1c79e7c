/**
 * Healthy systems under each nemesis that leaves their promise whole: every run has to be valid.
 * Cells are named `system workload nemesis`.
 *
 * Options: `--only TEXT,TEXT` (cells that have one of these in their names), `--seeds N` (of each,
 * default 2), `--from N` (the first of these seeds, default 1).
 */
import { HEALTHY } from "./nemeses/healthy.js";
import { optionOf } from "./grids/option.js";
import { askedOf, runCells } from "./grids/run-cells.js";

/** Runs them and prints a table. */
export async function benchNemeses(argv: readonly string[]): Promise<void> {
  await runCells(askedOf(HEALTHY, argv), {
    from: Number(optionOf(argv, "--from") ?? 1),
    seeds: Number(optionOf(argv, "--seeds") ?? 2),
  });
}
