/**
 * Sequential consistency on histories that a reader can judge, each accepted one beside a rejected
 * one; what ends early; and the verifier, on right and on forged evidence.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { kv } from "../src/model/kv.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";
import type {
  Certificate,
  NonSequentialCertificate,
  SequentialOrderCertificate,
} from "../src/verdict/certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { linearizable } from "./linearizable.js";
import { sequential } from "./sequential.js";

type Line = readonly [NewEvent["type"], number, string, Value, (string | undefined)?];

function history(...lines: readonly Line[]): History {
  return historyOf(lines.map((line, timeNs) => eventOf(line, timeNs)));
}

function eventOf([type, process, f, value, key]: Line, timeNs: number): NewEvent {
  const event: NewEvent = { type, process, f, value, timeNs };
  return key === undefined ? event : { ...event, key };
}

const write = (process: number, value: Value, key?: string): Line[] => [
  ["invoke", process, "write", value, key],
  ["ok", process, "write", value, key],
];
const read = (process: number, value: Value, key?: string): Line[] => [
  ["invoke", process, "read", null, key],
  ["ok", process, "read", value, key],
];

async function judge(model: Model, events: History): Promise<Verdict> {
  return sequential({ model }).check(events, createBudget());
}

function verify(certificate: Certificate, events: History, model: Model): string {
  const budget = createBudget();
  const { confirmed, reason } = verifyCertificate({ certificate, history: events, model, budget });
  return confirmed ? "confirmed" : reason;
}

// Process 0: x := 1, y?   Process 1: y := 1, x?
const storeBuffering = (seenY: Value, seenX: Value): History =>
  history(...write(0, 1, "x"), ...write(1, 1, "y"), ...read(0, seenY, "y"), ...read(1, seenX, "x"));

describe("accepts and rejects", () => {
  test("store buffering: right for each key alone, and not for both", async () => {
    const model = kv();
    const both = await judge(model, storeBuffering(null, null));
    expect(both.verdict).toBe("invalid");
    expect(both.anomalies[0]?.operations).toEqual([0, 2, 4, 6]);
    const certificate = both.certificate as Certificate;
    expect(certificate).toMatchObject({ kind: "non-sequential", minimal: true });
    expect(verify(certificate, storeBuffering(null, null), model)).toBe("confirmed");
    expect((await judge(model, storeBuffering(1, null))).verdict).toBe("valid");
    for (const key of ["x", "y"]) {
      const alone = history(...write(0, 1, key), ...read(1, null, key));
      expect((await judge(model, alone)).verdict).toBe("valid");
    }
  });

  test("real time between processes does not count, a process's own order does", async () => {
    const late = history(...write(0, 1), ...read(1, null));
    expect((await judge(register(), late)).verdict).toBe("valid");
    const budget = createBudget();
    expect((await linearizable({ model: register() }).check(late, budget)).verdict).toBe("invalid");
    expect((await judge(register(), history(...write(0, 1), ...read(0, null)))).verdict).toBe(
      "invalid",
    );
  });

  test("message passing: who saw the flag sees the message", async () => {
    const passing = (seen: Value): History =>
      history(
        ...write(0, "message", "data"),
        ...write(0, "set", "flag"),
        ...read(1, "set", "flag"),
        ...read(1, seen, "data"),
      );
    expect((await judge(kv(), passing("message"))).verdict).toBe("valid");
    expect((await judge(kv(), passing(null))).verdict).toBe("invalid");
  });

  test("independent reads of independent writes: all see them in one order", async () => {
    const reads = (process: number, first: string, then: string, seen: Value): Line[] => [
      ...read(process, 1, first),
      ...read(process, seen, then),
    ];
    const iriw = (seen: Value): History =>
      history(
        ...write(0, 1, "x"),
        ...write(1, 1, "y"),
        ...reads(2, "x", "y", null),
        ...reads(3, "y", "x", seen),
      );
    expect((await judge(kv(), iriw(1))).verdict).toBe("valid");
    expect((await judge(kv(), iriw(null))).verdict).toBe("invalid");
  });

  test("an indeterminate write may come late, or never", async () => {
    const lost: Line[] = [
      ["invoke", 0, "write", 1],
      ["info", 0, "write", null],
    ];
    expect((await judge(register(), history(...lost, ...read(1, null)))).verdict).toBe("valid");
    const seen = history(...lost, ...read(1, null), ...read(1, 1));
    expect((await judge(register(), seen)).verdict).toBe("valid");
    const gone = history(...lost, ...read(1, 1), ...read(1, null));
    expect((await judge(register(), gone)).verdict).toBe("invalid");
  });
});

describe("decides nothing", () => {
  test("when nothing completed", async () => {
    const nothing = history(["invoke", 0, "write", 1], ["info", 0, "write", null]);
    expect((await judge(register(), nothing)).verdict).toBe("unknown");
    const checker = sequential({ model: register(), nothingCompleted: "valid" });
    expect((await checker.check(nothing, createBudget())).verdict).toBe("valid");
    expect((await checker.check(history(), createBudget())).verdict).toBe("unknown");
  });

  test("beyond its budget, and says what to change", async () => {
    let now = 0;
    const budget = { timeMs: 5, memoryBytes: 2 ** 30, nowMs: () => now++ };
    // Every order of the appends is another state, and none is what was read.
    const texts: Model = {
      name: "texts",
      options: {},
      initial: () => "",
      step: (text, { f, input, output, outcome }) => {
        if (f === "write") return [`${text as string}${input as number}.`];
        return outcome === "info" || output === text ? [text] : [];
      },
    };
    const writes = Array.from({ length: 12 }, (_, process) => write(process, process)).flat();
    const wrong = history(...writes, ...read(20, "nothing like it"));
    const verdict = await sequential({ model: texts }).check(wrong, budget);
    expect(verdict).toMatchObject({ verdict: "unknown" });
    expect(verdict.reason).toMatch(/^Undecided: out of time.*Raise --time-budget/);
    const small = { timeMs: Infinity, memoryBytes: 1000, nowMs: () => 0 };
    const starved = await sequential({ model: texts }).check(wrong, small);
    expect(starved.reason).toMatch(/^Undecided: out of memory.*Raise --memory-budget/);
  });
});

describe("the verifier", () => {
  const events = history(
    ...write(0, 1), // 0
    ...write(0, 2), // 2
    ...read(1, 1), // 4
    ["invoke", 2, "write", 3], // 6
    ["fail", 2, "write", 3],
    ["invoke", 1, "write", 4], // 8
    ["info", 1, "write", null],
  );
  const order = (...indices: readonly number[]): SequentialOrderCertificate => ({
    kind: "sequential-order",
    model: { name: "register", options: register().options },
    order: indices,
  });

  test.each<[string, SequentialOrderCertificate, string]>([
    ["a right order", order(0, 4, 2), "confirmed"],
    ["one with the indeterminate write", order(0, 4, 2, 8), "confirmed"],
    ["one against the model", order(0, 2, 4), "refuses operation 4"],
    ["one against a process", order(2, 0, 4), "which its process did first"],
    ["an indeterminate write before its process's read", order(8, 0, 4, 2), "did first"],
    ["one that lacks an operation", order(0, 4), "is not in the order"],
    ["one that has an operation twice", order(0, 4, 4, 2), "in the order twice"],
    ["one with what failed", order(0, 4, 2, 6), "failed"],
    ["one with what is not there", order(0, 4, 2, 99), "no event 99"],
  ])("%s", (_, certificate, expected) => {
    expect(verify(certificate, events, register())).toContain(expected);
  });

  const wrong = history(
    ...write(0, 1), // 0
    ...write(0, 2), // 2
    ...read(1, 2), // 4
    ...read(1, 1), // 6
    ...write(2, 3), // 8
    ["invoke", 3, "write", 4], // 10
    ["info", 3, "write", null],
  );
  const refutation = (
    change: Partial<NonSequentialCertificate> = {},
  ): NonSequentialCertificate => ({
    kind: "non-sequential",
    model: { name: "register", options: register().options },
    values: [1, 2],
    required: [2, 4, 6],
    forgotten: [0],
    minimal: false,
    ...change,
  });

  test("what a checker finds", async () => {
    const { certificate } = await judge(register(), wrong);
    expect(verify(certificate as Certificate, wrong, register())).toBe("confirmed");
  });

  test.each<[string, Partial<NonSequentialCertificate>, string]>([
    ["all of it", { required: [0, 2, 4, 6], forgotten: [] }, "confirmed"],
    [
      "without a projection",
      { values: undefined as never, required: [0, 2, 4, 6], forgotten: [8, 10] },
      "confirmed",
    ],
    ["too little", { required: [4, 6], forgotten: [0, 2] }, "can be ordered"],
    ["a forgotten write left out", { required: [2, 4, 6], forgotten: [] }, "may change"],
    ["what is about another value", { required: [0, 2, 4, 6, 8], forgotten: [] }, "is about none"],
    ["one in both lists", { required: [0, 2, 4, 6], forgotten: [0] }, "is named twice"],
    ["nothing", { required: [], forgotten: [0, 2] }, "No operation is required"],
    ["what did not complete", { values: [4], required: [10], forgotten: [] }, "did not complete"],
    [
      "more than is needed, called minimal",
      { values: [1, 2, 3], required: [0, 2, 4, 6, 8], forgotten: [], minimal: true },
      "is not needed",
    ],
    ["another model", { model: { name: "register", options: {} } }, "is about the model"],
  ])("a refutation of %s", (_, change, expected) => {
    const { values, ...rest } = refutation(change);
    const certificate = values === undefined ? rest : { ...rest, values };
    expect(verify(certificate, wrong, register())).toContain(expected);
  });

  test("a refutation of a right history is refused", () => {
    const right = history(...write(0, 1), ...write(0, 2), ...read(1, 1), ...read(1, 2));
    expect(
      verify(refutation({ required: [0, 2, 4, 6], forgotten: [] }), right, register()),
    ).toContain("can be ordered");
  });
});
