/**
 * Registers whose writes are unique as a graph of what must precede what: chains of operations (one
 * a process), who reads from whom, and edges between chains.
 *
 * Only required operations take part, and indeterminate writes whose value was read: those
 * happened. Indeterminate ones that nobody read can only make things worse, and are left out.
 */
import { NONE } from "../../src/history/history.js";
import type { Layout } from "./layout.js";
import type { Wants } from "./wants.js";

/** Registers as a graph. */
export interface Graph {
  readonly layout: Layout;
  /**
   * Operations that take part, by process, in order. An optional one is the last of its process, or
   * a chain of its own when the process went on without it.
   */
  readonly chains: readonly (readonly number[])[];
  /** The chain of each operation. */
  readonly chainOf: Int32Array;
  /** Place of each operation in its chain, from 1; 0 for those that take no part. */
  readonly places: Int32Array;
  /** For a read the write that it reads, or `NONE`; a read of the initial value has `INITIAL`. */
  readonly readsFrom: Int32Array;
  /** For a write its reads, the last one of each chain. */
  readonly readers: ReadonlyMap<number, readonly number[]>;
  readonly isWrite: Uint8Array;
  /** Writes in order, those of part `p` in chain `c` from `writeStarts[p × chains + c]` on. */
  readonly writes: Int32Array;
  readonly writeStarts: Int32Array;
  readonly edges: Edge[];
  /** By operation: positions in `edges` of those that lead to it. */
  readonly into: number[][];
}

/** One operation must precede another, of another chain. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  /** Two operations of which one must precede the other: why the edge is there. */
  readonly because?: { readonly from: number; readonly to: number; readonly read: number };
}

/** What a read reads from that returns the value before all writes. */
export const INITIAL: number = -2;

/**
 * A graph; or a read of what nobody can have written; or undefined for what is no such history, or
 * would need too many clocks.
 */
export type Registers = Graph | { readonly thinAir: number } | undefined;

/** Entries of clocks, a chain by operation: beyond this the search has to do without. */
const CLOCKS_MAX = 1 << 26;

/** Lays out registers; `initial` is the number of the state before everything. */
export function createGraph(layout: Layout, wants: Wants, initial: number): Registers {
  const { count, parts, sequences, optional, partNames } = layout;
  const writers = new Map<number, number>();
  const nameOf = (part: number, state: number): number => state * partNames.length + part;
  const isRead = (operation: number): boolean => (wants.needs[operation] as number) !== NONE;
  for (let operation = 0; operation < count; operation++) {
    const state = wants.makes[operation] as number;
    if (state === NONE) continue;
    // A compare-and-set is a read and a write in one: for the search.
    if (isRead(operation) || state === initial) return undefined;
    const name = nameOf(parts[operation] as number, state);
    if (writers.has(name)) return undefined;
    writers.set(name, operation);
  }
  const chains = sequences.map((sequence) => [...sequence]);
  const read = new Set<number>();
  for (const sequence of sequences) {
    for (const one of sequence) {
      if (!isRead(one) || wants.needs[one] === initial) continue;
      const name = nameOf(parts[one] as number, wants.needs[one] as number);
      if (!writers.has(name)) return { thinAir: one };
      read.add(name);
    }
  }
  const edges: Edge[] = [];
  for (const { operation, process, after } of optional) {
    if (!read.has(nameOf(parts[operation] as number, wants.makes[operation] as number))) continue;
    const chain = chains[process] as number[];
    if (chain.length === after) {
      chain.push(operation);
      continue;
    }
    chains.push([operation]);
    const previous = sequences[process]?.[after - 1];
    if (previous !== undefined) edges.push({ from: previous, to: operation });
  }
  // Before there is a column for each part and chain: parts are as many as operations at most.
  if (count * chains.length > CLOCKS_MAX) return undefined;
  return connect({ layout, wants, initial, chains, edges, writers, nameOf });
}

function connect(given: {
  readonly layout: Layout;
  readonly wants: Wants;
  readonly initial: number;
  readonly chains: readonly (readonly number[])[];
  readonly edges: Edge[];
  readonly writers: ReadonlyMap<number, number>;
  readonly nameOf: (part: number, state: number) => number;
}): Graph {
  const { layout, wants, initial, chains, edges, writers, nameOf } = given;
  const { count, parts } = layout;
  const places = new Int32Array(count);
  const chainOf = new Int32Array(count);
  const readsFrom = new Int32Array(count).fill(NONE);
  const readers = new Map<number, number[]>();
  const firstReaders = new Map<number, number[]>();
  const { writes, writeStarts } = writesOf(given);
  const isWrite = new Uint8Array(count);
  const into: number[][] = Array.from({ length: count }, () => []);
  edges.forEach(({ to }, number) => into[to]?.push(number));
  for (const [number, chain] of chains.entries()) {
    for (const [place, operation] of chain.entries()) {
      places[operation] = place + 1;
      chainOf[operation] = number;
      const part = parts[operation] as number;
      const needed = wants.needs[operation] as number;
      if ((wants.makes[operation] as number) !== NONE) {
        isWrite[operation] = 1;
      } else if (needed === initial) {
        readsFrom[operation] = INITIAL;
        addLast(firstReaders, { name: part, operation, chainOf });
      } else if (needed !== NONE) {
        const writer = writers.get(nameOf(part, needed)) as number;
        readsFrom[operation] = writer;
        into[operation]?.push(edges.push({ from: writer, to: operation }) - 1);
        addLast(readers, { name: writer, operation, chainOf });
      }
    }
  }
  for (const [part, list] of firstReaders) {
    // The initial value was there before every write.
    for (let chain = 0; chain < chains.length; chain++) {
      const number = part * chains.length + chain;
      const start = writeStarts[number] as number;
      if (start === writeStarts[number + 1]) continue;
      const first = writes[start] as number;
      for (const read of list) into[first]?.push(edges.push({ from: read, to: first }) - 1);
    }
  }
  return {
    layout,
    chains,
    chainOf,
    places,
    readsFrom,
    readers,
    isWrite,
    writes,
    writeStarts,
    edges,
    into,
  };
}

/** Sorts the writes by part and chain (by counting). */
function writesOf({
  layout: { parts, partNames },
  wants,
  chains,
}: {
  readonly layout: Layout;
  readonly wants: Wants;
  readonly chains: readonly (readonly number[])[];
}): Pick<Graph, "writes" | "writeStarts"> {
  const writeStarts = new Int32Array(partNames.length * chains.length + 2);
  const each = (tell: (operation: number, list: number) => void): void => {
    for (const [number, chain] of chains.entries()) {
      for (const operation of chain) {
        if ((wants.makes[operation] as number) === NONE) continue;
        tell(operation, (parts[operation] as number) * chains.length + number);
      }
    }
  };
  let count = 0;
  each((_, list) => {
    count++;
    writeStarts[list + 2] = (writeStarts[list + 2] as number) + 1;
  });
  for (let list = 2; list < writeStarts.length; list++) {
    writeStarts[list] = (writeStarts[list] as number) + (writeStarts[list - 1] as number);
  }
  const writes = new Int32Array(count);
  // What begins a list is moved on by each of its writes, and ends where the next one begins.
  each((operation, list) => {
    const place = writeStarts[list + 1] as number;
    writes[place] = operation;
    writeStarts[list + 1] = place + 1;
  });
  return { writes, writeStarts };
}

/** Keeps the last operation of each chain; those of one chain come one after the other. */
function addLast(
  lists: Map<number, number[]>,
  {
    name,
    operation,
    chainOf,
  }: { readonly name: number; readonly operation: number; readonly chainOf: Int32Array },
): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [operation]);
  else if (chainOf[list.at(-1) as number] === chainOf[operation]) list[list.length - 1] = operation;
  else list.push(operation);
}
