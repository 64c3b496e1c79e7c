/**
 * k-atomicity (Aiyer, Alvisi & Bazzi 2005; Golab, Hurwitz & Li 2013): how many versions behind
 * reads are. A key is k-atomic when its operations have an order that respects real time, in which
 * every read returns one of the last k values that were written before it. 1-atomic is
 * linearizable.
 *
 * Reads registers and stores: `read`/`get`, `write`/`put`, `delete` (a write of null), `cas`; each
 * key for itself. Every value that is read must have been written once on its key. The smallest k
 * is exact when it is 1 or 2; beyond that it is an interval that a bounded search narrows.
 */
import type { Checker } from "../src/checker/checker.js";
import type { Value } from "../src/history/value.js";
import { assertNumber } from "./everyday/options.js";
import { meaningOf } from "./staleness/accesses.js";
import { smallestK, STEPS_MAX } from "./staleness/smallest-k.js";
import { checkStaleness, type Measure } from "./staleness/verdicts.js";
import { timesOf, Zones } from "./staleness/zones.js";

/** Options of `kAtomicity`. */
export interface KAtomicityOptions {
  /** `invalid` when some key needs a larger k; default 1, which is linearizability. */
  readonly max?: number;
  /** The value before the first write of each key; default null. */
  readonly initial?: Value;
  /** What an `ok` read of null says: `"value"` (default): null; `"unknown"`: nothing. */
  readonly nilReads?: "value" | "unknown";
}

/**
 * Measures how many versions behind reads are, and judges whether they are within `max`.
 *
 * `stale-read`: the operations named have no order with a smaller k. Here k = 3:
 *
 *     process 0  |-- write 1 --|  |-- write 2 --|  |-- write 3 --|
 *     process 1                                                     |-- read → 1 --|
 *
 * `unwritten-value`, `read-from-the-future`: no k explains the read.
 *
 *     process 0                   |-- write 1 --|
 *     process 1  |-- read → 1 --|
 *
 * @throws HarnessError `bad-argument` for an option that is none
 */
export function kAtomicity(options: KAtomicityOptions = {}): Checker {
  const { max = 1 } = options;
  assertNumber("k-atomicity", { max }, 1);
  const measure: Measure = {
    name: "k-atomicity",
    meaning: meaningOf("k-atomicity", options),
    // Finite: what no bound explains is beyond every one.
    max: Math.min(max, Number.MAX_VALUE),
    unit: "k",
    told: (k) => `k = ${k}`,
    bound: (k) => ({ versions: k, deltaNs: 0 }),
    below: (k) => k - 1,
    measure: (clusters, meter) => {
      const zones = new Zones(clusters, timesOf(clusters.accesses.history), meter);
      const allowance = { stepsLeft: STEPS_MAX };
      return (key) => smallestK(key, { zones, allowance, meter });
    },
  };
  return {
    name: measure.name,
    description: "each read returns one of the last k values: read, get, write, put",
    check: (history, budget) => checkStaleness(history, measure, budget),
  };
}
