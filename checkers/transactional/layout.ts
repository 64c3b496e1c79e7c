/**
 * A history of transactions as columns: an operation of the function `txn` is a transaction, and
 * its value a list of micro-operations `[f, key, value]`, as Elle has it (Kingsbury & Alvaro,
 * VLDB 2020). `append` adds an element to the list of a key, `w` writes a register, `r` reads
 * either.
 *
 * A transaction that completed `ok` is what its completion says; of any other only its invocation
 * is known, and its reads are unknown. One that failed did not happen, one that is indeterminate
 * may have: whether it did, is for those to say who saw its writes.
 */
import { HarnessError } from "../../src/errors.js";
import { nodesWhere } from "../../src/graph/digraph.js";
import { INFO, NONE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { ValuePool, type Lists } from "../../src/history/value-pool.js";

/** Kinds of micro-operations. */
export const APPEND = 0;
export const WRITE = 1;
export const READ = 2;

/** Transactions in the order of their invocations, and their micro-operations in one row. */
export interface Transactions {
  readonly history: History;
  readonly count: number;
  /** Transaction → index of its invocation, and of its completion or `NONE`. */
  readonly invocations: Int32Array;
  readonly completions: Int32Array;
  /** Transaction → `OK`, `FAIL` or `INFO`. */
  readonly outcomes: Uint8Array;
  readonly processes: Int32Array;
  /** Transaction → its first micro-operation; one entry more than there are transactions. */
  readonly starts: Int32Array;
  /** Micro-operation → its transaction, kind, key, and value. */
  readonly owners: Int32Array;
  readonly kinds: Uint8Array;
  /** Numbers from 0. */
  readonly keys: Int32Array;
  readonly keyCount: number;
  /** What was appended, written or read: a position among the values; `NONE` for unknown reads. */
  readonly values: Int32Array;
  /** Lists by the positions of their elements. */
  readonly lists: Lists;
  /** How many values there are. */
  readonly valueCount: number;
  /** The position of null. */
  readonly nullAt: number;
  readonly valueAt: (position: number) => Value;
  readonly keyAt: (key: number) => Value;
  /** How many client operations have another function, and were left out. */
  readonly leftOut: number;
}

/** Lays out the transactions of a history. @throws HarnessError `bad-argument` if misshapen */
export function layOutTransactions(history: History): Transactions {
  const values = valuesOf(history);
  const txn = history.functionNames.indexOf("txn");
  const operations = history.invocations();
  const invocations = nodesWhere(operations, (at) => history.functions[at] === txn);
  const count = invocations.length;
  const completions = new Int32Array(count);
  const outcomes = new Uint8Array(count);
  const processes = new Int32Array(count);
  for (let each = 0; each < count; each++) {
    const at = invocations[each] as number;
    const end = history.pairs[at] as number;
    completions[each] = end;
    outcomes[each] = end === NONE ? INFO : (history.types[end] as number);
    processes[each] = history.processes[at] as number;
  }
  const { starts, items } = values.lists;
  /** The list of micro-operations of each transaction. */
  const texts = new Int32Array(count);
  const firsts = new Int32Array(count + 1);
  for (let each = 0; each < count; each++) {
    const event = outcomes[each] === OK ? completions[each] : invocations[each];
    const text = values.positionOf(history.values[event as number] as number);
    if (!((starts[text] as number) >= 0)) throw misshapen(history, event as number);
    texts[each] = text;
    firsts[each + 1] = (firsts[each] as number) + (items[starts[text] as number] as number);
  }
  const micro = firsts[count] as number;
  const owners = new Int32Array(micro);
  const kinds = new Uint8Array(micro);
  const keys = new Int32Array(micro);
  const read = new Int32Array(micro);
  const kindOf = kindsOf(values);
  const keyNumbers = new Int32Array(values.count).fill(NONE);
  const keyPositions: number[] = [];
  for (let each = 0; each < count; each++) {
    const first = firsts[each] as number;
    const end = firsts[each + 1] as number;
    const text = (starts[texts[each] as number] as number) + 1;
    for (let at = first; at < end; at++) {
      const start = starts[items[text + at - first] as number] as number;
      const length = !(start >= 0) ? 0 : (items[start] as number);
      const kind = length < 2 ? NONE : kindOf(items[start + 1] as number);
      if (kind === NONE || (length < 3 && kind !== READ)) {
        const known = outcomes[each] === OK ? completions : invocations;
        throw misshapen(history, known[each] as number, at - first);
      }
      const key = items[start + 2] as number;
      if (keyNumbers[key] === NONE) keyNumbers[key] = keyPositions.push(key) - 1;
      owners[at] = each;
      kinds[at] = kind;
      keys[at] = keyNumbers[key] as number;
      const isUnknown = kind === READ && outcomes[each] !== OK;
      read[at] = isUnknown ? NONE : length < 3 ? values.nullAt : (items[start + 3] as number);
    }
  }
  return {
    history,
    count,
    invocations,
    completions,
    outcomes,
    processes,
    starts: firsts,
    owners,
    kinds,
    keys,
    keyCount: keyPositions.length,
    values: read,
    lists: values.lists,
    valueCount: values.count,
    nullAt: values.nullAt,
    valueAt: values.valueAt,
    keyAt: (key) => values.valueAt(keyPositions[key] as number),
    leftOut: operations.length - count,
  };
}

/** How many transactions completed `ok`. */
export function okCountOf({ outcomes }: Pick<Transactions, "outcomes">): number {
  let ok = 0;
  for (let each = 0; each < outcomes.length; each++) if (outcomes[each] === OK) ok++;
  return ok;
}

/** Transaction → 1 when it completed `ok`. */
export function areOk({ outcomes }: Pick<Transactions, "outcomes">): Uint8Array {
  const are = new Uint8Array(outcomes.length);
  for (let each = 0; each < outcomes.length; each++) if (outcomes[each] === OK) are[each] = 1;
  return are;
}

interface Values {
  readonly lists: Lists;
  readonly count: number;
  readonly nullAt: number;
  /** A position in the pool of the history as one here. */
  readonly positionOf: (position: number) => number;
  readonly valueAt: (position: number) => Value;
}

/** The values of a history with their lists, which it has unless its pool was made elsewhere. */
function valuesOf(history: History): Values {
  if (history.lists === undefined) {
    const pool = new ValuePool();
    const positions = history.pool.map((value) => pool.intern(value));
    return {
      nullAt: pool.intern(null),
      lists: pool.lists(),
      count: pool.length,
      positionOf: (position) => positions[position] as number,
      valueAt: (position) => pool.at(position),
    };
  }
  const { lists, valueAt } = history;
  const count = lists.starts.length;
  let nullAt = 0;
  while (nullAt < count && ((lists.starts[nullAt] as number) >= 0 || valueAt(nullAt) !== null)) {
    nullAt++;
  }
  return {
    lists,
    // A read without a value is one of null, even when no null stands anywhere.
    count: count + 1,
    nullAt,
    positionOf: (position) => position,
    valueAt: (position) => (position === count ? null : valueAt(position)),
  };
}

const KINDS: { readonly [name: string]: number } = {
  append: APPEND,
  w: WRITE,
  write: WRITE,
  r: READ,
  read: READ,
};

const UNSEEN = 0;
const FOREIGN = 1;

/** The kind that a value names, or `NONE`; each value is looked at once. */
export function kindsOf({
  count,
  valueAt,
}: Pick<Values, "count" | "valueAt">): (position: number) => number {
  const known = new Uint8Array(count);
  return (position) => {
    if (known[position] === UNSEEN) {
      const name = valueAt(position);
      const kind = typeof name === "string" && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
      known[position] = kind === undefined ? FOREIGN : kind + 2;
    }
    return known[position] === FOREIGN ? NONE : (known[position] as number) - 2;
  };
}

/** `place`: of the micro-operation that is none, where there are some. */
function misshapen(history: History, event: number, place?: number): HarnessError {
  const { value } = history.event(event);
  const wrong = place === undefined ? value : ((value as readonly Value[])[place] as Value);
  const text = JSON.stringify(wrong);
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new HarnessError(
    "bad-argument",
    `event ${event} is no transaction: its value ${place === undefined ? "is" : "has in it"} ${short}; ` +
      'expected a list of micro-operations such as [["append", "x", 1], ["r", "x", [1]], ["w", "y", 1], ["r", "y", 1]]',
    { event },
  );
}
