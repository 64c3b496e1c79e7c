import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../history/operation.js";
import { generatorContract } from "../testing/generator-contract.js";
import type { Generator, GeneratorContext, Step } from "./generator.js";
import {
  anyOf,
  clients,
  cycle,
  delay,
  eachWorker,
  filter,
  limit,
  map,
  mix,
  nemesis,
  once,
  onWorkers,
  perKey,
  phases,
  rate,
  recall,
  repeat,
  reserve,
  sequence,
  simulate,
  sleep,
  stagger,
  timeLimit,
  timetable,
  untilOk,
  type SimulatedAnswer,
} from "./index.js";
import type { Random } from "../random.js";

const numbered = repeat(({ index, random }) => ({ f: "w", value: [index, random.below(100)] }));
const remembering = recall({
  initial: 0,
  observe: (count, { type }) => (type === "ok" ? count + 1 : count),
  source: (count) => ({ f: "r", value: count }),
});

/** Generators of any shape, up to a depth. */
const generators: fc.Arbitrary<Generator> = fc.letrec<{ any: Generator; leaf: Generator }>(
  (tie) => {
    const any = tie("any");
    const few = fc.array(any, { minLength: 0, maxLength: 3 });
    const ms = fc.integer({ min: 0, max: 20 });
    return {
      leaf: fc.oneof(
        fc.constant(once({ f: "a", value: null })),
        fc.constant(numbered),
        fc.constant(remembering),
        ms.map((duration) => sleep(duration)),
        fc
          .array(ms, { maxLength: 4 })
          .map((times) =>
            timetable(times.map((at) => ({ atNs: at * 1e6, invocation: { f: "t", value: at } }))),
          ),
      ),
      any: fc.oneof(
        { maxDepth: 4, depthSize: "medium" },
        tie("leaf"),
        few.map((parts) => sequence(...parts)),
        few.map((parts) => phases(...parts)),
        few.map((parts) => anyOf(...parts)),
        fc.tuple(any, any).map(([one, other]) => mix([3, one], other)),
        fc.tuple(fc.integer({ min: 0, max: 6 }), any).map(([count, part]) => limit(count, part)),
        fc.tuple(ms, any).map(([duration, part]) => timeLimit(duration, part)),
        fc.tuple(ms, any).map(([mean, part]) => stagger(mean, part)),
        fc.tuple(ms, any).map(([distance, part]) => delay(distance, part)),
        fc.tuple(fc.integer({ min: 1, max: 500 }), any).map(([beat, part]) => rate(beat, part)),
        any.map((part) => cycle(part)),
        any.map((part) => untilOk(part)),
        any.map((part) => clients(part)),
        any.map((part) => nemesis(part)),
        any.map((part) => eachWorker(part)),
        any.map((part) => onWorkers((worker) => worker === 1, part)),
        any.map((part) => map(({ f, value }) => ({ f: `${f}!`, value }), part)),
        any.map((part) => filter(({ f }) => f.length < 3, limit(5, part))),
        fc
          .tuple(fc.integer({ min: 1, max: 3 }), any)
          .map(([groupSize, part]) =>
            perKey({ keys: ["x", "y", "z"], groupSize, limitPerKey: 4, generator: () => part }),
          ),
      ),
    };
  },
).any;

const answer = (_: HistoryEvent, random: Random): SimulatedAnswer => ({
  type: random.pick(["ok", "ok", "fail", "info"]),
  latencyMs: random.below(10),
});
const run = (generator: Generator, seed = 1, maxEvents = 200): HistoryEvent[] =>
  simulate(generator, { concurrency: 3, nemesis: true, seed, maxEvents, limitMs: 500, answer });
const begun = (events: readonly HistoryEvent[]): HistoryEvent[] => {
  const open = new Set<unknown>();
  return events.filter(({ process, type }) => {
    if (process !== "nemesis") return type === "invoke";
    return open.delete(process) ? false : open.add(process);
  });
};

describe("whatever is put together", () => {
  it("keeps the contract of generators", async () => {
    await fc.assert(
      fc.asyncProperty(generators, async (generator) => {
        const laws = generatorContract({
          generator,
          concurrency: 3,
          nemesis: true,
          seedCount: 2,
          stepCount: 60,
        });
        for (const { run } of laws) await run();
      }),
      { numRuns: 150 },
    );
  });

  it("gives one operation at a time to each process, and time never goes back", () => {
    fc.assert(
      fc.property(generators, fc.nat({ max: 1_000 }), (generator, seed) => {
        const open = new Set<unknown>();
        let last = 0;
        for (const { process, type, timeNs } of run(generator, seed)) {
          expect(timeNs).toBeGreaterThanOrEqual(last);
          last = timeNs;
          if (process === "nemesis") continue;
          expect(open.has(process)).toBe(type !== "invoke");
          if (type === "invoke") open.add(process);
          else open.delete(process);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("is repeatable", () => {
    fc.assert(
      fc.property(generators, (generator) => {
        expect(run(generator)).toEqual(run(generator));
      }),
      { numRuns: 100 },
    );
  });

  it("stays within limits of number and time", () => {
    fc.assert(
      fc.property(generators, fc.nat({ max: 8 }), fc.nat({ max: 40 }), (generator, count, ms) => {
        expect(begun(run(limit(count, generator))).length).toBeLessThanOrEqual(count);
        for (const { timeNs } of begun(run(timeLimit(ms, generator)))) {
          expect(timeNs).toBeLessThan(ms * 1e6);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is for clients or for the nemesis as it is told", () => {
    fc.assert(
      fc.property(generators, (generator) => {
        expect(run(clients(generator)).some(({ process }) => process === "nemesis")).toBe(false);
        expect(run(nemesis(generator)).every(({ process }) => process === "nemesis")).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("waits between phases for everyone", () => {
    fc.assert(
      fc.property(generators, generators, (one, other) => {
        const mark = (f: string, part: Generator): Generator =>
          limit(
            4,
            map(({ value }) => ({ f, value }), part),
          );
        const events = run(phases(mark("1", one), mark("2", other)));
        const second = events.findIndex(({ f }) => f === "2");
        if (second === -1) return;
        expect(events.slice(second).some(({ f }) => f === "1")).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe.each([
  ["a workload", stagger(3, mix([2, numbered], remembering))],
  ["reserved workers", reserve([1, numbered], [2, untilOk(remembering)], delay(2, numbered))],
  ["keys without end", perKey({ groupSize: 2, limitPerKey: 9, generator: () => numbered })],
  ["faults beside clients", anyOf(clients(numbered), nemesis(stagger(5, cycle(numbered))))],
] as const)("the contract of generators: %s", (_, generator) => {
  const options = { generator, concurrency: 5, nemesis: true };
  for (const { name, run } of generatorContract(options)) it(name, run);
});

describe("the contract can fail", () => {
  const outcome = async (step: (context: GeneratorContext) => Step): Promise<string> => {
    const generator: Generator = { step, update: () => generator };
    for (const { name, run } of generatorContract({ generator })) {
      try {
        await run();
      } catch {
        return name;
      }
    }
    return "holds";
  };
  const self: Generator = once({ f: "a", value: null });
  const to = (process: number | undefined, timeNs = 0, value = 0): Step =>
    process === undefined
      ? { kind: "done" }
      : { kind: "dispatch", dispatch: { f: "a", value, process, timeNs }, next: self };
  let calls = 0;

  it.each<[string, (context: GeneratorContext) => Step]>([
    ["holds", () => ({ kind: "done" })],
    ["dispatches to idle workers only", () => to(99)],
    [
      "dispatches operations that a history can hold",
      ({ free }) => to(free[0] as number, Number.NaN),
    ],
    [
      "dispatches operations that a history can hold",
      ({ free }) => to(free[0] as number, 0, Infinity),
    ],
    [
      "names a wake time that lies ahead, or waits for an event that can come",
      ({ timeNs }) => ({ kind: "pending", wakeNs: timeNs, next: self }),
    ],
    [
      "names a wake time that lies ahead, or waits for an event that can come",
      () => ({ kind: "pending", next: self }),
    ],
    ["dispatches nothing when no worker is free", ({ processes }) => to(processes[0] as number)],
    [
      "answers the same question in the same way",
      ({ free }) => to(free[0] as number | undefined, 0, calls++),
    ],
    [
      "stays done",
      ({ timeNs, free }) => (timeNs < 5e5 ? { kind: "done" } : to(free[0] as number | undefined)),
    ],
  ])("%s", async (law, step) => {
    expect(await outcome(step)).toBe(law);
  });
});
