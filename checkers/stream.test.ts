/** Streams: every anomaly in a small history, and the definitions on random ones. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Call, type RandomCall } from "../test/oracle/random-events.js";
import type { Dice } from "../test/oracle/random-history.js";
import { stream, type StreamOptions } from "./stream.js";

const check = async (given: readonly NewEvent[], options: StreamOptions = {}): Promise<Verdict> =>
  stream(options).check(historyOf(given), createBudget());

const kindsOf = ({ anomalies }: Verdict): readonly string[] => anomalies.map(({ kind }) => kind);

describe("contract", () => {
  const contract = checkerContract({
    checker: stream({ delivery: "exactly-once", settleMs: 1 }),
    valid: operations(
      0,
      [0, "send", 10, 0, "ok", "a"],
      [0, "send", 11, [1, 11], "ok", "a"],
      [1, "send", 12, 4, "ok", "a"],
      [2, "assign", ["a"], ["a"]],
      [2, "poll", null, { a: [[0, 10]] }],
      [
        2,
        "poll",
        null,
        {
          a: [
            [1, 11],
            [4, 12],
          ],
        },
      ],
      [2, "poll", null, {}],
      [3, "poll", { group: "g" }, { a: [[0, 10]] }],
      [4, "poll", { group: "g" }, { a: [[1, 11]] }],
      [5, "poll", { a: 1 }, { a: [[1, 11]] }],
    ),
    violations: {
      "a lost write": operations(
        90,
        [0, "send", 13, 5, "ok", "a"],
        [0, "send", 14, 6, "ok", "a"],
        [2, "poll", null, { a: [[6, 14]] }],
      ),
      "an aborted read": operations(
        90,
        [0, "send", 13, null, "fail", "a"],
        [2, "poll", null, { a: [[5, 13]] }],
      ),
      "a message out of nothing": operations(90, [2, "poll", null, { a: [[5, 13]] }]),
      "two messages at an offset": operations(90, [0, "send", 13, 4, "ok", "a"]),
      "a duplicate": operations(90, [2, "poll", null, { a: [[5, 12]] }]),
      "a skip within an answer": operations(90, [
        6,
        "poll",
        null,
        {
          a: [
            [0, 10],
            [4, 12],
          ],
        },
      ]),
      "a skip after an offset": operations(90, [5, "poll", { a: 1 }, { a: [[4, 12]] }]),
      "a skip of a group": operations(
        90,
        [3, "poll", { group: "h" }, { a: [[0, 10]] }],
        [3, "poll", { group: "h" }, { a: [[4, 12]] }],
      ),
      "an answer that goes back": operations(90, [
        6,
        "poll",
        null,
        {
          a: [
            [1, 11],
            [0, 10],
          ],
        },
      ]),
      "a poll that goes back": operations(90, [2, "poll", null, { a: [[4, 12]] }]),
      "a send that goes back": operations(
        90,
        [0, "send", 13, 3, "ok", "a"],
        [6, "poll", { a: 3 }, { a: [[3, 13]] }],
      ),
      "a message that a group gets twice": operations(90, [
        3,
        "poll",
        { group: "g" },
        { a: [[0, 10]] },
      ]),
      "a message that nobody is shown": operations(
        90,
        [0, "send", 13, 5, "ok", "a"],
        [1, "send", 0, 0, "ok", "b"],
        [6, "poll", { b: 0 }, { b: [[0, 0]] }],
        [2, "poll", null, {}],
      ),
    },
    unobserved: events(0, ["invoke", 9, "send", 100, "a"], ["info", 9, "send", 100, "a"]),
  });
  for (const { name, run } of contract) test(name, run);
});

describe("shapes", () => {
  test("lists of steps, as Jepsen writes them", async () => {
    const sent: Value = [
      ["send", 1, 10],
      ["send", 1, 11],
    ];
    const acknowledged: Value = [
      ["send", 1, [3, 10]],
      ["send", 1, [2, 11]],
    ];
    const polled: Value = [
      ["poll", { 1: [[2, 11]] }],
      ["poll", { 1: [[3, 10]] }],
    ];
    const verdict = await check(
      operations(0, [0, "txn", sent, acknowledged], [1, "poll", [["poll"], ["poll"]], polled]),
    );
    expect(verdict.anomalies).toMatchObject([
      { kind: "int-nonmonotonic-send", operations: [0], details: { log: "1" } },
    ]);
    const back: Value = [
      ["poll", { 1: [[3, 10]] }],
      ["poll", { 1: [[2, 11]] }],
    ];
    const other = await check(
      operations(0, [0, "txn", sent, acknowledged], [1, "poll", [["poll"], ["poll"]], back]),
    );
    expect(kindsOf(other)).toEqual(["int-nonmonotonic-poll", "int-nonmonotonic-send"]);
  });

  test("a transaction that polls its own message", async () => {
    const verdict = await check(
      operations(0, [
        0,
        "txn",
        [["send", "a", 1], ["poll"]],
        [
          ["send", "a", [0, 1]],
          ["poll", { a: [[0, 1]] }],
        ],
      ]),
    );
    expect(kindsOf(verdict)).toEqual(["precommitted-read"]);
  });

  test("what cannot be read is an error that names it", async () => {
    await expect(async () => check(operations(0, [0, "poll", null, 7]))).rejects.toThrow(
      /polls that return lists/,
    );
    await expect(async () =>
      check(operations(0, [0, "send", 1, { at: 1 }, "ok", "a"])),
    ).rejects.toThrow(/an offset or \[offset, value\]/);
  });
});

test("messages that nobody polled make the answer unknown, with what to do", async () => {
  const verdict = await check(operations(0, [0, "send", 1, 0, "ok", "a"], [1, "poll", null, {}]));
  expect(verdict).toMatchObject({ verdict: "unknown", details: { unseen: 1 } });
  expect(verdict.reason).toMatch(
    /nobody polled 1 message that was sent for certain.*Poll every log to its end/,
  );
});

test("a loss names the send and the poll that went past it", async () => {
  const verdict = await check(
    operations(
      0,
      [0, "send", 7, 0, "ok", "a"],
      [0, "send", 8, 1, "ok", "a"],
      [1, "poll", null, [[1, 8]], "ok", "a"],
    ),
  );
  expect(verdict.anomalies).toMatchObject([
    { kind: "lost-write", operations: [0, 4], details: { log: "a" } },
  ]);
});

test("what a poll without an answer may have taken is excused", async () => {
  const sends = operations(0, [0, "send", 7, 0, "ok", "a"], [0, "send", 8, 1, "ok", "a"]);
  const unknown = operations(10, [1, "poll", { group: "g" }, null, "info"]);
  const after = operations(20, [2, "poll", { group: "g" }, { a: [[1, 8]] }]);
  expect((await check([...sends, ...unknown, ...after])).verdict).toBe("unknown");
  expect(kindsOf(await check([...sends, ...after, ...unknown]))).toEqual(["lost-write"]);
});

test("a poll that names an offset is not the group's, and moves nobody", async () => {
  const given = operations(
    0,
    [0, "send", 7, 0, "ok", "a"],
    [0, "send", 8, 1, "ok", "a"],
    [1, "subscribe", { group: "g", logs: ["a"] }, null],
    [1, "poll", null, { a: [[0, 7]] }],
    [1, "poll", 0, null, "info", "a"],
    [1, "poll", 0, [[0, 7]], "ok", "a"],
    [1, "poll", null, { a: [[1, 8]] }],
  );
  expect(await check(given, { delivery: "exactly-once" })).toMatchObject({
    verdict: "valid",
    details: { redelivered: 0 },
  });
  const again = operations(90, [1, "poll", null, { a: [[1, 8]] }]);
  expect(kindsOf(await check([...given, ...again], { delivery: "exactly-once" }))).toEqual([
    "redelivered-message",
  ]);
});

const LOGS = ["a", "b"];

interface Seen {
  readonly offset: number;
  readonly value: Value;
}

const listIn = ({ output }: Call, log: string): readonly Seen[] | undefined =>
  (output as { readonly [log: string]: readonly [number, Value][] })[log]?.map(
    ([offset, value]) => ({ offset, value }),
  );

/** What does not depend on consumers. */
function* common(calls: readonly Call[]): Generator<string> {
  for (const log of LOGS) {
    const sends = calls.filter(({ f, key }) => f === "send" && key === log);
    const mayBe = sends.filter(({ outcome }) => outcome !== "fail");
    const acked = sends.filter(({ outcome }) => outcome === "ok");
    const polled = calls
      .filter(({ f, outcome }) => f === "poll" && outcome === "ok")
      .flatMap((poll) =>
        (listIn(poll, log) ?? []).map(({ offset, value }) => ({ offset, value, poll })),
      );
    const told = new Set<Value>();
    for (const { value, poll } of polled.toSorted((a, b) => a.poll.end - b.poll.end)) {
      const had = (list: readonly Call[]): boolean =>
        list.some(({ input, begin }) => input === value && begin < poll.end);
      if (had(mayBe) || told.has(value)) continue;
      told.add(value);
      yield had(sends) ? "aborted-read" : "unexpected-message";
    }
    const at = [
      ...acked.map(({ input, output }) => [output, input]),
      ...polled.map(({ offset, value }) => [offset, value]),
    ];
    for (const [offset, value] of at) {
      if (at.some(([o, v]) => o === offset && v !== value)) yield "inconsistent-offsets";
      const copies = mayBe.filter(({ input }) => input === value).length;
      const places = new Set(at.filter(([, v]) => v === value).map(([o]) => o)).size;
      if (copies > 0 && places > copies) yield "duplicate";
    }
    const isSent = (value: Value): boolean => mayBe.some(({ input }) => input === value);
    const known = [
      ...acked.map(({ output, end }) => ({ offset: Number(output), end })),
      ...polled
        .filter(({ offset }) => at.some(([o, v]) => o === offset && isSent(v as Value)))
        .map(({ offset, poll }) => ({ offset, end: poll.end })),
    ];
    for (const { begin, offset } of sends.flatMap((each) =>
      placedAt(each, { mayBe, at, polled }),
    )) {
      if (known.some((each) => each.end < begin && each.offset > offset)) yield "nonmonotonic-send";
    }
    for (const poll of calls.filter(({ f, outcome }) => f === "poll" && outcome === "ok")) {
      const list = listIn(poll, log) ?? [];
      for (const [i, { offset }] of list.entries()) {
        const before = list[i - 1];
        if (before === undefined) continue;
        if (offset <= before.offset) yield "int-nonmonotonic-poll";
        if (isBetween(calls, log, { from: before.offset + 1, to: offset })) yield "int-poll-skip";
      }
    }
  }
}

/** Where a send put its message: it was told, or a poll shows what nobody else sent. */
function placedAt(
  { input, begin, outcome, output }: Call,
  about: {
    readonly mayBe: readonly Call[];
    readonly at: readonly (readonly (Value | undefined)[])[];
    readonly polled: readonly (Seen & { readonly poll: Call })[];
  },
): readonly { readonly begin: number; readonly offset: number }[] {
  if (outcome === "ok") return [{ begin, offset: Number(output) }];
  const places = [...new Set(about.at.filter(([, v]) => v === input).map(([o]) => o))];
  const isOne = about.mayBe.filter((each) => each.input === input).length === 1;
  const shown = about.polled.filter(({ value }) => value === input).map(({ poll }) => poll.end);
  const isKnown = isOne && places.length === 1 && Math.min(...shown) > begin;
  return outcome === "info" && isKnown ? [{ begin, offset: Number(places[0]) }] : [];
}

/** Whether a message is there for certain, from one offset to before another. */
function isBetween(
  calls: readonly Call[],
  log: string,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  const sent = calls.filter(
    ({ f, key, outcome }) => f === "send" && key === log && outcome !== "fail",
  );
  const isSent = (value: Value): boolean => sent.some(({ input }) => input === value);
  return calls.some((call) => {
    if (call.outcome !== "ok") return false;
    const seen: readonly Seen[] =
      call.f === "poll"
        ? (listIn(call, log) ?? [])
        : call.f === "send" && call.key === log
          ? [{ offset: Number(call.output), value: call.input }]
          : [];
    return seen.some(({ offset, value }) => isSent(value) && offset >= from && offset < to);
  });
}

/** Whether an acknowledged message that nobody saw lies in one of the stretches. */
function isLost(
  calls: readonly Call[],
  log: string,
  stretches: readonly (readonly [from: number, to: number])[],
): boolean {
  const seen = new Set(
    calls
      .filter(({ f, outcome }) => f === "poll" && outcome === "ok")
      .flatMap((poll) => (listIn(poll, log) ?? []).map(({ value }) => value)),
  );
  return calls.some(
    ({ f, key, outcome, input, output }) =>
      f === "send" &&
      key === log &&
      outcome === "ok" &&
      !seen.has(input) &&
      stretches.some(([from, to]) => from <= Number(output) && Number(output) < to),
  );
}

const send = (dice: Dice): RandomCall => ({
  f: "send",
  key: dice(4) === 0 ? "b" : "a",
  input: dice(4),
  output: dice(4),
});

const answer = (dice: Dice): Value =>
  Object.fromEntries(
    (dice(3) === 0 ? LOGS : ["a"]).map((log) => {
      let offset = dice(3) - 1;
      const pairs = Array.from({ length: dice(4) }, () => {
        offset += dice(8) === 0 ? -1 : 1 + dice(2);
        return [offset, dice(3) === 0 ? dice(4) : Math.max(0, offset)] as const;
      });
      return [log, pairs.filter(([each]) => each >= 0)];
    }),
  );

const HISTORIES = 6000;

test("agrees with the definitions: processes that are assigned logs", async () => {
  const definition = function* (calls: readonly Call[]): Generator<string> {
    yield* common(calls);
    for (const log of LOGS) {
      const stretches: (readonly [number, number])[] = [];
      for (const process of new Set(calls.map((call) => call.process))) {
        let [since, last] = [-Infinity, Number.NaN];
        let blurred = false;
        for (const call of calls.filter((each) => each.process === process)) {
          if (call.f === "assign" && call.outcome !== "fail") {
            if (!(call.input as readonly string[]).includes(log)) {
              [since, last] = [-Infinity, Number.NaN];
            }
          }
          if (call.f !== "poll") continue;
          if (call.outcome === "info") blurred = true;
          if (call.outcome !== "ok") continue;
          const offsets = (listIn(call, log) ?? []).map(({ offset }) => offset);
          const [first] = offsets;
          if (first === undefined) continue;
          if (first <= last) yield "nonmonotonic-poll";
          else if (!blurred && isBetween(calls, log, { from: last + 1, to: first })) {
            yield "poll-skip";
          }
          if (blurred) since = first;
          blurred = false;
          stretches.push([since, Math.max(...offsets)]);
          last = offsets.at(-1) as number;
        }
      }
      if (isLost(calls, log, stretches)) yield "lost-write";
    }
  };
  const tally = await compareWithDefinition(stream(), definition, {
    histories: HISTORIES,
    operationsMax: 9,
    call: (dice) => {
      if (dice(5) < 2) return send(dice);
      if (dice(8) > 0) return { f: "poll", input: null, output: answer(dice) };
      const logs = [["a"], ["b"], ["a", "b"]][dice(3)] as string[];
      return { f: "assign", input: logs, output: logs };
    },
  });
  for (const kind of [
    "lost-write",
    "aborted-read",
    "unexpected-message",
    "inconsistent-offsets",
    "duplicate",
    "int-poll-skip",
    "poll-skip",
    "int-nonmonotonic-poll",
    "nonmonotonic-poll",
    "nonmonotonic-send",
  ]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(60);
  }
  expect(tally.invalid).toBeLessThan(HISTORIES * 0.95);
});

test("agrees with the definitions: offsets that are asked for", async () => {
  const definition = function* (calls: readonly Call[]): Generator<string> {
    yield* common(calls);
    for (const log of LOGS) {
      const stretches: (readonly [number, number])[] = [];
      for (const call of calls) {
        if (call.f !== "poll" || call.outcome !== "ok") continue;
        const offsets = (listIn(call, log) ?? []).map(({ offset }) => offset);
        const from = (call.input as { readonly [log: string]: number })[log];
        const [first] = offsets;
        if (first === undefined || from === undefined) continue;
        if (first < from) yield "nonmonotonic-poll";
        if (isBetween(calls, log, { from, to: first })) yield "poll-skip";
        stretches.push([from, Math.max(...offsets)]);
      }
      if (isLost(calls, log, stretches)) yield "lost-write";
    }
  };
  const tally = await compareWithDefinition(stream(), definition, {
    histories: HISTORIES,
    operationsMax: 8,
    call: (dice) =>
      dice(5) < 2
        ? send(dice)
        : { f: "poll", input: { a: dice(3), b: dice(3) }, output: answer(dice) },
  });
  for (const kind of ["lost-write", "poll-skip", "nonmonotonic-poll"]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(60);
  }
});

test("agrees with the definitions: groups", async () => {
  const definition = function* (calls: readonly Call[]): Generator<string> {
    yield* common(calls);
    const ofGroup = calls.filter(({ f }) => f === "poll");
    for (const log of LOGS) {
      const stretches: (readonly [number, number])[] = [];
      for (const group of ["g", "h"]) {
        const polls = ofGroup.filter(
          ({ input }) => (input as { readonly group: string }).group === group,
        );
        const unknown = polls.filter(({ outcome }) => outcome === "info").map(({ begin }) => begin);
        const until = Math.min(...unknown);
        const given = polls
          .filter(({ outcome }) => outcome === "ok")
          .flatMap((poll) => (listIn(poll, log) ?? []).map(({ offset }) => ({ offset, poll })));
        if (
          given.some(({ offset, poll }) =>
            given.some((one) => one.offset === offset && one.poll !== poll),
          )
        ) {
          yield "redelivered-message";
        }
        const lowest = Math.min(...given.map(({ offset }) => offset));
        const highest = Math.max(
          ...given.filter(({ poll }) => poll.end < until).map(({ offset }) => offset),
        );
        for (let from = lowest; from < highest; from++) {
          const isGiven = given.some(({ offset }) => offset === from);
          if (!isGiven && isBetween(calls, log, { from, to: from + 1 })) yield "poll-skip";
        }
        stretches.push([-Infinity, highest]);
        for (const poll of polls.filter(({ outcome }) => outcome === "ok")) {
          const offsets = (listIn(poll, log) ?? []).map(({ offset }) => offset);
          if (offsets[0] !== undefined) stretches.push([offsets[0], Math.max(...offsets)]);
        }
      }
      if (isLost(calls, log, stretches)) yield "lost-write";
    }
  };
  const tally = await compareWithDefinition(stream({ delivery: "exactly-once" }), definition, {
    histories: HISTORIES,
    operationsMax: 8,
    call: (dice) =>
      dice(5) < 2
        ? send(dice)
        : { f: "poll", input: { group: dice(4) === 0 ? "h" : "g" }, output: answer(dice) },
  });
  for (const kind of ["lost-write", "poll-skip", "redelivered-message"]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(60);
  }
});
