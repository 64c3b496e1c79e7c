/**
 * Histories of lists beside registers at the levels about what a transaction sees. Of a list a read
 * tells what it lacks; of a register what a reader sees and did not read came before what it read.
 * The order of commits is that of versions, and the lists have shown some of theirs: whoever
 * appended an element commits before who appended the next. Any order that keeps all that shows the
 * level, and a cycle contradicts it.
 *
 * ```
 * 0  append x 1   w y 1        1  r x → [1]   r y → null        a fractured read
 * ```
 */
import { IntList } from "../../../src/graph/growing.js";
import { NONE } from "../../../src/history/history.js";
import type { Analysis } from "../analyze.js";
import { groupByKey, type ByKey } from "../dependencies.js";
import { APPEND, READ } from "../layout.js";
import type { Overwrites } from "./commit-graph.js";
import { listSourcesOf } from "./lists.js";
import { sourcesOf, writeSetsOf, type Sources } from "./sources.js";

/** Whether there is no more to know of whose each read is than values tell. */
export function isOfBoth({ dependencies, rules }: Analysis): boolean {
  const { registers, isAppendedTwice, hasAmbiguous } = dependencies;
  return rules.size === 0 && !isAppendedTwice && !hasAmbiguous && registers.size > 0;
}

/** From whom each read reads, of lists and of registers. */
export function sourcesOfBoth(analysis: Analysis): Sources {
  const { transactions, dependencies, byKey } = analysis;
  const { keys, kinds, owners } = transactions;
  const { registers, happened } = dependencies;
  const lists = listSourcesOf(analysis);
  const others = sourcesOf(transactions, onlyOf(registers, byKey));
  const isLast = new Uint8Array(keys.length);
  /** Key → the last write of it, of the transaction that is gone through. */
  const last = new Map<number, number>();
  for (let at = 0; at < keys.length; at++) {
    if (at > 0 && owners[at] !== owners[at - 1]) last.clear();
    const key = keys[at] as number;
    if (kinds[at] === READ) continue;
    const before = last.get(key);
    if (before !== undefined) isLast[before] = 0;
    isLast[at] = 1;
    last.set(key, at);
  }
  return {
    ...lists,
    sources: lists.sources.map((source, at) =>
      registers.has(keys[at] as number) ? (others.sources[at] as number) : source,
    ),
    writes: writeSetsOf(transactions, { micro: groupByKey(transactions).micro, happened, isLast }),
    ownMissed: [...lists.ownMissed, ...others.ownMissed],
    registers,
  };
}

function onlyOf(keys: ReadonlySet<number>, { starts, micro }: ByKey): ByKey {
  const kept = new Int32Array(starts.length);
  const own = new IntList();
  for (let key = 0; key + 1 < starts.length; key++) {
    if (keys.has(key)) {
      for (let place = starts[key] as number; place < (starts[key + 1] as number); place++) {
        own.push(micro[place] as number);
      }
    }
    kept[key + 1] = own.length;
  }
  return { starts: kept, micro: Int32Array.from({ length: own.length }, (_, at) => own.at(at)) };
}

/** Who appended to a list right after whom; what nobody read comes after all that was read. */
export function overwritesOf({ transactions, dependencies, byKey }: Analysis): Overwrites {
  const { kinds, owners } = transactions;
  const { versions, happened, registers } = dependencies;
  const froms = new IntList();
  const tos = new IntList();
  const add = (from: number, to: number): void => {
    if (from === NONE || from === to) return;
    froms.push(from);
    tos.push(to);
  };
  for (let key = 0; key + 1 < byKey.starts.length; key++) {
    if (registers.has(key)) continue;
    const byPlace: number[] = [];
    const unread: number[] = [];
    for (const at of byKey.micro.subarray(byKey.starts[key], byKey.starts[key + 1])) {
      const owner = owners[at] as number;
      if (kinds[at] !== APPEND || happened[owner] !== 1) continue;
      if (versions[at] === NONE) unread.push(owner);
      else byPlace[versions[at] as number] = owner;
    }
    let last = NONE;
    for (const owner of byPlace) {
      if (owner === undefined) continue;
      add(last, owner);
      last = owner;
    }
    for (const owner of unread) add(last, owner);
  }
  return { froms, tos };
}
