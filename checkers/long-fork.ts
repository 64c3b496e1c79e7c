/**
 * Long fork: two reads see two writes in opposite orders, so that the state of the system has
 * forked. Parallel snapshot isolation allows it, snapshot isolation and serializability do not
 * (Sovran et al. 2011, section 4; IRIW in the words of memory models).
 *
 * Reads transactions of any function, whose value is a list of micro-operations: `["w", key,
 * value]` and `["r", key, value]`, null for a key that is not there. Each key is written at most
 * once. Compared are transactions that only read, of the same two keys or more.
 */
import type { Checker } from "../src/checker/checker.js";
import { FAIL, INVOKE, NEMESIS, OK, type History } from "../src/history/history.js";
import { canonical, sameValue, type Value } from "../src/history/value.js";
import { outcomeOf } from "./everyday/functions.js";
import { inOrder } from "./everyday/presence.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";

/**
 * Compares reads of the same keys with each other.
 *
 * `long-fork`: one read sees the first write and not the second, another the second and not the
 * first.
 *
 *     process 0  |-- w x 1 --|
 *     process 1  |-- w y 1 --|
 *     process 2     |-- r x → 1, r y → null --|
 *     process 3     |-- r x → null, r y → 1 --|
 *
 * `unexpected-value`: a read sees a value that nobody had tried to write to the key by its end, or
 * only in vain.
 *
 *     process 0  |-- r x → 7, r y → null --|
 */
export function longFork(): Checker {
  return checkerOf({
    name: "long-fork",
    description: "no two reads see two writes in opposite orders: txn of [[w, k, v]], [[r, k, v]]",
    keyed: false,
    kinds: ["long-fork", "unexpected-value"],
    judge,
  });
}

const JUDGED = 1;
const EARLY = 2;
const LATE = 4;

/** A transaction that only reads, of two keys or more. */
interface Read {
  readonly invocation: number;
  /** The keys that have a value, by their position among the sorted keys of the group. */
  readonly seen: readonly boolean[];
  readonly seenCount: number;
}

/** Reads of the same keys; of those that see the same, the first. */
interface Group {
  readonly keys: readonly string[];
  readonly reads: Map<string, Read>;
}

interface Written {
  readonly invocation: number;
  readonly value: Value;
}

function judge(history: History, { found, limits }: Work): Judgement {
  const { pool, values, pairs } = history;
  limits.hold(history.length * 64 + pool.length);
  /** Result → 0 until it was judged, then `JUDGED` and what else it counts as. */
  const known = new Uint8Array(pool.length);
  const writes = new Map<string, Written>();
  const again = new Set<string>();
  const groups = new Map<string, Group>();
  const { reading, writing } = transactionsOf(history);
  for (const invocation of writing) {
    // Nothing is made of a list that is looked at once.
    for (const each of pool[values[invocation] as number] as readonly (readonly Value[])[]) {
      const [f, named = null, value = null] = each;
      if (f !== "w") continue;
      const key = keyName(named);
      if (writes.has(key)) again.add(key);
      writes.set(key, { invocation, value });
    }
  }
  limits.check();
  let [early, late, reads] = [0, 0, 0];
  for (const invocation of reading) {
    const completion = pairs[invocation] as number;
    const result = values[completion] as number;
    const counts = known[result] as number;
    if (counts !== 0) {
      // What was right to see is right to see later, and nothing new.
      reads++;
      if ((counts & EARLY) !== 0) early++;
      if ((counts & LATE) !== 0) late++;
      continue;
    }
    let isRight = true;
    const shown = microOperations(pool[values[completion] as number] as Value);
    if (shown.length !== 2 || byKey(shown[0] as Micro, shown[1] as Micro) > 0) shown.sort(byKey);
    for (const [, key, value] of shown) {
      const write = writes.get(key);
      if (value === null || again.has(key)) continue;
      if (write !== undefined && write.invocation < completion && sameValue(write.value, value)) {
        continue;
      }
      isRight = false;
      found.add("unexpected-value", () => ({
        message: `${callText(history, invocation)} sees ${valueText(value)} at ${key}, which nobody had tried to write there by its end, or only in vain.`,
        operations: [invocation],
        details: { key, value },
      }));
    }
    if (shown.length < 2 || hasTwice(shown)) continue;
    reads++;
    if ((reads & 0xfff) === 0) limits.check();
    const seen = shown.map(([, , value]) => value !== null);
    let [seenCount, state] = [0, ""];
    for (const isSeen of seen) {
      if (isSeen) seenCount++;
      state += isSeen ? "1" : "0";
    }
    if (seenCount === 0) early++;
    if (seenCount === seen.length) late++;
    if (isRight) {
      known[result] =
        JUDGED | (seenCount === 0 ? EARLY : 0) | (seenCount === seen.length ? LATE : 0);
    }
    const keys = shown.map(([, key]) => key);
    const name = canonical(keys);
    let group = groups.get(name);
    if (group === undefined) groups.set(name, (group = { keys, reads: new Map() }));
    if (!group.reads.has(state)) group.reads.set(state, { invocation, seen, seenCount });
  }
  for (const group of groups.values()) {
    if (!group.keys.some((key) => again.has(key))) compare(history, group, { found, writes });
  }
  return {
    operations: reading.length + writing.length,
    details: { reads, groups: groups.size, early, late, writes: writes.size },
    holds: `${counted(reads, "read")} of ${counted(groups.size, "group")} of keys see the writes in one order each.`,
    gap: gapIn(reads, again),
  };
}

function gapIn(reads: number, again: ReadonlySet<string>): string | undefined {
  if (reads === 0) {
    return 'Nothing was proved: no transaction that reads two keys completed ok. This checker reads lists of ["w", key, value] and ["r", key, value].';
  }
  if (again.size === 0) return undefined;
  const [first] = again;
  return `Undecided: ${counted(again.size, "key")} (${first}, …) were written more than once, so that seeing a value does not tell which writes were seen. Write each key once.`;
}

interface Compared {
  readonly found: Work["found"];
  readonly writes: ReadonlyMap<string, Written>;
}

/**
 * Sorted by how much they see, reads are in one order exactly when each sees all that the one
 * before it sees: if neighbours are, so is everyone.
 */
function compare(history: History, group: Group, { found, writes }: Compared): void {
  const sorted = [...group.reads.values()].toSorted((a, b) => a.seenCount - b.seenCount);
  for (const [i, later] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined) continue;
    const onlyBefore = before.seen.findIndex((seen, k) => seen && later.seen[k] !== true);
    if (onlyBefore < 0) continue;
    const onlyLater = later.seen.findIndex((seen, k) => seen && before.seen[k] !== true);
    const first = group.keys[onlyBefore] as string;
    const second = group.keys[onlyLater] as string;
    found.add("long-fork", () => ({
      message: `${callText(history, before.invocation)} sees the write of ${first} but not that of ${second}, ${callText(history, later.invocation)} the other way round.`,
      operations: inOrder(
        before.invocation,
        later.invocation,
        ...[first, second].flatMap((key) => writes.get(key)?.invocation ?? []),
      ),
      details: { keys: [first, second] },
    }));
  }
}

type Micro = readonly [f: "r" | "w", key: string, value: Value];

/** What there is to look at: transactions that only read and are ok, and those that may write. */
function transactionsOf(history: History): {
  readonly reading: readonly number[];
  readonly writing: readonly number[];
} {
  const { length, types, processes, pool, values } = history;
  /** By position in the pool: 1 reads only, 2 writes, 3 is no transaction. */
  const kinds = new Uint8Array(pool.length);
  const reading: number[] = [];
  const writing: number[] = [];
  for (let i = 0; i < length; i++) {
    if (types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    const id = values[i] as number;
    if (kinds[id] === 0) kinds[id] = kindOf(pool[id] as Value);
    const outcome = outcomeOf(history, i);
    if (kinds[id] === 1 && outcome === OK) reading.push(i);
    if (kinds[id] === 2 && outcome !== FAIL) writing.push(i);
  }
  return { reading, writing };
}

function kindOf(value: Value): number {
  if (!Array.isArray(value) || value.length === 0) return 3;
  let kind = 1;
  for (const each of value as readonly Value[]) {
    if (!isMicro(each)) return 3;
    if (each[0] === "w") kind = 2;
  }
  return kind;
}

function isMicro(value: Value): value is readonly [f: "r" | "w", key: Value, value: Value] {
  return Array.isArray(value) && value.length === 3 && (value[0] === "r" || value[0] === "w");
}

/** The micro-operations of a value; none when it is no list of them. */
function microOperations(value: Value): Micro[] {
  if (!Array.isArray(value)) return [];
  const found: Micro[] = [];
  for (const each of value as readonly Value[]) {
    if (!isMicro(each)) return [];
    found.push([each[0], keyName(each[1]), each[2]]);
  }
  return found;
}

function keyName(key: Value): string {
  return typeof key === "string" ? key : canonical(key);
}

/** Whether a key is among the sorted ones twice. */
function hasTwice(shown: readonly Micro[]): boolean {
  for (let at = 1; at < shown.length; at++) if (shown[at]?.[1] === shown[at - 1]?.[1]) return true;
  return false;
}

function byKey([, a]: Micro, [, b]: Micro): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
