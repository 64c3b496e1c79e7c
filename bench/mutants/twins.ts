/** The healthy twins: each system in each of the circumstances that bring out one of its bugs. */
import type { System } from "../../src/runner/system.js";
import { SCENARIOS } from "./all.js";
import type { Circumstances } from "./scenario.js";

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
