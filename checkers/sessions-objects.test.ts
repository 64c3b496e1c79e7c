/**
 * Session guarantees of objects that are no registers: each broken by a pair of operations, which
 * the evidence names.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { counter } from "../src/model/counter.js";
import { fifoQueue } from "../src/model/fifo-queue.js";
import { log } from "../src/model/log.js";
import type { Model } from "../src/model/model.js";
import { set } from "../src/model/set.js";
import type { SessionGuarantee } from "../src/verdict/certificate.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { SESSION_GUARANTEES, sessions } from "./sessions.js";

type Call = readonly [process: number, f: string, input: Value, output: Value];

/** The same model, which does not say of what type it is, so that there is only the search. */
function searched(model: Model): Model {
  const { type: _, ...rest } = model;
  return rest;
}

function history(...calls: readonly Call[]): History {
  return historyOf(
    calls.flatMap(([process, f, input, output], timeNs): NewEvent[] => [
      { process, f, timeNs, type: "invoke", value: input },
      { process, f, timeNs, type: "ok", value: output },
    ]),
  );
}

/** A light that may be switched on, and then stays on. */
const light: Model = {
  name: "light",
  options: {},
  initial: () => "off",
  step: (state, { f, output, outcome }) => {
    if (f === "switch-on") return ["on"];
    return outcome === "info" || output === state ? [state] : [];
  },
  readOnly: ({ f }) => f === "look",
};

/** Histories, the invocations that break them, and which of the four hold alone. */
const CASES: readonly (readonly [string, Model, History, readonly number[], string])[] = [
  [
    "an own element that is not there",
    searched(set()),
    history([0, "add", "a", "a"], [1, "add", "b", "b"], [0, "read", null, ["b"]]),
    [0, 4],
    "-+++",
  ],
  [
    "an element that is no longer there",
    searched(set()),
    history([0, "add", "a", "a"], [1, "contains", "a", true], [1, "contains", "a", false]),
    [2, 4],
    "+-++",
  ],
  [
    "a count that goes back",
    counter(),
    history([0, "add", 1, 1], [1, "read", null, 1], [1, "read", null, 0]),
    [2, 4],
    "+-++",
  ],
  [
    "entries of one process, backwards",
    searched(log()),
    history([0, "append", "a", "a"], [0, "append", "b", "b"], [1, "read", null, ["b", "a"]]),
    [0, 4],
    "++-+",
  ],
  [
    "an answer before its question",
    searched(log()),
    history(
      [0, "append", "question", "question"],
      [1, "read", null, ["question"]],
      [1, "append", "answer", "answer"],
      [2, "read", null, ["answer", "question"]],
    ),
    [2, 6],
    "+++-",
  ],
  [
    "a queue that does not have what was put into it",
    fifoQueue(),
    history([0, "enqueue", 1, 1], [0, "dequeue", null, null]),
    [0, 2],
    "-+++",
  ],
  [
    "a model of a user",
    light,
    history([0, "switch-on", null, null], [1, "look", null, "on"], [1, "look", null, "off"]),
    [2, 4],
    "+-++",
  ],
];

describe.each(CASES)("%s", (_, model, of, required, holds) => {
  const asked = [...SESSION_GUARANTEES.map((each) => [each]), SESSION_GUARANTEES];
  const cases = asked.map((guarantees, at): [string, readonly SessionGuarantee[], boolean] => [
    guarantees.join(),
    guarantees,
    holds[at] === "+",
  ]);
  test.each(cases)("%s", async (_name, guarantees, isKept) => {
    const budget = createBudget();
    const verdict = await sessions({ model, guarantees }).check(of, budget);
    expect(verdict.verdict, verdict.reason).toBe(isKept ? "valid" : "invalid");
    const { certificate } = verdict;
    if (certificate === undefined) expect.fail("no certificate");
    const about = { history: of, model, budget };
    expect(verifyCertificate({ ...about, certificate })).toMatchObject({ confirmed: true });
    if (isKept) return;
    if (certificate.kind !== "unexplained") expect.fail(certificate.kind);
    if (guarantees.length === 1) expect(certificate.required).toEqual(required);
    for (const left of certificate.required) {
      const fewer = certificate.required.filter((each) => each !== left);
      const forged = { ...certificate, required: fewer };
      expect(verifyCertificate({ ...about, certificate: forged })).toMatchObject({
        confirmed: false,
      });
    }
  });
});

test("evidence that was tampered with is refused", async () => {
  const of = history(
    [0, "append", "a", "a"],
    [1, "append", "b", "b"],
    [0, "read", null, ["a"]],
    [1, "read", null, ["b"]],
    [0, "read", null, ["b", "a"]],
    [1, "read", null, ["b", "a"]],
  );
  const budget = createBudget();
  const model = searched(log());
  const { certificate } = await sessions({ model }).check(of, budget);
  if (certificate?.kind !== "visibility") expect.fail("no visibility");
  const confirms = (changed: typeof certificate): boolean =>
    verifyCertificate({ certificate: changed, history: of, model, budget }).confirmed;
  expect(confirms(certificate)).toBe(true);
  expect(confirms({ ...certificate, arbitration: [0, 2] })).toBe(false);
  expect(confirms({ ...certificate, arbitration: [2] })).toBe(false);
  for (const at of certificate.sees.keys()) {
    const sees = certificate.sees.toSpliced(at, 1);
    expect(confirms({ ...certificate, sees })).toBe(false);
  }
});
