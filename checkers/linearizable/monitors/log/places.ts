/**
 * What the calls of a log say of places: a log of unique entries as something that grows by steps
 * (see `growth/growth.ts`). An append is a step; it is bound to its place by the offset that it
 * answers, or by any read that returns its entry. A read is a look at the height: a whole one at
 * exactly as many entries as it returned, a slice at as many or more when it came to its limit.
 */
import { FAIL, INFO, NONE } from "../../../../src/history/history.js";
import type { Value } from "../../../../src/history/value.js";
import type { Meter } from "../../meter.js";
import {
  BYTES_OF_GROWTH,
  emptyGrowth,
  LEFT_OUT,
  LOOKS,
  STEPS,
  type Growth,
} from "../growth/growth.js";
import type { Calls, MonitorAnswer } from "../monitor.js";
import { ValueNumbering } from "../numbering.js";

/** Positions in the roles of the monitor. */
const APPEND = 0;
const READ = 1;

/** By call, with the numbering of entries. */
const BYTES_PER_CALL: number = BYTES_OF_GROWTH + 12 * 4;

/** The log as growth, or an answer that needs none. @throws LimitReached */
export function placesIn(
  calls: Calls,
  meter: Meter,
): MonitorAnswer | { readonly kind: "growth"; readonly growth: Growth } {
  const { count, roles, outcomes } = calls;
  meter.reserve(BYTES_PER_CALL * count);
  meter.spend(count);
  if (outcomes.includes(FAIL)) return unsuitable("a failed operation counts as an observation");
  const entries = new Entries(calls);
  for (let call = 0; call < count; call++) {
    if (roles[call] !== APPEND) continue;
    const problem = entries.append(call);
    if (problem !== undefined) return unsuitable(problem);
  }
  const reads = readInputs(calls);
  if (reads === undefined) return unsuitable("a read has bounds that are none");
  const places = new Places(calls, { entries, reads }, meter);
  for (let call = 0; call < count; call++) {
    const lie = places.take(call);
    if (lie !== undefined) return { kind: "not-linearizable", ...lie };
  }
  return { kind: "growth", growth: places.growth };
}

function unsuitable(reason: string): MonitorAnswer {
  return { kind: "unsuitable", reason };
}

/** Completed calls that contradict one another, and the entries that this is about. */
interface Lie {
  readonly calls: readonly number[];
  readonly namedValues: readonly Value[];
}

/** Which append an entry is of. */
class Entries {
  readonly #calls: Calls;
  readonly #numbering: ValueNumbering;
  /** By number of the entry. */
  readonly #appends: number[] = [];
  count = 0;

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#numbering = new ValueNumbering(calls.count);
  }

  /** Takes an append in; says so when it is not suited. */
  append(call: number): string | undefined {
    const entry = this.entryOf(call);
    // Null stands for entries that do not matter.
    if (entry === null) return "null is appended";
    const number = this.#numbering.numberOf(entry);
    if (number < this.#appends.length) return "an entry is appended twice";
    this.#appends.push(call);
    this.count++;
    return undefined;
  }

  entryOf(call: number): Value {
    return this.#calls.pool[this.#calls.inputs[call] as number] as Value;
  }

  /** The append of an entry, `NONE` without one. */
  find(entry: Value): number {
    return this.#appends[this.#numbering.numberOf(entry)] ?? NONE;
  }
}

class Places {
  readonly growth: Growth;
  readonly #calls: Calls;
  readonly #entries: Entries;
  readonly #reads: ReadonlyMap<number, Bounds>;
  readonly #meter: Meter;
  /** Results of reads from the beginning that have been walked over, by their position. */
  readonly #known = new Set<number>();

  constructor(
    calls: Calls,
    { entries, reads }: { readonly entries: Entries; readonly reads: ReadonlyMap<number, Bounds> },
    meter: Meter,
  ) {
    this.growth = emptyGrowth(calls.count, entries.count);
    this.#reads = reads;
    this.#calls = calls;
    this.#entries = entries;
    this.#meter = meter;
  }

  /** Enters what a call says; a contradiction, if there is one. */
  take(call: number): Lie | undefined {
    const { roles, outcomes, outputs, pool } = this.#calls;
    const { kinds } = this.growth;
    const role = roles[call] as number;
    const isKnown = outcomes[call] !== INFO;
    kinds[call] = role === APPEND ? STEPS : isKnown ? LOOKS : LEFT_OUT;
    if (!isKnown) return undefined;
    const output = pool[outputs[call] as number] as Value;
    if (role === APPEND) {
      if (typeof output !== "number") return undefined;
      if (!isHeight(output, this.growth.total - 1)) {
        return { calls: [call], namedValues: [this.#entries.entryOf(call)] };
      }
      return this.#bind(call, output + 1, call);
    }
    if (role === READ) return this.#read(call, output);
    if (!isHeight(output, this.growth.total)) return { calls: [call], namedValues: [] };
    return this.#look(call, output, output);
  }

  #look(call: number, least: number, most: number): Lie | undefined {
    if (least > this.growth.total) return { calls: [call], namedValues: [] };
    this.growth.least[call] = least;
    this.growth.most[call] = most;
    return undefined;
  }

  #read(call: number, output: Value): Lie | undefined {
    if (!Array.isArray(output)) return { calls: [call], namedValues: [] };
    const { from, limit } = this.#reads.get(this.#calls.inputs[call] as number) ?? WHOLE;
    const { length } = output;
    if (length > limit) return { calls: [call], namedValues: [] };
    if (length > 0) {
      const lie = this.#look(call, from + length, length < limit ? from + length : NO_MAXIMUM);
      return lie ?? this.#walk(call, from, output as readonly Value[]);
    }
    return this.#look(call, 0, limit === 0 ? NO_MAXIMUM : from);
  }

  #walk(call: number, from: number, entries: readonly Value[]): Lie | undefined {
    const position = this.#calls.outputs[call] as number;
    if (from === 0 && this.#known.has(position)) return undefined;
    this.#meter.spend(entries.length);
    for (const [at, entry] of entries.entries()) {
      const append = this.#entries.find(entry);
      if (append === NONE) return { calls: [call], namedValues: [entry] };
      const lie = this.#bind(append, from + at + 1, call);
      if (lie !== undefined) return lie;
    }
    if (from === 0) this.#known.add(position);
    return undefined;
  }

  /** A call says that an append is at a place. */
  #bind(append: number, place: number, call: number): Lie | undefined {
    const { least, most, bound, binders } = this.growth;
    const before = least[append] as number;
    if (before === place) return undefined;
    const other = bound[place] as number;
    if (before === 0 && other === NONE) {
      // A step is at its place once it is taken.
      least[append] = place;
      most[append] = place - 1;
      bound[place] = append;
      binders[place] = call;
      return undefined;
    }
    const binder = binders[before === 0 ? place : before] as number;
    const named = before === 0 ? [append, other] : [append];
    return {
      calls: [...new Set([binder, call])].sort((a, b) => a - b),
      namedValues: named.map((one) => this.#entries.entryOf(one)),
    };
  }
}

const NO_MAXIMUM = 0x7fff_ffff;

function isHeight(height: Value, most: number): height is number {
  return Number.isSafeInteger(height) && (height as number) >= 0 && (height as number) <= most;
}

/** Which entries a read asks for. */
interface Bounds {
  readonly from: number;
  readonly limit: number;
}

const WHOLE: Bounds = { from: 0, limit: Infinity };

/** The inputs of reads, by their positions; undefined when the model would refuse one. */
function readInputs({ count, roles, inputs, pool }: Calls): Map<number, Bounds> | undefined {
  const found = new Map<number, Bounds>();
  for (let call = 0; call < count; call++) {
    const position = inputs[call] as number;
    if (roles[call] !== READ || found.has(position)) continue;
    const input = pool[position] as Value;
    if (input === null || typeof input !== "object" || Array.isArray(input)) {
      found.set(position, WHOLE);
      continue;
    }
    const { from = 0, limit = null } = input as { readonly [name: string]: Value };
    const most = limit === null ? Infinity : limit;
    if (!isHeight(from, Infinity) || typeof most !== "number") return undefined;
    if (most !== Infinity && !isHeight(most, Infinity)) return undefined;
    found.set(position, { from, limit: most });
  }
  return found;
}
