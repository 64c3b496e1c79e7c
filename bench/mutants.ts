/**
 * How soon each known bug is found, beside the same runs of the system without it. Seeds come one
 * after the other from 1; a bug is looked for three times, each time from where the last search
 * ended.
 *
 * Options: `--only TEXT,TEXT` (names that have one of these in them), `--seeds N` (runs of each
 * healthy twin, default 10), `--write` (make each case small, and write `docs/mutants.md` and its
 * cases), `--twins N` (nothing but so many seeds of each healthy twin, whose names `--only` is
 * about then), `--from N` (the first of these seeds, default 1).
 */
import { SCENARIOS } from "./mutants/all.js";
import { writeMutantsPage } from "./mutants/page.js";
import { detect, runUnder, type Scenario } from "./mutants/scenario.js";
import { healthyTwins } from "./mutants/twins.js";
import { optionOf } from "./grids/option.js";
import { askedOf, runCells, type Cell } from "./grids/run-cells.js";

const SEARCHES = 3;
/** A search is given up after so many times the seeds that a scenario should need. */
const PATIENCE = 2;

/** Measures and prints a table. */
export async function benchMutants(argv: readonly string[]): Promise<void> {
  const only = (optionOf(argv, "--only") ?? "").split(",");
  const twins = optionOf(argv, "--twins");
  if (twins !== undefined) {
    const cells = healthyTwins().map(({ name, twin, circumstances }): Cell => ({
      name,
      run: async (seed) => runUnder(circumstances, twin(), seed),
    }));
    const from = Number(optionOf(argv, "--from") ?? 1);
    await runCells(askedOf(cells, argv), { from, seeds: Number(twins) });
    return;
  }
  const seeds = Number(optionOf(argv, "--seeds") ?? 10);
  const chosen = SCENARIOS.filter(({ mutant }) =>
    only.some((text) => mutant().name.includes(text)),
  );
  if (argv.includes("--write")) {
    await writeMutantsPage(chosen);
    return;
  }
  process.stdout.write(
    "| mutant | found | seeds to it (mean) | virtual time to it (mean) | CPU for a run | twin valid |\n",
  );
  process.stdout.write("|---|---|---|---|---|---|\n");
  for (const scenario of chosen) process.stdout.write(`${await rowOf(scenario, seeds)}\n`);
}

async function rowOf(scenario: Scenario, twinSeeds: number): Promise<string> {
  let [from, found, virtualSeconds] = [1, 0, 0];
  const begun = process.cpuUsage();
  for (let search = 0; search < SEARCHES; search++) {
    const detection = await detect(scenario, { from, seeds: scenario.seeds * PATIENCE });
    virtualSeconds += detection.virtualSeconds;
    if (detection.seed === undefined) {
      from += scenario.seeds * PATIENCE;
      break;
    }
    found++;
    from = detection.seed + 1;
  }
  const runs = from - 1;
  const { user, system } = process.cpuUsage(begun);
  let valid = 0;
  for (let seed = 1; seed <= twinSeeds; seed++) {
    const { result } = await runUnder(scenario.circumstances, scenario.twin(), seed);
    if (result.verdict.verdict === "valid") valid++;
  }
  const mean = (total: number): string => (found === 0 ? "–" : (total / found).toFixed(1));
  const cpuMs = Math.round((user + system) / 1e3 / runs);
  return `| \`${scenario.mutant().name}\` | ${found} of ${SEARCHES} | ${mean(runs)} | ${mean(virtualSeconds)} s | ${cpuMs} ms | ${valid} of ${twinSeeds} |`;
}
