/**
 * Staleness in the words of whoever ran the test.
 */
import { NONE } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import { callText, valueText } from "../everyday/words.js";
import { READ, type Accesses } from "./accesses.js";
import { INITIAL_START, type Clusters, type Impossible } from "./clusters.js";

/** `key "x"`, or `the register`. */
export function nameOfKey({ keys }: Accesses, key: number): string {
  const value = keys[key] as Value;
  return value === null ? "the register" : `key ${valueText(value)}`;
}

/**
 * `unwritten-value`:
 *
 *     process 0  |-- write 1 --|
 *     process 1                   |-- read → 2 --|
 *
 * `read-from-the-future`:
 *
 *     process 0                   |-- write 1 --|
 *     process 1  |-- read → 1 --|
 */
export function anomalyOfImpossible(
  { accesses }: Clusters,
  key: number,
  { kind, read, write }: Impossible,
): Anomaly {
  const { history, invocations, values } = accesses;
  const reader = callText(history, invocations[read] as number);
  const seen = valueText(accesses.valueAt(values[read] as number));
  const writer = write === NONE ? "" : callText(history, invocations[write] as number);
  const what =
    write === NONE
      ? "which is not the initial value, and which nobody wrote (or only who failed to)"
      : `which ${writer} only began to write later`;
  return {
    kind,
    message: `On ${nameOfKey(accesses, key)} ${reader} returned ${seen}, ${what}: no bound of staleness explains it.`,
    operations: invocationsOf(accesses, write === NONE ? [read] : [read, write]),
    ...keyed(accesses, key),
    details: { value: accesses.valueAt(values[read] as number) },
  };
}

/** Accesses that need more than is allowed; see the checkers for timelines. */
export function anomalyOfStale(
  clusters: Clusters,
  proof: readonly number[],
  about: {
    readonly key: number;
    readonly told: string;
    readonly details: { readonly [name: string]: Value };
  },
): Anomaly {
  const { accesses } = clusters;
  const operations = invocationsOf(accesses, proof);
  const place = nameOfKey(accesses, about.key);
  const stale = staleRead(clusters, proof);
  const example = stale === undefined ? "" : ` ${stale}`;
  return {
    kind: "stale-read",
    message: `On ${place} ${operations.length} operations need ${about.told}: no smaller bound has an order that explains them.${example}`,
    operations,
    ...keyed(accesses, about.key),
    details: about.details,
  };
}

/** A read that began after what it saw had been replaced, if there is one that simple. */
function staleRead(
  { accesses, clusterOf, writes, writeStarts, firstEnds }: Clusters,
  proof: readonly number[],
): string | undefined {
  const { history, kinds, invocations, values } = accesses;
  for (const read of proof.toReversed()) {
    if (kinds[read] !== READ) continue;
    const cluster = clusterOf[read] as number;
    for (const later of proof) {
      const other = clusterOf[later] as number;
      if (kinds[later] === READ || other === cluster || other === NONE) continue;
      const isBetween =
        (writeStarts[other] as number) > (firstEnds[cluster] as number) &&
        (firstEnds[other] as number) < (invocations[read] as number);
      if (!isBetween) continue;
      const seen = valueText(accesses.valueAt(values[read] as number));
      const write = writes[cluster] as number;
      const before =
        writeStarts[cluster] === INITIAL_START
          ? "the initial value"
          : `what ${callText(history, invocations[write] as number)} had written`;
      return (
        `Before ${callText(history, invocations[read] as number)} returned ${seen}, ` +
        `${callText(history, invocations[later] as number)} had replaced ${before}.`
      );
    }
  }
  return undefined;
}

/** Both halves of a compare-and-set are one operation. */
function invocationsOf({ invocations }: Accesses, accesses: readonly number[]): number[] {
  const found = accesses.map((access) => invocations[access] as number);
  return [...new Set(found)].toSorted((a, b) => a - b);
}

function keyed({ keys }: Accesses, key: number): { readonly key?: Value } {
  const value = keys[key] as Value;
  return value === null ? {} : { key: value };
}
