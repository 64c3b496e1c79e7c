/** The healthy twins: each system in each of the circumstances that bring out one of its bugs. */
import type { System } from "../../src/runner/system.js";
import { SCENARIOS } from "./all.js";
import { runUnder, type Circumstances } from "./scenario.js";

/** A healthy system, and circumstances. */
export interface Twin {
  readonly name: string;
  readonly twin: () => System;
  readonly circumstances: Circumstances;
}

/** All of them, each once. */
export function healthyTwins(): readonly Twin[] {
  const found = new Map<string, Twin>();
  const known: Circumstances[] = [];
  for (const { twin, circumstances } of SCENARIOS) {
    if (!known.includes(circumstances)) known.push(circumstances);
    const system = twin();
    const options = JSON.stringify(system.deployment(system.nodes.default).program.options);
    const name = `${system.name} ${options}, circumstances ${known.indexOf(circumstances)}`;
    found.set(name, { name, twin, circumstances });
  }
  return [...found.values()];
}

/** Runs seeds of each twin, and prints what was not valid, and a table. */
export async function runTwins(
  twins: readonly Twin[],
  { from, seeds }: { readonly from: number; readonly seeds: number },
): Promise<void> {
  process.stdout.write("| twin | seeds | valid | CPU for a run |\n|---|---|---|---|\n");
  let [runs, right] = [0, 0];
  for (const { name, twin, circumstances } of twins) {
    const begun = process.cpuUsage();
    let valid = 0;
    for (let seed = from; seed < from + seeds; seed++) {
      const { verdict, reason } = (await runUnder(circumstances, twin(), seed)).result.verdict;
      if (verdict === "valid") valid++;
      else process.stdout.write(`${name}, seed ${seed}: ${verdict} ${reason}\n`);
    }
    const { user, system } = process.cpuUsage(begun);
    const cpuMs = Math.round((user + system) / 1e3 / seeds);
    process.stdout.write(`| ${name} | ${from} to ${from + seeds - 1} | ${valid} | ${cpuMs} ms |\n`);
    runs += seeds;
    right += valid;
  }
  process.stdout.write(`| all ${twins.length} | ${runs} runs | ${right} | |\n`);
}
