/**
 * Databases at each isolation level, in simulation, many seeds of each workload that they keep:
 * every run has to be valid. Cells are named `database workload`.
 *
 * Options: `--only TEXT,TEXT` (cells that have one of these in their names), `--seeds N` (of each,
 * default 3), `--from N` (the first of these seeds, default 1), `--above` (the workloads of levels
 * above instead, each with the anomaly that some run has to show).
 */
import { KEPT, runOn } from "../test/isolation/levels.js";
import { optionOf } from "./grids/option.js";
import { askedOf, runCells, type Cell } from "./grids/run-cells.js";

/** Runs them and prints a table. */
export async function benchIsolation(argv: readonly string[]): Promise<void> {
  const isAbove = argv.includes("--above");
  const cells = KEPT.flatMap(({ system, keeps, refuted }): readonly Cell[] => {
    const workloads = isAbove ? refuted : keeps.map((make) => [make, undefined] as const);
    return workloads.map(([workload, kind]) => ({
      name: `${system().name} ${workload().name}`,
      run: async (seed) => runOn(system(), workload(), seed),
      finds: kind,
    }));
  });
  await runCells(askedOf(cells, argv), {
    from: Number(optionOf(argv, "--from") ?? 1),
    seeds: Number(optionOf(argv, "--seeds") ?? 3),
  });
}
