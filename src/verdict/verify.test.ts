/**
 * The verifier believes right certificates and refuses wrong ones: mutations of right ones, and
 * forgeries.
 */
import { expect, test } from "vitest";
import { historyOf, type History, type NewEvent } from "../history/history.js";
import type { Value } from "../history/value.js";
import { casRegister } from "../model/cas-register.js";
import { kv } from "../model/kv.js";
import type { Model } from "../model/model.js";
import { register } from "../model/register.js";
import type {
  Certificate,
  LinearizationCertificate,
  NonLinearizableCertificate,
} from "./certificate.js";
import { verifyCertificate, type Verification, type VerificationBudget } from "./verify.js";

const unlimited: VerificationBudget = { timeMs: Infinity, memoryBytes: Infinity, nowMs: () => 0 };

type Line = readonly [NewEvent["type"], NewEvent["process"], string, Value, string?];

function history(...lines: readonly Line[]): History {
  return historyOf(lines.map((line) => eventOf(line)));
}

function eventOf([type, process, f, value, key]: Line): NewEvent {
  const event: NewEvent = { type, process, f, value, timeNs: 0 };
  return key === undefined ? event : { ...event, key };
}

function verify(certificate: Certificate, of: History, model: Model): Verification {
  return verifyCertificate({ certificate, history: of, model, budget: unlimited });
}

// Key x: a write, a read beside a second write, an indeterminate write that was read; key y: one
// write.
const right = history(
  ["invoke", 0, "put", 1, "x"], // 0
  ["ok", 0, "put", 1, "x"],
  ["invoke", 0, "put", 2, "x"], // 2
  ["invoke", 1, "get", null, "x"], // 3
  ["ok", 1, "get", 1, "x"],
  ["ok", 0, "put", 2, "x"],
  ["invoke", 2, "put", 3, "x"], // 6
  ["info", 2, "put", null, "x"],
  ["invoke", 1, "get", null, "x"], // 8
  ["ok", 1, "get", 3, "x"],
  ["invoke", 3, "put", 4, "y"], // 10
  ["ok", 3, "put", 4, "y"],
  ["invoke", 4, "put", 5, "y"], // 12
  ["fail", 4, "put", 5, "y"],
  ["invoke", "nemesis", "crash", null], // 14
);

const order = (x: number[], y: number[]): LinearizationCertificate => ({
  kind: "linearization",
  model: { name: "kv", options: kv().options },
  parts: [
    { part: "x", order: x },
    { part: "y", order: y },
  ],
});

test("a right order is confirmed", () => {
  expect(verify(order([0, 3, 2, 6, 8], [10]), right, kv())).toEqual({
    confirmed: true,
    reason: "An order of 6 operations in 2 parts respects real time, and the model kv accepts it.",
  });
});

test("one order of all parts together is confirmed part by part", () => {
  const together = (indices: number[]): LinearizationCertificate => ({
    ...order([], []),
    allParts: true,
    parts: [{ part: null, order: indices }],
  });
  expect(verify(together([0, 3, 2, 6, 8, 10]), right, kv())).toEqual({
    confirmed: true,
    reason:
      "An order of 6 operations over all parts respects real time, and the model kv accepts it.",
  });
  expect(verify(together([0, 2, 3, 6, 8, 10]), right, kv()).reason).toContain(
    "refuses operation 3",
  );
  // Right in each part, but against real time between them.
  expect(verify(together([10, 0, 3, 2, 6, 8]), right, kv()).reason).toContain("which had ended");
  const two = { ...together([0, 3, 2, 6, 8]), parts: order([0, 3, 2, 6, 8], [10]).parts };
  expect(verify(two, right, kv()).reason).toContain("is one order");
});

test.each<[string, Certificate, string]>([
  ["drops an operation", order([0, 3, 6, 8], [10]), "completed but is in no order"],
  ["drops an indeterminate one that was seen", order([0, 3, 2, 8], [10]), "refuses operation 8"],
  ["swaps two against real time", order([3, 0, 2, 6, 8], [10]), "which had ended"],
  ["swaps two against the model", order([0, 2, 3, 6, 8], [10]), "refuses operation 3"],
  ["has one twice", order([0, 3, 2, 6, 8, 8], [10]), "in the order twice"],
  ["has an indeterminate one twice", order([0, 3, 2, 6, 6, 8], [10]), "in the order twice"],
  ["has one that failed", order([0, 3, 2, 6, 8], [10, 12]), "failed, so that it has no place"],
  ["has one of another part", order([0, 3, 2, 6, 8, 10], []), "of the part"],
  ["has one of the nemesis", order([0, 3, 2, 6, 8, 14], [10]), "not the invocation of a client"],
  ["has a completion", order([0, 1, 3, 2, 6, 8], [10]), "not the invocation of a client"],
  ["has what is not there", order([0, 3, 2, 6, 8, 99], [10]), "no event 99"],
  ["has no index at all", order([0, 3, 2, 6, 8, 0.5], [10]), "no event 0.5"],
  ["drops a part", { ...order([0, 3, 2, 6, 8], []), parts: [] }, "completed but is in no order"],
  [
    "has a part twice",
    {
      ...order([], []),
      parts: [
        { part: "x", order: [0, 3, 2, 6, 8] },
        { part: "x", order: [] },
      ],
    },
    "ordered twice",
  ],
  [
    "is about another model",
    { ...order([0, 3, 2, 6, 8], [10]), model: { name: "kv", options: {} } },
    "is about the model",
  ],
  [
    "is of an unknown kind",
    { ...order([], []), kind: "faith" } as never,
    "no certificate of the kind",
  ],
])("an order that %s is refused", (_, certificate, reason) => {
  const { confirmed, reason: given } = verify(certificate, right, kv());
  expect({ confirmed, given }).toEqual({
    confirmed: false,
    given: expect.stringContaining(reason),
  });
});

// Two writes one after the other, and a read of the first; beside them an indeterminate write, a
// read, a failed write.
const wrong = history(
  ["invoke", 5, "write", 9], // 0, never completes
  ["invoke", 0, "write", 1], // 1
  ["ok", 0, "write", 1],
  ["invoke", 0, "write", 2], // 3
  ["invoke", 4, "read", null], // 4
  ["ok", 4, "read", 2],
  ["ok", 0, "write", 2],
  ["invoke", 3, "write", 1], // 7
  ["fail", 3, "write", 1],
  ["invoke", 1, "read", null], // 9
  ["ok", 1, "read", 1],
  ["invoke", 2, "write", 7], // 11
  ["ok", 2, "write", 7],
);

const refutation = (
  change: Partial<NonLinearizableCertificate> = {},
): NonLinearizableCertificate => ({
  kind: "non-linearizable",
  model: { name: "register", options: register().options },
  part: null,
  required: [1, 3, 9],
  forgotten: [0],
  minimal: true,
  ...change,
});

test("a right refutation is confirmed", () => {
  expect(verify(refutation(), wrong, register())).toEqual({
    confirmed: true,
    reason:
      "Confirmed: no order of 3 operations, with 1 others free to happen or not, is accepted by the model register, and each of them is needed.",
  });
  expect(verify(refutation({ minimal: false }), wrong, register()).confirmed).toBe(true);
  // A forgotten read changes nothing, and may be listed or not.
  expect(verify(refutation({ forgotten: [0, 4] }), wrong, register()).confirmed).toBe(true);
  const larger = refutation({ required: [1, 3, 4, 9], minimal: false });
  expect(verify(larger, wrong, register()).confirmed).toBe(true);
});

test.each<[string, Partial<NonLinearizableCertificate>, string]>([
  ["drops a required one", { required: [3, 9] }, "neither required nor forgotten"],
  ["forgets a required one", { required: [3, 9], forgotten: [0, 1] }, "can be ordered"],
  ["drops a forgotten one", { forgotten: [] }, "Operation 0 (write) may change"],
  ["requires what did not complete", { required: [0, 1, 3, 9], forgotten: [] }, "did not complete"],
  ["requires what failed", { required: [1, 3, 7, 9] }, "did not complete"],
  ["forgets what failed", { forgotten: [0, 7] }, "did not happen"],
  ["forgets what begins too late", { forgotten: [0, 11] }, "begins after the last"],
  ["has one in both", { forgotten: [0, 1] }, "both required and forgotten"],
  ["has one twice", { required: [1, 1, 3, 9] }, "not ascending"],
  ["requires nothing", { required: [] }, "No operation is required"],
  ["is of another part", { part: "x" }, "of the part"],
  ["is not as minimal as it says", { required: [1, 3, 4, 9] }, "is not needed"],
  ["has what is not there", { required: [1, 3, 9, 99] }, "no event 99"],
])("a refutation that %s is refused", (_, change, reason) => {
  const { confirmed, reason: given } = verify(refutation(change), wrong, register());
  expect({ confirmed, given }).toEqual({
    confirmed: false,
    given: expect.stringContaining(reason),
  });
});

test("a refutation of a right history is refused", () => {
  const certificate: NonLinearizableCertificate = {
    ...refutation({ part: "x", required: [0, 2, 3, 8], forgotten: [6], minimal: false }),
    model: { name: "kv", options: kv().options },
  };
  expect(verify(certificate, right, kv()).reason).toContain("can be ordered");
});

test("an observed failure may be required, and is left out when it is not", () => {
  const model = casRegister({ initial: 1, failedCas: "observe" });
  const observed = history(["invoke", 0, "cas", [1, 2]], ["fail", 0, "cas", [1, 2]]);
  const certificate: NonLinearizableCertificate = {
    ...refutation({ required: [0], forgotten: [] }),
    model: { name: model.name, options: model.options },
  };
  expect(verify(certificate, observed, model).confirmed).toBe(true);
  const ignoring = casRegister({ initial: 1 });
  const named = { ...certificate, model: { name: ignoring.name, options: ignoring.options } };
  expect(verify(named, observed, ignoring).reason).toContain("did not complete");
});

test("what a model's info leaves out is tried with the recorded result", () => {
  const model: Model = {
    ...register(),
    step: (state, operation) =>
      operation.f === "write" && operation.outcome === "info"
        ? [state]
        : register().step(state, operation),
  };
  const certificate = refutation({ required: [3, 9], forgotten: [0, 1], minimal: false });
  expect(verify(certificate, wrong, model).reason).toContain("can be ordered");
});

test("an ended budget is neither confirmed nor refuted", () => {
  let now = 0;
  const budgets: VerificationBudget[] = [
    { ...unlimited, timeMs: 1, nowMs: () => now++ * 10 },
    { ...unlimited, memoryBytes: 100 },
  ];
  for (const budget of budgets) {
    const request = { certificate: refutation(), history: wrong, model: register(), budget };
    expect(verifyCertificate(request)).toMatchObject({ confirmed: false, unknown: true });
  }
});

test("a refutation of many operations is searched too", () => {
  // A read of a value that nobody wrote, before more operations than fit into the arguments of a
  // call.
  const size = 150_000;
  const lines: Line[] = [
    ["invoke", 1, "read", null],
    ["ok", 1, "read", 2],
  ];
  for (let count = 0; count < size; count++) {
    lines.push(["invoke", 0, "write", 1], ["ok", 0, "write", 1]);
  }
  const long = historyOf(lines.map((line) => eventOf(line)));
  const certificate = {
    ...refutation({ required: Array.from({ length: size + 1 }, (_, i) => 2 * i), forgotten: [] }),
    minimal: false,
  };
  expect(verify(certificate, long, register())).toMatchObject({ confirmed: true });
});
