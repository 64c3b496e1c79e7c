/**
 * One order of writes for each session, which explains what that session read (causal memory,
 * Ahamad et al. 1995; pipelined RAM, Lipton & Sandberg 1988), by the happens-before of Bouajjani et
 * al. 2017, section 4: beginning with the causal order, whatever a session's read of w sees of
 * other writes to the key happens before w in its view. A cycle (CyclicHB) and a read of the
 * initial value that sees a write (WriteHBInitRead) are all that can go wrong.
 *
 * For pipelined RAM the view begins with session order and the session's own reads alone.
 *
 * For one session, each operation gets its *arrival*: the place of the first operation of the
 * session that it happens before. The writes that a read sees are those that have arrived. Each
 * write v to a key needs one edge only: to the source (other than v) of the session's next read of
 * the key, for that source has arrived by then and has its edge in turn; if two sources should need
 * edges both ways, each has one to the other or to what lies between, which is a cycle. An edge to
 * what has arrived earlier makes v arrive earlier, with all that happens before it; arrivals only
 * fall, so that this ends. Without lowering it is linear in operations for each session.
 *
 * The order comes out of it as it is: before each operation of the session, what happens before it
 * and is not there yet.
 */
import { EdgeList } from "../../src/graph/digraph.js";
import type { Meter } from "../linearizable/meter.js";
import type { Registers } from "./layout.js";
import { INITIAL, NOTHING } from "./sources.js";

/** What came of one session. */
export type View =
  /** Operations in order, ending with the last of the session. */
  | { readonly kind: "order"; readonly order: Int32Array }
  /** An operation that happens before itself. */
  | { readonly kind: "cyclic"; readonly on: number; readonly why: Derivations }
  /** A write that happens before a read of the initial value. */
  | {
      readonly kind: "initial-read";
      readonly write: number;
      readonly read: number;
      readonly why: Derivations;
    };

/** What was derived so far: each edge with the read that made it. */
export interface Derivations {
  readonly list: EdgeList;
  readonly reads: readonly number[];
  into(operation: number): Iterable<number>;
  /** Whether a read follows the write that it reads. */
  follows(read: number): boolean;
}

const NEVER = 0x7fffffff;
/** What the look at an operation's causes comes to next; then derived edges, to `NOTHING`. */
const PREDECESSOR = -3;
const SOURCE = -2;

/** Makes views, one session after the other, in the same arrays. */
export class Viewer {
  readonly #registers: Registers;
  readonly #ownReadsOnly: boolean;
  readonly #meter: Meter;
  /** Operation → place of the first of the session's operations that it happens before. */
  readonly #arrivals: Int32Array;
  /** Operation → its place in the session, or `NEVER`. */
  readonly #places: Int32Array;
  /** Operation → the last derived edge into it, or `NOTHING`; edge → the one before. */
  readonly #into: Int32Array;
  #before: number[] = [];
  /** Write → where its last derived edge leads. */
  readonly #targets: Int32Array;
  readonly #stages: Uint8Array;
  #edges = new EdgeList();
  #reads: number[] = [];
  /** The session's operations, and its reads by key. */
  #own: Int32Array = new Int32Array(0);
  #ownReads: OwnReads | undefined;
  /** Operations with the places at which they arrive. */
  readonly #stack: number[] = [];

  /** `ownReadsOnly`: reads of other sessions are no causes (pipelined RAM). @throws LimitReached */
  constructor(registers: Registers, ownReadsOnly: boolean, meter: Meter) {
    const { count } = registers;
    meter.reserve(29 * count);
    this.#registers = registers;
    this.#ownReadsOnly = ownReadsOnly;
    this.#meter = meter;
    this.#arrivals = new Int32Array(count);
    this.#places = new Int32Array(count);
    this.#into = new Int32Array(count);
    this.#targets = new Int32Array(count);
    this.#stages = new Uint8Array(count);
  }

  /** The view of one session. @throws LimitReached */
  of(session: number): View {
    const { count } = this.#registers;
    this.#meter.spend(count >> 2);
    this.#arrivals.fill(NEVER);
    this.#places.fill(NEVER);
    this.#into.fill(NOTHING);
    this.#targets.fill(NOTHING);
    this.#stages.fill(0);
    this.#before = [];
    this.#edges = new EdgeList();
    this.#reads = [];
    this.#stack.length = 0;
    this.#own = ownOperations(this.#registers, session);
    for (const [place, own] of this.#own.entries()) this.#places[own] = place;
    this.#ownReads = new OwnReads(this.#registers, this.#own);
    for (const [place, own] of this.#own.entries()) {
      const contradiction = this.#arrive(own, place);
      if (contradiction !== undefined) return contradiction;
    }
    return this.#order();
  }

  /** Lets an operation, and all that happens before it, arrive at a place. */
  #arrive(operation: number, place: number): View | undefined {
    const { isWrite } = this.#registers;
    const stack = this.#stack;
    stack.push(operation, place);
    while (stack.length > 0) {
      const arrival = stack.pop() as number;
      const at = stack.pop() as number;
      if ((this.#arrivals[at] as number) <= arrival) continue;
      const own = this.#places[at] as number;
      if (own !== NEVER && own > arrival) return { kind: "cyclic", on: at, why: this.#why() };
      this.#meter.spend(1);
      this.#arrivals[at] = arrival;
      const predecessor = this.#predecessor(at);
      if (predecessor >= 0) stack.push(predecessor, arrival);
      const source = this.#source(at);
      if (source >= 0) stack.push(source, arrival);
      const { froms } = this.#edges;
      for (let edge = this.#into[at] as number; edge >= 0; edge = this.#before[edge] as number) {
        stack.push(froms[edge] as number, arrival);
      }
      if (isWrite[at] === 0) continue;
      const contradiction = this.#derive(at, own === arrival ? arrival + 1 : arrival);
      if (contradiction !== undefined) return contradiction;
    }
    return undefined;
  }

  /** A write that is there at a place happens before what the session reads next. */
  #derive(write: number, place: number): View | undefined {
    const read = this.#ownReads?.next(write, place) ?? NOTHING;
    if (read < 0) return undefined;
    const { sources, sessions } = this.#registers;
    const source = sources[read] as number;
    if (source < 0) return { kind: "initial-read", write, read, why: this.#why() };
    if (this.#targets[write] === source) return undefined;
    this.#targets[write] = source;
    if (sessions[write] === sessions[source] && write < source) return undefined;
    this.#before.push(this.#into[source] as number);
    this.#into[source] = this.#edges.add(write, source);
    this.#reads.push(read);
    const arrival = this.#arrivals[source] as number;
    if (arrival < (this.#arrivals[write] as number)) this.#stack.push(write, arrival);
    return undefined;
  }

  /** Depth first over what happens before each operation of the session. */
  #order(): View {
    const order: number[] = [];
    const path: number[] = [];
    const cursors: number[] = [];
    const open = (operation: number): void => {
      this.#stages[operation] = 1;
      path.push(operation);
      cursors.push(PREDECESSOR);
    };
    for (const own of this.#own) {
      if (this.#stages[own] === 0) open(own);
      while (path.length > 0) {
        const at = path.at(-1) as number;
        const cursor = cursors.at(-1) as number;
        if (cursor === NOTHING) {
          this.#meter.spend(1);
          this.#stages[at] = 2;
          order.push(at);
          path.pop();
          cursors.pop();
          continue;
        }
        let cause: number;
        let next: number;
        if (cursor === PREDECESSOR) [cause, next] = [this.#predecessor(at), SOURCE];
        else if (cursor === SOURCE) [cause, next] = [this.#source(at), this.#into[at] as number];
        else {
          cause = this.#edges.froms[cursor] as number;
          next = this.#before[cursor] as number;
        }
        cursors[cursors.length - 1] = next;
        if (cause < 0 || this.#stages[cause] === 2) continue;
        if (this.#stages[cause] === 1) return { kind: "cyclic", on: cause, why: this.#why() };
        open(cause);
      }
    }
    const { isWrite } = this.#registers;
    const isThere = (at: number): boolean => isWrite[at] === 1 || this.#places[at] !== NEVER;
    return {
      kind: "order",
      order: Int32Array.from(this.#ownReadsOnly ? order.filter((at) => isThere(at)) : order),
    };
  }

  #predecessor(operation: number): number {
    const { sessions, starts, parents } = this.#registers;
    const session = sessions[operation] as number;
    return operation === starts[session] ? (parents[session] as number) : operation - 1;
  }

  #source(operation: number): number {
    if (this.#ownReadsOnly && this.#places[operation] === NEVER) return NOTHING;
    return this.#registers.sources[operation] as number;
  }

  #why(): Derivations {
    const into = (operation: number): readonly number[] => {
      const found: number[] = [];
      let edge = this.#into[operation] as number;
      for (; edge >= 0; edge = this.#before[edge] as number) found.push(edge);
      return found;
    };
    const follows = (read: number): boolean => this.#source(read) >= 0;
    return { list: this.#edges, reads: this.#reads, into, follows };
  }
}

/** The operations of a session, after those of its process that came before its parent. */
function ownOperations({ sessions, starts, parents }: Registers, session: number): Int32Array {
  const first = starts[session] as number;
  const end = starts[session + 1] as number;
  const parent = parents[session] as number;
  const own: number[] = [];
  if (parent >= 0) {
    for (let at = starts[sessions[parent] as number] as number; at <= parent; at++) own.push(at);
  }
  for (let at = first; at < end; at++) own.push(at);
  return Int32Array.from(own);
}

/** Reads of one session by key, in order. */
class OwnReads {
  readonly #registers: Registers;
  readonly #own: Int32Array;
  /** Key → places of its reads. */
  readonly #places = new Map<number, number[]>();
  /** Place → the next place at which the same key is read from another write. */
  readonly #nextOther: Int32Array;

  constructor(registers: Registers, own: Int32Array) {
    const { keys, sources } = registers;
    this.#registers = registers;
    this.#own = own;
    this.#nextOther = new Int32Array(own.length).fill(NEVER);
    for (const [place, operation] of own.entries()) {
      const source = sources[operation] as number;
      if (source < 0 && source !== INITIAL) continue;
      const key = keys[operation] as number;
      const known = this.#places.get(key);
      if (known === undefined) this.#places.set(key, [place]);
      else known.push(place);
    }
    for (const places of this.#places.values()) {
      for (let at = places.length - 2; at >= 0; at--) {
        const place = places[at] as number;
        const next = places[at + 1] as number;
        this.#nextOther[place] =
          this.#sourceAt(place) === this.#sourceAt(next) ? (this.#nextOther[next] as number) : next;
      }
    }
  }

  /** The first read of a write's key, from a place on, that does not read it; or `NOTHING`. */
  next(write: number, from: number): number {
    const places = this.#places.get(this.#registers.keys[write] as number);
    if (places === undefined) return NOTHING;
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((places[middle] as number) < from) low = middle + 1;
      else high = middle;
    }
    let place = places[low] ?? NEVER;
    if (place !== NEVER && this.#sourceAt(place) === write) {
      place = this.#nextOther[place] as number;
    }
    return place === NEVER ? NOTHING : (this.#own[place] as number);
  }

  #sourceAt(place: number): number {
    return this.#registers.sources[this.#own[place] as number] as number;
  }
}
