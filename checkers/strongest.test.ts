/**
 * The strongest level: what is asked and what follows, how time is shared, and what is said of what
 * stays open.
 */
import { describe, expect, test } from "vitest";
import { createBudget, type Budget } from "../src/checker/checker.js";
import { HarnessError } from "../src/errors.js";
import { historyOf } from "../src/history/history.js";
import type { LevelName } from "../src/consistency/level.js";
import { register } from "../src/model/register.js";
import type { VerdictKind } from "../src/verdict/verdict.js";
import { causal } from "./causal.js";
import { linearizable } from "./linearizable.js";
import { sequential } from "./sequential.js";
import { sessions } from "./sessions.js";
import { strongest, type Question } from "./strongest.js";

const ALL: readonly LevelName[] = [
  "linearizable",
  "sequential",
  "causal-convergence",
  "causal-memory",
  "causal",
  "pram",
  "session-guarantees",
  "read-your-writes",
  "monotonic-reads",
];

/** Asks checkers that answer as they are told to; also says who was asked, with how much time. */
async function ask(
  answers: { readonly [level in LevelName]?: VerdictKind },
  budget: Budget = createBudget(),
) {
  const asked: string[] = [];
  const times: number[] = [];
  const question = (level: LevelName): Question => ({
    level,
    dear: level === "sequential",
    checker: {
      name: level,
      description: "answers as it is told to",
      check: (_, { timeMs }) => {
        asked.push(level);
        times.push(timeMs);
        const verdict = answers[level] ?? "unknown";
        const anomaly = { kind: `${level}-broken`, message: `${level} is broken.`, operations: [] };
        return {
          verdict,
          checker: level,
          reason: `${level} is ${verdict}.`,
          operations: 0,
          elapsedMs: 1,
          anomalies: verdict === "invalid" ? [anomaly] : [],
        };
      },
    },
  });
  const verdict = await strongest({ levels: ALL.map(question) }).check(historyOf([]), budget);
  return { verdict, asked, times };
}

describe("what follows is not asked", () => {
  test("everything, when the top holds", async () => {
    const { verdict, asked } = await ask({ linearizable: "valid" });
    expect(asked).toEqual(["linearizable"]);
    expect(verdict.verdict).toBe("valid");
    expect(verdict.details?.["strongest"]).toEqual(["linearizable"]);
    expect(verdict.reason).toBe("Strongest of what holds: linearizable.");
  });

  test("what is above something broken, and what is below something that holds", async () => {
    const { verdict, asked } = await ask({
      linearizable: "invalid",
      "causal-convergence": "invalid",
      "causal-memory": "valid",
      "session-guarantees": "invalid",
      "read-your-writes": "invalid",
      "monotonic-reads": "valid",
    });
    expect(asked).toEqual([
      "linearizable",
      "causal-convergence",
      "causal-memory",
      "session-guarantees",
      "read-your-writes",
      "monotonic-reads",
    ]);
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.details?.["strongest"]).toEqual(["causal-memory", "monotonic-reads"]);
    expect(verdict.details?.["next"]).toEqual(["read-your-writes"]);
    expect(verdict.anomalies.map(({ kind }) => kind)).toEqual(["read-your-writes-broken"]);
    expect(verdict.anomalies[0]?.details?.["breaks"]).toBe("read-your-writes");
    expect(verdict.reason).toBe(
      "Strongest of what holds: causal-memory and monotonic-reads. Broken: read-your-writes " +
        "(read-your-writes-broken), and with it linearizable, sequential, causal-convergence and session-guarantees.",
    );
    const levels = verdict.details?.["levels"] as readonly { level: string; follows: string }[];
    const follows = Object.fromEntries(levels.map(({ level, follows: from }) => [level, from]));
    expect(follows).toMatchObject({
      sequential: "causal-convergence",
      causal: "causal-memory",
      pram: "causal-memory",
      "causal-memory": null,
    });
  });

  test("the dear level comes after those that can refute it", async () => {
    const { asked } = await ask({
      linearizable: "invalid",
      "causal-convergence": "valid",
      "causal-memory": "valid",
      sequential: "valid",
    });
    expect(asked).toEqual(["linearizable", "causal-convergence", "causal-memory", "sequential"]);
  });
});

describe("what stays open is said", () => {
  test("unknown at the top, although all below holds", async () => {
    const { verdict } = await ask({
      "causal-convergence": "valid",
      "causal-memory": "valid",
      sequential: "valid",
    });
    expect(verdict.verdict).toBe("unknown");
    expect(verdict.reason).toBe("Strongest of what holds: sequential. Undecided: linearizable.");
    expect(verdict.details?.["undecided"]).toEqual(["linearizable"]);
  });

  test("what is undecided by itself may follow from others", async () => {
    const { verdict } = await ask({ pram: "invalid", "session-guarantees": "valid" });
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.details?.["next"]).toEqual(["pram"]);
    expect(verdict.details?.["undecided"]).toEqual(["causal-convergence", "causal"]);
    expect(verdict.reason).toContain("with it linearizable, sequential and causal-memory");
  });

  test("each question may take half of the time that is left, the last all of it", async () => {
    const { times } = await ask({}, { timeMs: 1024, memoryBytes: 1e9, nowMs: () => 0 });
    expect(times).toEqual([512, 512, 512, 512, 512, 512, 512, 512, 1024]);
  });

  test("a level that cannot read what the first can is open, not an error", async () => {
    const strict: Question = {
      level: "k-atomicity",
      checker: {
        name: "k-atomicity",
        description: "refuses",
        check: () => {
          throw new HarnessError("bad-argument", "it reads registers");
        },
      },
    };
    const checker = linearizable({ model: register() });
    const write = { process: 0, f: "write", value: 1, timeNs: 0 };
    const lost = { process: 0, f: "read", value: null, timeNs: 1 };
    const history = historyOf([
      { ...write, type: "invoke" },
      { ...write, type: "ok" },
      { ...lost, type: "invoke" },
      { ...lost, type: "ok" },
    ]);
    const levels: readonly Question[] = [{ level: "linearizable", checker }, strict];
    const verdict = await strongest({ levels }).check(history, createBudget());
    expect(verdict.parts?.["k-atomicity"]?.reason).toContain("it reads registers");
    const first = strongest({ levels: [strict] }).check(history, createBudget());
    await expect(first).rejects.toThrow("it reads registers");
  });
});

test("real checkers: a write that is forgotten, then seen", async () => {
  const model = register();
  const levels: readonly Question[] = [
    { level: "linearizable", checker: linearizable({ model }) },
    { level: "sequential", checker: sequential({ model }), dear: true },
    { level: "causal-memory", checker: causal({ model, level: "causal-memory" }) },
    { level: "pram", checker: causal({ model, level: "pram" }) },
    { level: "monotonic-reads", checker: sessions({ model, guarantees: ["monotonic-reads"] }) },
  ];
  const event = (process: number, f: string, value: number | null, timeNs: number) => [
    { process, f, value: f === "read" ? null : value, timeNs, type: "invoke" as const },
    { process, f, value, timeNs: timeNs + 1, type: "ok" as const },
  ];
  const history = historyOf([
    ...event(0, "write", 1, 0),
    ...event(1, "read", null, 2),
    ...event(1, "read", 1, 4),
  ]);
  const verdict = await strongest({ levels }).check(history, createBudget());
  expect(verdict.details?.["strongest"]).toEqual(["sequential"]);
  expect(verdict.details?.["next"]).toEqual(["linearizable"]);
  expect(verdict.certificate?.kind).toBe("non-linearizable");
});
