import { describe, expect, it } from "vitest";
import {
  anyOf,
  repeat,
  sequence,
  simulate,
  stagger,
  timeLimit,
  untilOk,
} from "../src/generator/index.js";
import type { Invocation } from "../src/generator/generator.js";
import type { HistoryEvent } from "../src/history/operation.js";
import { canonical, type Value } from "../src/history/value.js";
import { createReference } from "../src/testing/reference-store.js";
import { workloadContract, type SequentialSystem } from "../src/testing/workload-contract.js";
import type { Workload, WorkloadContext } from "../src/runner/workload.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { kv, register } from "./index.js";

const correct: SequentialSystem = () => {
  const reference = createReference();
  return (invocation) => reference.apply(invocation);
};

const READS = new Set(["read", "get"]);
const textOf = ({ key = null }: Invocation): string => canonical(key);

/** Every tenth operation goes wrong in some way. */
function flawed(
  flaw: (
    invocation: Invocation,
    apply: ReturnType<SequentialSystem>,
  ) => ReturnType<ReturnType<SequentialSystem>>,
): SequentialSystem {
  return () => {
    const apply = correct();
    let count = 0;
    return (invocation) => (++count % 10 === 0 ? flaw(invocation, apply) : apply(invocation));
  };
}

const broken: { readonly [bug: string]: SequentialSystem } = {
  "lost updates": flawed((invocation, apply) =>
    READS.has(invocation.f) ? apply(invocation) : { type: "ok" },
  ),
  "updates that fail but happen": flawed((invocation, apply) => {
    const answer = apply(invocation);
    return READS.has(invocation.f) ? answer : { type: "fail" };
  }),
  "reads of nothing": flawed((invocation, apply) =>
    READS.has(invocation.f) ? { type: "ok", value: null } : apply(invocation),
  ),
  "stale reads": () => {
    const apply = correct();
    const old = new Map<string, Value>();
    return (invocation) => {
      const { f, key = null } = invocation;
      const read = { f: READS.has(f) ? f : "read", key, value: null };
      const held = apply(read) as { readonly value?: Value };
      if (READS.has(f)) return { type: "ok", value: old.get(textOf(invocation)) ?? null };
      old.set(textOf(invocation), held.value ?? null);
      return apply(invocation);
    };
  },
  "keys that are mixed up": flawed((invocation, apply) =>
    apply({ ...invocation, key: textOf(invocation).includes("1") ? "k2" : "k1" }),
  ),
};

const stuck: SequentialSystem = () => {
  const apply = correct();
  return (invocation) => (invocation.f === "cas" ? { type: "ok" } : apply(invocation));
};

describe.each([
  ["register", register(), { ...broken, "compare-and-sets that do nothing": stuck }],
  [
    "register with small values",
    register({ values: "small" }),
    { "lost updates": broken["lost updates"] as SequentialSystem },
  ],
  ["register with few operations on each key", register({ operationsPerKey: 7, groupSize: 2 }), {}],
  ["kv", kv(), broken],
  ["kv with one key at a time", kv({ keyCount: 1, operationsPerKey: 30 }), {}],
] as const)("%s", (_, workload, bugs) => {
  for (const { name, run } of workloadContract({ workload, correct, broken: bugs })) it(name, run);
});

const all = (workload: Workload): WorkloadContext => ({
  functions: new Set([...workload.requires, ...workload.optional]),
  concurrency: 10,
});

function run(workload: Workload, operationMs = 5): HistoryEvent[] {
  const system = correct();
  return simulate(timeLimit(20_000, stagger(10, workload.generator(all(workload)))), {
    concurrency: 10,
    maxEvents: Infinity,
    seed: 5,
    answer: (event) => ({ ...system(event), latencyMs: operationMs }),
  });
}

const countBy = <T>(
  events: readonly HistoryEvent[],
  by: (event: HistoryEvent) => T,
): Map<T, number> => {
  const counts = new Map<T, number>();
  for (const event of events) counts.set(by(event), (counts.get(by(event)) ?? 0) + 1);
  return counts;
};

describe("register", () => {
  const events = run(register());
  const invocations = events.filter(({ type }) => type === "invoke");

  it("reads half of the time, and writes as often as it compares and sets", () => {
    const counts = countBy(invocations, ({ f }) => f);
    const share = (f: string): number => (counts.get(f) ?? 0) / invocations.length;
    expect(share("read")).toBeCloseTo(0.5, 1);
    expect(share("write")).toBeCloseTo(0.25, 1);
    expect(share("cas")).toBeCloseTo(0.25, 1);
  });

  it.each([
    ["unique", 0.5],
    ["small", 0.5],
  ] as const)("compare-and-sets of %s values succeed often, but not always", (values, least) => {
    const cas = run(register({ values })).filter(({ f, type }) => f === "cas" && type !== "invoke");
    const succeeded = cas.filter(({ type }) => type === "ok").length / cas.length;
    expect(succeeded).toBeGreaterThan(least);
    expect(succeeded).toBeLessThan(0.95);
  });

  it("never writes a value twice to a key, unless it is told to", () => {
    const written = (some: readonly HistoryEvent[]): string[] =>
      some
        .filter(({ type, f }) => type === "invoke" && f !== "read")
        .map(
          ({ f, key, value }) =>
            `${canonical(key ?? null)} ${JSON.stringify(f === "cas" ? (value as Value[])[1] : value)}`,
        );
    const unique = written(events);
    expect(new Set(unique).size).toBe(unique.length);
    const small = run(register({ values: "small" }));
    expect(new Set(written(small).map((text) => text.split(" ")[1]))).toEqual(
      new Set(["0", "1", "2", "3", "4"]),
    );
  });

  it("does so many operations on a key, by five workers, and goes on to the next", () => {
    const counts = [...countBy(invocations, ({ key }) => key).entries()];
    expect(counts.length).toBeGreaterThan(10);
    expect(counts.filter(([, count]) => count !== 120).length).toBeLessThanOrEqual(2);
    for (const [key] of counts) {
      const workers = new Set(
        invocations.filter((event) => event.key === key).map(({ process }) => Number(process) % 10),
      );
      expect(workers.size).toBeLessThanOrEqual(5);
    }
  });
});

describe("kv", () => {
  const invocations = run(kv()).filter(({ type }) => type === "invoke");

  it("works on five keys at a time with every worker, and goes on to others", () => {
    for (let from = 0; from + 600 <= invocations.length; from += 600) {
      const round = invocations.slice(from, from + 600);
      expect(new Set(round.map(({ key }) => key)).size).toBe(5);
      expect(
        new Set(round.map(({ process, key }) => `${process} ${canonical(key ?? null)}`)).size,
      ).toBe(50);
    }
    expect(new Set(invocations.map(({ key }) => key)).size).toBeGreaterThan(10);
  });

  it("never writes a value twice", () => {
    const written = invocations
      .filter(({ f }) => f === "put" || f === "append")
      .map(({ value }) => value);
    expect(new Set(written).size).toBe(written.length);
    expect(written.length).toBeGreaterThan(500);
  });
});

describe("options", () => {
  it.each([
    () => register({ groupSize: 0 }),
    () => register({ operationsPerKey: 1.5 }),
    () => register({ values: "large" as "small" }),
    () => kv({ keyCount: 0 }),
    () => kv({ operationsPerKey: -1 }),
  ])("refuses nonsense %#", (make) => {
    expect(make).toThrow(expect.objectContaining({ code: "bad-argument" }));
  });
});

describe("the contract can fail", () => {
  it.each<[string, Partial<Workload>]>([
    [
      "uses the functions that the system has, all of them and no others",
      { optional: ["append", "delete", "watch"] },
    ],
    [
      "a correct system is valid, whatever it has",
      { checker: () => ({ ...kv().checker(all(kv())), check: () => invalid }) },
    ],
    [
      "a system with lost updates is found invalid",
      {
        checker: () => ({
          ...kv().checker(all(kv())),
          check: () => ({ ...invalid, verdict: "valid" }),
        }),
      },
    ],
    ["its last phase looks at every key that was used", { finalGenerator: () => sequence() }],
    [
      "its last phase ends, even when nothing answers",
      {
        finalGenerator: (_, history) =>
          anyOf(
            kv().finalGenerator?.(all(kv()), history) ?? sequence(),
            untilOk(repeat({ f: "get", key: "k0", value: null })),
          ),
      },
    ],
  ])("%s", async (law, change) => {
    const workload = { ...kv(), ...change };
    const laws = workloadContract({
      workload,
      correct,
      broken: { "lost updates": broken["lost updates"] as SequentialSystem },
    });
    await expect(laws.find(({ name }) => name === law)?.run()).rejects.toThrow();
    await expect(
      laws.find(({ name }) => name.startsWith("the same seed"))?.run(),
    ).resolves.toBeUndefined();
  });
});

const invalid: Verdict = {
  verdict: "invalid",
  checker: "nothing",
  reason: "always",
  operations: 0,
  elapsedMs: 0,
  anomalies: [],
};
