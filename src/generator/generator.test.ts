import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../history/operation.js";
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
} from "./index.js";
import { createRandom } from "../random.js";
import type { Generator, Step } from "./generator.js";

const op = (f: string): { f: string; value: null } => ({ f, value: null });
const ms = 1e6;
const invocations = (events: readonly HistoryEvent[]): HistoryEvent[] =>
  events.filter((event) => event.type === "invoke");
const starts = (events: readonly HistoryEvent[]): [number, string][] =>
  invocations(events).map(({ timeNs, f }) => [timeNs / ms, f]);
const share = (events: readonly HistoryEvent[], f: string): number => {
  const all = invocations(events);
  return all.filter((event) => event.f === f).length / all.length;
};

describe("sources", () => {
  it("once dispatches once, repeat for ever, numbered from 0", () => {
    expect(starts(simulate(once(op("a"))))).toEqual([[0, "a"]]);
    const numbered = repeat(({ index }) => ({ f: "w", value: index }));
    const values = invocations(simulate(numbered, { maxEvents: 40 })).map(({ value }) => value);
    expect(values).toEqual(values.map((_, index) => index));
    expect(values.length).toBeGreaterThan(15);
  });

  it("spreads operations over all free workers", () => {
    const events = invocations(
      simulate(delay(5, repeat(op("a"))), { maxEvents: 2_000, concurrency: 4 }),
    );
    for (let process = 0; process < 4; process++) {
      const count = events.filter((event) => event.process === process).length;
      expect(count / events.length).toBeCloseTo(0.25, 1);
    }
  });

  it("recall knows what happened", () => {
    const generator = recall({
      initial: 0,
      observe: (oks, { type }) => (type === "ok" ? oks + 1 : oks),
      source: (oks, { index }) => ({ f: "w", value: [index, oks] }),
    });
    const answer = ({ index }: HistoryEvent) =>
      ({ type: index < 4 ? "fail" : "ok", latencyMs: 1 }) as const;
    const events = simulate(limit(5, generator), { answer, concurrency: 1 });
    expect(invocations(events).map(({ value }) => value)).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 2],
    ]);
  });

  it("timetable keeps its times, and is late when nobody is free", () => {
    const table = timetable([
      { atNs: 2 * ms, invocation: op("a") },
      { atNs: 3 * ms, invocation: op("b") },
      { atNs: 50 * ms, invocation: op("c") },
    ]);
    const answer = () => ({ type: "ok", latencyMs: 10 }) as const;
    expect(starts(simulate(sequence(sleep(1), table), { concurrency: 1, answer }))).toEqual([
      [3, "a"],
      [13, "b"],
      [51, "c"],
    ]);
  });
});

describe("order", () => {
  it("sequence goes on while operations are under way; phases wait for them", () => {
    const answer = () => ({ type: "ok", latencyMs: 7 }) as const;
    const parts = [once(op("a")), once(op("b")), once(op("c"))];
    expect(starts(simulate(sequence(...parts), { answer }))).toEqual([
      [0, "a"],
      [0, "b"],
      [0, "c"],
    ]);
    expect(starts(simulate(phases(...parts), { answer }))).toEqual([
      [0, "a"],
      [7, "b"],
      [14, "c"],
    ]);
    expect(simulate(sequence())).toEqual([]);
    expect(simulate(phases())).toEqual([]);
  });

  it("phases go on when the last operation was indeterminate", () => {
    const answer = () => ({ type: "info", latencyMs: 3 }) as const;
    const events = simulate(phases(limit(4, repeat(op("a"))), once(op("b"))), {
      answer,
      concurrency: 2,
    });
    expect(starts(events)).toEqual([
      [0, "a"],
      [0, "a"],
      [3, "a"],
      [3, "a"],
      [6, "b"],
    ]);
    expect(
      invocations(events)
        .map(({ process }) => Number(process))
        .slice(2, 4)
        .sort((a, b) => a - b),
    ).toEqual([2, 3]);
  });

  it("cycle begins again, and is done when there is nothing", () => {
    const events = simulate(limit(5, cycle(sequence(once(op("a")), once(op("b"))))));
    expect(
      starts(events)
        .map(([, f]) => f)
        .join(""),
    ).toBe("ababa");
    expect(simulate(cycle(sequence()))).toEqual([]);
  });

  it("a sequence of 20,000 generators neither overflows the stack nor takes for ever", () => {
    const parts = Array.from({ length: 20_000 }, () => limit(0, once(op("a"))));
    expect(starts(simulate(sequence(...parts, once(op("b")))))).toEqual([[0, "b"]]);
  });
});

describe("bounds", () => {
  it("limit and timeLimit end it", () => {
    expect(invocations(simulate(limit(7, repeat(op("a")))))).toHaveLength(7);
    const events = starts(simulate(timeLimit(50, delay(20, repeat(op("a"))))));
    expect(events.map(([at]) => at)).toEqual([0, 20, 40]);
    // An operation that is due at the limit is not begun.
    expect(starts(simulate(timeLimit(40, delay(20, repeat(op("a"))))))).toHaveLength(2);
  });

  it("timeLimit counts from when it is first asked, and ends a generator that waits", () => {
    const events = simulate(
      sequence(sleep(100), timeLimit(10, sequence(once(op("a")), sleep(1e6))), once(op("b"))),
    );
    expect(starts(events)).toEqual([
      [100, "a"],
      [110, "b"],
    ]);
  });

  it("timeLimit counts while a pace around it waits", () => {
    const slow = delay(60, timeLimit(100, repeat(op("a"))));
    expect(starts(simulate(sequence(slow, once(op("z")))))).toEqual([
      [0, "a"],
      [60, "a"],
      [100, "z"],
    ]);
  });

  it("untilOk goes on over failures and stops at its own first success only", () => {
    let calls = 0;
    const answer = (event: HistoryEvent) =>
      ({
        type: event.f === "other" || ++calls > 3 ? "ok" : calls === 2 ? "info" : "fail",
        latencyMs: 1,
      }) as const;
    const events = simulate(anyOf(untilOk(repeat(op("a"))), limit(5, repeat(op("other")))), {
      answer,
      concurrency: 1,
    });
    expect(invocations(events).filter(({ f }) => f === "a")).toHaveLength(4);
    expect(invocations(events).filter(({ f }) => f === "other")).toHaveLength(5);
  });
});

describe("pace", () => {
  it("stagger keeps its mean over all workers, and varies", () => {
    const events = invocations(
      simulate(stagger(10, repeat(op("a"))), { maxEvents: 8_000, seed: 3 }),
    );
    const gaps = events
      .slice(1)
      .map((event, i) => event.timeNs - (events[i] as HistoryEvent).timeNs);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length / ms;
    expect(mean).toBeGreaterThan(9.3);
    expect(mean).toBeLessThan(10.7);
    // Of an exponential distribution, 1 - 1/e of the waits are below the mean.
    const below = gaps.filter((gap) => gap < 10 * ms).length / gaps.length;
    expect(below).toBeGreaterThan(0.6);
    expect(below).toBeLessThan(0.67);
  });

  it("stagger does not burst after a stall, rate makes up for it", () => {
    const answer = (event: HistoryEvent) =>
      ({ type: "ok", latencyMs: event.index === 0 ? 1_000 : 0 }) as const;
    const after = (generator: Generator): number =>
      starts(simulate(limit(60, generator), { concurrency: 1, answer })).filter(
        ([at]) => at >= 1_000 && at < 1_100,
      ).length;
    expect(after(stagger(20, repeat(op("a"))))).toBeLessThan(20);
    expect(after(rate(50, repeat(op("a"))))).toBeGreaterThanOrEqual(50);
  });

  it("rate is an even beat, delay a least distance", () => {
    expect(starts(simulate(limit(4, rate(100, repeat(op("a")))))).map(([at]) => at)).toEqual([
      0, 10, 20, 30,
    ]);
    const answer = () => ({ type: "ok", latencyMs: 25 }) as const;
    const delayed = simulate(limit(3, delay(10, repeat(op("a")))), { concurrency: 1, answer });
    expect(starts(delayed).map(([at]) => at)).toEqual([0, 25, 50]);
  });

  it("a pace does not outlast what it paces", () => {
    const events = simulate(sequence(delay(1_000, limit(1, repeat(op("a")))), once(op("b"))));
    expect(starts(events)).toEqual([
      [0, "a"],
      [0, "b"],
    ]);
  });
});

describe("a pace that waits", () => {
  const asked = (
    inner: Generator,
    timesMs: readonly number[],
  ): { readonly steps: Step[]; readonly position: string } => {
    const random = createRandom(1);
    const processes = [0, 1];
    let generator = delay(100, sequence(once(op("first")), inner));
    const steps = timesMs.map((timeMs) => {
      const step = generator.step({ timeNs: timeMs * ms, free: processes, processes, random });
      if (step.kind !== "done") generator = step.next;
      return step;
    });
    return { steps, position: random.position() };
  };

  it("asks what it paces once, and again when its wake time or its own has come", () => {
    const questions: number[] = [];
    const counting: Generator = {
      step: (context) => {
        questions.push(context.timeNs / ms);
        const deadline = timeLimit(60, repeat(op("second"))).step({ ...context, free: [] });
        return { ...deadline, ...(deadline.kind === "pending" ? { next: counting } : {}) };
      },
      update: () => counting,
    };
    const { steps } = asked(counting, [0, 10, 20, 30, 69, 70, 80, 99, 100]);
    // It wants to be asked 60 ms later; what it says at 20 comes from what it has become at 10.
    expect(questions).toEqual([10, 20, 80, 100]);
    const wakes = steps.map((step) =>
      step.kind === "pending" ? (step.wakeNs ?? 0) / ms : step.kind,
    );
    expect(wakes).toEqual(["dispatch", 70, 80, 80, 80, 80, 100, 100, 160]);
  });

  it("asks what draws each time, so that the stream is where it would be", () => {
    const drawing = mix(repeat(op("a")), repeat(op("b")));
    const often = asked(drawing, [0, 10, 20, 30]).position;
    expect(often).not.toBe(asked(drawing, [0, 10]).position);
    const idle = repeat(op("a"));
    expect(asked(idle, [0, 10, 20, 30]).position).toBe(asked(idle, [0, 10]).position);
  });

  it("is asked anew when there are other workers, or an event", () => {
    const random = createRandom(1);
    let questions = 0;
    const counting: Generator = {
      step: () => {
        questions++;
        return { kind: "pending", next: counting };
      },
      update: () => ({ ...counting }),
    };
    const context = { timeNs: 0, free: [], processes: [0], random };
    const first = stagger(1_000, counting).step(context);
    const generator = (first as { readonly next: Generator }).next;
    for (let i = 0; i < 3; i++) generator.step(context);
    expect(questions).toBe(2);
    generator.step({ ...context, processes: [1] });
    expect(questions).toBe(3);
    const event = { index: 0, type: "ok", process: 0, f: "f", value: null, timeNs: 0 } as const;
    generator.update(event).step(context);
    expect(questions).toBe(4);
  });
});

describe("a group of one that waits", () => {
  it("is asked again when its worker becomes free or busy, and when its time has come", () => {
    const random = createRandom(1);
    const processes = ["nemesis", 0, 1] as const;
    const asked: [timeMs: number, free: number][] = [];
    const counting: Generator = {
      step: ({ timeNs, free }) => {
        asked.push([timeNs / ms, free.length]);
        return { kind: "pending", wakeNs: Math.max(50 * ms, timeNs + 10 * ms), next: counting };
      },
      update: () => counting,
    };
    let generator = nemesis(counting);
    const ask = (timeMs: number, ...busy: readonly unknown[]): Step => {
      const free = processes.filter((process) => !busy.includes(process));
      const step = generator.step({ timeNs: timeMs * ms, free, processes, random });
      if (step.kind !== "done") generator = step.next;
      return step;
    };
    ask(0);
    for (let timeMs = 1; timeMs < 50; timeMs++) {
      expect(ask(timeMs, timeMs % 2)).toMatchObject({ kind: "pending", wakeNs: 50 * ms });
    }
    expect(asked).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(ask(50)).toMatchObject({ wakeNs: 60 * ms });
    ask(51);
    ask(52, "nemesis");
    ask(53, "nemesis", 0);
    ask(54);
    expect(asked.slice(2)).toEqual([
      [50, 1],
      [52, 0],
      [54, 1],
    ]);
  });

  it("is asked each time when it draws", () => {
    const random = createRandom(1);
    const context = { timeNs: 0, free: ["nemesis"], processes: ["nemesis"], random } as const;
    const drawing: Generator = {
      step: (asked) => {
        asked.random.float();
        return { kind: "pending", wakeNs: 50 * ms, next: drawing };
      },
      update: () => drawing,
    };
    let generator = nemesis(drawing);
    const positions = new Set<string>();
    for (let i = 0; i < 4; i++) {
      generator = (generator.step(context) as { readonly next: Generator }).next;
      positions.add(random.position());
    }
    expect(positions.size).toBe(4);
  });
});

describe("choice", () => {
  it("mix keeps its weights, whoever is faster", () => {
    const mixed = mix([3, repeat(op("r"))], [1, repeat(op("w"))]);
    const events = simulate(mixed, {
      maxEvents: 8_000,
      answer: ({ f }) => ({ type: "ok", latencyMs: f === "r" ? 1 : 20 }),
    });
    expect(share(events, "r")).toBeGreaterThan(0.72);
    expect(share(events, "r")).toBeLessThan(0.78);
  });

  it("a side that waits holds up nobody and is not forgotten", () => {
    const sides = mix(delay(50, repeat(op("slow"))), delay(5, repeat(op("fast"))));
    const events = starts(simulate(timeLimit(203, sides)));
    const times = (wanted: string): number[] =>
      events.filter(([, f]) => f === wanted).map(([at]) => at);
    expect(times("slow")).toEqual([0, 50, 100, 150, 200]);
    expect(times("fast")).toEqual(Array.from({ length: 41 }, (_, index) => 5 * index));
  });

  it("anyOf runs clients and nemesis side by side", () => {
    const both = anyOf(
      clients(delay(10, repeat(op("read")))),
      nemesis(cycle(sequence(sleep(15), once(op("start")), sleep(15), once(op("stop"))))),
    );
    const events = simulate(timeLimit(100, both), { nemesis: true });
    expect(starts(events).map(([at]) => at)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(invocations(events).every(({ process }) => process !== "nemesis")).toBe(true);
    const faults = events.filter(({ process }) => process === "nemesis");
    expect(faults.every(({ type }) => type === "info")).toBe(true);
    expect(faults.filter((_, i) => i % 2 === 0).map(({ timeNs, f }) => [timeNs / ms, f])).toEqual([
      [15, "start"],
      [30, "stop"],
      [45, "start"],
      [60, "stop"],
      [75, "start"],
      [90, "stop"],
    ]);
  });
});

describe("workers", () => {
  const indeterminate = () => ({ type: "info", latencyMs: 1 }) as const;

  it("reserve goes by worker, through indeterminate operations", () => {
    const events = simulate(reserve([2, repeat(op("w"))], [1, repeat(op("c"))], repeat(op("r"))), {
      answer: indeterminate,
      maxEvents: 400,
    });
    for (const { process, f } of invocations(events)) {
      const worker = Number(process) % 5;
      expect(f).toBe(worker < 2 ? "w" : worker < 3 ? "c" : "r");
    }
    expect(Math.max(...events.map(({ process }) => Number(process)))).toBeGreaterThan(100);
  });

  it("reserve is busy in proportion to its groups under a common pace", () => {
    const events = simulate(stagger(20, reserve([1, repeat(op("w"))], repeat(op("r")))), {
      maxEvents: 8_000,
    });
    expect(share(events, "w")).toBeGreaterThan(0.17);
    expect(share(events, "w")).toBeLessThan(0.23);
  });

  it("reserve refuses what the workers do not suffice for", () => {
    expect(() => simulate(reserve([6, repeat(op("w"))], repeat(op("r"))))).toThrow(
      "reserve needs 6 workers but has 5; raise the concurrency",
    );
  });

  it("nests: positions count within the workers that are left", () => {
    const inner = reserve([1, repeat(op("first"))], repeat(op("others")));
    const events = simulate(
      onWorkers((worker) => worker === 2 || worker === 4, inner),
      {
        answer: indeterminate,
        maxEvents: 200,
      },
    );
    for (const { process, f } of invocations(events)) {
      expect([Number(process) % 5, f]).toEqual(f === "first" ? [2, "first"] : [4, "others"]);
    }
  });

  it("eachWorker gives each worker its own copy, and tells it of its own events only", () => {
    const answer = ({ process }: HistoryEvent) =>
      ({
        type: Number(process) % 3 === 1 && Number(process) < 7 ? "info" : "ok",
        latencyMs: 1,
      }) as const;
    const events = invocations(
      simulate(eachWorker(untilOk(repeat(op("a")))), { concurrency: 3, answer }),
    );
    expect(events.map(({ process }) => Number(process)).sort((a, b) => a - b)).toEqual([
      0, 1, 2, 4, 7,
    ]);
  });

  it("is done where there is nobody", () => {
    expect(simulate(nemesis(repeat(op("start"))))).toEqual([]);
    expect(
      starts(
        simulate(
          sequence(
            onWorkers(() => false, repeat(op("a"))),
            once(op("b")),
          ),
        ),
      ),
    ).toEqual([[0, "b"]]);
  });
});

describe("perKey", () => {
  const keyed = (options: {
    concurrency: number;
    groupSize: number;
    keys?: number[];
  }): HistoryEvent[] =>
    invocations(
      simulate(
        perKey({
          groupSize: options.groupSize,
          ...(options.keys === undefined ? {} : { keys: options.keys }),
          limitPerKey: 10,
          generator: () => repeat(op("a")),
        }),
        {
          concurrency: options.concurrency,
          maxEvents: 300,
          answer: (_, random) => ({
            type: random.chance(0.3) ? "info" : "ok",
            latencyMs: 1 + random.below(5),
          }),
        },
      ),
    );

  it("gives each key its operations, to workers of one group", () => {
    const events = keyed({ concurrency: 6, groupSize: 2, keys: [7, 8, 9, 10, 11] });
    const byKey = new Map(
      [7, 8, 9, 10, 11].map((key) => [key, events.filter((event) => event.key === key)]),
    );
    expect([...byKey.values()].flat()).toHaveLength(events.length);
    for (const some of byKey.values()) {
      expect(some).toHaveLength(10);
      expect(new Set(some.map(({ process }) => Math.floor((Number(process) % 6) / 2))).size).toBe(
        1,
      );
    }
  });

  it("uses everybody when the workers are fewer than a group, or do not divide", () => {
    for (const [concurrency, groupSize, groups] of [
      [2, 5, 1],
      [7, 3, 2],
      [1, 1, 1],
    ] as const) {
      const events = keyed({ concurrency, groupSize });
      expect(new Set(events.map(({ process }) => Number(process) % concurrency)).size).toBe(
        concurrency,
      );
      expect(new Set(events.slice(0, concurrency).map(({ key }) => key)).size).toBe(groups);
    }
  });

  it("tells a key's generator of that key only", () => {
    // The first key's last operation succeeds while the group is at the second, which must not take
    // it for its own.
    const answer = ({ key }: HistoryEvent) =>
      ({ type: key === 0 ? "ok" : "fail", latencyMs: key === 0 ? 5 : 1 }) as const;
    const generator = perKey({
      keys: [0, 1],
      groupSize: 2,
      generator: (key) => (key === 0 ? once(op("a")) : limit(8, untilOk(repeat(op("a"))))),
    });
    expect(invocations(simulate(generator, { concurrency: 2, answer }))).toHaveLength(9);
  });

  it("ends when endless keys have nothing to do", () => {
    expect(simulate(perKey({ groupSize: 1, generator: () => sequence() }))).toEqual([]);
  });
});

describe("transform", () => {
  it("map changes and filter drops", () => {
    const numbers = repeat(({ index }) => ({ f: "w", value: index }));
    const even = filter(({ value }) => Number(value) % 2 === 0, numbers);
    const events = invocations(
      simulate(
        limit(
          3,
          map(({ value }) => ({ f: "put", key: "k", value }), even),
        ),
      ),
    );
    expect(events.map(({ f, key, value }) => [f, key, value])).toEqual([
      ["put", "k", 0],
      ["put", "k", 2],
      ["put", "k", 4],
    ]);
    expect(() => simulate(filter(() => false, numbers))).toThrow(
      "dropped 10000 operations in a row",
    );
  });
});

describe("arguments", () => {
  it.each([
    () => limit(-1, once(op("a"))),
    () => limit(0.5, once(op("a"))),
    () => timeLimit(Number.NaN, once(op("a"))),
    () => delay(-1, once(op("a"))),
    () => stagger(Infinity, once(op("a"))),
    () => rate(0, once(op("a"))),
    () => mix([0, once(op("a"))]),
    () => perKey({ groupSize: 0, generator: () => once(op("a")) }),
    () => reserve([0, once(op("a"))], once(op("a"))),
  ])("refuses nonsense %#", (make) => {
    expect(make).toThrow(expect.objectContaining({ code: "bad-argument" }));
  });
});

describe("drivers", () => {
  it("refuse generators that break the rules", () => {
    const to = (process: number): Generator => {
      const self: Generator = {
        step: ({ timeNs }) => ({
          kind: "dispatch",
          dispatch: { ...op("a"), process, timeNs },
          next: self,
        }),
        update: () => self,
      };
      return self;
    };
    expect(() => simulate(to(99))).toThrow("process 99, which is not free");
    const idle: Generator = { step: () => ({ kind: "pending", next: idle }), update: () => idle };
    expect(() => simulate(idle)).toThrow("waits for an event while every worker is idle");
    const late: Generator = {
      step: ({ timeNs }) => ({ kind: "pending", wakeNs: timeNs, next: late }),
      update: () => late,
    };
    expect(() => simulate(late)).toThrow("asks to be woken at 0 ns");
  });

  it("treat a dispatch in the future as waiting, and ask again", () => {
    const later: Generator = {
      step: ({ timeNs, free }) =>
        timeNs > 5 * ms
          ? { kind: "done" }
          : {
              kind: "dispatch",
              dispatch: { ...op("later"), process: free[0] ?? 0, timeNs: 5 * ms },
              next: sequence(),
            },
      update: () => later,
    };
    expect(starts(simulate(anyOf(later, once(op("now")))))).toEqual([
      [0, "now"],
      [5, "later"],
    ]);
  });
});

it("gives the same schedule for the same seed, today and tomorrow", () => {
  const workload = timeLimit(
    40,
    anyOf(
      clients(
        stagger(
          4,
          mix(
            [2, repeat(op("read"))],
            repeat(({ random }) => ({ f: "write", value: random.below(5) })),
          ),
        ),
      ),
      nemesis(stagger(10, cycle(sequence(once(op("start")), once(op("stop")))))),
    ),
  );
  const run = (seed: number): string[] =>
    simulate(workload, {
      seed,
      concurrency: 3,
      nemesis: true,
      answer: (_, random) => ({
        type: random.chance(0.2) ? "info" : "ok",
        latencyMs: random.below(8),
      }),
    }).map(
      ({ timeNs, process, type, f, value }) =>
        `${timeNs} ${process} ${type} ${f} ${JSON.stringify(value)}`,
    );
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
  expect(run(42)).toMatchInlineSnapshot(`
    [
      "399514 2 invoke read null",
      "486074 1 invoke read null",
      "4486074 1 ok read null",
      "5183632 0 invoke read null",
      "6399514 2 ok read null",
      "8538416 2 invoke read null",
      "9279918 nemesis info start null",
      "10538416 2 ok read null",
      "11183632 0 ok read null",
      "12749996 0 invoke read null",
      "13279918 nemesis info start null",
      "14710877 2 invoke write 0",
      "15710877 2 ok write 0",
      "17572232 2 invoke read null",
      "18749996 0 info read null",
      "19765025 1 invoke write 3",
      "20291233 3 invoke read null",
      "23291233 3 ok read null",
      "23291233 3 invoke read null",
      "24572232 2 ok read null",
      "24572232 2 invoke write 4",
      "24765025 1 info write 3",
      "26928233 4 invoke write 3",
      "28928233 4 ok write 3",
      "29291233 3 ok read null",
      "29572232 2 info write 4",
      "31442666 4 invoke read null",
      "32995575 5 invoke read null",
      "33150948 3 invoke read null",
      "33150948 3 ok read null",
      "36442666 4 info read null",
      "39995575 5 ok read null",
    ]
  `);
});
