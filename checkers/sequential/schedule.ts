/**
 * Finds an order for registers with unique writes, or shows that there is none: conflict-driven, in
 * the way of solvers for satisfiability (Marques-Silva & Sakallah 1999), where what is decided is
 * which of two writes to a key comes first.
 *
 * Operations are scheduled one by one. A read is scheduled as soon as its value is there, which
 * excludes nothing. A write waits for what must precede it by saturation, and for the reads of the
 * value that it replaces: so no value is lost before all have read it. Of the writes that may come
 * next the one with the smallest past goes first: in most histories that is a right order at once.
 *
 * When nobody can go on, those who wait for one another say why: because of the graph, because one
 * write was scheduled before another (then the reads of the first precede the second, too), or
 * because of what was learned before. These orders of writes cannot all hold. That is learned; the
 * last of the decisions is taken back, and not made again while the others stand. When operations
 * wait for one another without any such order, no order of all exists.
 *
 * Each learned set excludes all schedules that contain it, so that the search ends. It can take
 * exponentially long, and is bounded by its budget.
 */
import type { Meter } from "../linearizable/meter.js";
import { Nogoods, type Literal, type Nogood } from "./nogoods.js";
import { INITIAL, type Graph } from "./register-graph.js";

/** What came of it. */
export type Scheduled =
  | { readonly kind: "explained"; readonly order: readonly number[] }
  | {
      readonly kind: "refuted";
      /** Pairs of operations, of which the first precedes the second, that show it. */
      readonly orders: readonly { readonly from: number; readonly to: number }[];
      /** Operations that show it beside these. */
      readonly operations: readonly number[];
    };

/** Orders all operations of a saturated graph. @throws LimitReached */
export function schedule(graph: Graph, before: Int32Array, meter: Meter): Scheduled {
  return new Scheduler(graph, before, meter).run();
}

/** Why an operation waits for the next ones of some chains, one of them at least. */
interface Reason {
  readonly chains: readonly number[];
  readonly literals: readonly Literal[];
}

const NOTHING = -1;
/** Bytes of what is kept for the explanation. */
const ORDER_BYTES = 128;

class Scheduler {
  readonly #graph: Graph;
  readonly #before: Int32Array;
  readonly #meter: Meter;
  readonly #nogoods: Nogoods;
  readonly #columns: number;
  /** Chain → how many of its operations are scheduled, and the next one, or `NOTHING`. */
  readonly #position: Int32Array;
  readonly #next: Int32Array;
  /** Part → the write whose value is there, or `NOTHING`; write → how many reads are to come. */
  readonly #current: Int32Array;
  readonly #pending: Int32Array;
  /** Part → how many reads of the initial value are to come. */
  readonly #pendingFirst: Int32Array;
  readonly #times: Int32Array;
  /** Operation → how many must precede it. */
  readonly #past: Float64Array;
  /** Operation → a chain that it was found to wait for. */
  readonly #waitsFor: Int32Array;
  /** What was scheduled, and for a write what it replaced. */
  readonly #moves: number[] = [];
  readonly #replaced: number[] = [];
  readonly #orders = new Map<string, { readonly from: number; readonly to: number }>();
  readonly #named = new Set<number>();
  #left = 0;

  constructor(graph: Graph, before: Int32Array, meter: Meter) {
    const { layout, chains, readsFrom } = graph;
    const { count, parts, partNames } = layout;
    this.#graph = graph;
    this.#before = before;
    this.#meter = meter;
    this.#nogoods = new Nogoods(meter);
    this.#columns = chains.length;
    meter.reserve(40 * count + 8 * partNames.length);
    this.#position = new Int32Array(chains.length);
    this.#next = Int32Array.from(chains, (chain) => chain[0] ?? NOTHING);
    this.#current = new Int32Array(partNames.length).fill(NOTHING);
    this.#pending = new Int32Array(count);
    this.#pendingFirst = new Int32Array(partNames.length);
    this.#times = new Int32Array(count);
    this.#past = new Float64Array(count);
    this.#waitsFor = new Int32Array(count);
    for (const chain of chains) {
      this.#left += chain.length;
      for (const operation of chain) {
        const source = readsFrom[operation] as number;
        if (source >= 0) this.#pending[source] = (this.#pending[source] as number) + 1;
        else if (source === INITIAL) this.#countFirst(parts[operation] as number, 1);
        this.#past[operation] = this.#pastOf(operation);
      }
    }
  }

  run(): Scheduled {
    for (;;) {
      this.#readAll();
      if (this.#left === 0) return { kind: "explained", order: this.#moves };
      const write = this.#nextWrite();
      if (write !== NOTHING) {
        this.#move(write);
        continue;
      }
      const learned = this.#conflict();
      if (learned.length === 0) {
        const orders = [...this.#orders.values()];
        return { kind: "refuted", orders, operations: [...this.#named] };
      }
      this.#nogoods.add(learned);
      const last = Math.max(...learned.map(({ first }) => this.#times[first] as number));
      while (this.#moves.length >= last) this.#undo();
    }
  }

  #pastOf(operation: number): number {
    let sum = 0;
    const row = operation * this.#columns;
    for (let chain = 0; chain < this.#columns; chain++) sum += this.#before[row + chain] as number;
    return sum;
  }

  #countFirst(part: number, by: number): void {
    this.#pendingFirst[part] = (this.#pendingFirst[part] as number) + by;
  }

  /** Schedules whatever changes nothing and may happen. */
  #readAll(): void {
    for (let chain = 0; chain < this.#columns; chain++) this.#readFrom(chain);
  }

  #readFrom(chain: number): void {
    const { isWrite } = this.#graph;
    for (;;) {
      const operation = this.#next[chain] as number;
      if (operation === NOTHING || isWrite[operation] === 1) return;
      if (!this.#isThere(operation)) return;
      this.#move(operation);
    }
  }

  /** Whether what a read returned is there now. */
  #isThere(read: number): boolean {
    const source = this.#graph.readsFrom[read] as number;
    const current = this.#current[this.#graph.layout.parts[read] as number] as number;
    if (source >= 0) return current === source;
    return source !== INITIAL || current === NOTHING;
  }

  /** The write with the smallest past of those that may come next. */
  #nextWrite(): number {
    const { isWrite } = this.#graph;
    const [next, past] = [this.#next, this.#past];
    this.#meter.spend(next.length);
    let found = NOTHING;
    let smallest = Infinity;
    for (let chain = 0; chain < next.length; chain++) {
      const operation = next[chain] as number;
      if (operation === NOTHING || isWrite[operation] === 0) continue;
      const own = past[operation] as number;
      if (own >= smallest || !this.#mayCome(operation)) continue;
      found = operation;
      smallest = own;
    }
    return found;
  }

  #mayCome(write: number): boolean {
    const part = this.#graph.layout.parts[write] as number;
    if ((this.#pendingFirst[part] as number) > 0) return false;
    const current = this.#current[part] as number;
    if (current !== NOTHING && (this.#pending[current] as number) > 0) return false;
    if (this.#blocking(write) !== NOTHING) return false;
    return this.#nogoods.against(write, this.#times) === undefined;
  }

  /** A chain that has not come as far as it must before this operation. */
  #blocking(operation: number): number {
    const [before, position] = [this.#before, this.#position];
    const row = operation * position.length;
    const known = this.#waitsFor[operation] as number;
    if ((before[row + known] as number) > (position[known] as number)) return known;
    for (let chain = 0; chain < position.length; chain++) {
      if ((before[row + chain] as number) <= (position[chain] as number)) continue;
      this.#waitsFor[operation] = chain;
      return chain;
    }
    return NOTHING;
  }

  #move(operation: number): void {
    const { chains, chainOf, layout, readsFrom, isWrite } = this.#graph;
    const part = layout.parts[operation] as number;
    const chain = chainOf[operation] as number;
    this.#meter.spend(1);
    const position = (this.#position[chain] as number) + 1;
    this.#position[chain] = position;
    this.#next[chain] = chains[chain]?.[position] ?? NOTHING;
    this.#left--;
    this.#times[operation] = this.#moves.push(operation);
    if (isWrite[operation] === 1) {
      this.#replaced.push(this.#current[part] as number);
      this.#current[part] = operation;
      return;
    }
    const source = readsFrom[operation] as number;
    if (source >= 0) this.#pending[source] = (this.#pending[source] as number) - 1;
    else if (source === INITIAL) this.#countFirst(part, -1);
  }

  #undo(): void {
    const { chainOf, layout, readsFrom, isWrite } = this.#graph;
    const operation = this.#moves.pop() as number;
    const part = layout.parts[operation] as number;
    const chain = chainOf[operation] as number;
    this.#meter.spend(1);
    this.#position[chain] = (this.#position[chain] as number) - 1;
    this.#next[chain] = operation;
    this.#left++;
    this.#times[operation] = 0;
    if (isWrite[operation] === 1) {
      this.#current[part] = this.#replaced.pop() as number;
      return;
    }
    const source = readsFrom[operation] as number;
    if (source >= 0) this.#pending[source] = (this.#pending[source] as number) + 1;
    else if (source === INITIAL) this.#countFirst(part, 1);
  }

  /** Nobody can go on: orders of writes that cannot all hold. */
  #conflict(): Nogood {
    const { chains } = this.#graph;
    const reasons = new Map<number, Reason>();
    const reasonOf = (chain: number): Reason => {
      const operation = (chains[chain] as readonly number[])[this.#position[chain] as number];
      const known = reasons.get(chain) ?? this.#reasonOf(operation as number);
      reasons.set(chain, known);
      return known;
    };
    const start = chains.findIndex((chain, number) => {
      return (this.#position[number] as number) < chain.length;
    });
    let closure = this.#closureOf(start, reasonOf);
    // The last one that was reached is nearer to where they wait for each other.
    for (let before = Infinity; closure.length < before;) {
      before = closure.length;
      closure = this.#closureOf(closure.at(-1) as number, reasonOf);
    }
    const literals = new Map<string, Literal>();
    for (const chain of closure) {
      const operation = (chains[chain] as readonly number[])[this.#position[chain] as number];
      this.#named.add(operation as number);
      for (const literal of (reasons.get(chain) as Reason).literals) {
        literals.set(`${literal.first} ${literal.second}`, literal);
        this.#named.add(literal.first).add(literal.second);
      }
    }
    return [...literals.values()];
  }

  /** All whose next operations wait for one another, from one of them. */
  #closureOf(start: number, reasonOf: (chain: number) => Reason): readonly number[] {
    const reached = new Set([start]);
    for (const chain of reached) {
      this.#meter.spend(1);
      for (const next of reasonOf(chain).chains) reached.add(next);
    }
    return [...reached];
  }

  #reasonOf(operation: number): Reason {
    const { chains, chainOf, isWrite, layout, readers, readsFrom } = this.#graph;
    const because = (from: number, ...literals: readonly Literal[]): Reason => ({
      chains: [chainOf[from] as number],
      literals,
    });
    if (isWrite[operation] === 0) {
      // Its value is still to come: a value that was there stays until all have read it.
      const source = readsFrom[operation] as number;
      if (source < 0) throw new Error("a read of the initial value waits for nobody");
      this.#note(source, operation);
      return because(source);
    }
    const blocking = this.#blocking(operation);
    if (blocking !== NOTHING) {
      const place = this.#before[operation * this.#columns + blocking] as number;
      const from = (chains[blocking] as readonly number[])[place - 1] as number;
      this.#note(from, operation);
      return because(from);
    }
    const part = layout.parts[operation] as number;
    const current = this.#current[part] as number;
    if (current !== NOTHING && (this.#pending[current] as number) > 0) {
      const read = (readers.get(current) as readonly number[]).find(
        (one) => this.#times[one] === 0,
      ) as number;
      this.#note(current, read);
      if (!this.#precedes(current, operation)) {
        return because(read, { first: current, second: operation });
      }
      this.#note(current, operation);
      this.#named.add(read);
      return because(read);
    }
    const nogood = this.#nogoods.against(operation, this.#times);
    if (nogood === undefined) throw new Error("an operation that waits for nobody");
    const own = nogood.filter(({ first }) => first === operation);
    return {
      chains: own.map(({ second }) => chainOf[second] as number),
      literals: nogood.filter(({ first }) => first !== operation),
    };
  }

  #precedes(one: number, other: number): boolean {
    const { chainOf, places } = this.#graph;
    const known = this.#before[other * this.#columns + (chainOf[one] as number)] as number;
    return (places[one] as number) <= known;
  }

  /** Keeps for the explanation that one precedes the other in the graph. */
  #note(from: number, to: number): void {
    const name = `${from} ${to}`;
    if (this.#orders.has(name)) return;
    this.#meter.reserve(ORDER_BYTES);
    this.#orders.set(name, { from, to });
  }
}
