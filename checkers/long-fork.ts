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
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../src/history/history.js";
import { canonical, sameValue, type Value } from "../src/history/value.js";
import { ForkGroups, type ForkGroup } from "./everyday/fork-groups.js";
import { outcomeOf } from "./everyday/functions.js";
import { NumberTable } from "./everyday/number-table.js";
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

function judge(history: History, { found, limits }: Work): Judgement {
  const { pool, values, pairs } = history;
  limits.hold(history.length * 64 + pool.length);
  /** Result → 0 until it was judged, then `JUDGED` and what else it counts as. */
  const known = new Uint8Array(pool.length);
  const { reading, writing } = transactionsOf(history);
  const writes = new Writes();
  for (const invocation of writing) {
    for (const each of pool[values[invocation] as number] as readonly Micro[]) {
      if (each[0] === "w") writes.add(invocation, each);
    }
  }
  limits.check();
  const groups = new ForkGroups();
  const shown: Shown[] = [];
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
    const length = writes.read(pool[result] as Value, shown);
    for (let k = 0; k < length; k++) {
      const { key, value } = shown[k] as Shown;
      if (writes.explains(key, value, completion)) continue;
      isRight = false;
      const name = writes.names[key] as string;
      found.add("unexpected-value", () => ({
        message: `${callText(history, invocation)} sees ${valueText(value)} at ${name}, which nobody had tried to write there by its end, or only in vain.`,
        operations: [invocation],
        details: { key: name, value },
      }));
    }
    if (length < 2 || hasTwice(shown, length)) continue;
    reads++;
    if ((reads & 0xfff) === 0) limits.check();
    let seenCount = 0;
    for (let k = 0; k < length; k++) if ((shown[k] as Shown).value !== null) seenCount++;
    if (seenCount === 0) early++;
    if (seenCount === length) late++;
    if (isRight) {
      known[result] = JUDGED | (seenCount === 0 ? EARLY : 0) | (seenCount === length ? LATE : 0);
    }
    const [first, second] = shown as [Shown, Shown];
    if (length === 2) {
      const sees = [first.value !== null, second.value !== null] as const;
      groups.addPair(invocation, [first.key, second.key], sees);
    } else {
      const all = shown.slice(0, length);
      const seen = all.map(({ value }) => value !== null);
      groups.addWide(
        all.map(({ key }) => key),
        { invocation, seen, seenCount },
      );
    }
  }
  for (const group of groups.suspects()) {
    if (!group.keys.some((key) => writes.isAgain(key))) compare(history, group, { found, writes });
  }
  return {
    operations: reading.length + writing.length,
    details: { reads, groups: groups.count, early, late, writes: writes.count },
    holds: `${counted(reads, "read")} of ${counted(groups.count, "group")} of keys see the writes in one order each.`,
    gap: gapIn(reads, writes.again),
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
  readonly writes: Writes;
}

/**
 * Sorted by how much they see, reads are in one order exactly when each sees all that the one
 * before it sees: if neighbours are, so is everyone.
 */
function compare(history: History, group: ForkGroup, { found, writes }: Compared): void {
  const sorted = group.reads.toSorted((a, b) => a.seenCount - b.seenCount);
  for (const [i, later] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined) continue;
    const onlyBefore = before.seen.findIndex((seen, k) => seen && later.seen[k] !== true);
    if (onlyBefore < 0) continue;
    const onlyLater = later.seen.findIndex((seen, k) => seen && before.seen[k] !== true);
    const keys = [group.keys[onlyBefore] as number, group.keys[onlyLater] as number];
    const [first, second] = keys.map((key) => writes.names[key]) as [string, string];
    found.add("long-fork", () => ({
      message: `${callText(history, before.invocation)} sees the write of ${first} but not that of ${second}, ${callText(history, later.invocation)} the other way round.`,
      operations: inOrder(
        before.invocation,
        later.invocation,
        ...keys.flatMap((key) => writes.invocationOf(key) ?? []),
      ),
      details: { keys: [first, second] },
    }));
  }
}

type Micro = readonly [f: "r" | "w", key: Value, value: Value];

/** What a read shows of a key, which has a number. */
interface Shown {
  key: number;
  value: Value;
}

/** Keys by number, and who wrote them. */
class Writes {
  readonly names: string[] = [];
  /** Names of the keys that were written more than once. */
  readonly again: Set<string> = new Set<string>();
  /** Keys that were written. */
  count = 0;
  readonly #byName = new Map<string, number>();
  readonly #byNumber = new NumberTable();
  readonly #invocations: number[] = [];
  readonly #values: Value[] = [];
  readonly #isAgain: boolean[] = [];

  add(invocation: number, [, named, value]: Micro): void {
    const key = this.#numberOf(named);
    if (this.#invocations[key] === NONE) this.count++;
    else {
      this.#isAgain[key] = true;
      this.again.add(this.names[key] as string);
    }
    this.#invocations[key] = invocation;
    this.#values[key] = value;
  }

  isAgain(key: number): boolean {
    return this.#isAgain[key] === true;
  }

  /** The last write of a key. */
  invocationOf(key: number): number | undefined {
    const invocation = this.#invocations[key] as number;
    return invocation === NONE ? undefined : invocation;
  }

  /** Whether nothing, or what somebody had tried to write, may be seen by then. */
  explains(key: number, value: Value, completion: number): boolean {
    if (value === null || this.isAgain(key)) return true;
    const invocation = this.#invocations[key] as number;
    if (invocation === NONE || invocation >= completion) return false;
    const written = this.#values[key] as Value;
    return written === value || sameValue(written, value);
  }

  /** What a result shows, in the order of the keys' names; nothing when it is no list of that. */
  read(result: Value, shown: Shown[]): number {
    if (!Array.isArray(result)) return 0;
    const micros = result as readonly Value[];
    for (const each of micros) if (!isMicro(each)) return 0;
    for (let k = 0; k < micros.length; k++) {
      const [, named, value] = micros[k] as Micro;
      const into = (shown[k] ??= { key: 0, value: null });
      into.key = this.#numberOf(named);
      into.value = value;
    }
    this.#sort(shown, micros.length);
    return micros.length;
  }

  /** Few keys, mostly in order: by insertion. */
  #sort(shown: Shown[], length: number): void {
    for (let at = 1; at < length; at++) {
      const each = shown[at] as Shown;
      const name = this.names[each.key] as string;
      let to = at;
      while (to > 0 && (this.names[(shown[to - 1] as Shown).key] as string) > name) {
        shown[to] = shown[--to] as Shown;
      }
      shown[to] = each;
    }
  }

  #numberOf(named: Value): number {
    if (typeof named === "string") return this.#numberOfName(named);
    if (typeof named !== "number") return this.#numberOfName(canonical(named));
    let key = this.#byNumber.find(named);
    if (key === NONE) {
      key = this.#numberOfName(canonical(named));
      this.#byNumber.set(named, key);
    }
    return key;
  }

  #numberOfName(name: string): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const key = this.names.push(name) - 1;
    this.#byName.set(name, key);
    this.#invocations.push(NONE);
    this.#values.push(null);
    this.#isAgain.push(false);
    return key;
  }
}

/** What there is to look at: transactions that only read and are ok, and those that may write. */
function transactionsOf(history: History): {
  readonly reading: Int32Array;
  readonly writing: Int32Array;
} {
  const { length, types, processes, pool, values } = history;
  /** By position in the pool: 1 reads only, 2 writes, 3 is no transaction. */
  const kinds = new Uint8Array(pool.length);
  const reading = new Int32Array(length);
  const writing = new Int32Array(length);
  let [readingCount, writingCount] = [0, 0];
  for (let i = 0; i < length; i++) {
    if (types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    const id = values[i] as number;
    const kind = (kinds[id] ||= kindOf(pool[id] as Value));
    if (kind === 1) {
      if (outcomeOf(history, i) === OK) reading[readingCount++] = i;
    } else if (kind === 2 && outcomeOf(history, i) !== FAIL) writing[writingCount++] = i;
  }
  return {
    reading: reading.subarray(0, readingCount),
    writing: writing.subarray(0, writingCount),
  };
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

function isMicro(value: Value): value is Micro {
  return Array.isArray(value) && value.length === 3 && (value[0] === "r" || value[0] === "w");
}

/** Whether a key is among the sorted ones twice. */
function hasTwice(shown: readonly Shown[], length: number): boolean {
  for (let at = 1; at < length; at++) if (shown[at]?.key === shown[at - 1]?.key) return true;
  return false;
}
