/**
 * Streams of transactions: what indeterminate ones are known to have sent, what those that failed
 * were shown, and cycles, each in a small history. The cases are those of Jepsen's Kafka workload,
 * and more.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { events, operations } from "../test/oracle/events.js";
import { stream, type StreamOptions } from "./stream.js";

const check = async (given: readonly NewEvent[], options: StreamOptions = {}): Promise<Verdict> =>
  stream(options).check(historyOf(given), createBudget());

const kindsOf = ({ anomalies }: Verdict): readonly string[] => anomalies.map(({ kind }) => kind);

const sends = (...rows: readonly (readonly [string, number])[]): Value =>
  rows.map(([log, value]) => ["send", log, value]);

const POLL: Value = [["poll"]];

const shows = (logs: { readonly [log: string]: readonly (readonly [number, number])[] }): Value => [
  ["poll", logs],
];

describe("indeterminate transactions of which something is shown", () => {
  const sent = operations(0, [0, "send", sends(["x", 1], ["y", 2]), null, "info"]);
  const next = operations(10, [1, "send", 3, 1, "ok", "y"]);
  const other = operations(20, [2, "poll", POLL, shows({ y: [[1, 3]] })]);
  const own = operations(30, [3, "poll", POLL, shows({ x: [[0, 1]] })]);

  test("are lost in part when consumers passed over the rest, told where it is", async () => {
    const told: readonly NewEvent[] = events(
      0,
      ["invoke", 0, "send", sends(["x", 1], ["y", 2])],
      [
        "info",
        0,
        "send",
        [
          ["send", "x", 1],
          ["send", "y", [0, 2]],
        ],
      ],
    );
    expect((await check([...told, ...next, ...other])).verdict).toBe("valid");
    const verdict = await check([...told, ...next, ...other, ...own]);
    expect(kindsOf(verdict)).toEqual(["lost-write"]);
    expect(verdict.anomalies[0]?.operations).toEqual([0, 4, 6]);
    expect(verdict.reason).toMatch(/must have happened, as process 3's poll .* shows, and 2 is at/);
    expect((await check([...told, ...next, ...other, ...own], { isolation: "none" })).verdict).toBe(
      "valid",
    );
  });

  test("are lost in part when consumers passed over where the rest must be", async () => {
    // What is sent after the transaction was known to have happened comes after all of it.
    expect((await check([...sent, ...next, ...other, ...own])).verdict).toBe("unknown");
    const later = operations(40, [1, "send", 4, 5, "ok", "y"]);
    const past = operations(50, [2, "poll", POLL, shows({ y: [[5, 4]] })]);
    const verdict = await check([...sent, ...next, ...other, ...own, ...later, ...past]);
    expect(kindsOf(verdict)).toEqual(["lost-write"]);
    expect(verdict.reason).toMatch(/2 must be below offset 5/);
  });

  test("and when a later send of their own was passed", async () => {
    const two = operations(0, [0, "send", sends(["x", 1], ["x", 2]), null, "info"]);
    const shown = operations(10, [1, "poll", POLL, shows({ x: [[7, 2]] })]);
    const verdict = await check([...two, ...shown]);
    expect(kindsOf(verdict)).toEqual(["lost-write"]);
    const first = operations(10, [1, "poll", POLL, shows({ x: [[7, 1]] })]);
    expect((await check([...two, ...first])).verdict).toBe("unknown");
  });

  test("not when somebody else may have sent what is shown", async () => {
    const twice = operations(5, [4, "send", 1, null, "info", "x"]);
    const told = operations(40, [1, "send", 4, 5, "ok", "y"]);
    const past = operations(50, [2, "poll", POLL, shows({ y: [[5, 4]] })]);
    const all = [...sent, ...twice, ...next, ...other, ...own, ...told, ...past];
    expect((await check(all)).verdict).toBe("valid");
  });

  test("are late when a consumer waits for what they must have sent", async () => {
    const waits = operations(60, [3, "assign", ["y"], ["y"]], [3, "poll", null, {}]);
    const all = [...sent, ...own, ...waits];
    expect(kindsOf(await check(all, { settleMs: 1 }))).toEqual(["unseen"]);
  });

  test("offsets that only polls tell are compared", async () => {
    const two = operations(0, [0, "send", sends(["x", 1], ["x", 2]), null, "info"]);
    const shown = operations(10, [
      1,
      "poll",
      POLL,
      shows({
        x: [
          [4, 2],
          [7, 1],
        ],
      }),
    ]);
    const verdict = await check([...two, ...shown]);
    expect(kindsOf(verdict)).toEqual(["int-nonmonotonic-send"]);
    expect(verdict.reason).toMatch(/what it sent is at the offset 4 for 2, less than the 7 of 1/);
  });
});

test("an acknowledged message without an offset is lost when what came after it was passed", async () => {
  const given = operations(
    0,
    [0, "send", 1, null, "ok", "a"],
    [0, "send", 2, 3, "ok", "a"],
    [1, "poll", null, [[3, 2]], "ok", "a"],
  );
  expect(kindsOf(await check(given))).toEqual(["lost-write"]);
  const between = operations(
    0,
    [0, "send", 2, 3, "ok", "a"],
    [0, "send", 1, null, "ok", "a"],
    [1, "poll", null, [[3, 2]], "ok", "a"],
  );
  expect((await check(between)).verdict).toBe("unknown");
});

test("what is sent after somebody was shown a larger offset goes back", async () => {
  const given = events(
    0,
    ["invoke", 0, "send", 1, "a"],
    ["invoke", 1, "poll", null, "a"],
    ["ok", 1, "poll", [[5, 1]], "a"],
    ["invoke", 2, "send", 2, "a"],
    ["ok", 2, "send", 3, "a"],
    ["ok", 0, "send", 5, "a"],
    ["invoke", 3, "poll", 3, "a"],
    ["ok", 3, "poll", [[3, 2]], "a"],
  );
  const verdict = await check(given);
  expect(kindsOf(verdict)).toEqual(["nonmonotonic-send"]);
  expect(verdict.reason).toMatch(/less than 5, up to which process 1's poll .* had been shown/);
});

describe("what transactions were shown that did not succeed", () => {
  const sent = operations(
    0,
    [0, "send", 10, 0, "ok", "x"],
    [0, "send", 11, 1, "ok", "x"],
    [0, "send", 12, 2, "ok", "x"],
    [0, "send", 13, 3, "ok", "x"],
    [1, "txn", POLL, shows({ x: [[0, 10]] })],
  );
  const ended = (outcome: "fail" | "info", process: number, from: number): readonly NewEvent[] =>
    events(
      50 + from,
      ["invoke", process, "txn", POLL],
      [
        outcome,
        process,
        "txn",
        shows({
          x: [
            [from, 10 + from],
            [from + 1, 11 + from],
          ],
        }),
      ],
    );
  const rest = (from: number): readonly NewEvent[] =>
    operations(80, [
      1,
      "txn",
      POLL,
      shows({ x: [10, 11, 12, 13].slice(from).map((value, i) => [from + i, value] as const) }),
    ]);

  test.each(["fail", "info"] as const)("%s: its consumer goes on from before", async (outcome) => {
    expect((await check([...sent, ...ended(outcome, 1, 1), ...rest(1)])).verdict).toBe("valid");
    // What it goes on from is what was there before.
    expect(kindsOf(await check([...sent, ...ended(outcome, 1, 2), ...rest(1)]))).toEqual([
      "poll-skip",
    ]);
  });

  test("what only polls show that failed is not handed on", async () => {
    const verdict = await check([...sent, ...ended("fail", 1, 1), ...rest(3)]);
    expect(kindsOf(verdict)).toEqual(["lost-write", "lost-write", "poll-skip"]);
    expect(verdict.reason).toMatch(/only polls that failed show 11/);
  });

  test("places, and what was never sent", async () => {
    const again = events(
      50,
      ["invoke", 1, "txn", POLL],
      [
        "fail",
        1,
        "txn",
        shows({
          x: [
            [11, 10],
            [12, 99],
          ],
        }),
      ],
    );
    expect(kindsOf(await check([...sent, ...again, ...rest(1)]))).toEqual(
      expect.arrayContaining(["duplicate", "unexpected-message"]),
    );
  });
});

test("steps have no logs of their own, and wait for those that are assigned", async () => {
  const given = operations(
    0,
    [0, "send", 1, 0, "ok", "a"],
    [1, "assign", ["a"], ["a"]],
    [1, "txn", POLL, [["poll", {}]]],
  );
  expect(kindsOf(await check(given, { settleMs: 0.5 }))).toEqual(["unseen"]);
  expect(await check(given)).toMatchObject({ details: { logs: 1 } });
});

/** Two operations at the same time. */
const twoAtOnce = (
  ...[first, second]: readonly (readonly [input: Value, output: Value])[]
): readonly NewEvent[] =>
  events(
    10,
    ["invoke", 0, "txn", first?.[0] ?? null],
    ["invoke", 1, "txn", second?.[0] ?? null],
    ["ok", 0, "txn", first?.[1] ?? null],
    ["ok", 1, "txn", second?.[1] ?? null],
  );

describe("cycles", () => {
  const visible = twoAtOnce(
    [
      [["send", "a", 1], ["poll"]],
      [
        ["send", "a", [0, 1]],
        ["poll", { b: [[0, 2]] }],
      ],
    ],
    [
      [["send", "b", 2], ["poll"]],
      [
        ["send", "b", [0, 2]],
        ["poll", { a: [[0, 1]] }],
      ],
    ],
  );
  const interleaved = twoAtOnce(
    [
      sends(["a", 1], ["b", 1]),
      [
        ["send", "a", [0, 1]],
        ["send", "b", [1, 1]],
      ],
    ],
    [
      sends(["a", 2], ["b", 2]),
      [
        ["send", "a", [1, 2]],
        ["send", "b", [0, 2]],
      ],
    ],
  );
  const all = operations(
    90,
    [
      5,
      "poll",
      { a: 0 },
      {
        a: [
          [0, 1],
          [1, 2],
        ],
      },
    ],
    [
      5,
      "poll",
      { b: 0 },
      {
        b: [
          [0, 2],
          [1, 1],
        ],
      },
    ],
  );

  test("each shown what the other sent before it was committed", async () => {
    const verdict = await check(visible);
    expect(kindsOf(verdict)).toEqual(["G1c"]);
    expect(verdict.reason).toMatch(
      /was shown 1 of a, which process 0's txn.* sent; .*before itself/,
    );
    expect((await check(visible, { isolation: "none" })).verdict).toBe("valid");
  });

  test("sends of several transactions may interleave, unless they are isolated", async () => {
    expect((await check([...interleaved, ...all])).verdict).toBe("valid");
    const verdict = await check([...interleaved, ...all], { isolation: "isolated-sends" });
    expect(kindsOf(verdict)).toEqual(["G0"]);
    expect(verdict.certificate).toMatchObject({
      kind: "stream-cycle",
      isolation: "isolated-sends",
    });
  });

  test("a send between two of another is no anomaly but where sends are isolated", async () => {
    const skips = twoAtOnce(
      [
        sends(["a", 1], ["a", 2]),
        [
          ["send", "a", [0, 1]],
          ["send", "a", [2, 2]],
        ],
      ],
      [sends(["a", 3]), [["send", "a", [1, 3]]]],
    );
    const shown = operations(90, [
      5,
      "poll",
      { a: 0 },
      {
        a: [
          [0, 1],
          [1, 3],
          [2, 2],
        ],
      },
    ]);
    expect((await check([...skips, ...shown])).verdict).toBe("valid");
    expect(kindsOf(await check([...skips, ...shown], { isolation: "isolated-sends" }))).toEqual([
      "G0",
    ]);
  });

  test("what is shown at no offset may be where the log goes on", async () => {
    const sent = operations(0, [0, "send", 1, 0, "ok", "a"], [1, "send", 2, 1, "ok", "a"]);
    const shownAs = async (...pairs: Value[]): Promise<Verdict> => {
      const shown = operations(40, [2, "poll", POLL, [["poll", { a: pairs }]]]);
      return check([...sent, ...shown], { isolation: "strict-serializable" });
    };
    expect((await shownAs([0, 1], [null, 2])).verdict).toBe("valid");
    expect(kindsOf(await shownAs([0, 1]))).toEqual(["G-single-realtime"]);
  });

  test("an offset may be the same number as its message", async () => {
    const given = [
      ...operations(0, [0, "send", 5, 5, "ok", "a"], [1, "send", 2, 2, "ok", "a"]),
      ...operations(40, [
        2,
        "poll",
        POLL,
        [
          [
            "poll",
            {
              a: [
                [2, 2],
                [5, 5],
              ],
            },
          ],
        ],
      ]),
    ];
    const history = historyOf(given);
    const checker = stream({ isolation: "isolated-sends" });
    const { certificate } = await checker.check(history, createBudget());
    if (certificate === undefined) expect.fail("no certificate");
    const answer = verifyCertificate({ certificate, history, budget: createBudget() });
    expect(answer.reason).toMatch(/^Confirmed: /);
  });

  test("an indeterminate transaction that was seen takes part", async () => {
    const given = visible.map((event): NewEvent => {
      const isSecond = event.type === "ok" && event.process === 1;
      return isSecond ? Object.assign({}, event, { type: "info" }) : event;
    });
    expect(kindsOf(await check(given))).toEqual(["G1c"]);
  });

  test("no isolation by another name", () => {
    expect(() => stream({ isolation: "snapshot" as "none" })).toThrow(/isolation of stream/);
  });
});

describe("contract, strictly serializable", () => {
  const contract = checkerContract({
    checker: stream({ isolation: "strict-serializable" }),
    valid: operations(
      0,
      [
        0,
        "txn",
        sends(["a", 10], ["b", 10]),
        [
          ["send", "a", [0, 10]],
          ["send", "b", [0, 10]],
        ],
      ],
      [1, "poll", POLL, shows({ a: [[0, 10]], b: [[0, 10]] })],
    ),
    violations: {
      "a cycle of what is shown": [
        ...events(
          10,
          ["invoke", 2, "txn", [["send", "a", 1], ["poll"]]],
          ["invoke", 3, "txn", [["send", "b", 2], ["poll"]]],
          [
            "ok",
            2,
            "txn",
            [
              ["send", "a", [1, 1]],
              ["poll", { b: [[1, 2]] }],
            ],
          ],
          [
            "ok",
            3,
            "txn",
            [
              ["send", "b", [1, 2]],
              ["poll", { a: [[1, 1]] }],
            ],
          ],
        ),
      ],
      "a message lost of an indeterminate transaction": operations(
        10,
        [2, "send", sends(["a", 1], ["a", 2]), null, "info"],
        [1, "poll", POLL, shows({ a: [[4, 2]] })],
      ),
    },
    unobserved: events(0, ["invoke", 9, "send", 100, "a"], ["info", 9, "send", 100, "a"]),
  });
  for (const { name, run } of contract) test(name, run);
});
