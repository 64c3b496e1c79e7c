import { describe, expect, test } from "vitest";
import { cycle, limit, once, repeat, sequence, sleep } from "../generator/index.js";
import { historyOf, NEMESIS, type History, type NewEvent } from "../history/history.js";
import { runCase } from "../shrink/rerun.js";
import { scriptOf } from "../shrink/script.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import type { Verdict } from "../verdict/verdict.js";
import type { Clock } from "../world/clock.js";
import { OperationError } from "./client.js";
import type { Nemesis } from "./nemesis.js";
import { progressBoundMs, stopIn, withStop } from "./progress.js";
import type { TestDescription } from "./result.js";
import { runTest, type RunOutcome } from "./run.js";
import { storeSystem } from "./store-system.js";
import type { System } from "./system.js";
import type { Workload } from "./workload.js";

/** A store of which each `get` may end as `answer` says. */
function store(answer: (clock: Clock) => Promise<void>): System {
  const system = storeSystem({
    name: "toy-store",
    worlds: ["simulated"],
    open: async ({ clock }) => ({
      get: async () => {
        await clock.sleep(3);
        await answer(clock);
        return null;
      },
      put: async () => undefined,
    }),
  });
  return { ...system, availability: () => ({ available: true }) };
}

const NEVER = async (): Promise<void> => new Promise(() => undefined);

function verdict(change: Partial<Verdict> = {}): Verdict {
  return {
    verdict: "valid",
    checker: "toy",
    reason: "All is well.",
    operations: 1,
    elapsedMs: 0,
    anomalies: [],
    ...change,
  };
}

function workload(change: Partial<Workload> = {}): Workload {
  return {
    name: "toy",
    description: "for tests",
    requires: ["read"],
    optional: [],
    generator: () => repeat({ f: "read", value: null }),
    checker: () => ({ name: "toy", description: "for tests", check: () => verdict() }),
    ...change,
  };
}

function fault(change: Partial<Nemesis> = {}): Nemesis {
  return {
    name: "toy-fault",
    description: "for tests",
    needs: [],
    available: () => ({ available: true }),
    functions: ["start-toy", "stop-toy"],
    schedule: ({ intervalMs }) =>
      cycle(sequence(sleep(intervalMs), once({ f: "start-toy", value: null }))),
    invoke: async () => null,
    heal: async () => undefined,
    ...change,
  };
}

const TEST: TestDescription = {
  version: 1,
  workload: "toy",
  system: "toy-store",
  world: "simulated",
  nemeses: [],
  seed: 1,
  nodeCount: 1,
  concurrency: 3,
  timeLimitMs: 1_000,
  ratePerSecond: 100,
  operationTimeoutMs: 100,
  nemesisIntervalMs: 100,
};

async function run(given: {
  readonly system: System;
  readonly workload?: Workload;
  readonly nemeses?: readonly Nemesis[];
  readonly test?: Partial<TestDescription>;
}): Promise<RunOutcome> {
  return runTest({
    system: given.system,
    workload: given.workload ?? workload(),
    nemeses: given.nemeses ?? [],
    world: simulatedWorld({ seed: 1 }),
    replay: "",
    test: { ...TEST, ...given.test },
  });
}

/** The operations after the last heal. */
function afterHealing(history: History): number {
  const heal = history.processes.lastIndexOf(NEMESIS);
  return history.invocations().filter((index) => index > heal).length;
}

/** Answers so many reads, and none after them. */
function stopsAfter(reads: number): System {
  let count = 0;
  return store(async () => (++count > reads ? NEVER() : undefined));
}

describe("a run of a system that stops", () => {
  test("without a fault: asks until the bound is over, and says what each node waits for", async () => {
    const { result, history } = await run({ system: stopsAfter(30) });
    const [stop, ...others] = result.verdict.anomalies;
    expect(others).toEqual([]);
    expect(stop).toMatchObject({ kind: "no-progress", details: { boundMs: 10_000 } });
    expect(stop?.message).toMatch(
      /^The system has stopped: in the 1\d\.\d s after the last answer at 0\.\d+ s none of \d+ operations was answered\. What each node waits for: n1 is up: /,
    );
    expect(result.verdict).toMatchObject({
      verdict: "invalid",
      parts: { toy: { verdict: "valid" }, progress: { verdict: "invalid" } },
    });
    const lastNs = history.timesNs[history.length - 1] as number;
    expect(lastNs - (stop?.details?.["sinceMs"] as number) * 1e6).toBeGreaterThan(9.9e9);
  });

  test("after healing, whatever it answered before", async () => {
    let healed = false;
    const system = store(async () => {
      if (healed) throw new OperationError("fail", "busy", "later");
    });
    const nemeses = [fault({ heal: async () => void (healed = true) })];
    const { result, history } = await run({ system, nemeses });
    expect(result.verdict.anomalies.map(({ kind }) => kind)).toEqual(["no-progress"]);
    expect(result.verdict.reason).toContain("after all faults were healed at");
    expect(afterHealing(history)).toBeGreaterThan(50);
  });

  test("final reads are tried again", async () => {
    let healedNs: number | undefined;
    const system = store(async (clock) => {
      if (healedNs !== undefined && clock.nowNs() - healedNs < 7e9) await NEVER();
    });
    const world = simulatedWorld({ seed: 1 });
    const finalGenerator = (): ReturnType<Workload["generator"]> =>
      limit(2, repeat({ f: "read", value: null }));
    const nemeses = [fault({ heal: async () => void (healedNs = world.clock.nowNs()) })];
    const all = { system, nemeses, workload: workload({ finalGenerator }), replay: "" };
    const slow = await runTest({ ...all, world, test: TEST });
    expect(slow.result.verdict.verdict).toBe("valid");
    expect(slow.history.types.at(-1)).not.toBe(0);
    const other = simulatedWorld({ seed: 1 });
    healedNs = undefined;
    const again = [fault({ heal: async () => void (healedNs = other.clock.nowNs()) })];
    const short = { ...TEST, progressMs: 5_000 };
    const { result } = await runTest({ ...all, nemeses: again, world: other, test: short });
    expect(result.verdict.anomalies[0]?.kind).toBe("no-progress");
  });

  test("its script shows the same", async () => {
    let healed = false;
    const system = (): System => {
      healed = false;
      return store(async () => (healed ? NEVER() : undefined));
    };
    const nemeses = [fault({ heal: async () => void (healed = true) })];
    const found = await run({ system: system(), nemeses, test: { nemeses: ["toy-fault"] } });
    const replayed = await runCase(
      { test: TEST, script: scriptOf(found.history, TEST.concurrency), world: {} },
      {
        system,
        workload,
        nemeses: () => nemeses,
        world: () => simulatedWorld({ seed: 2 }),
      },
    );
    expect(replayed.result.verdict.anomalies.map(({ kind }) => kind)).toEqual(["no-progress"]);
  });
});

describe("a run that is not charged", () => {
  test("one that answers after healing is asked once or twice", async () => {
    const { result, history } = await run({
      system: store(async () => undefined),
      nemeses: [fault()],
    });
    expect(result.verdict.verdict).toBe("valid");
    expect(afterHealing(history)).toBeGreaterThan(0);
    expect(afterHealing(history)).toBeLessThan(4);
  });

  test("one without faults that answers to the end is not asked", async () => {
    const { history } = await run({ system: store(async () => undefined) });
    expect(history.timesNs.at(-1)).toBeLessThan(1.2e9);
  });

  test("one that was told not to ask", async () => {
    const { result } = await run({ system: stopsAfter(30), test: { progressMs: 0 } });
    expect(result.verdict.verdict).toBe("valid");
    expect(result.durationNs).toBeLessThan(2e9);
  });

  test("one whose clients are done", async () => {
    const clientsEnd = workload({
      generator: () => limit(40, repeat({ f: "read", value: null })),
    });
    const { result } = await run({ system: stopsAfter(30), workload: clientsEnd });
    expect(result.verdict.verdict).toBe("valid");
  });

  test("one that could not be healed", async () => {
    let healed = false;
    const system = store(async () => (healed ? NEVER() : undefined));
    const heal = async (): Promise<void> => {
      healed = true;
      throw new Error("n1 does not start");
    };
    const { result } = await run({ system, nemeses: [fault({ heal })] });
    expect(result.verdict.verdict).toBe("valid");
  });

  test("one that says what cannot be, for that is an answer", async () => {
    let count = 0;
    const system = store(async () => {
      if (++count > 30) throw new OperationError("fail", "empty", "nothing is in it");
    });
    const { result } = await run({ system });
    expect(result.verdict.verdict).toBe("valid");
  });
});

describe("the judgement of a history", () => {
  const FROM: readonly NewEvent[] = [
    { timeNs: 0, type: "invoke", process: 0, f: "read", value: null },
    { timeNs: 1e9, type: "ok", process: 0, f: "read", value: 1 },
  ];
  /** Reads that take a second each and fail. */
  function historyWith(startsS: readonly number[]): History {
    return historyOf([
      ...FROM,
      ...startsS.flatMap((startS): NewEvent[] => {
        const read = { process: 0, f: "read", value: null } as const;
        return [
          { ...read, type: "invoke", timeNs: (1 + startS) * 1e9 },
          { ...read, type: "fail", timeNs: (2 + startS) * 1e9, error: ["down", "down"] },
        ];
      }),
    ]);
  }
  const kindOf = (history: History): string | undefined =>
    stopIn(history, { boundMs: 10_000, waiting: [] })?.kind;

  test("needs attempts from early on until the bound is over", () => {
    expect(kindOf(historyWith([0, 4, 9]))).toBe("no-progress");
    expect(kindOf(historyWith([0, 9]))).toBeUndefined();
    expect(kindOf(historyWith([0, 2, 4]))).toBeUndefined();
    expect(kindOf(historyWith([6, 7, 9]))).toBeUndefined();
    expect(kindOf(historyWith([]))).toBeUndefined();
  });

  test("is no matter of systems that never answered", () => {
    const read = { process: 0, f: "read", value: null } as const;
    const never = Array.from({ length: 30 }, (_, second): NewEvent[] => [
      { ...read, type: "invoke", timeNs: second * 1e9 },
      { ...read, type: "fail", timeNs: (second + 0.5) * 1e9, error: ["down", "down"] },
    ]);
    expect(kindOf(historyOf(never.flat()))).toBeUndefined();
  });

  test("leaves what is wrong in the answers first, with its evidence", () => {
    const stop = stopIn(historyWith([0, 4, 9]), { boundMs: 10_000, waiting: ["n1 is down"] });
    if (stop === undefined) throw new Error("it has stopped");
    const wrong = { kind: "lost-write", message: "It is gone.", operations: [0] };
    const both = withStop(verdict({ verdict: "invalid", anomalies: [wrong] }), stop);
    expect(both.anomalies).toEqual([wrong, stop]);
    expect(withStop(verdict({ verdict: "unknown" }), stop)).toMatchObject({
      verdict: "invalid",
      anomalies: [stop],
      parts: { toy: { verdict: "unknown" } },
    });
    expect(stop.message).toContain("What each node waits for: n1 is down.");
  });

  test("the bound leaves time for four attempts", () => {
    expect(progressBoundMs(TEST)).toBe(10_000);
    expect(progressBoundMs({ ...TEST, world: "real" })).toBe(30_000);
    expect(progressBoundMs({ ...TEST, operationTimeoutMs: 5_000 })).toBe(20_000);
    expect(progressBoundMs({ ...TEST, progressMs: 100 })).toBe(5_000);
    expect(progressBoundMs({ ...TEST, progressMs: 0 })).toBe(0);
  });
});
