/**
 * The online check on long histories: what it holds does not grow with the history, an operation
 * that hangs hides nothing, and what is given up is said.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import type { OnlineCheck, OnlineFinding } from "../../src/checker/online-checker.js";
import type { NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { casRegister } from "../../src/model/cas-register.js";
import type { Model } from "../../src/model/model.js";
import { createDice } from "../../test/oracle/random-history.js";
import { followLinearizability } from "./online.js";

interface Stream {
  readonly operations: number;
  readonly clients?: number;
  readonly keys?: number;
  /** One operation in so many never completes. */
  readonly indeterminate?: number;
  /** Values that are written; each its own when absent. */
  readonly values?: number;
}

/** The events of a register that is right: operations take effect when they return. */
function* rightStream(stream: Stream): Generator<NewEvent> {
  const { operations, clients = 10, keys = 1, indeterminate = Infinity, values } = stream;
  const dice = createDice(7);
  const registers = new Map<string, Value>();
  const open = new Map<number, { f: string; key: string; value: Value }>();
  const processes = Array.from({ length: clients }, (_, client) => client);
  let invoked = 0;
  let time = 0;
  while (invoked < operations || open.size > 0) {
    const client = dice(clients);
    const process = processes[client] as number;
    const called = open.get(process);
    const timeNs = time++ * 1000;
    if (called === undefined) {
      if (invoked === operations) continue;
      invoked++;
      const f = dice(2) === 0 ? "read" : "write";
      const key = `k${dice(keys)}`;
      const value = f === "read" ? null : values === undefined ? invoked : dice(values);
      open.set(process, { f, key, value });
      yield { timeNs, type: "invoke", process, f, key, value };
      continue;
    }
    const { f, key, value } = called;
    open.delete(process);
    if (dice(2 ** 30) % indeterminate === 1) {
      processes[client] = process + clients;
      yield { timeNs, type: "info", process, f, key, value: null, error: "timeout" };
      continue;
    }
    if (f === "write") registers.set(key, value);
    yield { timeNs, type: "ok", process, f, key, value: registers.get(key) ?? null };
  }
}

interface Followed {
  readonly finding: OnlineFinding | undefined;
  readonly length: number;
  /** After each tenth of the looks: the most bytes that were held in it. */
  readonly bytes: readonly number[];
}

/** Feeds a stream, with a look after so many events. */
function follow(check: OnlineCheck, events: Iterable<NewEvent>, every = 100): Followed {
  const held: number[] = [];
  let index = 0;
  for (const event of events) {
    check.take({ index, ...event });
    if (++index % every > 0) continue;
    const finding = check.look();
    held.push(check.bytes);
    if (finding !== undefined) return { finding, length: index, bytes: held };
  }
  const size = Math.ceil(held.length / 10);
  const bytes = Array.from({ length: 10 }, (_, tenth) =>
    Math.max(...held.slice(tenth * size, (tenth + 1) * size)),
  );
  return { finding: check.look(), length: index, bytes };
}

const register = casRegister();
const started = (model: Model = register): OnlineCheck =>
  followLinearizability(model, createBudget());

describe("what is held is bounded", () => {
  test.each([
    ["one key", { operations: 100_000, clients: 5 }],
    ["a hundred keys", { operations: 100_000, keys: 100 }],
    ["few values and few clients", { operations: 100_000, clients: 3, values: 3 }],
  ] as const)("on 10^5 operations: %s", { timeout: 120_000 }, (_, stream) => {
    const check = started();
    const { finding, bytes, length } = follow(check, rightStream(stream));
    expect(length).toBe(200_000);
    expect(finding).toBeUndefined();
    expect(check.gaps).toEqual([]);
    // The first tenth has met every key.
    expect(bytes[0]).toBeGreaterThan(1_000);
    expect(Math.max(...bytes.slice(1))).toBeLessThan(1.5 * (bytes[0] as number) + 4_096);
  });

  test("with an operation that never completes", { timeout: 120_000 }, () => {
    const check = started();
    const hanging: NewEvent = { ...write(1000, -1), timeNs: 0 };
    const events = [hanging, ...rightStream({ operations: 60_000, clients: 3, keys: 1 })];
    const { finding, bytes } = follow(check, events);
    expect(finding).toBeUndefined();
    expect(check.gaps).toEqual([
      "the write at event 0 has been open for so long that its result is not looked at",
    ]);
    // It is held on to for a while, and then no more.
    expect(Math.max(...bytes)).toBeGreaterThan(4 * 2 ** 20);
    expect(Math.max(...bytes)).toBeLessThan(16 * 2 ** 20);
    expect(bytes.at(-1)).toBeLessThan(2 ** 20);
  });
});

const write = (process: number, value: number): Omit<NewEvent, "timeNs"> => ({
  type: "invoke",
  process,
  f: "write",
  key: "k0",
  value,
});

/** A read of a value that nobody ever wrote. */
function wrongRead(process: number): NewEvent[] {
  const read = { timeNs: 0, process, f: "read", key: "k0" } as const;
  return [
    { ...read, type: "invoke", value: null },
    { ...read, type: "ok", value: "never written" },
  ];
}

describe("an operation that hangs", () => {
  test("does not hide what others see", () => {
    const check = started();
    const right = [...rightStream({ operations: 2_000, clients: 4 })];
    const events = [{ ...write(1000, -1), timeNs: 0 }, ...right, ...wrongRead(2000)];
    const { finding } = follow(check, events);
    expect(finding).toMatchObject({ event: events.length - 1, part: "k0" });
    expect(finding?.reason).toMatch(/on key "k0" up to the completion at event 4002/);
  });

  test("may explain what they see until it fails", () => {
    const check = started();
    const hanging = { ...write(1000, -1), timeNs: 0 };
    const right = [...rightStream({ operations: 300, clients: 4 })];
    const [invoked, seen] = wrongRead(2000) as [NewEvent, NewEvent];
    const events = [hanging, ...right, invoked, { ...seen, value: -1 }];
    const { finding } = follow(check, events, 10);
    expect(finding).toBeUndefined();
    const index = events.length;
    check.take({ ...hanging, index, type: "fail" });
    expect(check.look()).toMatchObject({ event: index });
  });

  test("costs no more a look than what is new", () => {
    const check = started();
    check.take({ ...write(1000, -1), index: 0, timeNs: 0 });
    let index = 1;
    const workOf = (events: Iterable<NewEvent>): number => {
      const before = check.work;
      for (const event of events) check.take({ ...event, index: index++ });
      check.look();
      return check.work - before;
    };
    const some = (): Iterable<NewEvent> => rightStream({ operations: 50, clients: 1, values: 3 });
    const first = workOf(some());
    for (let round = 0; round < 100; round++) workOf(some());
    // What the value may have become is found out once more; the length of the history is not.
    expect(workOf(some())).toBeLessThan(2 * first);
  });
});

describe("what is given up is said", () => {
  test("a part that has too many orders", () => {
    const check = started();
    const { finding } = follow(check, rightStream({ operations: 2_000, clients: 60 }), 200);
    expect(finding).toBeUndefined();
    expect(check.gaps).toHaveLength(1);
    expect(check.gaps[0]).toMatch(/^key "k0" is not watched any more from event \d+ on: too many/);
    expect(check.bytes).toBe(0);
  });

  test("the memory budget holds", () => {
    const check = followLinearizability(register, createBudget({ memoryBytes: 20_000 }));
    const { finding } = follow(check, rightStream({ operations: 5_000, clients: 8 }), 400);
    expect(finding).toBeUndefined();
    expect(check.gaps[0]).toMatch(/memory/);
    expect(check.bytes).toBe(0);
  });

  test("an operation about all parts, and a function that the model does not know", () => {
    const everything: Model = {
      ...register,
      partition: ({ f, key }) => (f === "read" ? undefined : (key ?? null)),
    };
    const read = {
      index: 0,
      timeNs: 0,
      type: "invoke",
      process: 0,
      f: "read",
      value: null,
    } as const;
    const about = started(everything);
    about.take(read);
    expect(about.gaps).toEqual([
      "the history is not watched any more: the read at event 0 is about all parts of the model",
    ]);
    const foreign = started();
    foreign.take({ ...read, f: "enqueue" });
    expect(foreign.gaps[0]).toMatch(/cas-register has no function "enqueue" \(event 0\)/);
    for (const event of wrongRead(1)) foreign.take({ ...event, index: 1 });
    expect(foreign.look()).toBeUndefined();
  });

  test("a model that tells the part by the result", () => {
    const byResult: Model = { ...register, partition: ({ output }) => output ?? null };
    const check = started(byResult);
    wrongRead(1).forEach((event, index) => check.take({ ...event, index }));
    expect(check.gaps[0]).toMatch(/only the result of the read at event 0 tells its part/);
  });
});
