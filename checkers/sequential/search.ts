/**
 * The search for an order that respects each process's own order and that the model accepts:
 * depth-first, over (how far each process is, which optional operations have happened, the state of
 * each part), each visited once.
 *
 * Deciding sequential consistency is NP-complete (Gibbons & Korach 1997), even for one register;
 * the search is exponential in the worst case and bounded by its budget. What keeps it short:
 * - *Eager*: the next operation of a process that its state allows, and that the model calls
 *   read-only, takes effect at once, without branching. It is possible now; whatever order completes
 *   what is done so far, the same order with this operation moved to the front completes it too,
 *   since it changes no state and its process has nothing to do before it.
 * - *Hopeless*: for registers, a process that waits for a value which no operation that is left can
 *   write any more ends the branch; and a value that cannot come back is not overwritten before all
 *   that need it have seen it.
 * - *Order*: operations that returned first come first, for most systems are nearly linearizable.
 */
import type { Kinds } from "../linearizable/kinds.js";
import { IMPOSSIBLE, type Transitions } from "../linearizable/transitions.js";
import type { Meter } from "../linearizable/meter.js";
import { NONE } from "../../src/history/history.js";
import type { ModelOperation } from "../../src/model/model.js";
import type { Layout } from "./layout.js";
import { Vector } from "./vectors.js";
import { Makers, type Wants } from "./wants.js";

/** What the search needs beside the layout. */
export interface SearchTools {
  readonly transitions: Transitions;
  readonly kinds: Kinds;
  readonly meter: Meter;
  /** For registers. */
  readonly wants?: Wants | undefined;
}

/** What came of it. */
export type SearchFinding =
  | { readonly kind: "explained"; readonly order: readonly number[] }
  | { readonly kind: "refuted"; readonly reached: number };

/** Looks for an order of all required operations. @throws LimitReached */
export function searchOrder(layout: Layout, tools: SearchTools): SearchFinding {
  const search = new Search(layout, tools);
  try {
    return search.run();
  } finally {
    search.free();
  }
}

/** A choice point: where to go back to, and what is left to try. */
interface Frame {
  readonly done: number;
  readonly choices: readonly number[];
  next: number;
}

class Search {
  readonly #layout: Layout;
  readonly #tools: SearchTools;
  /** Operation → kind. */
  readonly #kinds: Int32Array;
  /** Operation → 1 when the model says that it changes no state. */
  readonly #readOnly: Uint8Array;
  /** How far each process is; which optional ones have happened; the state of each part. */
  readonly #vector: Vector;
  readonly #optionalAt: number;
  readonly #statesAt: number;
  readonly #position: Int32Array;
  readonly #states: Int32Array;
  readonly #happened: Uint8Array;
  /** Moves so far: choice codes, and the state of the part before each. */
  readonly #moves: number[] = [];
  readonly #statesBefore: number[] = [];
  readonly #makers: Makers | undefined;
  #left: number;
  #reached = 0;

  constructor(layout: Layout, tools: SearchTools) {
    const { count, sequences, optional, partNames, invocations } = layout;
    this.#layout = layout;
    this.#tools = tools;
    this.#optionalAt = sequences.length;
    this.#statesAt = this.#optionalAt + optional.length;
    tools.meter.reserve(4 * (count + sequences.length + partNames.length) + 48 * count);
    this.#vector = new Vector(this.#statesAt + partNames.length, tools.meter);
    this.#position = new Int32Array(sequences.length);
    this.#happened = new Uint8Array(optional.length);
    this.#states = new Int32Array(partNames.length);
    this.#kinds = new Int32Array(count);
    for (const sequence of sequences) {
      for (const one of sequence) {
        this.#kinds[one] = tools.kinds.recorded(invocations[one] as number);
      }
    }
    for (const { operation } of optional) {
      this.#kinds[operation] = tools.kinds.forgotten(invocations[operation] as number);
    }
    const { kinds, model } = tools.transitions;
    this.#readOnly = Uint8Array.from(this.#kinds, (kind) =>
      model.readOnly?.(kinds[kind] as ModelOperation) === true ? 1 : 0,
    );
    this.#makers = tools.wants === undefined ? undefined : new Makers(layout, tools.wants);
    const initial = tools.transitions.initial();
    partNames.forEach((_, part) => {
      this.#states[part] = initial;
      this.#vector.set(this.#statesAt + part, initial);
    });
    this.#left = sequences.reduce((sum, { length }) => sum + length, 0);
  }

  free(): void {
    this.#vector.free();
  }

  run(): SearchFinding {
    const seen = new Set<number>();
    const frames: Frame[] = [];
    this.#settleAll();
    for (;;) {
      if (this.#left === 0) return { kind: "explained", order: this.#order() };
      const { number } = this.#vector;
      this.#reached = Math.max(this.#reached, this.#moves.length);
      if (!seen.has(number)) {
        this.#tools.meter.reserve(32);
        seen.add(number);
        frames.push({ done: this.#moves.length, choices: this.#choices(), next: 0 });
      }
      for (;;) {
        const frame = frames.at(-1);
        if (frame === undefined) return { kind: "refuted", reached: this.#reached };
        this.#undoTo(frame.done);
        const choice = frame.choices[frame.next++];
        if (choice === undefined) {
          frames.pop();
          continue;
        }
        this.#move(choice);
        this.#settle(this.#partOf(choice));
        break;
      }
    }
  }

  /** A choice is a process, or an optional operation, times the alternative states it leads to. */
  #code(place: number, alternative: number): number {
    return alternative * (this.#optionalAt + this.#layout.optional.length) + place;
  }

  #operationOf(choice: number): number {
    const place = choice % this.#statesAt;
    if (place >= this.#optionalAt) {
      return (this.#layout.optional[place - this.#optionalAt] as { operation: number }).operation;
    }
    return this.#layout.sequences[place]?.[this.#position[place] as number] as number;
  }

  #partOf(choice: number): number {
    // The move has been made: an ordinary one is the last of its process.
    const place = choice % this.#statesAt;
    if (place >= this.#optionalAt) return this.#layout.parts[this.#operationOf(choice)] as number;
    const before = (this.#position[place] as number) - 1;
    return this.#layout.parts[this.#layout.sequences[place]?.[before] as number] as number;
  }

  #choices(): number[] {
    const { sequences, optional, history, invocations } = this.#layout;
    const found: { code: number; rank: number }[] = [];
    this.#tools.meter.spend(sequences.length + optional.length);
    if (this.#isHopeless()) return [];
    const consider = (place: number, operation: number, rank: number): void => {
      const part = this.#layout.parts[operation] as number;
      const state = this.#states[part] as number;
      const next = this.#tools.transitions.next(state, this.#kinds[operation] as number);
      if (next === IMPOSSIBLE || (next === state && place >= this.#optionalAt)) return;
      if (next !== state && this.#mustStay(part, state, operation)) return;
      const several = next < IMPOSSIBLE ? this.#tools.transitions.several(next) : [next];
      several.forEach((_, alternative) => {
        found.push({ code: this.#code(place, alternative), rank });
      });
    };
    for (let process = 0; process < sequences.length; process++) {
      const operation = sequences[process]?.[this.#position[process] as number];
      if (operation === undefined) continue;
      const completion = history.pairs[invocations[operation] as number] as number;
      consider(process, operation, completion);
    }
    optional.forEach(({ operation, process, after }, number) => {
      if (this.#happened[number] === 1 || (this.#position[process] as number) < after) return;
      const invocation = invocations[operation] as number;
      const completion = history.pairs[invocation] as number;
      consider(
        this.#optionalAt + number,
        operation,
        2 ** 31 + (completion === NONE ? 0 : completion),
      );
    });
    return found.sort((a, b) => a.rank - b.rank).map(({ code }) => code);
  }

  /** Whether some other operation needs the state that this one would end for good. */
  #mustStay(part: number, state: number, operation: number): boolean {
    const makers = this.#makers;
    if (makers === undefined) return false;
    // It needs the state itself when it is a compare-and-set: then it is about to have it.
    makers.count(operation, -1);
    const stays = makers.mustStay(part, state);
    makers.count(operation, 1);
    return stays;
  }

  /** Whether some process waits for a state that nobody can make any more. */
  #isHopeless(): boolean {
    if (this.#makers === undefined) return false;
    const { sequences, parts } = this.#layout;
    for (let process = 0; process < sequences.length; process++) {
      const waiting = sequences[process]?.[this.#position[process] as number];
      if (waiting === undefined) continue;
      const state = this.#states[parts[waiting] as number] as number;
      if (this.#makers.isHopeless(waiting, state)) return true;
    }
    return false;
  }

  #move(choice: number): void {
    const operation = this.#operationOf(choice);
    const part = this.#layout.parts[operation] as number;
    const state = this.#states[part] as number;
    let next = this.#tools.transitions.next(state, this.#kinds[operation] as number);
    if (next < IMPOSSIBLE) {
      next = this.#tools.transitions.several(next)[Math.floor(choice / this.#statesAt)] as number;
    }
    this.#moves.push(choice);
    this.#statesBefore.push(state);
    this.#makers?.count(operation, -1);
    const place = choice % this.#statesAt;
    if (place >= this.#optionalAt) {
      this.#happened[place - this.#optionalAt] = 1;
      this.#vector.set(place, 1);
    } else {
      this.#advance(place, 1);
    }
    if (next !== state) this.#setState(part, next);
  }

  #undoTo(done: number): void {
    while (this.#moves.length > done) {
      const choice = this.#moves.pop() as number;
      const before = this.#statesBefore.pop() as number;
      const place = choice % this.#statesAt;
      if (place >= this.#optionalAt) {
        this.#happened[place - this.#optionalAt] = 0;
        this.#vector.set(place, 0);
      } else {
        this.#advance(place, -1);
      }
      const operation = this.#operationOf(choice);
      this.#makers?.count(operation, 1);
      this.#setState(this.#layout.parts[operation] as number, before);
    }
  }

  #advance(process: number, by: number): void {
    const position = (this.#position[process] as number) + by;
    this.#position[process] = position;
    this.#vector.set(process, position);
    this.#left -= by;
  }

  #setState(part: number, state: number): void {
    if (this.#states[part] === state) return;
    this.#states[part] = state;
    this.#vector.set(this.#statesAt + part, state);
  }

  #settleAll(): void {
    for (let process = 0; process < this.#layout.sequences.length; process++) this.#follow(process);
  }

  /** After a change of this part: lets everything that waited for it and changes nothing happen. */
  #settle(part: number): void {
    const { sequences, parts } = this.#layout;
    this.#tools.meter.spend(sequences.length);
    for (let process = 0; process < sequences.length; process++) {
      const waiting = sequences[process]?.[this.#position[process] as number];
      if (waiting === undefined) continue;
      // The process that moved stands at something new, of whatever part.
      if (parts[waiting] === part || process === (this.#moves.at(-1) as number) % this.#statesAt) {
        this.#follow(process);
      }
    }
  }

  #follow(process: number): void {
    const sequence = this.#layout.sequences[process] as readonly number[];
    for (;;) {
      const operation = sequence[this.#position[process] as number];
      if (operation === undefined) return;
      const state = this.#states[this.#layout.parts[operation] as number] as number;
      const next = this.#tools.transitions.next(state, this.#kinds[operation] as number);
      if (next !== state || this.#readOnly[operation] === 0) return;
      this.#tools.meter.spend(1);
      this.#moves.push(process);
      this.#statesBefore.push(state);
      this.#makers?.count(operation, -1);
      this.#advance(process, 1);
    }
  }

  #order(): number[] {
    const { invocations, sequences, optional } = this.#layout;
    const position = new Int32Array(sequences.length);
    return this.#moves.map((choice) => {
      const place = choice % this.#statesAt;
      const operation =
        place >= this.#optionalAt
          ? (optional[place - this.#optionalAt] as { operation: number }).operation
          : (sequences[place]?.[this.#next(position, place)] as number);
      return invocations[operation] as number;
    });
  }

  #next(position: Int32Array, place: number): number {
    const at = position[place] as number;
    position[place] = at + 1;
    return at;
  }
}
