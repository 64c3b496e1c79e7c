/**
 * The pass over visible writes against its definition, on histories that are long enough for what
 * is looked at one by one to become too much, for clocks to be kept, and for rows to be used again.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { createHistoryBuilder, INFO, INVOKE, OK, type History } from "../../src/history/history.js";
import { kv } from "../../src/model/kv.js";
import { createDice, type Dice } from "../../test/oracle/random-history.js";
import { Meter } from "../linearizable/meter.js";
import { causalOrder } from "./causal-order.js";
import { Clocks } from "./clocks.js";
import { layOutRegisters, type Registers } from "./layout.js";
import { INITIAL } from "./sources.js";
import { visibleWrites, type VisibleWrites } from "./visible-writes.js";

const HISTORIES = 40;

interface Shape {
  readonly operations: number;
  readonly processes: number;
  readonly keys: number;
  /** A replica is at most so many operations behind. */
  readonly lagMax: number;
  /** One write in so many is of unknown outcome; 0 for none. */
  readonly indeterminate: number;
  /** One read in so many is a lie; 0 for none. */
  readonly lies: number;
  /** One read in so many returns what is yet to be written; 0 for none. */
  readonly early: number;
}

const SHAPES: readonly (readonly [string, Shape])[] = [
  ["close", shape({ lagMax: 40 })],
  ["far behind", shape({ lagMax: 300 })],
  ["far behind, more keys", shape({ lagMax: 300, keys: 6 })],
  ["processes come and go", shape({ lagMax: 60, indeterminate: 12 })],
  ["reads that begin before what they read", shape({ lagMax: 60, lies: 0, early: 30 })],
];

function shape(rest: Partial<Shape>): Shape {
  const base = { operations: 250, processes: 8, keys: 2, indeterminate: 0, lies: 150, early: 0 };
  return { ...base, lagMax: 60, ...rest };
}

describe.each(SHAPES)("%s", (_, shaped) => {
  test.each([0, 3, 64])("agrees with the definition, looking at %i", (scanMax) => {
    const dice = createDice(20_261_127);
    const counts = { consistent: 0, "initial-read": 0, overwritten: 0, outOfOrder: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const registers = layOutRegisters(randomHistory(dice, shaped), kv());
      if (registers === undefined) throw new Error("it is a store of registers");
      const causes = causalOrder(registers);
      if (causes.kind === "cyclic") continue;
      const { order } = causes;
      expectOrder(registers, order);
      for (const wanted of [false, true]) {
        const meter = new Meter(createBudget());
        const seen = visibleWrites(registers, { order, meter, wanted, scanMax });
        expect(meter.bytes).toBe(0);
        expectAgreement(registers, order, seen, wanted);
        counts[seen.kind]++;
        if (seen.kind === "consistent" && !seen.inOrder) counts.outOfOrder++;
      }
    }
    expect(counts.consistent).toBeGreaterThan(10);
    expect(counts.outOfOrder).toBeGreaterThan(0);
    if (shaped.lies > 0) expect(counts.overwritten).toBeGreaterThan(5);
  });
});

test("conflicts are counted as memory", () => {
  const processes = 30;
  const builder = createHistoryBuilder();
  for (let process = 0; process < processes; process++) {
    builder.append(INVOKE, process, "write", 0, process, undefined, process);
    builder.append(OK, process, "write", 0, process, undefined, process);
  }
  for (let at = 0; at < processes * processes; at++) {
    // Each process reads what all have written, in one order.
    const process = processes + Math.floor(at / processes);
    builder.append(INVOKE, process, "read", 0, null, undefined, processes + at);
    builder.append(OK, process, "read", 0, at % processes, undefined, processes + at);
  }
  const registers = layOutRegisters(builder.build(), kv());
  if (registers === undefined) throw new Error("it is a store of registers");
  const look = (memoryBytes: number): VisibleWrites => {
    const meter = new Meter(createBudget({ memoryBytes }));
    return visibleWrites(registers, { order: registers.byInvocation, meter, wanted: true });
  };
  const seen = look(2 ** 20);
  if (seen.kind !== "consistent") throw new Error("each read follows what it reads");
  expect(seen.conflicts.length).toBeGreaterThan(13_000);
  expect(() => look(2 ** 18)).toThrow("memory limit reached");
});

test("a table that rows could not be told in by 32 bits is too much memory", () => {
  const meter = new Meter(createBudget({ memoryBytes: Infinity }));
  expect(() => new Clocks(2 ** 26, meter)).toThrow("memory limit reached");
});

/** Replicas that have taken a prefix of all operations, and their own. */
function randomHistory(dice: Dice, shaped: Shape): History {
  const { operations, processes, keys, lagMax, indeterminate, lies, early } = shaped;
  const isReversed = dice(2) === 0;
  const builder = createHistoryBuilder();
  const taken = Array.from({ length: processes }, () => -1);
  const writes: { readonly at: number; readonly process: number; readonly key: number }[] = [];
  for (let at = 0; at < operations; at++) {
    const process = dice(processes);
    const key = dice(keys);
    taken[process] = Math.max(taken[process] as number, at - 1 - dice(lagMax + 1));
    if (dice(2) === 0) {
      builder.append(INVOKE, process, "write", key, at, undefined, at);
      const isLost = indeterminate > 0 && dice(indeterminate) === 0;
      builder.append(isLost ? INFO : OK, process, "write", key, at, undefined, at);
      writes.push({ at, process, key });
      continue;
    }
    const known = writes.filter(
      (write) =>
        write.key === key && (write.process === process || write.at <= (taken[process] as number)),
    );
    const last = known.toSorted((a, b) =>
      // All replicas agree on an order, if not on that of invocation.
      isReversed ? (a.at >> 2) - (b.at >> 2) || b.at - a.at : a.at - b.at,
    );
    const isLie = lies > 0 && dice(lies) === 0;
    const found = isLie ? known[dice(known.length + 1)] : last.at(-1);
    if (early > 0 && dice(early) === 0) {
      // Of a key of its own, by a process of its own.
      const value = operations + at;
      builder.append(INVOKE, process, "read", keys, null, undefined, at);
      builder.append(INVOKE, value, "write", keys, value, undefined, at);
      builder.append(OK, value, "write", keys, value, undefined, at);
      builder.append(OK, process, "read", keys, value, undefined, at);
      continue;
    }
    builder.append(INVOKE, process, "read", key, null, undefined, at);
    builder.append(OK, process, "read", key, found?.at ?? null, undefined, at);
  }
  return builder.build();
}

/** Every operation once, after what its session did before and what it reads. */
function expectOrder({ count, sessions, starts, parents, sources }: Registers, order: Int32Array) {
  const places = new Int32Array(count).fill(-1);
  for (const [place, operation] of order.entries()) places[operation] = place;
  expect(order.length).toBe(count);
  for (let operation = 0; operation < count; operation++) {
    const session = sessions[operation] as number;
    const before = operation === starts[session] ? (parents[session] as number) : operation - 1;
    for (const cause of [before, sources[operation] as number]) {
      if (cause < 0) continue;
      if ((places[cause] as number) < (places[operation] as number)) continue;
      expect.fail(`${operation} comes before ${cause}`);
    }
    if (places[operation] === -1) expect.fail(`${operation} is missing`);
  }
}

function expectAgreement(
  registers: Registers,
  order: Int32Array,
  seen: VisibleWrites,
  wanted: boolean,
): void {
  const { count, sessions, starts, parents, keys, isWrite, sources } = registers;
  const precede: Set<number>[] = [];
  const places = new Int32Array(count);
  for (const [place, operation] of order.entries()) places[operation] = place;
  const precedes = (one: number, other: number): boolean => precede[other]?.has(one) ?? false;
  const conflicts = new Set<string>();
  for (const operation of order) {
    const session = sessions[operation] as number;
    const before = operation === starts[session] ? (parents[session] as number) : operation - 1;
    const source = sources[operation] as number;
    const causes = new Set<number>();
    for (const cause of [before, source]) {
      if (cause < 0) continue;
      causes.add(cause);
      for (const each of precede[cause] as Set<number>) causes.add(each);
    }
    precede[operation] = causes;
    if (source < 0 && source !== INITIAL) continue;
    const visible = [...causes].filter(
      (one) => isWrite[one] === 1 && keys[one] === keys[operation] && one !== source,
    );
    if (source === INITIAL) {
      if (visible.length === 0) continue;
      if (seen.kind !== "initial-read") expect.fail(`${seen.kind}, not initial-read`);
      expect(seen.read).toBe(operation);
      expect(visible).toContain(seen.write);
      return;
    }
    const over = visible.filter((one) => precedes(source, one));
    if (over.length > 0) {
      if (seen.kind !== "overwritten") expect.fail(`${seen.kind}, not overwritten`);
      expect(seen.read).toBe(operation);
      expect(over).toContain(seen.by);
      return;
    }
    for (const one of visible) {
      if (precedes(one, source)) continue;
      // The last one of each session is enough.
      if (visible.some((other) => sessions[other] === sessions[one] && other > one)) continue;
      conflicts.add(`${one} ${source}`);
    }
  }
  if (seen.kind !== "consistent") expect.fail(`${seen.kind}, not consistent`);
  if (!wanted) return;
  const found = Array.from({ length: seen.conflicts.length }, (_, edge) => [
    seen.conflicts.froms[edge] as number,
    seen.conflicts.tos[edge] as number,
  ]);
  expect(new Set(found.map((edge) => edge.join(" ")))).toEqual(conflicts);
  expect(seen.reads.length).toBe(found.length);
  expect(seen.inOrder).toBe(
    found.every(
      ([from, to]) => (places[from as number] as number) < (places[to as number] as number),
    ),
  );
}
