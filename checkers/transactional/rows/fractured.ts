/**
 * Who saw a transaction, and of another row what that one had replaced: by an earlier statement, so
 * that a row vanished that had been seen (`non-monotonic-read`), by any (`fractured-read`), or
 * because it had completed before. To delete a row that is not there replaces nothing.
 */
import type { BaseIsolation } from "../../../src/consistency/level.js";
import type { RowEdge, TimeEdge } from "../../../src/verdict/isolation-certificate.js";
import type { Time } from "../cycles.js";
import { RW, WR } from "../dependencies.js";
import type { Known, RowDependencies } from "./dependencies.js";
import { precedes } from "./nodes.js";

/** An example, with the weakest level that it contradicts. */
export interface Fractured {
  readonly kind: "non-monotonic-read" | "fractured-read";
  readonly base: BaseIsolation;
  readonly time: Time;
  /** How it saw the other, and what it missed. */
  readonly edges: readonly [RowEdge | TimeEdge, RowEdge];
}

const EXAMPLES_MAX = 4;

/** A few examples of each kind; `check` throws to end it. */
export function fracturedReads(known: RowDependencies, check: () => void): readonly Fractured[] {
  const { invocations, count } = known.dependencies.transactions;
  const found = new Map<string, Fractured[]>();
  for (let reader = 0; reader < count; reader++) {
    check();
    const reads = known.readsOf(reader);
    /** Writer → the first read of something that it left. */
    const first = new Map<number, Known>();
    for (const each of reads) {
      const writer = known.writerOf(each);
      if (writer === undefined || writer === reader) continue;
      const before = first.get(writer);
      if (before === undefined || each.reading.at < before.reading.at) first.set(writer, each);
    }
    for (const missed of reads) {
      for (const writer of known.overwritersOf(missed)) {
        const seen = first.get(writer);
        const time = timeBetween(writer, reader, known);
        if (seen === undefined && time === undefined) continue;
        const { isItem, at } = missed.reading;
        const isEarlier = isItem && seen !== undefined && seen.reading.at < at;
        const kind = isEarlier ? "non-monotonic-read" : "fractured-read";
        const kept = seen === undefined ? (time as Time) : "";
        const examples = found.get(`${kind} ${kept}`) ?? [];
        found.set(`${kind} ${kept}`, examples);
        if (examples.length >= EXAMPLES_MAX) continue;
        const ends = { from: writer, to: reader };
        const how =
          seen === undefined
            ? {
                from: invocations[writer] as number,
                to: invocations[reader] as number,
                by: kept as "process" | "realtime",
              }
            : known.edgeOf(seen, { ...ends, kind: WR });
        const miss = known.edgeOf(missed, { from: reader, to: writer, kind: RW });
        const base = isEarlier ? "monotonic-atomic-view" : "read-atomic";
        examples.push({ kind, base, time: kept, edges: [how, miss] });
      }
    }
  }
  return [...found.values()].flat();
}

/** The order of time that puts one before another, if any does. */
function timeBetween(one: number, other: number, known: RowDependencies): Time | undefined {
  const times = ["process", "realtime"] as const;
  return times.find((time) => precedes(one, other, { time, known }));
}
