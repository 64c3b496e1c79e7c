/**
 * The order of writes that session guarantees force, as a graph. More visible writes only mean more
 * order, so that nothing is visible to a read but what it reads, and what the guarantees demand.
 *
 * Edges are linear in the history. Of a session's own writes to a key, those that a read has
 * ordered before another need not be ordered again; where all of them come before what another
 * session wrote, a *gathering* stands for them: a node that they lead to, and that leads on.
 */
import { EdgeList } from "../../src/graph/digraph.js";
import { IntList } from "../../src/graph/growing.js";
import type { SessionGuarantee } from "../../src/verdict/certificate.js";
import type { Registers } from "../causal/layout.js";
import { INITIAL, NOTHING } from "../causal/sources.js";

/** A read of the initial value that sees a write: its session's own, or one that `via` read. */
export interface StaleRead {
  readonly write: number;
  readonly read: number;
  readonly via: number;
}

/** What a session has seen of one key. */
interface Seen {
  /** With monotonic-reads: the last read of the key that was none of the initial value. */
  read: number;
  /** With read-your-writes: the session's own writes. */
  readonly own: number[];
  /** So many of them come before `top`, or are it. */
  ordered: number;
  top: number;
  /** So many of them lead to the gathering. */
  gathered: number;
  gathering: number;
}

/** What later writes of a session must follow. */
interface Floor {
  /** With monotonic-writes: its last write. */
  write: number;
  /** With writes-follow-reads: reads whose sources are not in the gathering yet. */
  pending: number[];
  gathering: number;
}

/** Edges between operations, and gatherings: nodes after all operations. */
export class ForcedOrder {
  nodes: number;
  readonly edges: EdgeList = new EdgeList();
  /**
   * By edge: the read that sees `from` and reads `to`, or `NOTHING`; and the read by which `from`
   * is known to the session, or `NOTHING` for a write of its own.
   */
  readonly reads: IntList = new IntList();
  readonly vias: IntList = new IntList();
  stale: StaleRead | undefined;
  readonly #registers: Registers;
  readonly #guarantees: ReadonlySet<SessionGuarantee>;

  constructor(registers: Registers, guarantees: readonly SessionGuarantee[]) {
    this.#registers = registers;
    this.#guarantees = new Set(guarantees);
    this.nodes = registers.count;
    /** Operation → sessions that it is the parent of. */
    const children = new Map<number, number[]>();
    for (const [session, parent] of registers.parents.entries()) {
      if (parent >= 0) children.set(parent, [...(children.get(parent) ?? []), session]);
    }
    for (let session = 0; session + 1 < registers.starts.length; session++) {
      if ((registers.parents[session] as number) < 0) this.#follow(session, children);
    }
  }

  #follow(session: number, children: ReadonlyMap<number, readonly number[]>): void {
    const { starts } = this.#registers;
    const seen = new Map<number, Seen>();
    const floor: Floor = { write: NOTHING, pending: [], gathering: NOTHING };
    const end = starts[session + 1] as number;
    for (let operation = starts[session] as number; operation < end; operation++) {
      this.#take(operation, seen, floor);
      for (const child of children.get(operation) ?? []) {
        // It precedes nothing that its process did, so that nothing of it may stay.
        const { key, known } = this.#seenOf(starts[child] as number, seen);
        const copies = new Map([[key, { ...known, own: [...known.own] }]]);
        const copied = { ...floor, pending: [...floor.pending] };
        this.#take(starts[child] as number, copies, copied);
      }
    }
  }

  #take(operation: number, seen: Map<number, Seen>, floor: Floor): void {
    const { isWrite, sources } = this.#registers;
    const { known } = this.#seenOf(operation, seen);
    const source = sources[operation] as number;
    if (source >= 0) {
      this.#read(operation, source, known);
      if (this.#guarantees.has("writes-follow-reads")) floor.pending.push(operation);
      if (this.#guarantees.has("monotonic-reads")) known.read = operation;
    } else if (source === INITIAL) this.#readInitial(operation, known);
    if (isWrite[operation] === 0) return;
    this.#write(operation, floor);
    if (this.#guarantees.has("read-your-writes")) known.own.push(operation);
  }

  #read(read: number, source: number, known: Seen): void {
    const { sources, sessions } = this.#registers;
    if (known.read !== NOTHING) {
      const before = sources[known.read] as number;
      if (before !== source) this.#add(before, source, read, known.read);
    }
    const { own } = known;
    if (own.length === 0) return;
    // Of the key, in one session, in order; those of a lone operation are its parent's.
    const isOwn =
      sessions[source] === sessions[own[0] as number] && source <= (own.at(-1) as number);
    if (!isOwn) {
      if (known.gathered < own.length) {
        const gathering = this.nodes++;
        if (known.gathering !== NOTHING) this.#add(known.gathering, gathering, NOTHING, NOTHING);
        for (; known.gathered < own.length; known.gathered++) {
          this.#add(own[known.gathered] as number, gathering, NOTHING, NOTHING);
        }
        known.gathering = gathering;
      }
      this.#add(known.gathering, source, read, NOTHING);
      return;
    }
    for (; known.ordered < own.length; known.ordered++) {
      const write = own[known.ordered] as number;
      if (write !== source) this.#add(write, source, read, NOTHING);
    }
    if (known.top !== NOTHING && known.top !== source) {
      this.#add(known.top, source, read, NOTHING);
    }
    known.top = source;
  }

  #readInitial(read: number, { read: via, own }: Seen): void {
    if (this.stale !== undefined) return;
    const [write] = own;
    if (write !== undefined) this.stale = { write, read, via: NOTHING };
    else if (via !== NOTHING) {
      this.stale = { write: this.#registers.sources[via] as number, read, via };
    }
  }

  #write(write: number, floor: Floor): void {
    if (floor.pending.length > 0) {
      const gathering = this.nodes++;
      if (floor.gathering !== NOTHING) this.#add(floor.gathering, gathering, NOTHING, NOTHING);
      for (const read of floor.pending) {
        this.#add(this.#registers.sources[read] as number, gathering, NOTHING, read);
      }
      floor.gathering = gathering;
      floor.pending = [];
    }
    if (floor.gathering !== NOTHING) this.#add(floor.gathering, write, NOTHING, NOTHING);
    if (!this.#guarantees.has("monotonic-writes")) return;
    if (floor.write !== NOTHING) this.#add(floor.write, write, NOTHING, NOTHING);
    floor.write = write;
  }

  #seenOf(operation: number, seen: Map<number, Seen>): { readonly key: number; known: Seen } {
    const key = this.#registers.keys[operation] as number;
    let known = seen.get(key);
    if (known === undefined) {
      known = {
        read: NOTHING,
        own: [],
        ordered: 0,
        top: NOTHING,
        gathered: 0,
        gathering: NOTHING,
      };
      seen.set(key, known);
    }
    return { key, known };
  }

  #add(from: number, to: number, read: number, via: number): void {
    this.edges.add(from, to);
    this.reads.push(read);
    this.vias.push(via);
  }
}
