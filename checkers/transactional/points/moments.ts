/**
 * The dependencies of pieces, as far as the order of versions is known, as of lists. A cycle
 * without anti-dependency contradicts read committed; with just one, a monotonic view; and any
 * cycle leaves no order of the pieces.
 *
 * Who overwrites another depends on it from its own write on, which is earlier than its commit: for
 * a monotonic view (Adya 1999, chapter 4, PL-2L) what it reads after that write follows the other.
 *
 * ```
 * 0  append y 1   append x 1      1 read x without what 0 left, although it wrote over y of 0:
 * 1  append y 2   r x → []        0 is before append y 2, that before r x, and that before 0
 * ```
 */
import {
  createLabelledDigraph,
  LabelledEdges,
  type LabelledDigraph,
} from "../../../src/graph/labelled-digraph.js";
import { FAIL, NONE, OK } from "../../../src/history/history.js";
import type { Time } from "../cycles.js";
import {
  CONTINUES,
  PROCESS,
  REALTIME,
  RW,
  UPDATE,
  WW,
  type ByKey,
  type Dependencies,
} from "../dependencies.js";
import { APPEND, READ } from "../layout.js";
import { addTimeEdges } from "../time-edges.js";
import { commitOf, type Split } from "./split.js";

/** Which edges of writes there are. */
export interface MomentsOptions {
  readonly time: Time;
  /** Whether who overwrites another depends on it from its write on. */
  readonly fromWrites: boolean;
  /** Writers of a key each, one after the other, where nothing else says their order. */
  readonly chains?: readonly (readonly number[])[];
}

/** The graph of pieces; of edges of time those that are asked for. */
export function momentsOf(
  split: Split,
  known: Dependencies,
  { byKey, time, fromWrites, chains = [] }: MomentsOptions & { readonly byKey: ByKey },
): LabelledDigraph {
  const { whole, pieces, wholes, firsts } = split;
  const edges = new LabelledEdges();
  const isCommit = (piece: number): boolean =>
    piece === commitOf(split, wholes[piece] as number) && pieces.outcomes[piece] === OK;
  const { froms, tos, labels, length } = known.edges;
  for (let edge = 0; edge < length; edge++) {
    const [from, to] = [froms[edge] as number, tos[edge] as number];
    const label = labels[edge] as number;
    // What a commit read of its own writes says no more than these.
    const isOwn = (label === RW || label === UPDATE) && from < pieces.count && isCommit(from);
    const isWithin = from < pieces.count && to < pieces.count && wholes[from] === wholes[to];
    if (!isOwn && !isWithin) edges.add(from, to, label);
  }
  for (const edge of chainOf(split)) edges.add(...edge, CONTINUES);
  const followers = fromWrites ? followersOf(split) : undefined;
  if (followers !== undefined) addFromWrites(split, known, { byKey, edges, followers });
  for (const chain of chains) {
    for (let at = 1; at < chain.length; at++) {
      const [before, after] = [chain[at - 1] as number, chain[at] as number];
      edges.add(before, after, WW);
      if (followers === undefined) continue;
      for (const at of unreadOfBoth(split, known, [before, after])) {
        const next = followers[at] as number;
        if (next !== NONE) edges.add(before, next, WW);
      }
    }
  }
  let { nodeCount } = known;
  if (time !== "") {
    const happened = Uint8Array.from(
      { length: whole.count },
      (_, each) => known.happened[commitOf(split, each)] as number,
    );
    const label = time === "process" ? PROCESS : REALTIME | PROCESS;
    addTimeEdges({
      transactions: whole,
      happened,
      addNode: () => nodeCount++,
      add: (from, to, kind) => {
        if (kind !== CONTINUES && (kind & label) === 0) return;
        const source = from < whole.count ? commitOf(split, from) : from;
        edges.add(source, to < whole.count ? (firsts[to] as number) : to, kind);
      },
    });
  }
  return createLabelledDigraph(nodeCount, edges);
}

/** Each piece precedes the next of its transaction. */
export function* chainOf({ pieces, wholes }: Split): Iterable<readonly [number, number]> {
  for (let piece = 1; piece < pieces.count; piece++) {
    if (wholes[piece - 1] === wholes[piece]) yield [piece - 1, piece];
  }
}

/** Edges to the first read after a write, from who left what that overwrites. */
function addFromWrites(
  split: Split,
  known: Dependencies,
  {
    byKey,
    edges,
    followers,
  }: {
    readonly byKey: ByKey;
    readonly edges: LabelledEdges;
    readonly followers: Int32Array;
  },
): void {
  const { pieces, wholes } = split;
  const { kinds, owners, outcomes } = pieces;
  const { versions, registers, happened } = known;
  for (let key = 0; key + 1 < byKey.starts.length; key++) {
    if (registers.has(key)) continue;
    const micro = byKey.micro.subarray(byKey.starts[key], byKey.starts[key + 1]);
    /** Those who appended, as they stand in the list. */
    const inOrder: number[] = [];
    for (const at of micro) {
      const place = versions[at] as number;
      if (kinds[at] === APPEND && place !== NONE) inOrder[place] = at;
    }
    let before = NONE;
    const add = (at: number): void => {
      const next = followers[at] as number;
      const owner = before === NONE ? NONE : (owners[before] as number);
      if (next === NONE || owner === NONE || wholes[owner] === wholes[next]) return;
      edges.add(owner, next, WW);
    };
    for (const at of inOrder) {
      if (at === undefined || outcomes[owners[at] as number] === FAIL) continue;
      add(at);
      before = at;
    }
    for (const at of micro) {
      const isUnread = kinds[at] === APPEND && versions[at] === NONE;
      if (isUnread && happened[owners[at] as number] === 1) add(at);
    }
  }
}

/** What the second appended to keys of both, which nobody read. */
function* unreadOfBoth(
  split: Split,
  { versions }: Dependencies,
  [before, after]: readonly [number, number],
): Iterable<number> {
  const { starts, keys, kinds } = split.pieces;
  const appended = function* (piece: number): Iterable<number> {
    const end = starts[piece + 1] as number;
    for (let at = starts[piece] as number; at < end; at++) {
      if (kinds[at] === APPEND && versions[at] === NONE) yield at;
    }
  };
  const shared = new Set(Array.from(appended(before), (at) => keys[at]));
  for (const at of appended(after)) if (shared.has(keys[at])) yield at;
}

/** Micro-operation → the piece of the next read in its transaction, if it is a write; `NONE`. */
export function followersOf({ whole, firsts, origins, pieces }: Split): Int32Array {
  const followers = new Int32Array(origins.length).fill(NONE);
  for (let transaction = 0; transaction < whole.count; transaction++) {
    const commit = (firsts[transaction + 1] as number) - 1;
    let piece = firsts[transaction] as number;
    const end = pieces.starts[commit + 1] as number;
    for (let at = pieces.starts[commit] as number; at < end; at++) {
      if (pieces.kinds[at] === READ) continue;
      const origin = origins[at] as number;
      while (piece < commit && (origins[pieces.starts[piece] as number] as number) < origin) {
        piece++;
      }
      if (piece < commit) followers[at] = piece;
    }
  }
  return followers;
}
