/**
 * Lists at the levels about what a transaction sees. Whoever reads a list sees who appended its
 * last element, of those that it did not append itself; and as lists only grow, it may not lack
 * what anybody appended whom it sees. That refutes these levels by one read. Where none does, and
 * nothing contradicts read committed, they hold: whoever commits in the order of versions, after
 * whom it reads, is seen as it should be.
 *
 * ```
 * 0  append x 1   append y 1        1  r x → [1]   r y → []
 * ```
 */
import { NONE } from "../../../src/history/history.js";
import type { Analysis } from "../analyze.js";
import { Findings } from "../findings.js";
import { APPEND, READ } from "../layout.js";
import { INITIAL, writeSetsOf, type Sources } from "./sources.js";

/** So many reads that lack what their own transaction appended are named. */
const EXAMPLES_MAX = 4;

/** The same of lists as `sourcesOf` says of registers; registers are left out. */
export function listSourcesOf({ transactions, dependencies, byKey }: Analysis): Sources {
  const { kinds, keys, values, owners, keyCount, valueCount } = transactions;
  const { versions, happened, registers } = dependencies;
  const sources = new Int32Array(keys.length).fill(NONE);
  const isLast = new Uint8Array(keys.length);
  /** Append → 1 when its element was appended twice to the key. */
  const isTwice = new Uint8Array(keys.length);
  const stamps = new Int32Array(valueCount).fill(NONE);
  const appends = new Int32Array(valueCount);
  /** Appends that their own transaction then reads the list without. */
  const ownMissed: (readonly [number, number])[] = [];
  for (let key = 0; key < keyCount; key++) {
    if (registers.has(key)) continue;
    const micro = byKey.micro.subarray(byKey.starts[key], byKey.starts[key + 1]);
    /** Place in the list → who appended what stands there. */
    const byPlace: number[] = [];
    let last = NONE;
    for (const at of micro) {
      if (kinds[at] !== APPEND) continue;
      if (last !== NONE && owners[last] === owners[at]) isLast[last] = 0;
      isLast[at] = 1;
      last = at;
      const value = values[at] as number;
      if (stamps[value] === key) isTwice[at] = isTwice[appends[value] as number] = 1;
      stamps[value] = key;
      appends[value] = at;
      if (versions[at] !== NONE) byPlace[versions[at] as number] = at;
    }
    let own = NONE;
    for (const at of micro) {
      const length = versions[at] as number;
      if (kinds[at] === APPEND) own = at;
      if (kinds[at] !== READ || length === NONE) continue;
      const isAfterOwn = own !== NONE && owners[own] === owners[at] && isTwice[own] !== 1;
      const isMissing =
        isAfterOwn && (versions[own] === NONE || (versions[own] as number) >= length);
      if (isMissing && ownMissed.length < EXAMPLES_MAX) ownMissed.push([own, at]);
      // What it had appended itself stands behind what it saw of others.
      let place = length - 1;
      while (place >= 0 && owners[byPlace[place] ?? -1] === owners[at]) place--;
      if (length === 0 || place >= 0) {
        sources[at] = length === 0 ? INITIAL : (byPlace[place] ?? NONE);
      }
    }
  }
  const writes = writeSetsOf(transactions, { micro: byKey.micro, happened, isLast });
  const placeOf = (writer: number, key: number): number => {
    let place = writes.starts[writer] as number;
    while (writes.keys[place] !== key) place++;
    const append = writes.micro[place] as number;
    const version = versions[append] as number;
    if (version !== NONE) return version;
    return isTwice[append] === 1 ? -1 : Infinity;
  };
  const lacks = (read: number, writer: number): boolean => {
    const place = placeOf(writer, keys[read] as number);
    return place >= 0 && place >= (versions[read] as number);
  };
  const findings = new Findings();
  return { sources, happened, writes, findings, ownMissed, ambiguous: 0, lacks, placeOf };
}
