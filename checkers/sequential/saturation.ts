/**
 * What must come before what, for registers whose writes are unique: a fixed point of
 *
 * - program order, and each write before the reads of its value;
 * - a write w' that must precede a read of w precedes w (else the read would see w', or later);
 * - a write w' that w must precede follows every read of w (else that read would see w').
 *
 * Every order that explains the history contains these edges, so a cycle refutes it (Gibbons &
 * Korach 1997, section 4, for the reads-from mapping; the rules are those that Bouajjani et al.
 * 2017 and Zennou et al. 2019 saturate with). Without a cycle nothing is decided, but the search
 * need not try what the edges forbid.
 *
 * Reachability is a vector clock an operation: how many operations of each process must precede
 * it. For each read and process only the last write before it can add an edge that the others do
 * not imply. One round is O(operations × processes), rounds go on until nothing new is found.
 *
 * Only required operations take part, and indeterminate writes whose value was read: those
 * happened. Indeterminate ones that nobody read can only make things worse, and are left out.
 */
import { NONE } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import type { Layout } from "./layout.js";
import type { Wants } from "./wants.js";

/** What came of it. */
export type Saturation =
  /** How many operations of each process must precede each operation: rows, a column a process. */
  | { readonly kind: "consistent"; readonly before: Int32Array }
  /** Operations that must precede one another, with those that show it. */
  | { readonly kind: "cyclic"; readonly operations: readonly number[] }
  /** Its preconditions do not hold, or it would cost too much. */
  | { readonly kind: "unsuitable" };

/** Entries of clocks: beyond this the search has to do without. */
const CLOCKS_MAX = 1 << 26;

/** Saturates; `initial` is the number of the state before everything. @throws LimitReached */
export function saturate(
  layout: Layout,
  wants: Wants,
  { initial, meter }: { readonly initial: number; readonly meter: Meter },
): Saturation {
  const { count, sequences } = layout;
  if (count * sequences.length > CLOCKS_MAX) return { kind: "unsuitable" };
  const bytes = 4 * count * sequences.length + 64 * count;
  meter.reserve(bytes);
  try {
    const graph = createGraph(layout, wants, initial);
    if (graph === undefined) return { kind: "unsuitable" };
    return fixedPoint(graph, meter);
  } finally {
    meter.release(bytes);
  }
}

/** Registers as a graph. */
interface Graph {
  readonly layout: Layout;
  /** Operations that take part, by process, in order; optional ones at the end of theirs. */
  readonly sequences: readonly (readonly number[])[];
  /** Place of each operation in its sequence, from 1; 0 for those that take no part. */
  readonly places: Int32Array;
  /** For a read the write that it reads, or `NONE` for the initial value. */
  readonly readsFrom: Int32Array;
  /** For a write its reads, the last one of each process. */
  readonly readers: ReadonlyMap<number, readonly number[]>;
  readonly isWrite: Uint8Array;
  /** Part × process → its writes, in order. */
  readonly writes: ReadonlyMap<number, readonly number[]>;
  readonly edges: Edge[];
  /** By operation: positions in `edges` of those that lead to it. */
  readonly into: number[][];
}

interface Edge {
  readonly from: number;
  readonly to: number;
  /** Two operations of which one must precede the other: why the edge is there. */
  readonly because?: { readonly from: number; readonly to: number; readonly read: number };
}

function createGraph(layout: Layout, wants: Wants, initial: number): Graph | undefined {
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
  const taking = sequences.map((sequence) => [...sequence]);
  const read = new Set<number>();
  for (const sequence of sequences) {
    for (const one of sequence) {
      if (isRead(one)) read.add(nameOf(parts[one] as number, wants.needs[one] as number));
    }
  }
  for (const { operation, process, after } of optional) {
    if (!read.has(nameOf(parts[operation] as number, wants.makes[operation] as number))) continue;
    // The clocks have one order a process; one that went on after an unknown outcome has two.
    if (after < (sequences[process] as readonly number[]).length) return undefined;
    if ((taking[process] as number[]).length > after) return undefined;
    (taking[process] as number[]).push(operation);
  }
  return connect({ layout, wants, initial, sequences: taking, writers, nameOf });
}

function connect(given: {
  readonly layout: Layout;
  readonly wants: Wants;
  readonly initial: number;
  readonly sequences: readonly (readonly number[])[];
  readonly writers: ReadonlyMap<number, number>;
  readonly nameOf: (part: number, state: number) => number;
}): Graph | undefined {
  const { layout, wants, initial, sequences, writers, nameOf } = given;
  const { count, parts } = layout;
  const places = new Int32Array(count);
  const readsFrom = new Int32Array(count).fill(NONE);
  const readers = new Map<number, number[]>();
  const firstReaders = new Map<number, number[]>();
  const writes = new Map<number, number[]>();
  const isWrite = new Uint8Array(count);
  const edges: Edge[] = [];
  const into: number[][] = Array.from({ length: count }, () => []);
  for (const [process, sequence] of sequences.entries()) {
    for (const [place, operation] of sequence.entries()) {
      places[operation] = place + 1;
      const part = parts[operation] as number;
      const needed = wants.needs[operation] as number;
      if ((wants.makes[operation] as number) !== NONE) {
        isWrite[operation] = 1;
        add(writes, part * sequences.length + process, operation);
      } else if (needed === initial) add(firstReaders, part, operation);
      else if (needed !== NONE) {
        const writer = writers.get(nameOf(part, needed));
        // Read from nowhere: the search refutes it at once.
        if (writer === undefined) return undefined;
        readsFrom[operation] = writer;
        into[operation]?.push(edges.push({ from: writer, to: operation }) - 1);
        add(readers, writer, operation);
      }
    }
  }
  const last = (list: readonly number[]): readonly number[] => [
    ...new Map(list.map((one) => [layout.processes[one] as number, one])).values(),
  ];
  for (const [writer, list] of readers) readers.set(writer, [...last(list)]);
  for (const [part, list] of firstReaders) {
    // The initial value was there before every write.
    for (let process = 0; process < sequences.length; process++) {
      const first = writes.get(part * sequences.length + process)?.[0];
      if (first === undefined) continue;
      for (const read of last(list)) into[first]?.push(edges.push({ from: read, to: first }) - 1);
    }
  }
  return { layout, sequences, places, readsFrom, readers, isWrite, writes, edges, into };
}

function add(lists: Map<number, number[]>, name: number, operation: number): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [operation]);
  else list.push(operation);
}

function fixedPoint(graph: Graph, meter: Meter): Saturation {
  const { layout, sequences, edges } = graph;
  const columns = sequences.length;
  const before = new Int32Array(layout.count * columns);
  for (;;) {
    meter.spend(layout.count * columns);
    const stuck = clocks(graph, before);
    if (stuck !== undefined) return { kind: "cyclic", operations: explain(graph, stuck) };
    const known = edges.length;
    derive(graph, before, meter);
    if (edges.length === known) return { kind: "consistent", before: ofRequired(graph, before) };
  }
}

/** The search counts required operations only. */
function ofRequired({ layout }: Graph, before: Int32Array): Int32Array {
  const lengths = layout.sequences.map(({ length }) => length);
  const columns = lengths.length;
  for (let entry = 0; entry < before.length; entry++) {
    before[entry] = Math.min(before[entry] as number, lengths[entry % columns] as number);
  }
  return before;
}

/**
 * Fills the clocks in topological order; answers the first operation of each process that is on a
 * cycle, or behind one.
 */
function clocks(graph: Graph, before: Int32Array): readonly number[] | undefined {
  const { sequences, edges, into, places, layout } = graph;
  const columns = sequences.length;
  const done = new Int32Array(columns);
  const isReady = (operation: number): boolean =>
    (into[operation] as readonly number[]).every((number) => {
      const { from } = edges[number] as Edge;
      return (done[layout.processes[from] as number] as number) >= (places[from] as number);
    });
  for (let progress = true; progress;) {
    progress = false;
    for (let process = 0; process < columns; process++) {
      const sequence = sequences[process] as readonly number[];
      for (;;) {
        const at = done[process] as number;
        const operation = sequence[at];
        if (operation === undefined || !isReady(operation)) break;
        fillClock(graph, before, operation);
        done[process] = at + 1;
        progress = true;
      }
    }
  }
  const stuck = sequences.flatMap((sequence, process) => sequence[done[process] as number] ?? []);
  return stuck.length === 0 ? undefined : stuck;
}

/** The clock of the operation before it in its process, and of all that must precede it. */
function fillClock(
  { sequences, places, layout, into, edges }: Graph,
  before: Int32Array,
  operation: number,
): void {
  const columns = sequences.length;
  const row = operation * columns;
  const process = layout.processes[operation] as number;
  const at = (places[operation] as number) - 1;
  const previous = sequences[process]?.[at - 1];
  if (previous === undefined) before.fill(0, row, row + columns);
  else before.copyWithin(row, previous * columns, (previous + 1) * columns);
  before[row + process] = at;
  for (const number of into[operation] as readonly number[]) {
    const { from } = edges[number] as Edge;
    const other = from * columns;
    for (let column = 0; column < columns; column++) {
      const count = before[other + column] as number;
      if (count > (before[row + column] as number)) before[row + column] = count;
    }
    const owner = row + (layout.processes[from] as number);
    before[owner] = Math.max(before[owner] as number, places[from] as number);
  }
}

/** Adds the edges that the clocks imply by the two rules. */
function derive(graph: Graph, before: Int32Array, meter: Meter): void {
  const { layout, sequences, places, readsFrom, readers } = graph;
  const columns = sequences.length;
  const { parts, processes } = layout;
  const precedes = (one: number, other: number): boolean =>
    (places[one] as number) <= (before[other * columns + (processes[one] as number)] as number);
  const addEdge = (from: number, to: number, because: NonNullable<Edge["because"]>): void => {
    graph.into[to]?.push(graph.edges.push({ from, to, because }) - 1);
  };
  for (const operation of sequences.flat()) {
    const source = readsFrom[operation] as number;
    const part = parts[operation] as number;
    meter.spend(columns);
    for (let process = 0; process < columns; process++) {
      const bound = before[operation * columns + process] as number;
      const last = lastWrite(graph, part * columns + process, bound);
      if (last === undefined || last === operation) continue;
      if (source !== NONE) {
        if (last === source || precedes(last, source)) continue;
        addEdge(last, source, { from: last, to: operation, read: operation });
      } else if (graph.isWrite[operation] === 1) {
        for (const read of readers.get(last) ?? []) {
          if (read === operation || precedes(read, operation)) continue;
          addEdge(read, operation, { from: last, to: operation, read });
        }
      }
    }
  }
}

/** The last write in a list whose place in its process is at most `bound`. */
function lastWrite({ writes, places }: Graph, list: number, bound: number): number | undefined {
  const found = writes.get(list);
  if (found === undefined || bound === 0) return undefined;
  let low = 0;
  let high = found.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[found[middle] as number] as number) <= bound) low = middle + 1;
    else high = middle;
  }
  return found[low - 1];
}

/**
 * The operations that show a cycle: walks from process to process over what each one waits for,
 * then replaces each derived edge by what it was derived from.
 */
function explain(graph: Graph, stuck: readonly number[]): readonly number[] {
  const { edges, into, layout, places } = graph;
  const firstOf = new Map(stuck.map((one) => [layout.processes[one] as number, one]));
  const waitsFor = (operation: number): number =>
    (into[operation] as readonly number[]).find((number) => {
      const { from } = edges[number] as Edge;
      const first = firstOf.get(layout.processes[from] as number);
      return first !== undefined && (places[from] as number) >= (places[first] as number);
    }) as number;
  const visited: number[] = [];
  let at = stuck[0] as number;
  while (!visited.includes(at)) {
    visited.push(at);
    const { from } = edges[waitsFor(at)] as Edge;
    at = firstOf.get(layout.processes[from] as number) as number;
  }
  const cycle = visited.slice(visited.indexOf(at)).map(waitsFor);
  const named = new Set<number>();
  const explained = new Set<number>();
  while (cycle.length > 0) {
    const number = cycle.pop() as number;
    if (explained.has(number)) continue;
    explained.add(number);
    const { from, to, because } = edges[number] as Edge;
    named.add(from).add(to);
    if (because === undefined) continue;
    named.add(because.from).add(because.to).add(because.read);
    cycle.push(...pathOf(graph, because, number));
    // The read's own write, by its first edge.
    cycle.push(...(into[because.read] as readonly number[]).slice(0, 1));
  }
  return [...named].sort((a, b) => a - b);
}

/** The edges of a shortest path, other than program order, among those that came before `limit`. */
function pathOf(
  { edges, into, sequences, places, layout }: Graph,
  { from, to }: { readonly from: number; readonly to: number },
  limit: number,
): readonly number[] {
  /** Operation → the edge taken backwards to get there, or `NONE` for program order; and whence. */
  const came = new Map<number, { readonly edge: number; readonly whence: number }>();
  let border = [to];
  while (border.length > 0 && !came.has(from)) {
    const next: number[] = [];
    for (const operation of border) {
      const place = places[operation] as number;
      const previous = sequences[layout.processes[operation] as number]?.[place - 2];
      if (previous !== undefined && !came.has(previous)) {
        came.set(previous, { edge: NONE, whence: operation });
        next.push(previous);
      }
      for (const number of into[operation] as readonly number[]) {
        const source = (edges[number] as Edge).from;
        if (number >= limit || came.has(source)) continue;
        came.set(source, { edge: number, whence: operation });
        next.push(source);
      }
    }
    border = next;
  }
  const path: number[] = [];
  for (let at = from; at !== to || path.length === 0;) {
    const step = came.get(at);
    if (step === undefined) break;
    if (step.edge !== NONE) path.push(step.edge);
    at = step.whence;
    if (at === to) break;
  }
  return path;
}
