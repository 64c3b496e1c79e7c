/** Convergence of replicas, against the definition written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { canonical, type Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Call } from "../test/oracle/random-events.js";
import { eventual, type EventualOptions } from "./eventual.js";

const check = async (given: readonly NewEvent[], options: EventualOptions = {}): Promise<Verdict> =>
  eventual(options).check(historyOf(given), createBudget());

const ADDS = operations(0, [0, "add", 1], [1, "add", 2], [0, "read", "n1", [1]]);
const LATE = 2000;

describe("contract", () => {
  const contract = checkerContract({
    checker: eventual(),
    valid: [
      ...ADDS,
      ...operations(10, [1, "read", "n1", { seen: ["a", "b"], state: 7 }]),
      ...operations(
        LATE,
        [0, "read", "n1", [1, 2]],
        [1, "read", "n2", [1, 2]],
        [1, "read", "n3", [1, 2]],
      ),
    ],
    violations: {
      "a replica that differs": operations(
        LATE + 90,
        [0, "read", "n1", [1]],
        [1, "read", "n2", [1, 2]],
        [1, "read", "n3", [1, 2]],
      ),
      "two states of the same updates": operations(LATE + 90, [
        2,
        "read",
        "n1",
        { seen: ["b", "a"], state: 8 },
      ]),
    },
    unobserved: events(0, ["invoke", 9, "add", 100], ["info", 9, "add", 100]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("a divergence names two reads, their states and their replicas", async () => {
  const verdict = await check([
    ...ADDS,
    ...operations(LATE, [0, "read", "n1", [1, 2]], [1, "read", "n2", [2]]),
  ]);
  expect(verdict.anomalies).toMatchObject([
    { kind: "diverged-replicas", operations: [6, 8], details: { replicas: ['"n1"', '"n2"'] } },
  ]);
  expect(verdict.reason).toMatch(/found \[1,2\] at "n1".*\[2\] at "n2"/);
});

test("convergence is measured between two bounds, and refused beyond one", async () => {
  const given = [
    ...ADDS,
    ...operations(
      LATE,
      [0, "read", "n1", [1]],
      [0, "read", "n1", [1, 2]],
      [0, "read", "n2", [1, 2]],
    ),
  ];
  // The last change ended at 3 ms; n1 still lacked it in a read that began at 2,000 ms.
  expect(await check(given)).toMatchObject({
    verdict: "valid",
    details: { convergenceMs: { atLeast: LATE - 3, atMost: LATE + 2 } },
  });
  expect((await check(given, { withinMs: 1500 })).anomalies).toMatchObject([
    { kind: "late-convergence", operations: [6, 8] },
  ]);
  expect((await check(given, { withinMs: 2500 })).verdict).toBe("valid");
});

describe("what cannot be decided is unknown", () => {
  const differing = operations(LATE, [0, "read", "n1", [1, 2]], [1, "read", "n2", [2]]);
  const nemesis = (f: string): readonly NewEvent[] => events(10, ["info", "nemesis", f]);
  test.each<[string, readonly NewEvent[], RegExp]>([
    [
      "a replica that was read too early",
      [
        ...ADDS,
        ...operations(10, [0, "read", "n2", [2]]),
        ...operations(LATE, [0, "read", "n1", [1, 2]], [0, "read", "n3", [1, 2]]),
      ],
      /"n2" was not read 1000 ms after/,
    ],
    [
      "a replica that was read before another changed",
      [
        ...ADDS,
        ...operations(
          LATE,
          [0, "read", "n1", [1]],
          [0, "read", "n2", [1]],
          [0, "read", "n2", [1, 2]],
          [0, "read", "n3", [1, 2]],
        ),
      ],
      /"n1" was not read/,
    ],
    ["only one replica", [...ADDS, ...operations(LATE, [0, "read", "n1", [1]])], /fewer than two/],
    ["no update", operations(LATE, [0, "read", "n1", [1]], [0, "read", "n2", [1]]), /no update/],
    [
      "a fault that was never healed",
      [...ADDS, ...nemesis("start-partition"), ...differing],
      /partition was never healed/,
    ],
    [
      "an update that never ended",
      [...events(0, ["invoke", 5, "add", 3]), ...differing],
      /add of 3.*never ended/,
    ],
  ])("%s", async (_, given, reason) => {
    const verdict = await check(given);
    expect(verdict.verdict).toBe("unknown");
    expect(verdict.reason).toMatch(reason);
  });

  test("but a healed fault only moves the moment from which on it is quiet", async () => {
    const healed = [
      ...ADDS,
      ...nemesis("start-partition"),
      ...nemesis("stop-partition"),
      ...differing,
    ];
    expect((await check(healed)).verdict).toBe("invalid");
  });
});

test("keys that updates have name objects, others replicas", async () => {
  const objects = [
    ...operations(0, [0, "put", 1, null, "ok", "x"], [0, "put", 2, null, "ok", "y"]),
    ...operations(
      LATE,
      [0, "get", "n1", 1, "ok", "x"],
      [0, "get", "n2", 1, "ok", "x"],
      [0, "get", "n1", 2, "ok", "y"],
      [0, "get", "n2", 2, "ok", "y"],
    ),
  ];
  expect(await check(objects)).toMatchObject({ verdict: "valid", details: { objects: 2 } });
  const stale = operations(LATE + 90, [0, "get", "n2", 1, "ok", "y"]);
  expect((await check([...objects, ...stale])).verdict).toBe("unknown");
  const both = operations(LATE + 99, [0, "get", "n1", 2, "ok", "y"]);
  expect((await check([...objects, ...stale, ...both])).verdict).toBe("invalid");
});

test("the order of lists means something unless they are sets", async () => {
  const given = [
    ...ADDS,
    ...operations(LATE, [0, "read", "n1", [1, 2]], [1, "read", "n2", [2, 1]]),
  ];
  expect((await check(given)).verdict).toBe("invalid");
  expect((await check(given, { unordered: true })).verdict).toBe("valid");
});

test("agrees with the definition on random histories", async () => {
  const settle = 3;
  const definition = function* (
    calls: readonly Call[],
    given: readonly NewEvent[],
  ): Generator<string> {
    const reads = calls.filter(({ f, outcome }) => f === "read" && outcome === "ok");
    const seenIn = ({ output }: Call): Value => (output as { readonly seen: Value }).seen;
    const stateIn = ({ output }: Call): Value => (output as { readonly state: Value }).state;
    const setOf = (call: Call): string => canonical([...(seenIn(call) as string[])].sort());
    for (const a of reads) {
      for (const b of reads) {
        if (setOf(a) === setOf(b) && stateIn(a) !== stateIn(b)) yield "conflicting-states";
      }
    }
    const updates = calls.filter(({ f, outcome }) => f === "add" && outcome !== "fail");
    // Events are a millisecond apart, so that times are indices.
    const over = updates.map(({ completion, begin }) => completion ?? begin);
    const faults = given.flatMap(({ process }, i) => (process === "nemesis" ? [i] : []));
    const quiet = Math.max(-1, ...over, ...faults);
    const open = updates.some(({ completion }) => completion === undefined);
    const last = given.findLast(({ process }) => process === "nemesis");
    if (open || last?.f === "start-x") return;
    const names = new Set(reads.map(({ input }) => input));
    const late = reads.filter(({ begin }) => begin > quiet);
    const lastOf = (name: Value): Call | undefined => late.findLast(({ input }) => input === name);
    const changing = Math.max(
      -1,
      ...late
        .filter((read) => stateIn(read) !== stateIn(lastOf(read.input) as Call))
        .map(({ begin }) => begin),
    );
    const finals = [...names].flatMap((name) => {
      const final = lastOf(name);
      const counts = final !== undefined && final.begin > changing;
      return counts && final.begin - Math.max(0, quiet) >= settle ? [final] : [];
    });
    if (finals.length < 2) return;
    if (new Set(finals.map(stateIn)).size > 1) yield "diverged-replicas";
    else if (changing !== -1 && changing - Math.max(0, quiet) > settle + 1)
      yield "late-convergence";
  };
  const tally = await compareWithDefinition(
    eventual({ settleMs: settle, withinMs: settle + 1 }),
    definition,
    {
      histories: 8000,
      operationsMax: 12,
      fault: (dice) => (dice(3) === 0 ? "start-x" : "stop-x"),
      call: (dice) =>
        dice(6) === 0
          ? { f: "add", input: dice(3), output: null }
          : {
              f: "read",
              input: dice(2) === 0 ? "n1" : "n2",
              output: {
                seen: ["a", "b", "c", "d"].slice(dice(4)).slice(0, dice(5)),
                state: dice(2),
              },
            },
    },
  );
  for (const kind of ["conflicting-states", "diverged-replicas", "late-convergence"]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(40);
  }
  expect(tally.invalid).toBeLessThan(7900);
});
