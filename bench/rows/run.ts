/**
 * Runs a benchmark of checkers from its command line: measures its cases one after the other,
 * prints tables, and writes JSON if told to. How a case is measured is in `row.ts`.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import type { Benchmark, Case } from "./case.js";
import { readOptions, usageOf, UsageError, type BenchOptions } from "./options.js";
import { curveLine, curvesOf, headLine, markdownOf, rowLine } from "./report.js";
import { endPeers } from "./peer.js";
import { compileProgram, type RowProcess } from "./row-process.js";
import { measureRow, removeFiles, type Row } from "./row.js";

/** Measures what the arguments ask for. */
export async function runBenchmark(benchmark: Benchmark, argv: readonly string[]): Promise<void> {
  if (argv.includes("--help")) {
    process.stdout.write(usageOf(benchmark));
    return;
  }
  let options: BenchOptions;
  try {
    options = readOptions(argv, benchmark);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usageOf(benchmark)}`);
    process.exitCode = 254;
    return;
  }
  const cases = benchmark.cases();
  if (options.list) {
    const names = new Set(cases.map(({ family }) => family));
    process.stdout.write(`${[...names].join("\n")}\n`);
    return;
  }
  const rows = await measureAll(benchmark, cases, options);
  const curves = curvesOf(rows);
  if (curves.length > 0) {
    print("\nGrowth of processor time for ten times as many operations (×10 is linear):\n");
    for (const curve of curves) print(curveLine(curve));
  }
  if (options.markdown !== undefined) writeFileSync(options.markdown, markdownOf(rows, curves));
  if (options.json === undefined) return;
  const report = { benchmark: benchmark.name, environment: environment(), options, rows, curves };
  writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
}

async function measureAll(
  benchmark: Benchmark,
  cases: readonly Case[],
  options: BenchOptions,
): Promise<readonly Row[]> {
  const program = await compileProgram(benchmark);
  const folder = mkdtempSync(join(tmpdir(), "ordeal-bench-"));
  let running: RowProcess | undefined;
  const clean = (): void => {
    running?.end();
    endPeers();
    program.remove();
    removeFiles(folder);
  };
  const interrupt = (): void => {
    clean();
    process.exit(130);
  };
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  /** Peers that ran out of time, with family and variant: longer ones are not tried. */
  const overrun = new Set<string>();
  const context = {
    program,
    options,
    folder,
    onStart: (started: RowProcess) => (running = started),
  };
  const rows: Row[] = [];
  try {
    print(headLine(options.peers.map(({ name }) => name)));
    for (const [index, found] of cases.entries()) {
      if (!isAsked(found, options)) continue;
      const absent = found.absence();
      if (absent !== undefined) {
        print(`${found.family.padEnd(22)} ${found.variant}: ${absent}`);
        continue;
      }
      const nameOf = (peer: string): string => JSON.stringify([peer, found.family, found.variant]);
      const gaveUp = (peer: string): boolean => overrun.has(nameOf(peer));
      const row = await measureRow(found, index, { ...context, gaveUp });
      rows.push(row);
      for (const [name, figures] of Object.entries(row.peers)) {
        if (!("skipped" in figures) && figures.timedOut > 0) overrun.add(nameOf(name));
      }
      print(rowLine(row));
    }
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
    clean();
  }
  return rows;
}

function isAsked({ family, operations }: Case, { families, operationsMax }: BenchOptions): boolean {
  if (operations > operationsMax) return false;
  return families.length === 0 || families.includes(family);
}

/** The machine that the figures are of. */
function environment(): { readonly [name: string]: string | number } {
  return {
    node: process.version,
    platform: process.platform,
    architecture: process.arch,
    processor: cpus()[0]?.model ?? "unknown",
    processors: cpus().length,
    memoryMib: Math.round(totalmem() / 2 ** 20),
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
