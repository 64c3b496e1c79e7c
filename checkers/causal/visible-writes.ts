/**
 * One pass over the causal order that looks, for each read, at the writes to the read's key that
 * precede it causally (Bouajjani et al. 2017, section 4; the pass over sessions as in Biswas & Enea
 * 2019 and Møldrup & Pavlogiannis 2025):
 *
 * - a read of the initial value must have none (WriteCOInitRead);
 * - none may lie between the write that was read and the read (WriteCORead);
 * - every other one that does not precede the write that was read must be arbitrated before it,
 *   wherever all sessions have one order of writes (the conflict order of CyclicCF). Only the last
 *   one of each session matters, for the earlier ones precede it.
 *
 * What precedes an operation is a vector clock: for each session the last operation, plus one. A
 * clock is kept as long as somebody will ask for it (`clocks.ts`). Most often few writes to a key
 * do not precede the one that was read: those after its floor (`versions.ts`), and they are looked
 * at one by one. Where they are many, the last one of each session is searched instead. Time is
 * O(operations × sessions × log).
 */
import { EdgeList } from "../../src/graph/digraph.js";
import type { Meter } from "../linearizable/meter.js";
import { Clocks } from "./clocks.js";
import type { Registers } from "./layout.js";
import { INITIAL, NOTHING } from "./sources.js";
import { Versions } from "./versions.js";
import { WritesByKey } from "./writes-by-key.js";

/** What came of it. */
export type VisibleWrites =
  | {
      readonly kind: "consistent";
      /** Conflict order: each edge with the read that makes it. */
      readonly conflicts: EdgeList;
      readonly reads: readonly number[];
      /** Whether the causal order keeps all conflicts. */
      readonly inOrder: boolean;
    }
  /** A read of the initial value, and a write that precedes it. */
  | { readonly kind: "initial-read"; readonly write: number; readonly read: number }
  /** A read whose write precedes another that precedes the read. */
  | { readonly kind: "overwritten"; readonly by: number; readonly read: number };

/** As many writes to a key are looked at one by one. */
const SCAN_MAX = 64;
/** Work is accounted for in such portions, and so are conflicts. */
const PORTION = 4096;
/** What a conflict takes: an edge and a read, in lists that have grown to twice what they hold. */
export const CONFLICT_BYTES: number = 32;

/** What is looked at, and how. */
export interface Looked {
  /** The causal order. */
  readonly order: Int32Array;
  readonly meter: Meter;
  /** Whether conflicts are to be collected. */
  readonly wanted: boolean;
  /** As many writes to a key are looked at one by one; default 64. */
  readonly scanMax?: number;
}

/** Looks. @throws LimitReached */
export function visibleWrites(registers: Registers, looked: Looked): VisibleWrites {
  const { count, starts } = registers;
  const { order, meter, wanted } = looked;
  let bytes = (wanted ? 8 : 4) * count + 8 * starts.length + Versions.bytes(registers);
  meter.reserve(bytes);
  let counted = 0;
  const clocks = new Clocks(starts.length - 1, meter);
  try {
    const look = new Look(registers, looked, clocks);
    for (let at = 0; at < count; at++) {
      const contradiction = look.take(order[at] as number);
      if (contradiction !== undefined) return contradiction;
      if (look.work < PORTION) continue;
      meter.spend(look.work);
      look.work = 0;
      const grown = CONFLICT_BYTES * (look.conflicts.length - counted);
      meter.reserve(grown);
      bytes += grown;
      counted = look.conflicts.length;
    }
    meter.spend(look.work);
    const { conflicts, reads, inOrder } = look;
    return { kind: "consistent", conflicts, reads, inOrder };
  } finally {
    clocks.release();
    meter.release(bytes);
  }
}

type Contradiction = Exclude<VisibleWrites, { readonly kind: "consistent" }>;

class Look {
  work = 0;
  readonly conflicts: EdgeList = new EdgeList();
  readonly reads: number[] = [];
  inOrder = true;
  readonly #registers: Registers;
  readonly #clocks: Clocks;
  readonly #versions: Versions;
  readonly #wanted: boolean;
  readonly #scanMax: number;
  #lists: WritesByKey | undefined;
  /** Write → the last operation that reads it. */
  readonly #lastReads: Int32Array;
  /** Session → the clock of what precedes its next operation. */
  readonly #current: Int32Array;
  /** Parent → its clock, and how many sessions are still to ask for it. */
  readonly #parents = new Map<number, { clock: number; children: number }>();
  /** Session → the last read that a write of it was in conflict with. */
  readonly #lastConflicts: Int32Array;
  /** Write → where its last conflict leads. */
  readonly #lastTargets: Int32Array;

  constructor(registers: Registers, looked: Looked, clocks: Clocks) {
    const { count, starts, parents, sources } = registers;
    const { order, wanted, scanMax = SCAN_MAX } = looked;
    const columns = starts.length - 1;
    this.#registers = registers;
    this.#clocks = clocks;
    this.#versions = new Versions(registers, order, clocks);
    this.#wanted = wanted;
    this.#scanMax = scanMax;
    this.#lastReads = new Int32Array(count).fill(NOTHING);
    for (const operation of order) {
      const source = sources[operation] as number;
      if (source >= 0) this.#lastReads[source] = operation;
    }
    this.#current = new Int32Array(columns);
    for (const parent of parents) {
      if (parent < 0) continue;
      const known = this.#parents.get(parent);
      if (known === undefined) this.#parents.set(parent, { clock: NOTHING, children: 1 });
      else known.children++;
    }
    this.#lastConflicts = new Int32Array(columns).fill(NOTHING);
    this.#lastTargets = new Int32Array(wanted ? count : 0).fill(NOTHING);
  }

  take(operation: number): Contradiction | undefined {
    const { sessions, starts, keys, isWrite, sources } = this.#registers;
    const session = sessions[operation] as number;
    const isFirst = operation === starts[session];
    if (isFirst) this.#current[session] = this.#begin(session);
    const mine = this.#current[session] as number;
    const source = sources[operation] as number;
    this.work += 8;
    if (source >= 0) {
      const contradiction = this.#read(operation, source, mine);
      if (contradiction !== undefined) return contradiction;
    } else if (source === INITIAL) {
      const write = this.#anyVisible(keys[operation] as number, mine);
      if (write !== NOTHING) return { kind: "initial-read", write, read: operation };
    }
    let place = NOTHING;
    if (isWrite[operation] === 1) {
      const added = { key: keys[operation] as number, session, before: mine };
      place = this.#versions.add(operation, added);
    }
    this.#clocks.table[mine + session] = operation + 1;
    if (place !== NOTHING) {
      if ((this.#lastReads[operation] as number) >= 0 || this.#versions.isLong(place)) {
        this.work += this.#current.length;
        this.#versions.setClock(place, this.#clocks.copy(mine));
      }
    }
    if (this.#parents.size > 0) {
      const known = this.#parents.get(operation);
      if (known !== undefined) known.clock = this.#clocks.copy(mine);
    }
    if (operation + 1 === starts[session + 1]) this.#clocks.free(mine);
    return undefined;
  }

  /** The clock of a session, which begins with what precedes its parent, and that. */
  #begin(session: number): number {
    const mine = this.#clocks.create();
    this.work += this.#current.length;
    const parent = this.#registers.parents[session] as number;
    const known = this.#parents.get(parent);
    if (known === undefined) return mine;
    this.#clocks.join(mine, known.clock);
    known.children--;
    if (known.children === 0) {
      this.#clocks.free(known.clock);
      this.#parents.delete(parent);
    }
    return mine;
  }

  #read(read: number, source: number, mine: number): Contradiction | undefined {
    const versions = this.#versions;
    const clocks = this.#clocks;
    const place = versions.placeOf(source);
    const clock = versions.clockAt(place);
    if ((clocks.table[mine + versions.sessionAt(place)] as number) <= source) {
      this.work += this.#current.length;
      clocks.join(mine, clock);
    }
    if (this.#lastReads[source] === read && !versions.isLong(place)) clocks.free(clock);
    const key = this.#registers.keys[read] as number;
    const floor = versions.floorAt(place);
    const end = versions.end(key);
    if (end - floor > this.#scanMax) return this.#search(read, place, mine);
    this.work += end - floor;
    for (let other = end - 1; other >= floor; other--) {
      if (!versions.isVisible(other, mine)) continue;
      const contradiction = this.#meet(other, place, read);
      if (contradiction !== undefined) return contradiction;
    }
    return undefined;
  }

  /** The same by the last visible write of each session. */
  #search(read: number, place: number, mine: number): Contradiction | undefined {
    const key = this.#registers.keys[read] as number;
    const lists = (this.#lists ??= new WritesByKey(this.#registers));
    const { table } = this.#clocks;
    const end = lists.ends(key);
    this.work += 8 * (end - lists.begins(key));
    for (let list = lists.begins(key); list < end; list++) {
      const write = lists.lastBelow(list, table[mine + lists.sessionOf(list)] as number);
      if (write === NOTHING) continue;
      const contradiction = this.#meet(this.#versions.placeOf(write), place, read);
      if (contradiction !== undefined) return contradiction;
    }
    return undefined;
  }

  /** A visible write to the key of a read that does not read it. Both writes by place. */
  #meet(place: number, source: number, read: number): Contradiction | undefined {
    const versions = this.#versions;
    if (place === source || versions.precedes(place, source)) return undefined;
    const write = versions.operationAt(place);
    if (versions.precedes(source, place)) return { kind: "overwritten", by: write, read };
    if (!this.#wanted) return undefined;
    const session = versions.sessionAt(place);
    if (this.#lastConflicts[session] === read) return undefined;
    this.#lastConflicts[session] = read;
    const target = versions.operationAt(source);
    if (this.#lastTargets[write] === target) return undefined;
    this.#lastTargets[write] = target;
    this.conflicts.add(write, target);
    this.reads.push(read);
    if (place > source) this.inOrder = false;
    return undefined;
  }

  /** A write to a key that is visible, or `NOTHING`. */
  #anyVisible(key: number, mine: number): number {
    const versions = this.#versions;
    const start = versions.start(key);
    const end = versions.end(key);
    if (end - start <= this.#scanMax) {
      this.work += end - start;
      for (let place = start; place < end; place++) {
        if (versions.isVisible(place, mine)) return versions.operationAt(place);
      }
      return NOTHING;
    }
    const lists = (this.#lists ??= new WritesByKey(this.#registers));
    const { table } = this.#clocks;
    for (let list = lists.begins(key); list < lists.ends(key); list++) {
      this.work += 8;
      const write = lists.lastBelow(list, table[mine + lists.sessionOf(list)] as number);
      if (write !== NOTHING) return write;
    }
    return NOTHING;
  }
}
