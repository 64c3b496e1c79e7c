/** The bugs of `crdt`, each with a workload that shows it once everything has settled. */
import { crdt, type CrdtVariant } from "../../backends/crdt.js";
import { counter as counterChecker } from "../../checkers/counter.js";
import { setFull } from "../../checkers/set-full.js";
import { partition } from "../../nemeses/partition.js";
import {
  delay,
  eachWorker,
  limit,
  repeat,
  sequence,
  sleep,
  untilOk,
} from "../../src/generator/index.js";
import type { Generator, Invocation } from "../../src/generator/generator.js";
import type { SourceContext } from "../../src/generator/source.js";
import type { Workload } from "../../src/runner/workload.js";
import { eventual } from "../../workloads/eventual.js";
import { objectClient } from "../../workloads/objects.js";
import type { Circumstances, Scenario } from "./scenario.js";

const SETTLE_MS = 3_000;

/** Changes while the network is split; reads only at the end, by every client, of its own node. */
function settled(spec: {
  readonly object: string;
  readonly change: (context: SourceContext) => Invocation;
  readonly checker: Workload["checker"];
}): Workload {
  const { object, change, checker } = spec;
  return {
    name: `settled-${object}`,
    description: `changes of one ${object}, which is read when everything has settled`,
    requires: [object],
    optional: [],
    functions: ["add", "remove", "read"],
    observes: ["read"],
    generator: () => eachWorker(repeat(change)),
    finalGenerator: () => eachWorker(sequence(sleep(SETTLE_MS), finalRead())),
    checker,
    client: (client) => objectClient(client, object),
  };
}

function finalRead(): Generator {
  return limit(10, untilOk(delay(200, repeat({ f: "read", key: "o", value: null }))));
}

/**
 * Each client adds an element, removes it again, and adds it once more or another one: all at one
 * node, so that it removes what it has seen, and what must be there in the end is known.
 */
const sets = (): Workload =>
  settled({
    object: "set",
    change: ({ index, process }) => {
      const turn = Math.floor(index / 3);
      const element = `${process}.${turn}`;
      if (index % 3 === 0) return { f: "add", key: "o", value: element };
      if (index % 3 === 1) return { f: "remove", key: "o", value: element };
      return { f: "add", key: "o", value: turn % 2 === 0 ? element : `${element}+` };
    },
    checker: () => setFull({ linearizable: true }),
  });

const counters = (): Workload =>
  settled({
    object: "counter",
    change: ({ random }) => ({ f: "add", key: "o", value: 1 + random.below(5) }),
    checker: () => counterChecker(),
  });

const PARTED: Omit<Circumstances, "workload"> = {
  nemeses: () => [partition()],
  intervalMs: 300,
  rate: 50,
  lengthMs: 5_000,
};

const CASES: readonly (readonly [CrdtVariant, workload: () => Workload, seeds: number])[] = [
  ["removed-come-back", sets, 10],
  ["counter-in-one-slot", counters, 10],
  ["counter-merged-by-sum", counters, 10],
  ["ties-unbroken", () => eventual(), 20],
  ["merge-replaces", sets, 10],
  ["no-repair", sets, 10],
];

/** All of them. */
export const CRDT_SCENARIOS: readonly Scenario[] = CASES.map(([variant, workload, seeds]) => ({
  mutant: () => crdt({ variant }),
  twin: () => crdt(),
  circumstances: { ...PARTED, workload },
  seeds,
}));
