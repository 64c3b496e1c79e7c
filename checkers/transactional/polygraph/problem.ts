/**
 * What is to be ordered: transactions that happened, which versions of registers they wrote and
 * which they read of one another. Nothing else matters to an order that explains all reads.
 *
 * Any part of a history makes a problem too, where reads of what others wrote are forgotten. If the
 * part has no order, the whole has none: the order of the whole, without the others, is one of the
 * part, for whoever wrote last before a reader still does.
 */
import { NONE, OK } from "../../../src/history/history.js";
import { READ, type Transactions } from "../layout.js";
import { NOTHING, type Sources } from "./sources.js";

/** Stands for the end of who did not complete. */
export const NEVER: number = 2 ** 31 - 1;

/**
 * Which reads come before what others write over them: `all`; only those of `updates`, which write
 * the key as well, as cursor stability has it; only those of `writers`, which write anything, as
 * update serializability has it, where each that only reads agrees with them on its own; or `none`
 * by itself, because only a cycle with just one such step is excluded, as by a consistent view and
 * parallel snapshot isolation, or only one of two `steps`, as by update atomicity.
 */
export type Minded = "all" | "updates" | "writers" | "none" | "steps";

/** Members are transactions, versions are writes; both are numbered from 0, and so are keys. */
export interface Problem {
  /** Whether snapshots are ordered too, for snapshot isolation and prefix consistency. */
  readonly isSnapshot: boolean;
  /** Whether of two that write the same key one commits before the other takes its snapshot. */
  readonly alone: boolean;
  readonly minded: Minded;
  /** Member → transaction, ascending. */
  readonly members: Int32Array;
  /** Member → event of its invocation; of its completion, or `NEVER` unless it is `ok`. */
  readonly invocations: Int32Array;
  readonly completions: Int32Array;
  readonly processes: Int32Array;
  /**
   * Key → its number in the history; `NONE` for what is no register. Lists are keys where only
   * `steps` are minded.
   */
  readonly keys: Int32Array;
  readonly writeCount: number;
  /** Member → its first version; their keys ascend. One entry more than there are members. */
  readonly writeStarts: Int32Array;
  /** Version → key, and member; the initial version of key k is `writeCount + k`, by `NONE`. */
  readonly keyOf: Int32Array;
  readonly writerOf: Int32Array;
  /**
   * Version → the member that is the next part of its transaction to read after this was written
   * over another, or `NONE`. None where members are whole transactions.
   */
  readonly followers?: Int32Array;
  /** Member → its first entry in `reads`, the versions that it read and minds, one of a key. */
  readonly readStarts: Int32Array;
  readonly reads: Int32Array;
  /** Version → its first entry in `readers`, members. */
  readonly readerStarts: Int32Array;
  readonly readers: Int32Array;
  /** The other reads: the version of each, and the member. */
  readonly otherReads: Int32Array;
  readonly otherReaders: Int32Array;
}

/** What problems of one history are made from. */
export interface Given {
  readonly transactions: Transactions;
  readonly sources: Sources;
  readonly isSnapshot: boolean;
  readonly alone: boolean;
  readonly minded: Minded;
  /** Transactions that wrote the same, no register, in an order that nothing shows. */
  readonly unordered: readonly (readonly number[])[];
  /** Write → the part that reads next, or `NONE`, where transactions are taken apart. */
  readonly followers: Int32Array | undefined;
}

/** Makes problems of parts of one history. */
export class Problems {
  readonly #given: Given;
  /** Transaction → member; key of the history → key. `NONE` outside of the part. */
  readonly #numbers: Int32Array;
  readonly #keyNumbers: Int32Array;

  constructor(given: Given) {
    this.#given = given;
    const { count, keyCount } = given.transactions;
    this.#numbers = new Int32Array(count).fill(NONE);
    this.#keyNumbers = new Int32Array(keyCount).fill(NONE);
  }

  /** The problem of these transactions, which happened; they ascend. */
  of(members: Int32Array): Problem {
    const { transactions, isSnapshot, alone, minded } = this.#given;
    const { outcomes, completions, invocations, processes } = transactions;
    const numbers = this.#numbers;
    for (let member = 0; member < members.length; member++) {
      numbers[members[member] as number] = member;
    }
    const keys = this.#numberKeys(members);
    const written = this.#writes(members, keys);
    const read = this.#reads(members, written);
    for (const member of members) numbers[member] = NONE;
    for (const key of keys) if (key !== NONE) this.#keyNumbers[key] = NONE;
    return {
      isSnapshot,
      alone,
      minded,
      members,
      invocations: members.map((each) => invocations[each] as number),
      completions: members.map((each) =>
        outcomes[each] === OK ? (completions[each] as number) : NEVER,
      ),
      processes: members.map((each) => processes[each] as number),
      keys: Int32Array.from(keys),
      ...written,
      ...read,
    };
  }

  /** Registers that anybody wrote or read, as they come; then what is none. */
  #numberKeys(members: Int32Array): number[] {
    const { transactions, sources, unordered, isSnapshot } = this.#given;
    const { starts, keys } = transactions;
    const numbers = this.#keyNumbers;
    const found: number[] = [];
    for (const each of members) {
      const end = starts[each + 1] as number;
      for (let at = starts[each] as number; at < end; at++) {
        const key = keys[at] as number;
        if (numbers[key] !== NONE) continue;
        if (sources.isVersion[at] === 0 && sources.of[at] === NOTHING) continue;
        numbers[key] = found.push(key) - 1;
      }
    }
    if (isSnapshot) for (const _ of unordered) found.push(NONE);
    return found;
  }

  #writes(
    members: Int32Array,
    keys: readonly number[],
  ): Pick<Problem, "writeCount" | "writeStarts" | "keyOf" | "writerOf" | "followers"> {
    const { transactions, sources, unordered, isSnapshot } = this.#given;
    const { starts, keys: keyAt } = transactions;
    const also = isSnapshot ? groupsByMember(unordered, keys.length - unordered.length) : undefined;
    const writeStarts = new Int32Array(members.length + 1);
    const keyOf: number[] = [];
    const writerOf: number[] = [];
    for (let member = 0; member < members.length; member++) {
      const each = members[member] as number;
      const end = starts[each + 1] as number;
      const own: number[] = [];
      for (let at = starts[each] as number; at < end; at++) {
        if (sources.isVersion[at] === 1) own.push(this.#keyNumbers[keyAt[at] as number] as number);
      }
      own.push(...(also?.get(each) ?? []));
      own.sort((a, b) => a - b);
      for (const key of own) {
        keyOf.push(key);
        writerOf.push(member);
      }
      writeStarts[member + 1] = keyOf.length;
    }
    const writeCount = keyOf.length;
    for (let key = 0; key < keys.length; key++) {
      keyOf.push(key);
      writerOf.push(NONE);
    }
    const written = {
      writeCount,
      writeStarts,
      keyOf: Int32Array.from(keyOf),
      writerOf: Int32Array.from(writerOf),
    };
    const followers = this.#followersOf(members, written);
    return followers === undefined ? written : { ...written, followers };
  }

  /** By version, where transactions are taken apart; it overwrites from the first write on. */
  #followersOf(
    members: Int32Array,
    written: Pick<Problem, "writeStarts" | "keyOf">,
  ): Int32Array | undefined {
    const { transactions, followers } = this.#given;
    if (followers === undefined) return undefined;
    const { starts, keys, kinds } = transactions;
    const found = new Int32Array(written.keyOf.length).fill(NONE);
    for (let member = 0; member < members.length; member++) {
      const each = members[member] as number;
      for (let at = (starts[each + 1] as number) - 1; at >= (starts[each] as number); at--) {
        const next = followers[at] as number;
        if (kinds[at] === READ) continue;
        const key = this.#keyNumbers[keys[at] as number] as number;
        const version = key === NONE ? NONE : versionOf(member, key, written);
        if (version === NONE) continue;
        found[version] = next === NONE ? NONE : (this.#numbers[next] as number);
      }
    }
    return found;
  }

  #reads(
    members: Int32Array,
    written: Pick<Problem, "writeCount" | "writeStarts" | "keyOf">,
  ): Pick<
    Problem,
    "readStarts" | "reads" | "readerStarts" | "readers" | "otherReads" | "otherReaders"
  > {
    const { transactions, sources, minded } = this.#given;
    const { starts, keys: keyAt } = transactions;
    const readStarts = new Int32Array(members.length + 1);
    const reads: number[] = [];
    const otherReads: number[] = [];
    const otherReaders: number[] = [];
    const readerStarts = new Int32Array(written.keyOf.length + 1);
    // Who reads a key twice may see two versions of it: it comes after both.
    const addAgain = (member: number, at: number): void => {
      const source = sources.again[at] as number;
      const key = this.#keyNumbers[keyAt[at] as number] as number;
      if (source === NOTHING) return;
      const version = source < 0 ? written.writeCount + key : this.#versionBy(source, key, written);
      if (version === NONE) return;
      otherReads.push(version);
      otherReaders.push(member);
    };
    for (let member = 0; member < members.length; member++) {
      const each = members[member] as number;
      const end = starts[each + 1] as number;
      for (let at = starts[each] as number; at < end; at++) {
        const source = sources.of[at] as number;
        if (source === NOTHING) {
          if (minded === "updates" || minded === "none") addAgain(member, at);
          continue;
        }
        const key = this.#keyNumbers[keyAt[at] as number] as number;
        const version =
          source < 0 ? written.writeCount + key : this.#versionBy(source, key, written);
        if (version === NONE) continue;
        const isUpdate = minded === "updates" && versionOf(member, key, written) !== NONE;
        const isWriter = minded === "writers" && !onlyReads(written, member);
        if (minded !== "all" && !isUpdate && !isWriter) {
          otherReads.push(version);
          otherReaders.push(member);
          continue;
        }
        reads.push(version);
        readerStarts[version + 1] = (readerStarts[version + 1] as number) + 1;
      }
      readStarts[member + 1] = reads.length;
    }
    for (let version = 1; version < readerStarts.length; version++) {
      readerStarts[version] =
        (readerStarts[version] as number) + (readerStarts[version - 1] as number);
    }
    const places = readerStarts.slice();
    const readers = new Int32Array(reads.length);
    for (let member = 0; member < members.length; member++) {
      const end = readStarts[member + 1] as number;
      for (let at = readStarts[member] as number; at < end; at++) {
        const version = reads[at] as number;
        const place = places[version] as number;
        places[version] = place + 1;
        readers[place] = member;
      }
    }
    return {
      readStarts,
      reads: Int32Array.from(reads),
      readerStarts,
      readers,
      otherReads: Int32Array.from(otherReads),
      otherReaders: Int32Array.from(otherReaders),
    };
  }

  /** What a transaction left of a key; `NONE` when it is not in this part. */
  #versionBy(
    transaction: number,
    key: number,
    written: Pick<Problem, "writeStarts" | "keyOf">,
  ): number {
    const member = this.#numbers[transaction] as number;
    return member === NONE ? NONE : versionOf(member, key, written);
  }
}

/** Whether a member wrote nothing. */
export function onlyReads({ writeStarts }: Pick<Problem, "writeStarts">, member: number): boolean {
  return writeStarts[member] === writeStarts[member + 1];
}

/** What a member left of a key; `NONE` when it did not write it. */
export function versionOf(
  member: number,
  key: number,
  { writeStarts, keyOf }: Pick<Problem, "writeStarts" | "keyOf">,
): number {
  const end = writeStarts[member + 1] as number;
  let low = writeStarts[member] as number;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keyOf[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return low < end && keyOf[low] === key ? low : NONE;
}

/** Transaction → the keys that stand for the groups that it is in. */
function groupsByMember(
  groups: readonly (readonly number[])[],
  firstKey: number,
): ReadonlyMap<number, readonly number[]> {
  const keys = new Map<number, number[]>();
  for (const [place, group] of groups.entries()) {
    for (const each of group) {
      const known = keys.get(each);
      if (known === undefined) keys.set(each, [firstKey + place]);
      else known.push(firstKey + place);
    }
  }
  return keys;
}
