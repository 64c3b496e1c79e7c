/**
 * Carries a set of configurations over a stretch of a running history: just-in-time linearization
 * (Lowe 2017, "Testing for linearizability", section 5), event by event.
 *
 * A configuration is (state, which open required operations have taken effect, how many optional
 * ones of each group have). At the return of an operation those survive in which it has taken
 * effect, after whatever else that is open or optional may have taken effect before it. When none
 * survives, nothing explains the history so far.
 *
 * Cost: configurations × what is open or optional, for each return; a return with c configurations
 * and k operations to choose from costs up to c·k look-ups. Budgets bound it (`Meter`).
 *
 * What is not branched on, and why that is right:
 * - An optional operation is used in the order of beginning among those that cannot be told apart,
 *   so that a counter does for a group: in any explanation two of a group can be swapped, the
 *   earlier one is open wherever the later one is.
 * - Of two open required operations of one kind the one that returns later does not go first, by
 *   the same argument.
 * - An operation that the model declares read-only takes effect as soon as its result fits; an
 *   optional one never does (`assumptions.ts` has the proof). What the model does not declare is
 *   branched on.
 * - Dominated configurations are left out (`configurations.ts`).
 *
 * Not *counted*, groups may happen as often as they like once a member has begun. That allows more,
 * so that what is refuted stays refuted, and there are fewer configurations.
 */
import type { Value } from "../../../src/history/value.js";
import type { Model } from "../../../src/model/model.js";
import { Configurations } from "../configurations.js";
import type { Meter } from "../meter.js";
import { IMPOSSIBLE, Transitions } from "../transitions.js";
import { fateOf, operationOf, requiredName, type Call, type Step } from "./call.js";
import { layOutRows, STATE, usedOf, wordOf, type SweepLayout } from "./layout.js";
import { stateBytes, type Group, type Rows, type Snapshot } from "./snapshot.js";

/** What is swept. */
export interface SweepInput {
  readonly model: Model;
  readonly meter: Meter;
  readonly start: Snapshot;
  /** The steps from `start` on. */
  readonly steps: readonly Step[];
  /** What came after this event is taken as not known. */
  readonly asOf: number;
  readonly counted: boolean;
  /** Bits that open operations have. */
  readonly slotCount: number;
}

/** The configurations before each open operation began, and at the end; or that none is left. */
export type SweepResult =
  | { readonly kind: "possible"; readonly snapshots: Snapshot[] }
  | { readonly kind: "impossible" };

/** Sweeps. @throws LimitReached */
export function sweep(input: SweepInput): SweepResult {
  const held = input.meter.bytes;
  try {
    return new Sweep(input).run();
  } finally {
    // Tables, and snapshots too, which are accounted for by whoever keeps them.
    input.meter.release(input.meter.bytes - held);
  }
}

/** A required operation that is open. */
interface OpenCall {
  readonly call: Call;
  readonly kind: number;
  readonly readOnly: boolean;
  readonly word: number;
  readonly bit: number;
}

/** A group as the sweep goes. */
interface LiveGroup {
  readonly call: Call;
  readonly kind: number;
  begun: number;
  size: number;
}

class Sweep {
  readonly #input: SweepInput;
  readonly #transitions: Transitions;
  readonly #kinds = new Map<string, number>();
  readonly #groups: LiveGroup[] = [];
  readonly #groupsByName = new Map<string, LiveGroup>();
  readonly #layout: SweepLayout;
  /** By their return. */
  #open: OpenCall[] = [];
  #groupsBegun = 0;
  #before: Configurations;
  #after: Configurations;
  readonly #within: Configurations;
  readonly #row: Int32Array;
  /** The configurations in hand as a snapshot has them, until the next return. */
  #rows: Rows | undefined;
  readonly #single = [0];

  constructor(input: SweepInput) {
    const { model, meter, start, counted, slotCount } = input;
    this.#input = input;
    this.#transitions = new Transitions(model, meter);
    this.#findGroups();
    const sizes = counted ? this.#groups.map(({ size }) => size) : [];
    this.#layout = layOutRows(slotCount, sizes);
    [this.#before, this.#within, this.#after] = [0, 1, 2].map(
      () => new Configurations(this.#layout, meter),
    ) as [Configurations, Configurations, Configurations];
    this.#row = new Int32Array(this.#layout.stride);
    this.#groupsBegun = start.groups.length;
    this.#load(start);
    for (const call of start.open) this.#begin(call);
  }

  run(): SweepResult {
    const { start, steps, asOf } = this.#input;
    const snapshots: Snapshot[] = [];
    let last = start.at;
    for (const { at, call, returns } of steps) {
      if (at > asOf) break;
      last = at + 1;
      if (returns) {
        if (!this.#return(call)) return { kind: "impossible" };
        continue;
      }
      const fate = fateOf(call, asOf);
      if (fate === "required") this.#begin(call);
      else if (fate === "open") snapshots.push(this.#snapshot(at));
      if (fate === "open" || fate === "optional") this.#makeAvailable(call);
    }
    snapshots.push(this.#snapshot(Math.max(last, asOf + 1)));
    return { kind: "possible", snapshots };
  }

  /** Every group that there is or will be, with the number of its members at the end. */
  #findGroups(): void {
    const { model, start, steps, asOf } = this.#input;
    for (const { call, begun } of start.groups) this.#addGroup(call, begun);
    for (const { at, call, returns } of steps) {
      if (at > asOf) break;
      const fate = fateOf(call, asOf);
      if (returns || fate === "required" || fate === "void") continue;
      const operation = operationOf(call, model, true);
      if (model.readOnly?.(operation) === true) continue;
      const group = this.#groupsByName.get(call.name) ?? this.#addGroup(call, 0);
      group.size++;
    }
  }

  #addGroup(call: Call, begun: number): LiveGroup {
    const group = { call, kind: this.#kindOf(call, call.name, true), begun, size: begun };
    this.#groups.push(group);
    this.#groupsByName.set(call.name, group);
    return group;
  }

  #kindOf(call: Call, name: string, forgotten: boolean): number {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const { kinds } = this.#transitions;
    this.#kinds.set(name, kinds.length);
    return kinds.push(operationOf(call, this.#input.model, forgotten)) - 1;
  }

  /** A required operation begins. */
  #begin(call: Call): void {
    const { model } = this.#input;
    const kind = this.#kindOf(call, requiredName(call), false);
    const readOnly = model.readOnly?.(operationOf(call, model, false)) === true;
    const open = { call, kind, readOnly, word: wordOf(call.slot), bit: 1 << (call.slot & 31) };
    let at = this.#open.length;
    while (at > 0 && (this.#open[at - 1] as OpenCall).call.completion > call.completion) at--;
    this.#open.splice(at, 0, open);
  }

  /** An operation begins that may or may not happen; groups begin in their order. */
  #makeAvailable(call: Call): void {
    const group = this.#groupsByName.get(call.name);
    if (group === undefined) return;
    if (group.begun++ === 0) this.#groupsBegun++;
  }

  /** Carries the configurations over a return; false when none survives. */
  #return(call: Call): boolean {
    const before = this.#before;
    const within = this.#within;
    const after = this.#after;
    const returning = this.#open.find((open) => open.call === call) as OpenCall;
    this.#rows = undefined;
    for (let row = 0; row < before.count; row++) {
      this.#take(before.rows, row * before.stride);
      this.#file(returning);
    }
    for (let row = 0; row < within.count; row++) {
      for (let choice = 0; choice < this.#open.length; choice++) {
        this.#chooseOpen(row * within.stride, choice, returning);
      }
      for (let group = 0; group < this.#groupsBegun; group++) {
        this.#chooseOptional(row * within.stride, group, returning);
      }
    }
    this.#open = this.#open.filter((open) => open !== returning);
    before.clear();
    within.clear();
    this.#before = after;
    this.#after = before;
    return after.count > 0;
  }

  #take(rows: Int32Array, base: number): void {
    const row = this.#row;
    for (let word = 0; word < row.length; word++) row[word] = rows[base + word] as number;
  }

  /** Files the row in hand: it survives the return, or is explored. */
  #file(returning: OpenCall): void {
    const row = this.#row;
    this.#settle();
    const { word, bit } = returning;
    if (((row[word] as number) & bit) === 0) this.#within.add(row);
    else {
      row[word] = (row[word] as number) & ~bit;
      this.#after.add(row);
    }
  }

  /** Lets what is read-only take effect in the row in hand wherever its result fits. */
  #settle(): void {
    const row = this.#row;
    const state = row[STATE] as number;
    this.#input.meter.spend(this.#open.length);
    for (const { readOnly, kind, word, bit } of this.#open) {
      if (!readOnly || ((row[word] as number) & bit) !== 0) continue;
      if (this.#transitions.next(state, kind) === state) row[word] = (row[word] as number) | bit;
    }
  }

  /** Files what comes of an open operation taking effect in a row of `within`. */
  #chooseOpen(base: number, choice: number, returning: OpenCall): void {
    const { rows } = this.#within;
    const { kind, readOnly, word, bit } = this.#open[choice] as OpenCall;
    this.#input.meter.spend(1);
    if (readOnly || ((rows[base + word] as number) & bit) !== 0) return;
    for (let earlier = 0; earlier < choice; earlier++) {
      const twin = this.#open[earlier] as OpenCall;
      if (twin.kind === kind && ((rows[base + twin.word] as number) & twin.bit) === 0) return;
    }
    for (const next of this.#nextStates(rows[base + STATE] as number, kind)) {
      this.#take(this.#within.rows, base);
      this.#row[STATE] = next;
      this.#row[word] = (this.#row[word] as number) | bit;
      this.#file(returning);
    }
  }

  /** The same for the next member of a group. */
  #chooseOptional(base: number, index: number, returning: OpenCall): void {
    const { counted, meter } = this.#input;
    const { rows } = this.#within;
    const { kind, begun } = this.#groups[index] as LiveGroup;
    meter.spend(1);
    if (counted && usedOf(this.#layout, rows, base, index) >= begun) return;
    const state = rows[base + STATE] as number;
    for (const next of this.#nextStates(state, kind)) {
      // What may or may not happen need not, when it changes nothing.
      if (next === state) continue;
      this.#take(this.#within.rows, base);
      this.#row[STATE] = next;
      if (counted) this.#use(index, 1);
      this.#file(returning);
    }
  }

  #use(group: number, count: number): void {
    const word = this.#layout.counterWords[group] as number;
    const one = 1 << (this.#layout.counterShifts[group] as number);
    this.#row[word] = (this.#row[word] as number) + Math.imul(one, count);
  }

  #nextStates(state: number, kind: number): readonly number[] {
    const next = this.#transitions.next(state, kind);
    if (next === IMPOSSIBLE) return NONE;
    if (next < IMPOSSIBLE) return this.#transitions.several(next);
    this.#single[0] = next;
    return this.#single;
  }

  /** Takes over the configurations of a snapshot. */
  #load({ rows }: Snapshot): void {
    const { states, count, bitWords, counters, words } = rows;
    const { counted, meter } = this.#input;
    const numbers = states.map((state) => this.#transitions.numberOf(state));
    const stride = 1 + bitWords + counters;
    const kept = counted ? counters : 0;
    meter.spend(count);
    for (let base = 0; base < count * stride; base += stride) {
      this.#row.fill(0);
      this.#row[STATE] = numbers[words[base] as number] as number;
      for (let word = 0; word < bitWords; word++) {
        this.#row[1 + word] = words[base + 1 + word] as number;
      }
      for (let group = 0; group < kept; group++) {
        this.#use(group, words[base + 1 + bitWords + group] as number);
      }
      this.#before.add(this.#row);
    }
  }

  /** What is possible now, before the event `at`. */
  #snapshot(at: number): Snapshot {
    this.#rows ??= this.#unload();
    const groups: Group[] = [];
    for (let index = 0; index < this.#groupsBegun; index++) {
      const { call, begun } = this.#groups[index] as LiveGroup;
      groups.push({ call, begun });
    }
    return { at, open: this.#open.map(({ call }) => call), groups, rows: this.#rows };
  }

  #unload(): Rows {
    const { counted, meter } = this.#input;
    const { rows, count, stride } = this.#before;
    const { bitWords } = this.#layout;
    const counters = counted ? this.#groupsBegun : 0;
    const width = 1 + bitWords + counters;
    meter.reserve(4 * count * width);
    meter.spend(count);
    const words = new Int32Array(count * width);
    const places = new Map<number, number>();
    const states: Value[] = [];
    for (let row = 0; row < count; row++) {
      const from = row * stride;
      const to = row * width;
      const state = rows[from + STATE] as number;
      let place = places.get(state);
      if (place === undefined) {
        place = states.push(this.#transitions.stateAt(state)) - 1;
        places.set(state, place);
      }
      words[to] = place;
      for (let word = 1; word <= bitWords; word++) words[to + word] = rows[from + word] as number;
      for (let group = 0; group < counters; group++) {
        words[to + 1 + bitWords + group] = usedOf(this.#layout, rows, from, group);
      }
    }
    const bytes = 4 * words.length + stateBytes(states);
    return { states, count, bitWords, counters, words, bytes };
  }
}

const NONE: readonly number[] = [];
