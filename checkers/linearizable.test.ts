/** What the checker says, in pairs; the laws of linearizability; budgets; wide histories. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBudget, type Budget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { casRegister } from "../src/model/cas-register.js";
import { kv } from "../src/model/kv.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";
import type { Certificate } from "../src/verdict/certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { linearizable } from "./linearizable.js";

type Line = readonly [NewEvent["type"], number, string, Value, (Value | undefined)?];

function history(...lines: readonly Line[]): History {
  return historyOf(lines.map((line, index) => eventOf(line, index)));
}

function eventOf([type, process, f, value, key]: Line, timeNs: number): NewEvent {
  const event: NewEvent = { type, process, f, value, timeNs };
  return key === undefined ? event : { ...event, key };
}

/** The model as one that no monitor knows, so that the general search decides. */
function searched(model: Model): Model {
  const { type: _, ...rest } = model;
  return rest;
}

async function judge(model: Model, of: History, budget: Budget = createBudget()): Promise<Verdict> {
  const verdict = await linearizable({ model }).check(of, budget);
  const { certificate } = verdict;
  if (certificate !== undefined) {
    const confirmation = verifyCertificate({
      certificate,
      history: of,
      model,
      budget: createBudget(),
    });
    expect(confirmation).toMatchObject({ confirmed: true });
  }
  expect(certificate === undefined).toBe(verdict.verdict === "unknown");
  return verdict;
}

const write = (process: number, value: Value, key?: Value): Line[] => [
  ["invoke", process, "write", value, key],
  ["ok", process, "write", value, key],
];
const read = (process: number, value: Value, key?: Value): Line[] => [
  ["invoke", process, "read", null, key],
  ["ok", process, "read", value, key],
];

describe("accepts and rejects", () => {
  test("a read after a write", async () => {
    expect((await judge(register(), history(...write(0, 1), ...read(1, 1)))).verdict).toBe("valid");
    const stale = await judge(register(), history(...write(0, 1), ...write(0, 2), ...read(1, 1)));
    expect(stale.verdict).toBe("invalid");
    expect(stale.reason).toBe(
      "Process 1's read that returned 1 (events 4 to 5) cannot be explained with 2 others before or beside it: " +
        "in every order that real time allows, the state was 2 when it had to take effect.",
    );
    expect(stale.anomalies[0]).toMatchObject({ kind: "not-linearizable", operations: [0, 2, 4] });
  });

  test("a write that is still open when it is read", async () => {
    const open: Line = ["invoke", 0, "write", 1];
    expect((await judge(register(), history(open, ...read(1, 1), ...read(2, 1)))).verdict).toBe(
      "valid",
    );
    expect((await judge(register(), history(open, ...read(1, 1), ...read(2, null)))).verdict).toBe(
      "invalid",
    );
  });

  test("a result that came later than the failing return", async () => {
    // At the first return nothing is left, for the other cas will say no; that one contradicts on
    // its own.
    const lines: Line[] = [
      ["invoke", 0, "cas", [0, 1]],
      ["invoke", 1, "cas", [1, 1]],
      ["ok", 1, "cas", [1, 1]],
      ["ok", 0, "cas", false],
    ];
    const model = searched(casRegister({ initial: 0 }));
    const verdict = await judge(model, history(...lines));
    expect(verdict.anomalies[0]?.operations).toEqual([0]);
    expect(verdict.reason).toBe(
      "Process 0's cas of [0,1] that returned false (events 0 to 3) cannot be explained by anything: " +
        "no order that real time allows leads to such results.",
    );
    lines[3] = ["ok", 0, "cas", true];
    expect((await judge(model, history(...lines))).verdict).toBe("valid");
  });

  test("a refusal that no projection keeps", async () => {
    // The value is 2 from event 8 on, as the last read shows: so the swap of 2 cannot be refused.
    const lines: Line[] = [
      ...write(0, 1),
      ["invoke", 0, "cas", [1, 2]],
      ...write(1, 2),
      ["invoke", 1, "cas", [2, 0]],
      ["ok", 0, "cas", false],
      ["ok", 1, "cas", false],
      ...read(0, 2),
    ];
    const events = history(...lines);
    const verdict = await judge(casRegister(), events);
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.certificate).toMatchObject({ kind: "non-linearizable", minimal: true });
  });

  test("keys are independent, and the failing one is named", async () => {
    const both = [...write(0, 1, "x"), ...write(0, 2, "y"), ...read(1, 1, "x")];
    expect((await judge(kv(), history(...both, ...read(1, 2, "y")))).verdict).toBe("valid");
    const wrong = await judge(kv(), history(...both, ...read(1, 1, "y")));
    expect(wrong).toMatchObject({ verdict: "invalid", anomalies: [{ key: "y", operations: [6] }] });
  });

  test("a nondeterministic model without declarations", async () => {
    const coin: Model = {
      name: "coin",
      options: {},
      initial: () => 0,
      step: (state, { f, output, outcome }) => {
        if (f === "flip") return [1, 2];
        return outcome === "info" || output === state ? [state] : [];
      },
    };
    const flip: Line[] = [
      ["invoke", 0, "flip", null],
      ["ok", 0, "flip", null],
    ];
    expect((await judge(coin, history(...flip, ...read(1, 2), ...read(0, 2)))).verdict).toBe(
      "valid",
    );
    expect((await judge(coin, history(...flip, ...read(1, 2), ...read(0, 1)))).verdict).toBe(
      "invalid",
    );
  });
});

describe("nothing proved", () => {
  test.each<[string, Line[]]>([
    ["no events", []],
    ["nothing completed", [["invoke", 0, "write", 1]]],
    [
      "all failed",
      [
        ["invoke", 0, "write", 1],
        ["fail", 0, "write", 1],
      ],
    ],
  ])("%s is unknown", async (_, lines) => {
    const verdict = await judge(register(), history(...lines));
    expect(verdict).toMatchObject({ verdict: "unknown", anomalies: [] });
    expect(verdict.reason).toMatch(/^Nothing was proved/);
  });

  test("but valid for those who ask for it, when there are events", async () => {
    const checker = linearizable({ model: register(), nothingCompleted: "valid" });
    const failed = history(["invoke", 0, "write", 1], ["fail", 0, "write", 1]);
    expect(await checker.check(failed, createBudget())).toMatchObject({ verdict: "valid" });
    expect(await checker.check(history(), createBudget())).toMatchObject({ verdict: "unknown" });
  });
});

describe("wrong arguments", () => {
  test("a function that the model does not know", async () => {
    const checker = linearizable({ model: register() });
    const check = async (f: string): Promise<Verdict> =>
      checker.check(history(["invoke", 0, f, null]), createBudget());
    await expect(check("raed")).rejects.toMatchObject({
      code: "bad-argument",
      message:
        'the model register has no function "raed" (event 0); it has read, write. Did you mean "read"?',
    });
    await expect(check("enqueue")).rejects.toThrow("Choose a model that has it.");
  });

  test("a model that calls a write read-only", async () => {
    const model: Model = { ...searched(register()), readOnly: () => true };
    const check = async (): Promise<Verdict> =>
      judge(model, history(...write(0, 1), ...read(0, 1)));
    await expect(check()).rejects.toThrow("it calls write read-only");
  });
});

describe("a model that cannot be trusted is an error, never a verdict", () => {
  const events = history(...write(0, 1), ...read(0, 1));
  const faults: readonly [string, Model["step"], string][] = [
    ["states are maps", () => [new Map() as unknown as Value], "holds a Map"],
    ["states are dates", () => [{ at: new Date(0) as unknown as Value }], "holds a Date"],
    ["states are class instances", () => [new URL("a:b") as unknown as Value], "holds a URL"],
    ["states are undefined", () => [undefined as unknown as Value], "holds undefined"],
    ["states are no numbers", () => [[NaN]], "holds NaN"],
  ];
  test.each(faults)("%s", async (_, step, message) => {
    const model: Model = { name: "faulty", options: {}, initial: () => 0, step };
    await expect(judge(model, events)).rejects.toThrow(message);
    const certificate: Certificate = {
      kind: "linearization",
      model: { name: "faulty", options: {} },
      parts: [{ part: null, order: [0, 2] }],
    };
    const request = { certificate, history: events, model, budget: createBudget() };
    expect(() => verifyCertificate(request)).toThrow(message);
  });

  test("a step that changes its state in place", async () => {
    const model: Model<{ value: Value }> = {
      name: "in place",
      options: {},
      initial: () => ({ value: 0 }),
      step: (state, { f, input, output, outcome }) => {
        if (f === "write") state.value = input;
        return outcome !== "ok" || f === "write" || output === state.value ? [state] : [];
      },
    };
    await expect(judge(model as Model, events)).rejects.toThrow("read only property");
  });
});

/**
 * A history of a register that is right: each operation takes effect at some event between its own.
 */
const rightHistory: fc.Arbitrary<NewEvent[]> = fc
  .array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(9)), { maxLength: 40 })
  .map((moves) => {
    const events: NewEvent[] = [];
    const open = new Map<number, { f: string; input: Value; seen?: Value }>();
    let state: Value = 0;
    for (const [process, value, luck] of moves) {
      const call = open.get(process);
      const timeNs = events.length;
      if (call === undefined) {
        const f = luck < 5 ? "read" : "write";
        const input = f === "read" ? null : value;
        open.set(process, { f, input });
        events.push({ type: "invoke", process, f, value: input, timeNs });
      } else if (call.seen === undefined && luck !== 9) {
        if (call.f === "write") state = call.input;
        call.seen = state;
      } else {
        const unknown = call.seen === undefined || luck === 8;
        const seen: Value = call.f === "read" ? (call.seen ?? null) : call.input;
        events.push({
          process,
          f: call.f,
          timeNs,
          ...(unknown
            ? {
                type: "info",
                value: null,
              }
            : {
                type: "ok",
                value: seen,
              }),
        });
        open.delete(process);
      }
    }
    return events;
  });

describe("laws", () => {
  const model = register({ initial: 0 });
  const kindOf = async (events: readonly NewEvent[]): Promise<string> =>
    (await judge(model, historyOf(events))).verdict;
  const someOk = (events: readonly NewEvent[]): boolean => events.some(({ type }) => type === "ok");

  test("a prefix of a right history is valid, its open operations pending", async () => {
    await fc.assert(
      fc.asyncProperty(rightHistory, fc.nat(80), async (events, length) => {
        const prefix = events.slice(0, length);
        expect(await kindOf(prefix)).toBe(someOk(prefix) ? "valid" : "unknown");
      }),
      { numRuns: 300 },
    );
  });

  test("an impossible read makes it invalid", async () => {
    await fc.assert(
      fc.asyncProperty(rightHistory, fc.nat(80), async (events, at) => {
        const wrong = events.toSpliced(
          at,
          0,
          { type: "invoke", process: 99, f: "read", value: null, timeNs: 0 },
          { type: "ok", process: 99, f: "read", value: 77, timeNs: 0 },
        );
        expect(await kindOf(wrong)).toBe("invalid");
      }),
      { numRuns: 200 },
    );
  });

  test("names of processes and times change nothing", async () => {
    await fc.assert(
      fc.asyncProperty(rightHistory, fc.nat(80), fc.nat(3), async (events, at, value) => {
        // Half of these are wrong now.
        const changed = events.map((event, index) =>
          index === at && event.type === "ok" && event.f === "read" ? { ...event, value } : event,
        );
        const renamed = changed.map((event) => ({
          ...event,
          process: 1000 - 7 * Number(event.process),
          timeNs: 0,
        }));
        const [before, after] = [
          await judge(model, historyOf(changed)),
          await judge(model, historyOf(renamed)),
        ];
        expect(after.verdict).toBe(before.verdict);
        expect(after.certificate).toEqual(before.certificate);
      }),
      { numRuns: 200 },
    );
  });

  test("removing an indeterminate operation that nobody saw changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(rightHistory, fc.nat(80), fc.nat(3), async (events, at, value) => {
        const changed = events.map((event, index) =>
          index === at && event.type === "ok" && event.f === "read" ? { ...event, value } : event,
        );
        const unseen: NewEvent = { type: "invoke", process: 99, f: "write", value: 88, timeNs: 0 };
        expect(await kindOf(changed.toSpliced(at, 0, unseen))).toBe(await kindOf(changed));
      }),
      { numRuns: 200 },
    );
  });

  test("an exhausted budget is unknown", async () => {
    await fc.assert(
      fc.asyncProperty(rightHistory, async (events) => {
        fc.pre(someOk(events));
        for (const limits of [{ timeMs: 0 }, { memoryBytes: 0 }]) {
          const verdict = await judge(model, historyOf(events), createBudget(limits));
          expect(verdict.verdict).toBe("unknown");
          expect(verdict.reason).toMatch(/^Undecided: out of (time|memory)/);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("more open operations than one word of bits", () => {
  test.each([33, 40, 70, 100])("%i writes at once", async (width) => {
    const open = Array.from({ length: width }, (_, process): Line => [
      "invoke",
      process,
      "write",
      process,
    ]);
    const returns = Array.from({ length: width }, (_, process): Line => [
      "ok",
      process,
      "write",
      process,
    ]);
    const reads = Array.from({ length: width }, (_, value) => read(1000, value)).flat();
    const right = history(...open, ...reads, ...returns, ...read(1000, width - 1));
    expect((await judge(register(), right)).verdict).toBe("valid");
  });

  test.each([33, 40, 70])("%i equal writes of two values, and a read of a third", async (width) => {
    const open = Array.from({ length: width }, (_, process): Line => [
      "invoke",
      process,
      "write",
      process % 2,
    ]);
    const returns = open.map(([, process, f, value]): Line => ["ok", process, f, value]);
    const wrong = history(
      ...open,
      ...read(1000, 1),
      ...read(1000, 0),
      ...read(1000, 2),
      ...returns,
    );
    const verdict = await judge(register(), wrong);
    expect(verdict).toMatchObject({ verdict: "invalid", certificate: { minimal: true } });
    const right = history(
      ...open,
      ...read(1000, 1),
      ...read(1000, 0),
      ...read(1000, 1),
      ...returns,
    );
    expect((await judge(register(), right)).verdict).toBe("valid");
  });
});

describe("counterexamples of long histories", () => {
  /**
   * Eight processes, five values; the read of a value that nobody wrote returns while others are
   * open.
   */
  function longHistory(count: number): History {
    const lines: Line[] = [];
    const open: Line[] = [];
    let luck = 1;
    const dice = (sides: number): number => {
      luck = (luck * 48_271) % 0x7fffffff;
      return luck % sides;
    };
    let state = 0;
    for (let number = 0; number < count; number++) {
      const process = number % 8;
      if (open.length === 8) lines.push(open.shift() as Line);
      const [old, next] = [dice(5), dice(5)];
      if (dice(2) === 0) {
        lines.push(["invoke", process, "write", next]);
        open.push(["ok", process, "write", next]);
        state = next;
      } else {
        lines.push(["invoke", process, "cas", [old, next]]);
        open.push(["ok", process, "cas", state === old]);
        if (state === old) state = next;
      }
    }
    return history(...lines, ...read(9, 12), ...open);
  }

  test.each([500, 5000])("an impossible read after %i operations is named alone", async (count) => {
    const long = longHistory(count);
    expect(await judge(casRegister(), long)).toMatchObject({
      verdict: "invalid",
      certificate: { required: [long.invocations().at(-1)], minimal: true },
    });
  });
});

function withoutLookAhead(model: Model): Model {
  const less: { -readonly [Name in keyof Model]: Model[Name] } = { ...model };
  delete less.lookAhead;
  return less;
}

describe("exponential inputs", () => {
  // Every order of the appends leads to another state, and no order is right.
  const model = withoutLookAhead(kv());
  const width = 16;
  const appends = Array.from({ length: width }, (_, process): Line => [
    "invoke",
    process,
    "append",
    `${process};`,
    "k",
  ]);
  const returns = appends.map(([, process, f, value, key]): Line => ["ok", process, f, value, key]);
  const dear = history(
    ...appends,
    ...returns,
    ["invoke", 0, "get", null, "k"],
    ["ok", 0, "get", "x", "k"],
  );

  test("end with the time budget, inside the search", async () => {
    let now = 0;
    const verdict = await judge(model, dear, {
      timeMs: 100,
      memoryBytes: Infinity,
      nowMs: () => now++,
    });
    expect(verdict).toMatchObject({ verdict: "unknown" });
    // A look at the clock every 2,048 units of work: a hundred looks, and a little for one step.
    expect(verdict.details?.["work"]).toBeLessThan(110 * 2048);
    expect(verdict.reason).toContain('Key "k" was explained up to event');
    expect(verdict.reason).toContain("up to 16 operations were open at once");
  });

  test("end with the memory budget", async () => {
    const memoryBytes = 4 * 2 ** 20;
    const verdict = await judge(model, dear, createBudget({ memoryBytes }));
    expect(verdict).toMatchObject({ verdict: "unknown" });
    expect(verdict.reason).toContain("out of memory");
    expect(verdict.details?.["bytesMax"]).toBeLessThanOrEqual(memoryBytes);
    expect(verdict.details?.["configurationsMax"]).toBeLessThan(memoryBytes / 32);
  });

  test("end with the memory budget while they are laid out", async () => {
    const crowd = Array.from({ length: 2000 }, (_, process) => process);
    const wide = history(
      ...crowd.map((process): Line => ["invoke", process, "write", process]),
      ...crowd.map((process): Line => ["ok", process, "write", process]),
    );
    // Each return sees all that are still open: two million in all.
    const model = searched(register());
    const verdict = await judge(model, wide, createBudget({ memoryBytes: 4 * 2 ** 20 }));
    expect(verdict.reason).toContain("out of memory");
    expect((await judge(model, wide)).verdict).toBe("valid");
  });

  test("do not hide a violation in another key", async () => {
    const both = history(
      ...appends,
      ...read(500, 7, "other"),
      ...returns,
      ["invoke", 0, "get", null, "k"],
      ["ok", 0, "get", "x", "k"],
    );
    expect(await judge(model, both)).toMatchObject({
      verdict: "invalid",
      anomalies: [{ key: "other" }],
    });
  });
});

test("the same history gives the same answer", async () => {
  const events = history(...write(0, 1), ["invoke", 5, "write", 9], ...write(1, 2), ...read(2, 1));
  const [first, second] = [await judge(register(), events), await judge(register(), events)];
  expect({ ...second, elapsedMs: 0 }).toEqual({ ...first, elapsedMs: 0 });
});
