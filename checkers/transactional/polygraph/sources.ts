/**
 * Who is read by whom, for the registers of a whole history: values are written once, so that a
 * read names the write that it returns. Only what others can see counts: of a transaction's writes
 * to a key the last, of its reads the first, unless it wrote the key before.
 */
import { FAIL, NONE, OK } from "../../../src/history/history.js";
import type { ByKey, Dependencies } from "../dependencies.js";
import { APPEND, READ, WRITE } from "../layout.js";

/** The initial value was read. */
const INITIAL = -1;
/** Nothing that others wrote was read. */
export const NOTHING = -2;

/** By micro-operation. */
export interface Sources {
  /** The transaction that wrote what is read, or `INITIAL`, or `NOTHING`. */
  readonly of: Int32Array;
  /** The same of what a transaction reads after it has read or written the key, of others. */
  readonly again: Int32Array;
  /** 1 for the last write of a transaction that happened to a register. */
  readonly isVersion: Uint8Array;
}

/**
 * Adds lists to it: of a transaction's appends to a key the last, of its reads the first, unless it
 * appended before, and the others apart. Each is of who appended the last element, but for those
 * that the reader had appended itself. For histories of which nothing is strange, but that a
 * transaction may read a list twice, differently, or without what it appended.
 */
export function addLists(
  { of, again, isVersion }: Sources,
  { transactions, registers, happened }: Dependencies,
  { starts, micro }: ByKey,
): void {
  const { kinds, values, owners, outcomes, lists, keyCount, valueCount } = transactions;
  /** Element → who appended it to the key that is looked at. */
  const appenders = new Int32Array(valueCount);
  const stamps = new Int32Array(valueCount).fill(NONE);
  for (let key = 0; key < keyCount; key++) {
    if (registers.has(key)) continue;
    const own = micro.subarray(starts[key], starts[key + 1]);
    let last = NONE;
    for (const at of own) {
      const owner = owners[at] as number;
      if (kinds[at] !== APPEND || outcomes[owner] === FAIL) continue;
      appenders[values[at] as number] = owner;
      stamps[values[at] as number] = key;
      if (happened[owner] === 0) continue;
      if (last !== NONE && owners[last] === owner) isVersion[last] = 0;
      isVersion[at] = 1;
      last = at;
    }
    let before = NONE;
    for (const at of own) {
      const owner = owners[at] as number;
      const isFirst = owner !== before;
      before = owner;
      if (kinds[at] !== READ || outcomes[owner] !== OK || values[at] === NONE) continue;
      const start = lists.starts[values[at] as number] as number;
      let length = start >= 0 ? (lists.items[start] as number) : 0;
      const isOwn = (element: number): boolean =>
        stamps[element] === key && appenders[element] === owner;
      while (length > 0 && isOwn(lists.items[start + length] as number)) length--;
      const known = isFirst ? of : again;
      if (length === 0) {
        known[at] = INITIAL;
        continue;
      }
      const element = lists.items[start + length] as number;
      if (stamps[element] === key) known[at] = appenders[element] as number;
    }
  }
}

/** Looks at every register once. O(micro-operations). */
export function sourcesOf(dependencies: Dependencies, { starts, micro }: ByKey): Sources {
  const { transactions, registers, happened } = dependencies;
  const { kinds, values, owners, outcomes, nullAt, valueCount } = transactions;
  const of = new Int32Array(kinds.length).fill(NOTHING);
  const again = new Int32Array(kinds.length).fill(NOTHING);
  const isVersion = new Uint8Array(kinds.length);
  /** Value → who wrote it to the key that is looked at. */
  const writers = new Int32Array(valueCount);
  const stamps = new Int32Array(valueCount).fill(NONE);
  for (const key of registers) {
    const first = starts[key] as number;
    const end = starts[key + 1] as number;
    for (let place = first; place < end; place++) {
      const at = micro[place] as number;
      const owner = owners[at] as number;
      if (kinds[at] !== WRITE || outcomes[owner] === FAIL) continue;
      writers[values[at] as number] = owner;
      stamps[values[at] as number] = key;
    }
    let last = NONE;
    for (let place = first; place < end; place++) {
      const at = micro[place] as number;
      const owner = owners[at] as number;
      const isFirst = owner !== last;
      last = owner;
      if (kinds[at] === WRITE) {
        if (happened[owner] === 1 && isLastWrite(place)) isVersion[at] = 1;
        continue;
      }
      const value = values[at] as number;
      if (kinds[at] !== READ || outcomes[owner] !== OK || value === NONE) continue;
      if (value === nullAt) {
        (isFirst ? of : again)[at] = INITIAL;
      } else if (stamps[value] === key && writers[value] !== owner) {
        (isFirst ? of : again)[at] = writers[value] as number;
      }
    }

    function isLastWrite(place: number): boolean {
      const owner = owners[micro[place] as number];
      for (let next = place + 1; next < end && owners[micro[next] as number] === owner; next++) {
        if (kinds[micro[next] as number] === WRITE) return false;
      }
      return true;
    }
  }
  return { of, again, isVersion };
}
