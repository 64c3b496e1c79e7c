/**
 * Transactions taken apart into what may happen at moments of their own: each read of what others
 * left is a piece, and all writes are one, the commit, which comes last, with what is read of them.
 *
 * ```
 * r x   append y 1   r y → [1]   r z          r x · r z · (append y 1, r y → [1])
 * ```
 */
import { NONE, OK } from "../../../src/history/history.js";
import type { ByKey, Dependencies } from "../dependencies.js";
import { READ, type Transactions } from "../layout.js";

/** Pieces as transactions; they have the names of those whose they are. */
export interface Split {
  readonly whole: Transactions;
  readonly pieces: Transactions;
  /** Transaction → its first piece; its commit is the last before the next one's first. */
  readonly firsts: Int32Array;
  /** Piece → transaction. */
  readonly wholes: Int32Array;
  /** Micro-operation of a piece → the same of the transaction. */
  readonly origins: Int32Array;
}

/** Pieces, and what is known of them. */
export interface Pieces {
  readonly split: Split;
  readonly known: Dependencies;
  readonly byKey: ByKey;
}

/**
 * Takes all transactions apart; one that is not `ok` is its commit alone. `areMissesApart`: whether
 * a read that misses what its transaction has written there is a piece as well.
 */
export function splitTransactions(whole: Transactions, areMissesApart: boolean): Split {
  const { count, starts, kinds, keys, keyCount, outcomes, values } = whole;
  const firsts = new Int32Array(count + 1);
  const origins = new Int32Array(keys.length);
  /** Micro-operation of a piece → its piece. */
  const owners = new Int32Array(keys.length);
  const wholes: number[] = [];
  const begins: number[] = [];
  /** Key → the transaction that wrote it last, and one. */
  const written = new Int32Array(keyCount);
  /** Key → the value that it wrote last there. */
  const lefts = new Int32Array(keyCount);
  let place = 0;
  for (let each = 0; each < count; each++) {
    firsts[each] = wholes.length;
    const end = starts[each + 1] as number;
    const ofCommit: number[] = [];
    for (let at = starts[each] as number; at < end; at++) {
      const key = keys[at] as number;
      const isOwn = written[key] === each + 1;
      const isMissed = isOwn && lastOf(values[at] as number, whole) !== lefts[key];
      const isApart = !isOwn || (areMissesApart && isMissed);
      if (kinds[at] === READ && outcomes[each] === OK && isApart) {
        begins.push(place);
        owners[place] = wholes.push(each) - 1;
        origins[place++] = at;
        continue;
      }
      if (kinds[at] !== READ) {
        written[key] = each + 1;
        lefts[key] = values[at] as number;
      }
      ofCommit.push(at);
    }
    begins.push(place);
    const commit = wholes.push(each) - 1;
    for (const at of ofCommit) {
      owners[place] = commit;
      origins[place++] = at;
    }
  }
  firsts[count] = wholes.length;
  begins.push(place);
  const of = (column: Int32Array): Int32Array =>
    Int32Array.from(wholes, (each) => column[each] as number);
  const pieces: Transactions = {
    ...whole,
    count: wholes.length,
    invocations: of(whole.invocations),
    completions: of(whole.completions),
    outcomes: Uint8Array.from(wholes, (each) => outcomes[each] as number),
    processes: of(whole.processes),
    starts: Int32Array.from(begins),
    owners,
    kinds: Uint8Array.from(origins, (at) => kinds[at] as number),
    keys: origins.map((at) => keys[at] as number),
    values: origins.map((at) => values[at] as number),
  };
  return { whole, pieces, firsts, wholes: Int32Array.from(wholes), origins };
}

/** The last element of a list, or what is none. */
function lastOf(value: number, { lists: { starts, items } }: Transactions): number {
  const start = value < 0 ? -1 : (starts[value] as number);
  if (!(start >= 0)) return value;
  const length = items[start] as number;
  return length === 0 ? NONE : (items[start + length] as number);
}

/** The piece in which a transaction writes. */
export function commitOf({ firsts }: Split, transaction: number): number {
  return (firsts[transaction + 1] as number) - 1;
}
