/**
 * Causal consistency of logs, counters, sets and stores: what separates the levels there, what is
 * named, and that the verifier refuses evidence that was tampered with.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { counter } from "../src/model/counter.js";
import { kv } from "../src/model/kv.js";
import { log } from "../src/model/log.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";
import { set } from "../src/model/set.js";
import type { Certificate } from "../src/verdict/certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { causal } from "./causal.js";
import type { CausalLevel } from "./causal/decide.js";

type Call = readonly [process: number, f: string, input: Value, output: Value, key?: string];

/** The same model, which does not say of what type it is, so that there is only the search. */
function searched(model: Model): Model {
  const { type: _, ...rest } = model;
  return rest;
}

function history(...calls: readonly Call[]): History {
  return historyOf(
    calls.flatMap(([process, f, input, output, key], timeNs): NewEvent[] => {
      const about = { process, f, timeNs, ...(key === undefined ? {} : { key }) };
      return [
        { ...about, type: "invoke", value: input },
        { ...about, type: "ok", value: output },
      ];
    }),
  );
}

function ask(model: Model, level: CausalLevel, of: History): Promise<Verdict> {
  return Promise.resolve(causal({ model, level }).check(of, createBudget()));
}

const ALL: readonly CausalLevel[] = ["causal", "causal-convergence", "causal-memory", "pram"];

/** Histories with what each of the four levels says. */
const CASES: readonly (readonly [string, Model, History, string])[] = [
  [
    "entries of one process, in its order",
    searched(log()),
    history([0, "append", "a", "a"], [0, "append", "b", "b"], [1, "read", null, ["a", "b"]]),
    "++++",
  ],
  [
    "entries of one process, backwards",
    searched(log()),
    history([0, "append", "a", "a"], [0, "append", "b", "b"], [1, "read", null, ["b", "a"]]),
    "----",
  ],
  [
    "entries of two processes, read in both orders",
    searched(log()),
    history(
      [0, "append", "a", "a"],
      [1, "append", "b", "b"],
      [2, "read", null, ["a", "b"]],
      [3, "read", null, ["b", "a"]],
    ),
    "+-++",
  ],
  [
    "an answer that is seen without the question",
    searched(set()),
    history(
      [0, "add", "question", "question"],
      [1, "read", null, ["question"]],
      [1, "add", "answer", "answer"],
      [2, "read", null, ["answer"]],
    ),
    "---+",
  ],
  [
    "a count that goes back",
    counter(),
    history([0, "add", 1, 1], [1, "read", null, 1], [1, "read", null, 0]),
    "----",
  ],
  [
    "counts that only lag behind",
    counter(),
    history([0, "add", 1, 1], [1, "add", 2, 2], [0, "read", null, 1], [1, "read", null, 2]),
    "++++",
  ],
  [
    "appends to two keys, each read without the other",
    kv(),
    history(
      [0, "append", "a", "a", "x"],
      [1, "append", "b", "b", "y"],
      [2, "get", null, "a", "x"],
      [2, "get", null, null, "y"],
      [3, "get", null, "b", "y"],
      [3, "get", null, null, "x"],
    ),
    "++++",
  ],
  [
    "appends to two keys, the second seen without the first",
    kv(),
    history(
      [0, "append", "a", "a", "x"],
      [0, "append", "b", "b", "y"],
      [1, "get", null, "b", "y"],
      [1, "get", null, null, "x"],
    ),
    "----",
  ],
];

describe.each(CASES)("%s", (_, model, of, expected) => {
  test.each(ALL.map((level, at) => [level, expected[at] === "+"] as const))(
    "%s: %s",
    async (level, holds) => {
      const verdict = await ask(model, level, of);
      expect(verdict.verdict, verdict.reason).toBe(holds ? "valid" : "invalid");
      const { certificate } = verdict;
      if (certificate === undefined) expect.fail("no certificate");
      expect(confirms(certificate, model, of)).toBe(true);
      if (certificate.kind !== "unexplained") return;
      // Minimal: without any one of them the rest can be explained.
      for (const left of certificate.required) {
        const required = certificate.required.filter((each) => each !== left);
        expect(confirms({ ...certificate, required }, model, of)).toBe(false);
      }
    },
  );
});

test("the violation names its operations", async () => {
  const [, model, of] = CASES[3] as (typeof CASES)[number];
  const { anomalies } = await ask(model, "causal", of);
  expect(anomalies.map(({ kind }) => kind)).toEqual(["causal-violation"]);
  expect(anomalies[0]?.message).toContain('process 2: read → ["answer"] (event 6)');
});

test("an indeterminate operation after reads of its process is seen without them", async () => {
  const { type: _, ...model } = register();
  const before = history(
    [1, "write", 1, 1, "x"],
    [2, "write", 2, 2, "x"],
    [1, "read", null, 2, "x"],
    [1, "read", null, null, "y"],
    [2, "read", null, 1, "x"],
  );
  const events = [...before.invocations()].flatMap((index): NewEvent[] => [
    before.event(index),
    before.event(index + 1),
  ]);
  const late = { process: 1, f: "write", key: "y", value: 6, timeNs: 9 } as const;
  const of = historyOf([...events, { ...late, type: "invoke" }, { ...late, type: "info" }]);
  const { verdict, certificate } = await ask(model, "causal-memory", of);
  expect(verdict).toBe("valid");
  if (certificate?.kind !== "visibility") expect.fail("no visibility");
  expect(confirms(certificate, model, of)).toBe(true);
});

test("evidence that was tampered with is refused", async () => {
  const [, model, of] = CASES[2] as (typeof CASES)[number];
  const { certificate } = await ask(model, "causal", of);
  if (certificate?.kind !== "visibility") expect.fail("no visibility");
  expect(confirms(certificate, model, of)).toBe(true);
  for (const [at, { of: seer, order }] of certificate.sees.entries()) {
    expect(confirms({ ...certificate, sees: certificate.sees.toSpliced(at, 1) }, model, of)).toBe(
      false,
    );
    if (order.length < 2) continue;
    for (const changed of [order.slice(1), order.toReversed(), [...order, seer]]) {
      const sees = certificate.sees.with(at, { of: seer, order: changed });
      expect(confirms({ ...certificate, sees }, model, of)).toBe(false);
    }
  }
  const converging = {
    ...certificate,
    promise: "causal-convergence",
    arbitration: [0, 2],
  } as const;
  expect(confirms(converging, model, of)).toBe(false);
});

test("too long a history is unknown, and says so", async () => {
  const calls = Array.from({ length: 500 }, (_, at): Call => [at % 3, "append", at, at]);
  const of = history(...calls, [3, "read", null, [1, 0]], [4, "read", null, [0, 1]]);
  const { verdict, reason } = await ask(searched(log()), "causal", of);
  expect(verdict).toBe("unknown");
  expect(reason).toContain("is not searched for causal");
});

test("an order that was searched for in vain is searched for again only with more", async () => {
  let steps = 0;
  const plain = searched(log());
  const model: Model = {
    ...plain,
    step: (state, operation) => {
      steps++;
      return plain.step(state, operation);
    },
  };
  const asked = async (of: History, memoryBytes?: number): Promise<[Verdict, number]> => {
    steps = 0;
    const budget = createBudget(memoryBytes === undefined ? {} : { memoryBytes });
    return [await causal({ model, level: "causal" }).check(of, budget), steps];
  };
  const calls = ["a", "b", "c", "d"].map((entry, at): Call => [at, "append", entry, entry]);
  const wrong = history(...calls, [5, "read", null, ["a", "b"]], [6, "read", null, ["b", "a"]]);
  const [first, stepsOfFirst] = await asked(wrong);
  const [second, stepsOfSecond] = await asked(wrong);
  expect([second.verdict, second.certificate]).toEqual([first.verdict, first.certificate]);
  expect(stepsOfSecond).toBeLessThan(stepsOfFirst);
  const right = history(...calls, [5, "read", null, ["d", "c", "b", "a"]]);
  const [poor] = await asked(right, 1_000);
  expect(poor.verdict).toBe("unknown");
  const [rich] = await asked(right);
  expect(rich.certificate?.kind).toBe("sequential-order");
});

function confirms(certificate: Certificate, model: Model, of: History): boolean {
  return verifyCertificate({ certificate, history: of, model, budget: createBudget() }).confirmed;
}
