/**
 * Δ-atomicity (Golab, Li & Shah, "Analyzing consistency properties for fun and profit", PODC 2011):
 * for how long reads may still return what was replaced. A key is Δ-atomic when it is linearizable
 * once every read is taken to have been invoked Δ earlier than it was. 0-atomic is linearizable.
 *
 * Δ is in whole nanoseconds of the history's own times; events with equal times are in the order
 * of the history. So a history whose clock is too coarse to tell has a Δ of 1 ns where it is stale.
 *
 * Reads registers and stores: `read`/`get`, `write`/`put`, `delete` (a write of null), `cas`; each
 * key for itself. Every value that is read must have been written once on its key.
 */
import type { Checker } from "../src/checker/checker.js";
import type { Value } from "../src/history/value.js";
import { assertNumber } from "./everyday/options.js";
import { timeText } from "./everyday/words.js";
import { meaningOf } from "./staleness/accesses.js";
import { smallestDelta } from "./staleness/smallest-delta.js";
import { checkStaleness, type Measure } from "./staleness/verdicts.js";
import { timesOf, Zones } from "./staleness/zones.js";

/** Options of `deltaAtomicity`. */
export interface DeltaAtomicityOptions {
  /** Milliseconds; `invalid` when some key needs a larger Δ. Default 0: linearizability. */
  readonly maxMs?: number;
  /** The value before the first write of each key; default null. */
  readonly initial?: Value;
  /** What an `ok` read of null says: `"value"` (default): null; `"unknown"`: nothing. */
  readonly nilReads?: "value" | "unknown";
}

/**
 * Measures for how long reads return what was replaced, and judges whether that is within `maxMs`.
 *
 * `stale-read`: the operations named have no order with a smaller Δ.
 *
 *     process 0  |-- write 1 --|  |-- write 2 --|
 *     process 1                                 <--- Δ --->|-- read → 1 --|
 *
 * `unwritten-value`, `read-from-the-future`: no Δ explains the read.
 *
 *     process 0                   |-- write 1 --|
 *     process 1  |-- read → 1 --|
 *
 * @throws HarnessError `bad-argument` for an option that is none
 */
export function deltaAtomicity(options: DeltaAtomicityOptions = {}): Checker {
  const { maxMs = 0 } = options;
  assertNumber("delta-atomicity", { maxMs }, 0);
  const measure: Measure = {
    name: "delta-atomicity",
    meaning: meaningOf("delta-atomicity", options),
    // Finite: what no bound explains is beyond every one.
    max: Math.min(maxMs * 1e6, Number.MAX_VALUE),
    unit: "deltaNs",
    told: (delta) => `Δ = ${timeText(delta)}`,
    bound: (delta) => ({ versions: 1, deltaNs: delta }),
    below: (delta) => delta - 1,
    measure: (clusters, meter) => {
      const times = timesOf(clusters.accesses.history);
      const zones = new Zones(clusters, times, meter);
      const spanNs = (times.at(-1) ?? 0) - (times[0] ?? 0);
      if (spanNs === 0 && times.length > 0) {
        return "Undecided: all events of the history have the same time, so that no time can be measured. Record times, or use --checker k-atomicity.";
      }
      return (key) => smallestDelta(key, zones, spanNs);
    },
  };
  return {
    name: measure.name,
    description: "reads return nothing that was replaced longer than Δ ago: read, get, write, put",
    check: (history, budget) => checkStaleness(history, measure, budget),
  };
}
