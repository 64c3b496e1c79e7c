/** Workflow instances, against the definitions written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Call } from "../test/oracle/random-events.js";
import { workflow } from "./workflow.js";

const request = (id: string, from: string, to: string, more: object = {}): Value => ({
  id,
  life: "a",
  from,
  to,
  ...more,
});
const shown = (status: string, effects: readonly string[], more: object = {}): Value => ({
  life: "a",
  status,
  retries: 0,
  effects,
  ...more,
});

const run = request("1", "pending", "running");
const wait = request("2", "running", "waiting");
const wake = request("3", "waiting", "running", { timer: "2" });

const kindsOf = async (given: readonly NewEvent[]): Promise<readonly string[]> =>
  (await workflow().check(historyOf(given), createBudget())).anomalies.map(({ kind }) => kind);

const begun = operations(
  0,
  [0, "create", { life: "a" }, true],
  [0, "transition", run, true],
  [1, "transition", wait, null, "info"],
  [0, "load", null, shown("waiting", ["1", "2"])],
  [0, "transition", wake, true],
  [0, "transition", request("4", "running", "completed"), null, "fail"],
);

describe("contract", () => {
  const after = (instance: Value): readonly NewEvent[] =>
    operations(90, [0, "load", null, instance]);
  const contract = checkerContract({
    checker: workflow(),
    valid: [...begun, ...operations(50, [0, "load", null, shown("running", ["1", "2", "3"])])],
    violations: {
      "an effect gone": after(shown("waiting", ["1", "2"])),
      "an effect twice": after(shown("running", ["1", "1", "2", "3"])),
      "an effect of a failure": after(shown("completed", ["1", "2", "3", "4"])),
      "effects in another order": after(shown("running", ["2", "1", "3"])),
      "another status": after(shown("pending", ["1", "2", "3"])),
      "an instance gone": after(null),
      "an instance of nobody": after(shown("pending", [], { life: "b" })),
    },
    unobserved: events(
      0,
      ["invoke", 9, "create", { life: "z" }],
      ["info", 9, "create", { life: "z" }],
    ),
  });
  for (const { name, run: check, skipped } of contract) {
    if (skipped === undefined) test(name, check);
  }
});

test("what it cannot read is an error that says so", async () => {
  const other = request("1", "pending", "cancelled");
  const bad: readonly (readonly [readonly NewEvent[], string])[] = [
    [operations(50, [0, "transition", other, false]), "requests that differ under one id"],
    [operations(50, [0, "transition", ["pending", "running"], true]), "{id, life, from, to}"],
    [operations(50, [0, "create", null, true]), "{life}"],
    [operations(50, [0, "load", null, "running"]), "{life, status, retries, effects}"],
  ];
  for (const [more, message] of bad)
    await expect(kindsOf([...begun, ...more])).rejects.toThrow(message);
});

test("a timer that goes off when its wait is over is stale", async () => {
  const more = operations(
    30,
    [0, "transition", request("5", "running", "waiting"), true],
    [1, "transition", request("6", "waiting", "running", { timer: "2" }), null, "info"],
    [0, "load", null, shown("running", ["1", "2", "3", "5", "6"])],
  );
  expect(await kindsOf([...begun, ...more])).toEqual(["stale-timer"]);
});

test("what a request of another life did is unexpected", async () => {
  const more = operations(
    30,
    [0, "delete", { life: "a" }, true],
    [0, "create", { life: "b" }, true],
    [0, "load", null, shown("running", ["1"], { life: "b" })],
  );
  expect(await kindsOf([...begun, ...more])).toEqual(["unexpected-effect"]);
});

test("what was deleted is back, or was never sure to be gone", async () => {
  const back = operations(60, [0, "load", null, shown("running", ["1", "2", "3"])]);
  const gone = (outcome: "ok" | "info") =>
    operations(30, [0, "delete", { life: "a" }, true, outcome]);
  expect(await kindsOf([...begun, ...gone("ok"), ...back])).toEqual(["resurrected-instance"]);
  expect(await kindsOf([...begun, ...gone("info"), ...back])).toEqual([]);
  expect(
    await kindsOf([...begun, ...gone("info"), ...operations(60, [0, "load", null, null])]),
  ).toEqual([]);
});

test("nothing is proved by a history without lives, or without a load at the end", async () => {
  const check = async (given: readonly NewEvent[], settleMs = 0) =>
    workflow({ settleMs }).check(historyOf(given), createBudget());
  expect(await check(operations(0, [0, "load", null, null]))).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("no instance was created") as string,
  });
  const asked = operations(0, [0, "load", null, null], [0, "create", { life: "a" }, true]);
  expect(await check(asked)).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("not loaded after the last change") as string,
  });
  const soon = [...asked, ...operations(9, [0, "load", null, null])];
  expect(await check(soon)).toMatchObject({ verdict: "invalid" });
  expect(await check(soon, 100)).toMatchObject({ verdict: "unknown" });
});

type Shown = {
  readonly life: string;
  readonly status: string;
  readonly retries: number;
  readonly effects: readonly string[];
};

const ASKED: readonly Value[] = [
  run,
  wait,
  request("3", "running", "pending"),
  request("1", "pending", "running", { life: "b", id: "4" }),
];
const SHOWN: readonly Value[] = [
  null,
  shown("pending", []),
  shown("running", ["1"]),
  shown("waiting", ["1", "2"]),
  shown("pending", ["1", "3"], { retries: 1 }),
  shown("pending", ["1", "3"]),
  shown("running", ["1", "1"]),
  shown("running", ["2"]),
  shown("pending", [], { life: "b" }),
  shown("running", ["4"], { life: "b" }),
  shown("running", ["4"]),
];

/** Whether it may have happened. */
const may = ({ outcome, output }: Call): boolean =>
  outcome === "info" || (outcome === "ok" && output !== false);
const sure = ({ outcome, output }: Call): boolean => outcome === "ok" && output !== false;

/** What is wrong with what a load shows, in the order in which it is looked for. */
function wrongIn(
  { life, status, retries, effects }: Shown,
  calls: readonly Call[],
): string | undefined {
  const of = (f: string, name: string, value: Value): readonly Call[] =>
    calls.filter(
      (call) =>
        call.f === f && may(call) && (call.input as { [key: string]: Value })[name] === value,
    );
  if (of("create", "life", life).length === 0) return "unexpected-instance";
  let [at, back] = ["pending", 0];
  for (const [place, id] of effects.entries()) {
    const [first] = of("transition", "id", id);
    const asked = first?.input as { life: string; from: string; to: string } | undefined;
    if (asked?.life !== life) return "unexpected-effect";
    if (effects.indexOf(id) < place) return "duplicated-effect";
    if (asked.from !== at) return "illegal-transition";
    at = asked.to;
    if (at === "pending") back++;
  }
  return at === status && retries === back ? undefined : "illegal-transition";
}

test("agrees with the definitions on random histories", async () => {
  const tally = await compareWithDefinition(
    workflow(),
    (calls) => {
      const kinds: string[] = [];
      const loads = calls.filter(({ f, outcome }) => f === "load" && outcome === "ok");
      for (const { output } of loads) {
        const wrong = output === null ? undefined : wrongIn(output as Shown, calls);
        if (wrong !== undefined) kinds.push(wrong);
      }
      const changes = calls.filter((call) => call.f !== "load" && may(call));
      const end = ({ begin, completion }: Call): number => Math.max(begin, completion ?? -1);
      const quiet = Math.max(-1, ...changes.map(end));
      const of = (f: string, life: string): readonly Call[] =>
        changes.filter((call) => call.f === f && (call.input as Shown).life === life);
      for (const { begin, output } of loads) {
        if (begin < quiet) continue;
        const instance = output as Shown | null;
        for (const life of ["a", "b"]) {
          const [creations, deletions] = [of("create", life), of("delete", life)];
          const isHere = instance?.life === life;
          if (!isHere && creations.some(sure) && deletions.length === 0)
            kinds.push("lost-instance");
          if (!isHere || creations.length === 0) continue;
          if (deletions.length > 0 && creations.length > 1) continue;
          if (deletions.some(sure)) kinds.push("resurrected-instance");
          else {
            const lost = of("transition", life).some(
              (call) => sure(call) && !instance.effects.includes((call.input as { id: string }).id),
            );
            if (lost) kinds.push("lost-effect");
          }
        }
      }
      return kinds;
    },
    {
      histories: 6000,
      operationsMax: 7,
      troubled: 4,
      call: (dice) => {
        const life = dice(3) === 0 ? "b" : "a";
        const output = dice(5) > 0;
        const what = dice(8);
        if (what < 2) return { f: "create", input: { life }, output };
        if (what < 3) return { f: "delete", input: { life }, output };
        if (what < 5) return { f: "load", input: null, output: SHOWN[dice(SHOWN.length)] ?? null };
        return { f: "transition", input: ASKED[dice(ASKED.length)] ?? null, output };
      },
    },
  );
  for (const kind of [
    "illegal-transition",
    "duplicated-effect",
    "unexpected-effect",
    "unexpected-instance",
    "lost-effect",
    "lost-instance",
    "resurrected-instance",
  ]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(20);
  }
  expect(tally.invalid).toBeLessThan(5500);
});
