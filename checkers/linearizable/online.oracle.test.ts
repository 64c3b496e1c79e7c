/**
 * The online check against brute force: it refutes exactly the prefixes that no order explains, at
 * the first look after the completion that made them so, and names that completion.
 */
import { expect, test } from "vitest";
import { hasLinearization } from "../../test/oracle/brute-force.js";
import {
  createDice,
  randomHistory,
  type Dice,
  type HistoryShape,
} from "../../test/oracle/random-history.js";
import { createBudget } from "../../src/checker/checker.js";
import type { OnlineCheck, OnlineFinding } from "../../src/checker/online-checker.js";
import { historyOf, type NewEvent } from "../../src/history/history.js";
import { canonical } from "../../src/history/value.js";
import { casRegister } from "../../src/model/cas-register.js";
import type { Model } from "../../src/model/model.js";
import { linearizable } from "../linearizable.js";
import { followLinearizability } from "./online.js";

const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_125);
const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 3_000);

const registerCalls: HistoryShape["calls"] = [
  { f: "write", input: ({ dice }) => dice(3), outputs: (_, input) => [input] },
  { f: "read", weight: 2, input: () => null, outputs: () => [null, 0, 1, 2] },
  {
    f: "cas",
    input: ({ dice }) => [dice(3), dice(3)],
    outputs: (_, input) => [input, false],
    fails: true,
  },
];

/** A bag: takes any of what was added; nondeterministic, and declares nothing. */
const bag: Model<readonly number[]> = {
  name: "bag",
  options: {},
  initial: () => [],
  step: (state, { f, input, output, outcome }) => {
    if (f === "add") return [[...state, Number(input)].sort((a, b) => a - b)];
    if (f === "size") return outcome === "info" || output === state.length ? [state] : [];
    const left = state.flatMap((item, at) =>
      outcome === "info" || output === item ? [state.toSpliced(at, 1)] : [],
    );
    return outcome === "info" ? [state, ...left] : left;
  },
};

/** A value that anybody may turn any way up, so that results tell little. */
const coin: Model<number> = {
  name: "coin",
  options: {},
  initial: () => 0,
  step: (state, { f, output, outcome }) => {
    if (f === "toss") return [0, 1, 2];
    return outcome === "info" || output === state ? [state] : [];
  },
};

/** A lock that knows who holds it. */
const lock: Model = {
  name: "lock",
  options: {},
  observesProcess: true,
  initial: () => null,
  step: (state, { f, process = null }) => {
    if (f === "acquire") return state === null ? [process] : [];
    return state === process ? [null] : [];
  },
};

const shapes: { readonly [name: string]: (dice: Dice) => HistoryShape } = {
  register: (dice) => ({
    model: casRegister({
      initial: dice(2) === 0 ? null : 0,
      failedCas: dice(2) === 0 ? "observe" : "ignore",
    }),
    operationsMax: 10,
    calls: registerCalls,
  }),
  bag: () => ({
    model: bag,
    operationsMax: 8,
    calls: [
      { f: "add", input: ({ dice }) => dice(3), outputs: (_, input) => [input] },
      { f: "take", input: () => null, outputs: () => [0, 1, 2] },
      { f: "size", input: () => null, outputs: () => [0, 1, 2] },
    ],
  }),
  coin: () => ({
    model: coin,
    operationsMax: 9,
    calls: [
      { f: "toss", input: () => null, outputs: () => [null] },
      { f: "look", weight: 3, input: () => null, outputs: () => [0, 1, 2] },
    ],
  }),
  lock: () => ({
    model: lock,
    operationsMax: 9,
    processesMax: 3,
    calls: [
      { f: "acquire", input: () => null, outputs: () => [null] },
      { f: "release", input: () => null, outputs: () => [null] },
    ],
  }),
};

/** The number of events of the first prefix that nothing explains; Infinity when there is none. */
function firstInvalid(events: readonly NewEvent[], model: Model): number {
  if (isRight(events, model)) return Infinity;
  let low = 1;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isRight(events.slice(0, middle), model)) low = middle + 1;
    else high = middle;
  }
  return high;
}

function isRight(events: readonly NewEvent[], model: Model): boolean {
  const keys = new Map<string, NewEvent[]>();
  for (const event of events) {
    const name = canonical(event.key ?? null);
    keys.set(name, [...(keys.get(name) ?? []), event]);
  }
  return [...keys.values()].every((part) => hasLinearization(historyOf(part), model));
}

interface Observed {
  /** The number of events after which it was found. */
  readonly found: number;
  readonly finding: OnlineFinding | undefined;
  /** The number of events at each look. */
  readonly looks: readonly number[];
}

/** Feeds events one by one; looks after every `every`th on average, and at the end. */
function observe(check: OnlineCheck, events: readonly NewEvent[], dice: () => boolean): Observed {
  const looks: number[] = [];
  for (const [index, event] of events.entries()) {
    check.take({ index, ...event });
    if (index + 1 < events.length && !dice()) continue;
    looks.push(index + 1);
    const finding = check.look();
    if (finding !== undefined) return { found: index + 1, finding, looks };
  }
  return { found: Infinity, finding: undefined, looks };
}

function expectExact(observed: Observed, events: readonly NewEvent[], model: Model): boolean {
  const wanted = firstInvalid(events, model);
  const context = (): string =>
    `first invalid ${wanted}, found at ${observed.found} ${JSON.stringify(observed.finding)}, ` +
    `looks ${observed.looks.join()}\n${events.map((event) => JSON.stringify(event)).join("\n")}`;
  if ((wanted === Infinity) !== (observed.finding === undefined)) expect.fail(context());
  if (wanted === Infinity) return false;
  if (observed.finding?.event !== wanted - 1) expect.fail(context());
  if (observed.looks.find((look) => look >= wanted) !== observed.found) expect.fail(context());
  return true;
}

test.each(Object.entries(shapes))(
  `refutes each prefix of a %s that brute force refutes, and no other (seed ${SEED})`,
  { timeout: 300_000 },
  (_, shapeOf) => {
    const dice = createDice(SEED);
    const counts = { valid: 0, invalid: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const shape = shapeOf(dice);
      const events = randomHistory(dice, shape);
      const every = 1 + dice(12);
      const check = followLinearizability(shape.model, createBudget());
      const observed = observe(check, events, () => dice(every) === 0);
      expect(check.gaps).toEqual([]);
      counts[expectExact(observed, events, shape.model) ? "invalid" : "valid"]++;
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 10);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 10);
  },
);

test("keys are followed apart", { timeout: 300_000 }, () => {
  const dice = createDice(SEED + 1);
  const model = casRegister({ initial: 0 });
  const shape: HistoryShape = { model, calls: registerCalls, operationsMax: 8 };
  let invalid = 0;
  for (let number = 0; number < HISTORIES; number++) {
    const events = interleave(dice, [randomHistory(dice, shape), randomHistory(dice, shape)]);
    const every = 1 + dice(8);
    const check = followLinearizability(model, createBudget());
    const observed = observe(check, events, () => dice(every) === 0);
    const wanted = firstInvalid(events, model);
    // Two keys may be wrong at one look; either is a finding, with its own first event.
    expect(observed.finding === undefined).toBe(wanted === Infinity);
    if (observed.finding === undefined) continue;
    invalid++;
    const { part, event } = observed.finding;
    const own = events.map((given) => (given.key === part ? given : { ...given, process: -1 }));
    const length = (index: number): number =>
      own.slice(0, index + 1).filter(({ process }) => process !== -1).length;
    const ofPart = events.filter(({ key }) => key === part);
    expect(length(event)).toBe(firstInvalid(ofPart, model));
    expect(observed.looks.find((look) => look >= wanted)).toBe(observed.found);
  }
  expect(invalid).toBeGreaterThan(HISTORIES / 10);
});

function interleave(dice: Dice, histories: readonly (readonly NewEvent[])[]): NewEvent[] {
  const left = histories.map((events) => [...events]);
  const events: NewEvent[] = [];
  for (;;) {
    const some = left.filter((part) => part.length > 0);
    const next = some[dice(some.length)];
    if (next === undefined) return events;
    const key = `k${left.indexOf(next)}`;
    const event = next.shift() as NewEvent;
    events.push({ ...event, key, process: Number(event.process) * 2 + left.indexOf(next) });
  }
}

test("agrees with the whole check on prefixes", { timeout: 300_000 }, async () => {
  const dice = createDice(SEED + 2);
  const model = casRegister({ initial: 0 });
  const checker = linearizable({ model, nothingCompleted: "valid", threads: 1 });
  let invalid = 0;
  for (let number = 0; number < HISTORIES / 10; number++) {
    const events = randomHistory(dice, { model, calls: registerCalls, operationsMax: 30 });
    const check = followLinearizability(model, createBudget());
    const { finding, found } = observe(check, events, () => true);
    const prefix = finding === undefined ? events.length : found;
    const verdict = await checker.check(historyOf(events.slice(0, prefix)), createBudget());
    expect(verdict.verdict === "invalid").toBe(finding !== undefined);
    if (finding === undefined) continue;
    invalid++;
    const before = await checker.check(historyOf(events.slice(0, found - 1)), createBudget());
    expect(before.verdict).not.toBe("invalid");
  }
  expect(invalid).toBeGreaterThan(HISTORIES / 100);
});

test("an uncounted part refutes nothing that is right", { timeout: 300_000 }, () => {
  const dice = createDice(SEED + 3);
  const shape = (): HistoryShape => ({
    model: casRegister({ initial: 0 }),
    calls: registerCalls,
    operationsMax: 10,
    indeterminate: 3,
  });
  const counts = { found: 0, missed: 0 };
  for (let number = 0; number < HISTORIES; number++) {
    const { model } = shape();
    const events = randomHistory(dice, shape());
    const check = followLinearizability(model, createBudget(), "uncounted");
    const { finding } = observe(check, events, () => true);
    const wanted = firstInvalid(events, model);
    if (finding === undefined) counts.missed += wanted === Infinity ? 0 : 1;
    else {
      counts.found++;
      expect(finding.event).toBeGreaterThanOrEqual(wanted - 1);
    }
  }
  expect(counts.found).toBeGreaterThan(10 * counts.missed);
});
