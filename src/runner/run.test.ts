import { describe, expect, test } from "vitest";
import type { Checker } from "../checker/checker.js";
import { HarnessError } from "../errors.js";
import { mix, once, repeat, sequence, sleep, limit, cycle } from "../generator/index.js";
import type { HistoryEvent } from "../history/operation.js";
import { INFO, INVOKE, OK } from "../history/history.js";
import type { Value } from "../history/value.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import type { Availability, World } from "../world/world.js";
import { OperationError } from "./client.js";
import type { Nemesis } from "./nemesis.js";
import type { TestDescription } from "./result.js";
import { runTest, type RunOptions } from "./run.js";
import { storeSystem, type Store } from "./store-system.js";
import { openSession, type System } from "./system.js";
import type { Workload } from "./workload.js";

const alwaysValid: Checker = {
  name: "always-valid",
  description: "for tests",
  check: (history) => ({
    verdict: "valid",
    checker: "always-valid",
    reason: "",
    operations: history.invocations().length,
    elapsedMs: 0,
    anomalies: [],
  }),
};

function workload(change: Partial<Workload> = {}): Workload {
  return {
    name: "toy",
    description: "for tests",
    requires: ["read", "write"],
    optional: ["cas"],
    observes: ["read"],
    generator: () =>
      mix(
        repeat(() => ({ f: "read", value: null })),
        repeat(({ random }) => ({ f: "write", value: random.below(5) })),
      ),
    checker: () => alwaysValid,
    ...change,
  };
}

/** A store that the toy faults of these tests are said to reach. */
function system(
  methods: (clock: { sleep(ms: number): Promise<void> }) => Partial<Store> = () => ({}),
): System {
  return { ...toyStore(methods), availability: () => ({ available: true }) };
}

function toyStore(
  methods: (clock: { sleep(ms: number): Promise<void> }) => Partial<Store> = () => ({}),
): System {
  return storeSystem({
    name: "toy-store",
    worlds: ["simulated", "real"],
    open: async ({ clock }) => {
      let value: Value = null;
      return {
        get: async () => {
          await clock.sleep(3);
          return value;
        },
        put: async (_key, next) => {
          await clock.sleep(5);
          value = next;
        },
        ...methods(clock),
      };
    },
  });
}

function nemesis(change: Partial<Nemesis> = {}): Nemesis & { readonly done: string[] } {
  const done: string[] = [];
  return {
    name: "toy-fault",
    description: "for tests",
    needs: ["pause"],
    available: (): Availability => ({ available: true }),
    functions: ["start-toy", "stop-toy"],
    schedule: ({ intervalMs }) =>
      cycle(
        sequence(
          sleep(intervalMs),
          once({ f: "start-toy", value: null }),
          sleep(intervalMs),
          once({ f: "stop-toy", value: null }),
        ),
      ),
    invoke: async ({ f }) => {
      done.push(f);
      return `did ${f}`;
    },
    heal: async () => void done.push("heal"),
    ...change,
    done,
  };
}

function options(
  change: Partial<Omit<RunOptions, "test">> & { test?: Partial<TestDescription> } = {},
): RunOptions {
  const { test: description, ...rest } = change;
  return {
    system: system(),
    workload: workload(),
    nemeses: [],
    world: simulatedWorld({ seed: 1 }),
    replay: "again",
    ...rest,
    test: {
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
      ...description,
    },
  };
}

async function refusal(promise: Promise<unknown>): Promise<HarnessError> {
  const error: unknown = await promise.then(
    () => new Error("it was not refused"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HarnessError);
  return error as HarnessError;
}

describe("a run", () => {
  test("drives, records and judges, for as long as it is told", async () => {
    const { result, history } = await runTest(options());
    expect(result.verdict.verdict).toBe("valid");
    expect(result.counts.ok).toBe(result.counts.invoked);
    // 100 a second for one second, drawn at random.
    expect(result.counts.invoked).toBeGreaterThan(60);
    expect(result.counts.invoked).toBeLessThan(150);
    expect(result.durationNs).toBeGreaterThan(0.8e9);
    expect(result.durationNs).toBeLessThan(1.3e9);
    for (let i = 1; i < history.length; i++) {
      expect(history.timesNs[i]).toBeGreaterThanOrEqual(history.timesNs[i - 1] as number);
    }
  });

  test("gives the same history for the same seed, and another for another", async () => {
    const events = async (seed: number): Promise<string> => {
      const seen: HistoryEvent[] = [];
      const observers = [{ event: (event: HistoryEvent) => void seen.push(event) }];
      await runTest(options({ world: simulatedWorld({ seed }), observers }));
      return JSON.stringify(seen);
    };
    expect(await events(7)).toBe(await events(7));
    expect(await events(7)).not.toBe(await events(8));
  });

  test("makes hanging operations indeterminate and goes on as another process", async () => {
    let calls = 0;
    const hanging = system((clock) => ({
      get: async () => {
        await clock.sleep(calls++ % 4 === 0 ? 1e9 : 1);
        return 1;
      },
    }));
    const { result, history } = await runTest(options({ system: hanging }));
    expect(result.counts.info).toBeGreaterThan(3);
    const gone = new Set<number>();
    for (let i = 0; i < history.length; i++) {
      const process = history.processes[i] as number;
      expect(gone.has(process)).toBe(false);
      if (history.types[i] === INFO) gone.add(process);
    }
    expect(Math.max(...history.processes)).toBeGreaterThan(3);
  });

  test("classifies what clients throw: fail only when they say so", async () => {
    let calls = 0;
    const failing = system(() => ({
      put: async () => {
        calls++;
        if (calls % 3 === 0) throw new OperationError("fail", "busy", "not now");
        if (calls % 3 === 1) throw new Error("what?");
      },
    }));
    const { history } = await runTest(options({ system: failing }));
    const errors = new Map<string, string>();
    for (let i = 0; i < history.length; i++) {
      const { type, error } = history.event(i);
      if (error !== undefined) errors.set(JSON.stringify(error), type);
    }
    expect(Object.fromEntries(errors)).toEqual({
      '["busy","not now"]': "fail",
      '["unclassified","what?"]': "info",
    });
  });

  test("lets the nemesis strike, heals at the end, and writes both down", async () => {
    const fault = nemesis();
    const { result, history } = await runTest(options({ nemeses: [fault] }));
    expect(result.counts.faults).toBeGreaterThan(2);
    expect(fault.done.at(-1)).toBe("heal");
    const seen = [...Array(history.length).keys()]
      .map((i) => history.event(i))
      .filter(({ process }) => process === "nemesis");
    expect(seen[0]).toMatchObject({ f: "start-toy", type: "info", value: null });
    expect(seen[1]).toMatchObject({ f: "start-toy", type: "info", value: "did start-toy" });
    expect(seen.at(-1)).toMatchObject({ f: "heal" });
  });

  test("writes a failed fault down and goes on", async () => {
    const fault = nemesis({
      invoke: async () => {
        throw new Error("no such node");
      },
    });
    const { result } = await runTest(options({ nemeses: [fault] }));
    expect(result.counts.faults).toBe(0);
    expect(result.verdict.verdict).toBe("unknown");
    expect(result.verdict.reason).toMatch(/no fault of toy-fault took effect/);
  });

  test("reads what is left after healing", async () => {
    const final = workload({ finalGenerator: () => limit(5, repeat({ f: "read", value: null })) });
    const { history } = await runTest(options({ workload: final, nemeses: [nemesis()] }));
    const healed = [...Array(history.length).keys()].findLastIndex(
      (i) => history.event(i).f === "heal",
    );
    expect(history.length - 1 - healed).toBe(10);
  });

  test("ends early when it is told to, and judges what was seen", async () => {
    const controller = new AbortController();
    let events = 0;
    const observers = [{ event: () => void (++events === 50 && controller.abort()) }];
    const fault = nemesis();
    const { result, history } = await runTest(
      options({ observers, signal: controller.signal, nemeses: [fault] }),
    );
    expect(result.endedEarly).toBe("interrupted");
    expect(fault.done.at(-1)).toBe("heal");
    expect(history.length).toBeLessThan(60);
  });

  test("notes faults that the system never promised to survive", async () => {
    const { result } = await runTest(options({ nemeses: [nemesis()] }));
    expect(result.notes?.[0]).toMatch(
      /toy-store does not promise to stay linearizable under toy-fault/,
    );
  });
});

test("notes that less is promised than is broken", async () => {
  const promise = { consistency: "eventual", under: [], deviation: "copies lag behind" } as const;
  const notesOf = async (verdict: "valid" | "invalid", checker: string) => {
    const judge: Checker = {
      ...alwaysValid,
      check: async (history, budget) => ({
        ...(await alwaysValid.check(history, budget)),
        verdict,
        checker,
      }),
    };
    const asked = workload({ checker: () => judge });
    const { result } = await runTest(
      options({ system: { ...system(), promise }, workload: asked }),
    );
    return result.notes;
  };
  const note = "toy-store promises to be eventual, not linearizable: copies lag behind";
  expect(await notesOf("invalid", "linearizable")).toEqual([note]);
  expect(await notesOf("valid", "linearizable")).toBeUndefined();
  expect(await notesOf("invalid", "eventual")).toBeUndefined();
});

describe("a run that meets trouble", () => {
  test("connects again where a connection failed, in no hurry, and counts that as failures", async () => {
    let attempts = 0;
    const inner = system();
    const flaky: System = {
      ...inner,
      open: async (session) => {
        const opened = await openSession(inner, session);
        return {
          ...opened,
          connect: async (connection) => {
            if (++attempts <= 6) throw new Error("not yet");
            return opened.connect(connection);
          },
        };
      },
    };
    const { result, history } = await runTest(
      options({ system: flaky, test: { ratePerSecond: 0 } }),
    );
    expect(attempts).toBe(9);
    expect(result.counts).toMatchObject({ fail: 6, info: 0 });
    expect(result.verdict.verdict).toBe("valid");
    const failed = [...Array(history.length).keys()].map((i) => history.event(i));
    expect(failed.find(({ type }) => type === "fail")).toMatchObject({
      error: ["no-connection", "not yet"],
      timeNs: 100e6 + (failed[0]?.timeNs ?? 0),
    });
  });

  test("does not wait for a connection for ever, and closes one that comes too late", async () => {
    let closed = 0;
    const inner = system();
    const slow: System = {
      ...inner,
      open: async (session) => {
        const opened = await openSession(inner, session);
        return {
          ...opened,
          connect: async (connection) => {
            const client = await opened.connect(connection);
            if (connection.endpoint.network.self.includes(".")) return client;
            await session.clock.sleep(500);
            return { ...client, close: async () => void closed++ };
          },
        };
      },
    };
    const { result } = await runTest(options({ system: slow }));
    expect(result.counts).toMatchObject({ fail: 3, info: 0 });
    expect(result.counts.ok).toBeGreaterThan(20);
    expect(closed).toBe(3);
  });

  test("wraps clients as the workload asks", async () => {
    const wrapping = workload({
      requires: ["read"],
      generator: () => repeat({ f: "look", value: null }),
      observes: ["look"],
      client: (client) => ({
        invoke: async () => [await client.invoke({ f: "read", value: null })],
        close: () => client.close(),
      }),
    });
    const { history } = await runTest(options({ workload: wrapping }));
    expect(history.event(history.pairs[0] as number)).toMatchObject({ type: "ok", value: [null] });
  });

  test("keeps its verdict when the system does not close, and says so", async () => {
    const stuck = system((clock) => ({ close: async () => clock.sleep(1e9) }));
    const { result } = await runTest(options({ system: stuck }));
    expect(result.verdict.verdict).toBe("valid");
    expect(result.notes).toEqual([
      "closing toy-store failed: closing toy-store did not finish within 30 s",
    ]);
  });

  test("is a failure of the harness when the system does not open", async () => {
    const closed = storeSystem({
      name: "toy-store",
      worlds: ["simulated"],
      open: async () => {
        throw new Error("connect ECONNREFUSED");
      },
    });
    const error = await refusal(runTest(options({ system: closed })));
    expect(error.code).toBe("harness-failure");
    expect(error.message).toMatch(/cannot open toy-store: connect ECONNREFUSED; make sure/);
    const missing = storeSystem({
      name: "toy-store",
      worlds: ["simulated"],
      methods: ["append"],
      open: async () => ({ get: () => null, put: () => undefined }),
    });
    const wrong = await refusal(runTest(options({ system: missing })));
    expect(wrong.code).toBe("bad-argument");
    expect(wrong.message).toMatch(/the store toy-store has no append/);
  });

  test.each(["invoke", "ok"])("ends when an event of type %s cannot be recorded", async (type) => {
    const full = new HarnessError("harness-failure", "cannot write history.jsonl: no space");
    let events = 0;
    const observers = [
      {
        event: (event: HistoryEvent) => {
          if (++events > 20 && event.type === type) throw full;
        },
      },
    ];
    await expect(runTest(options({ observers }))).rejects.toBe(full);
  });

  test("notes the nemeses that never struck beside those that did", async () => {
    const idle = nemesis({
      name: "idle-fault",
      needs: [],
      functions: ["start-idle", "stop-idle"],
      schedule: () => sleep(1),
    });
    const { result } = await runTest(options({ nemeses: [nemesis({ needs: [] }), idle] }));
    expect(result.verdict.verdict).toBe("valid");
    expect(result.notes).toEqual([
      "idle-fault never took effect, so this run says nothing about it",
    ]);
  });

  test("heals all nemeses at once, and says which could not", async () => {
    let resumed: () => void = () => undefined;
    const other = new Promise<void>((resolve) => (resumed = resolve));
    const first = nemesis({ name: "first", needs: [], heal: async () => other });
    const second = nemesis({
      name: "second",
      needs: [],
      heal: async () => {
        resumed();
        throw new Error("n1 does not go on");
      },
    });
    const { history } = await runTest(options({ nemeses: [first, second] }));
    expect(history.event(history.length - 1)).toMatchObject({
      f: "heal",
      error: ["second: n1 does not go on"],
    });
  });

  test("notes that nothing was read after healing", async () => {
    let healed = false;
    const dying = system(() => ({
      get: async () => {
        if (healed) throw new OperationError("fail", "down", "down");
        return null;
      },
    }));
    const final = workload({ finalGenerator: () => limit(5, repeat({ f: "read", value: null })) });
    const fault = nemesis({ needs: [], heal: async () => void (healed = true) });
    const { result } = await runTest(options({ system: dying, workload: final, nemeses: [fault] }));
    expect(result.notes).toEqual([
      "none of the 5 final operations succeeded, so what was acknowledged last was not read again",
    ]);
    expect(result.verdict.anomalies[0]?.message).toContain(
      "What each node waits for: n1 is up: no timer; no disk call; no message on its way.",
    );
  });

  test("blames the generator that throws, not ordeal", async () => {
    const wrong = workload({
      generator: () =>
        repeat(() => {
          throw new TypeError("oops");
        }),
    });
    const error = await refusal(runTest(options({ workload: wrong })));
    expect(error.code).toBe("harness-failure");
    expect(error.message).toMatch(/^the generator of the workload threw: oops; /);
  });

  test("does not wait for a start that hangs when it is told to end", async () => {
    const controller = new AbortController();
    let closed = 0;
    const hanging: World = {
      ...simulatedWorld({ seed: 1 }),
      deploy: async () => new Promise(() => undefined),
      run: async (main) => main(),
      close: async () => void closed++,
    };
    const observers = [{ phase: () => setImmediate(() => controller.abort()) }];
    const { signal } = controller;
    const { result } = await runTest(options({ world: hanging, observers, signal }));
    expect(result).toMatchObject({ endedEarly: "interrupted", counts: { invoked: 0 } });
    expect(result.verdict.verdict).toBe("unknown");
    expect(closed).toBe(1);
  });

  test("does not mind a log that cannot be written", async () => {
    const observers = [
      {
        log: () => {
          throw new Error("no space");
        },
      },
    ];
    expect((await runTest(options({ observers }))).result.verdict.verdict).toBe("valid");
  });

  test("gives the check of an interrupted run ten seconds", async () => {
    const controller = new AbortController();
    const limits: number[] = [];
    const checker: Checker = {
      ...alwaysValid,
      check: (history, budget) => {
        limits.push(budget.timeMs);
        return alwaysValid.check(history, budget);
      },
    };
    const observers = [{ event: () => controller.abort() }];
    const { signal } = controller;
    await runTest(options({ workload: workload({ checker: () => checker }) }));
    await runTest(options({ workload: workload({ checker: () => checker }), observers, signal }));
    expect(limits).toEqual([60_000, 10_000]);
  });
});

describe("a run that proves nothing is unknown", () => {
  test("when every operation failed", async () => {
    const dead = system(() => ({
      get: async () => {
        throw new OperationError("fail", "down", "down");
      },
      put: async () => {
        throw new OperationError("fail", "down", "down");
      },
    }));
    const { result } = await runTest(options({ system: dead }));
    expect(result.verdict.verdict).toBe("unknown");
    expect(result.verdict.reason).toMatch(/none of the \d+ operations succeeded/);
  });

  test("when nothing was read", async () => {
    const writes = workload({ generator: () => repeat({ f: "write", value: 1 }) });
    const { result, history } = await runTest(options({ workload: writes }));
    expect(history.types.filter((type) => type === OK).length).toBeGreaterThan(0);
    expect(result.verdict.reason).toMatch(/no read succeeded/);
  });

  test("when the checker throws", async () => {
    const broken: Checker = {
      ...alwaysValid,
      check: () => {
        throw new TypeError("x is not a function");
      },
    };
    const { result } = await runTest(options({ workload: workload({ checker: () => broken }) }));
    expect(result.verdict.verdict).toBe("unknown");
    expect(result.verdict.reason).toMatch(/x is not a function/);
  });
});

describe("a run that cannot work is refused before it starts", () => {
  test("a function that the system does not have", async () => {
    const queue = workload({ requires: ["enqueue"] });
    const error = await refusal(runTest(options({ workload: queue })));
    expect(error.code).toBe("unavailable");
    expect(error.message).toMatch(
      /needs enqueue, which toy-store does not have \(it has read, write/,
    );
  });

  test("a fault that the cluster cannot suffer", async () => {
    const fault = nemesis({
      available: () => ({ available: false, reason: "too few nodes", alternative: "use more" }),
    });
    const error = await refusal(runTest(options({ nemeses: [fault] })));
    expect(error.message).toMatch(/toy-fault nemesis cannot work .*: too few nodes; use more/);
  });

  test("a fault that does not reach the system", async () => {
    const refused = runTest(options({ system: toyStore(), nemeses: [nemesis()] }));
    expect((await refusal(refused)).message).toMatch(
      /toy-fault nemesis cannot work on toy-store .*: a store that is no node of the run is not reached/,
    );
    const { result } = await runTest(options({ system: toyStore() }));
    expect(result.verdict.verdict).toBe("valid");
  });

  test("a number of nodes out of bounds, and no workers", async () => {
    const nodes = await refusal(runTest(options({ test: { nodeCount: 3 } })));
    expect(nodes.message).toMatch(/runs on 1 nodes, not 3/);
    const workers = await refusal(runTest(options({ test: { concurrency: 0 } })));
    expect(workers.message).toMatch(/concurrency/);
  });

  test("a world that the system is not made for", async () => {
    const real = { ...system(), worlds: ["real"] as const };
    const error = await refusal(runTest(options({ system: real })));
    expect(error.message).toMatch(/does not run in the simulated world; use --world real/);
  });
});

test("the invocation is in the history before anything is sent", async () => {
  const order: string[] = [];
  const observed = system(() => ({ put: async () => void order.push("sent") }));
  const observers = [
    { event: ({ type, f }: HistoryEvent) => void (f === "write" && order.push(type)) },
  ];
  await runTest(options({ system: observed, observers, test: { concurrency: 1 } }));
  expect(order.slice(0, 3)).toEqual(["invoke", "sent", "ok"]);
  expect(INVOKE).toBe(0);
});
