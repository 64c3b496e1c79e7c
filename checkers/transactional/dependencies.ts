/**
 * The dependencies of a history (Adya 1999, section 3.1; Kingsbury & Alvaro 2020, section 4): what
 * is known of the order of transactions, as edges with kinds, and what is wrong without any order.
 */
import { LabelledEdges } from "../../src/graph/labelled-digraph.js";
import { NONE } from "../../src/history/history.js";
import { Findings } from "./findings.js";
import { areOk, type Transactions } from "./layout.js";

/** Kinds of edges, as bits. `ww`: overwrites; `wr`: is read by; `rw`: read what is overwritten. */
export const WW = 1;
export const WR = 2;
export const RW = 4;
/** Precedes it in its session. */
export const PROCESS = 8;
/** Completed before it was invoked. */
export const REALTIME = 16;
/** The rw of a transaction that wrote the key itself after it had read it. */
export const UPDATE = 32;
/**
 * From a node that stands for many transactions to one of them, or to the next such node: such an
 * edge continues the one before it, and counts as none.
 */
export const CONTINUES = 0;

/** For each micro-operation there are about so many edges, or fewer. */
const EDGES_EACH = 3;

/** Collects what the versions of keys and the orders of time say. */
export class Dependencies {
  readonly edges: LabelledEdges;
  readonly findings: Findings = new Findings();
  readonly transactions: Transactions;
  /** Transaction → 1 when it happened: it is `ok`, or somebody saw what it wrote. */
  readonly happened: Uint8Array;
  /**
   * Micro-operation → its version: for an append the place of its element, for a read how many
   * elements it saw; for registers a number of the version. `NONE` when not known.
   */
  readonly versions: Int32Array;
  /** Whether a value was written to a register twice, so that nobody knows who is read. */
  hasAmbiguous = false;
  /** Whether an element was appended to a list twice, so that nobody knows who is seen. */
  isAppendedTwice = false;
  /** Keys that are registers. */
  readonly registers: Set<number> = new Set();
  /** Of a key each, transactions that wrote it in an order that nothing shows. */
  readonly unordered: (readonly number[])[] = [];
  /** Transactions, and the nodes that stand for many of them. */
  nodeCount: number;

  constructor(transactions: Transactions) {
    this.transactions = transactions;
    this.edges = new LabelledEdges(EDGES_EACH * transactions.values.length + 64);
    this.nodeCount = transactions.count;
    this.happened = areOk(transactions);
    this.versions = new Int32Array(transactions.values.length).fill(NONE);
  }

  /** Adds an edge between transactions that differ. */
  add(from: number, to: number, kind: number): void {
    if (from !== to) this.edges.add(from, to, kind);
  }

  addNode(): number {
    return this.addNodes(1);
  }

  /** The first of so many nodes, which follow one another. */
  addNodes(count: number): number {
    this.nodeCount += count;
    return this.nodeCount - count;
  }
}

/** The micro-operations of each key, ascending: those of key `k` from `starts[k]` on. */
export interface ByKey {
  readonly starts: Int32Array;
  readonly micro: Int32Array;
}

/** Sorts micro-operations by key, by counting. */
export function groupByKey({ keys, keyCount }: Transactions): ByKey {
  const starts = new Int32Array(keyCount + 1);
  for (const key of keys) starts[key + 1] = (starts[key + 1] as number) + 1;
  for (let key = 0; key < keyCount; key++) {
    starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  }
  const places = starts.slice();
  const micro = new Int32Array(keys.length);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as number;
    const place = places[key] as number;
    places[key] = place + 1;
    micro[place] = at;
  }
  return { starts, micro };
}
