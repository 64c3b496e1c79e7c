/** What newcomers hand over by mistake is told in their words. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bank } from "../../../checkers/bank.js";
import { quorum } from "../../../backends/quorum.js";
import { partition } from "../../../nemeses/partition.js";
import { register as workload } from "../../../workloads/register.js";
import { HarnessError } from "../../errors.js";
import type { Value } from "../../history/value.js";
import { counter } from "../../model/counter.js";
import { register } from "../../model/register.js";
import * as testing from "../index.js";

/** As JavaScript sees them: without types. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const api = testing as unknown as { readonly [name: string]: (...given: unknown[]) => unknown };
const matchers = testing.ordealMatchers as unknown as typeof api;

const EVENTS = [
  { timeNs: 0, type: "invoke", process: 0, f: "read", value: null },
  { timeNs: 1, type: "ok", process: 0, f: "read", value: null },
];

async function errorOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("without arguments, or with wrong ones", () => {
  const withoutArguments = Object.keys(testing).filter(
    (name) =>
      ![
        "ContractViolation",
        "mustHold",
        "ordealMatchers",
        "modelStates",
        "createFakeCluster",
      ].includes(name),
  );
  test.each(withoutArguments)("%s says what it takes", async (name) => {
    const { message } = await errorOf(() => api[name]?.());
    expect(message).toMatch(/(?:takes an? |expected a model).* as in /);
    expect(message).not.toMatch(/[Cc]annot (?:read|destructure)|is not (?:a function|iterable)/);
  });

  test.each([
    ["a factory", register, /it was given the function register; call it: register\(\)/],
    ["a checker", bank(), /it was given an object with name, description, check \(bank\)/],
    ["a name", "register", /it was given "register"/],
    ["nothing", undefined, /as in await expect\(history\)\.to.*\(register\(\)\)/],
  ])("matchers say what they take, given %s", async (_, given, message) => {
    for (const name of [
      "toBeLinearizable",
      "toBeSequentiallyConsistent",
      "toBeCausallyConsistent",
    ] as const) {
      const error = await errorOf(() => matchers[name]?.call({}, EVENTS, given));
      expect(error).toBeInstanceOf(HarnessError);
      expect(error.message).toMatch(message);
      expect(error.message).toContain(`${name} takes a model`);
    }
    const other = given === register ? bank : given instanceof Object ? register() : given;
    const error = await errorOf(() => matchers["toKeep"]?.call({}, EVENTS, other));
    expect(error.message).toMatch(/^toKeep takes a checker, as in await expect\(history\)\.toKeep/);
  });

  test.each([
    [[1], /^event 0: type is missing; expected invoke, ok, fail, info, as in \{ timeNs: 0/],
    [[{ ...EVENTS[0], process: "0" }], /^event 0: process is "0"; expected a whole number/],
    [[EVENTS[0], { ...EVENTS[1], timeNs: undefined }], /^event 1: timeNs is missing/],
    [[EVENTS[0], EVENTS[0]], /^the events are no history: process 0 invokes read while its/],
    [Promise.resolve(EVENTS), /received a promise; await it first/],
    [{ history: EVENTS }, /an object with a history; give it its \.history/],
  ])("what is no history is told: %j", async (given, message) => {
    const error = await errorOf(() => api["assertLinearizable"]?.(given, register()));
    expect(error.message).toMatch(message);
  });

  const TEST = { system: () => quorum(), workload: () => workload() };
  test.each([
    [
      { ...TEST, system: quorum() },
      /^system is a function, as in ordealProperty\(\{ system: \(\) =>/,
    ],
    [{ ...TEST, system: () => quorum }, /^system makes a system.*has no connect\(\)/],
    [{ ...TEST, workload: register }, /^workload makes a workload.*has no generator\(\)/],
    [{ ...TEST, nemeses: [partition()] }, /^nemeses is a function, .*nemeses: \(\) => \[partition/],
    [{ ...TEST, nemeses: () => ["partition"] }, /^nemeses is a list of what makes nemeses, called/],
    [{ ...TEST, timeLimitMs: "5s" }, /^timeLimitMs is a whole number of at least 0; .*"5s"/],
    [{ ...TEST, ratePerSecond: -5 }, /^ratePerSecond is a number of at least 0; it was given -5/],
  ])("a property of runs says what it takes: %o", async (given, message) => {
    expect((await errorOf(() => api["ordealProperty"]?.(given))).message).toMatch(message);
  });

  test("a strategy that learns is no strategy of a property", async () => {
    const error = await errorOf(() => api["ordealProperty"]?.(TEST, { explore: "guided" }));
    expect(error.message).toMatch(/^explore is "swarm" or "uniform".*ordeal campaign/);
  });

  test.each([
    [
      { ...TEST, caseFile: "a.json" },
      {},
      "caseFile goes into the second object of ordealProperty, not the first: ordealProperty({ … }, { caseFile: … })",
    ],
    [{ ...TEST, onCase: () => {} }, {}, "onCase goes into the second object of ordealProperty"],
    [{ ...TEST, shrinkMs: 0 }, {}, "shrinkMs goes into the second object of ordealProperty"],
    [{ ...TEST, explore: "swarm" }, {}, "explore goes into the second object of ordealProperty"],
    [
      { ...TEST, casefile: "a.json" },
      {},
      "ordealProperty has no option casefile in its first object; did you mean caseFile, in the second? (the first has system, ",
    ],
    [
      { ...TEST, timeLimit: 5 },
      {},
      "ordealProperty has no option timeLimit in its first object; did you mean timeLimitMs? (",
    ],
    [
      TEST,
      { caseFiles: "a.json" },
      "ordealProperty has no option caseFiles in its second object; did you mean caseFile? (the second has explore, shrinkMs, onCase, caseFile; the first ",
    ],
    [
      TEST,
      { timeLimitMs: 5 },
      "timeLimitMs goes into the first object of ordealProperty, not the second: ordealProperty({ timeLimitMs: …, … }, { … })",
    ],
    [TEST, { frobnicate: 1 }, "ordealProperty has no option frobnicate in its second object (the"],
    [TEST, { caseFile: 7 }, "caseFile is the path of a file, as in ordealProperty({ … }, { "],
    [TEST, { onCase: "a" }, "onCase is a function, as in ordealProperty({ … }, { onCase: "],
    [TEST, null, "ordealProperty takes an object of options, as in ordealProperty({ … }, { "],
  ])(
    "no option of a property of runs is left out without a word: %o, %o",
    async (it, how, said) => {
      const error = await errorOf(() => api["ordealProperty"]?.(it, how));
      expect(error).toMatchObject({ code: "bad-argument" });
      expect(error.message).toContain(said);
    },
  );

  const given = { model: register() };
  const race = { ...given, make: () => ({ invoke: () => null }) };
  test.each([
    ["raceProperty", [{ ...race, client: 2 }], "client; did you mean clients? (there are model, "],
    ["raceProperty", [{ ...race, operationMax: 3 }], "operationMax; did you mean operationsMax?"],
    ["plantedHistoryArbitrary", [{ ...given, kinds: ["stale"] }], "kinds (there are model, proc"],
    ["plantedHistoryArbitrary", [{ ...given, anomalie: "stale" }], "anomalie; did you mean anom"],
    ["historyArbitrary", [{ ...given, anomaly: "stale" }], "anomaly (there are "],
    ["eventsArbitrary", [{ ...given, process: 2 }], "process; did you mean processes?"],
    ["modelCommands", [{ ...given, maxCommand: 2 }], "maxCommand; did you mean maxCommands?"],
    ["operationArbitrary", [register(), { key: ["x"] }], "key; did you mean keys?"],
    ["callsOf", [register(), { call: [] }], "call; did you mean calls?"],
    ["trialArbitrary", [{ ...TEST, nodes: 3 }], "nodes (there are system, "],
    ["faultScheduleArbitrary", [{ nemeses: [], steps: 3 }], "steps; did you mean stepsMax?"],
    ["replayCase", ["a.json", { ...TEST, faults: 3 }], "faults (there are system, "],
  ])("%s refuses what it does not know: %o", async (name, arguments_, said) => {
    const error = await errorOf(() => api[name]?.(...arguments_));
    expect(error).toMatchObject({ code: "bad-argument" });
    expect(error.message).toContain(`${name} has no option ${said}`);
  });

  const model = register();
  test.each([
    [{ model, processes: 0 }, /^processes is a whole number of at least 1; it was given 0/],
    [{ model, stepsMax: -1 }, /^stepsMax is a whole number of at least 1/],
    [{ model, indeterminate: 1 }, /leaves every call without an answer; trivial: true/],
    [{ model, calls: ["read"] }, /^each of calls has a function's name and an arbitrary/],
    [{ model, calls: { read: 1 } }, /^calls is a list, as in/],
    [{ model, keys: "xy" }, /^keys is a list, as in/],
  ])("histories say what they are made of: %j", async (given, message) => {
    expect((await errorOf(() => api["historyArbitrary"]?.(given))).message).toMatch(message);
  });

  test("what can never be is not looked for for ever", async () => {
    const calls = [{ f: "frob", input: fc.constant<Value>(null) }];
    expect(() => fc.sample(testing.historyArbitrary({ model, calls }), 1)).toThrow(
      /nothing that is called succeeds, says the model register/,
    );
    const isWrong = (): boolean => false;
    expect(() => fc.sample(testing.plantedHistoryArbitrary({ model, isWrong }), 1)).toThrow(
      /no history of the model register has an answer that can be replaced/,
    );
    const later = async (): Promise<boolean> => true;
    const planted = api["plantedHistoryArbitrary"]?.({ model, isWrong: later });
    expect(() => fc.sample(planted as fc.Arbitrary<unknown>, 1)).toThrow(/a promise says neither/);
  });

  test("objects and models of runs are told when they are none", async () => {
    const made = (make: unknown): unknown =>
      fc.assert(api["raceProperty"]?.({ model: counter(), make }) as fc.IAsyncProperty<unknown>);
    const text = async (call: () => unknown): Promise<string> => {
      const error = await errorOf(call);
      return (error.cause as Error | undefined)?.message ?? error.message;
    };
    expect(await text(() => made(() => ({})))).toMatch(
      /^invoke of what make returns is a function/,
    );
    const commands = testing.modelCommands({ model: counter() });
    const run = (model: object, real: object): unknown =>
      fc.assert(
        fc.asyncProperty(commands, async (each) =>
          fc.asyncModelRun(() => ({ model: model as never, real: real as never }), each),
        ),
      );
    expect(await text(() => run(testing.modelStates(), {}))).toMatch(/^invoke of the real object/);
    const real = { invoke: () => null };
    expect(await text(() => run({}, real))).toMatch(/^the model of a run is modelStates\(\)/);
  });
});

describe("what fast-check prints", () => {
  test("is a drawing of a history, not its arrays", () => {
    const [history] = fc.sample(testing.historyArbitrary({ model: register() }), {
      numRuns: 1,
      seed: 3,
    });
    const text = fc.stringify(history);
    expect(text).toMatch(/^\(\d+ operations?\)\nprocess \d +├─ /);
    expect(text).not.toContain("Array");
    const [planted] = fc.sample(testing.plantedHistoryArbitrary({ model: register() }), 1);
    expect(fc.stringify(planted)).toMatch(/"history":\(\d+ operations?\)\nprocess /);
    const [events] = fc.sample(testing.eventsArbitrary({ model: register() }), 1);
    expect(fc.stringify(events)).toMatch(/^\(\d+ operations?\)\nprocess /);
  });

  test("is in the report of a failure", async () => {
    const property = fc.property(testing.historyArbitrary({ model: register() }), () => false);
    const said = await errorOf(() => fc.assert(property, { seed: 1 }));
    expect(said.message).toMatch(/Counterexample: \[\(1 operation\)\nprocess \d +├─ .* ─┤\n\]/);
  });
});

test("histories say something, unless trivial ones are asked for", () => {
  const model = register();
  const succeed = (history: testing.HistoryLike): boolean =>
    "types" in history && history.types.includes(1);
  const usual = fc.sample(testing.historyArbitrary({ model, indeterminate: 2 }), 300);
  expect(usual.every(succeed)).toBe(true);
  const all = fc.sample(testing.historyArbitrary({ model, indeterminate: 1, trivial: true }), {
    numRuns: 300,
    seed: 1,
  });
  expect(all.some((history) => history.length === 0)).toBe(true);
  expect(all.some((history) => history.length > 0)).toBe(true);
  expect(all.some(succeed)).toBe(false);
});
