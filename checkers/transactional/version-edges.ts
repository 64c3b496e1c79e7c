/**
 * The dependencies of registers, and of lists, when an order of versions is given: every key is
 * written in the order of its writers, and each read names the version that it is of.
 */
import { NONE } from "../../src/history/history.js";
import type { KeysKnown } from "./analyze.js";
import { RW, WR, WW, type Dependencies } from "./dependencies.js";
import { addLists, NOTHING, sourcesOf } from "./polygraph/sources.js";

/** Adds them; `order` has all transactions that wrote. O(micro-operations). */
export function addVersionEdges(
  dependencies: Dependencies,
  analysis: KeysKnown,
  order: readonly number[],
): void {
  const { transactions, byKey } = analysis;
  const { keyCount, keys, owners, starts } = transactions;
  const sources = sourcesOf(analysis.dependencies, byKey);
  addLists(sources, analysis.dependencies, byKey);
  /** Key → its first writer; by micro-operation, who overwrites the version. */
  const firsts = new Int32Array(keyCount).fill(NONE);
  const next = new Int32Array(keys.length).fill(NONE);
  const current = new Int32Array(keyCount).fill(NONE);
  for (const writer of order) {
    const end = starts[writer + 1] as number;
    for (let at = starts[writer] as number; at < end; at++) {
      if (sources.isVersion[at] === 0) continue;
      const key = keys[at] as number;
      const before = current[key] as number;
      if (before === NONE) firsts[key] = writer;
      else {
        next[before] = writer;
        dependencies.add(owners[before] as number, writer, WW);
      }
      current[key] = at;
    }
  }
  for (let at = 0; at < keys.length; at++) {
    const reader = owners[at] as number;
    const key = keys[at] as number;
    const source = sources.of[at] as number;
    if (source >= 0) dependencies.add(source, reader, WR);
    const over = source >= 0 ? (next[versionOf(source, key)] as number) : firsts[key];
    if (source !== NOTHING && over !== undefined && over !== NONE) {
      dependencies.add(reader, over, RW);
    }
  }

  /** What a transaction left of a key. */
  function versionOf(writer: number, key: number): number {
    let at = starts[writer] as number;
    while (keys[at] !== key || sources.isVersion[at] === 0) at++;
    return at;
  }
}
