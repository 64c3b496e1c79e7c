/**
 * Objects of replicas that agree in the end: changed while faults strike, and read only when
 * everything has settled, by every client at the node that it talks to. What then has to be there
 * is known, so that the checker can be strict.
 */
import { counter as counterChecker } from "../checkers/counter.js";
import { setFull } from "../checkers/set-full.js";
import {
  delay,
  eachWorker,
  limit,
  repeat,
  sequence,
  sleep,
  untilOk,
} from "../src/generator/index.js";
import type { Generator, Invocation } from "../src/generator/generator.js";
import type { SourceContext } from "../src/generator/source.js";
import type { Workload } from "../src/runner/workload.js";
import { objectClient } from "./objects.js";

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
export function settledSet(): Workload {
  return settled({
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
}

/** Each client adds small numbers at one node; in the end every node has their sum. */
export function settledCounter(): Workload {
  return settled({
    object: "counter",
    change: ({ random }) => ({ f: "add", key: "o", value: 1 + random.below(5) }),
    checker: () => counterChecker(),
  });
}
