/** Transactions: each anomaly with what is right beside it, what is named, and what it costs. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { transactional, type VersionRule } from "./transactional.js";

type Micro = readonly [f: "append" | "w" | "r", key: Value, value?: Value];

/** A transaction: its process, what it did, and how it ended. */
type Row = readonly [process: number, micro: readonly Micro[], outcome?: "ok" | "fail" | "info"];

const asked = (micro: readonly Micro[]): Value =>
  micro.map(([f, key, value = null]) => [f, key, f === "r" ? null : value]);

const invoke = ([process, micro]: Row): NewEvent => ({
  type: "invoke",
  process,
  f: "txn",
  value: asked(micro),
  timeNs: 0,
});

const complete = ([process, micro, type = "ok"]: Row): NewEvent => ({
  type,
  process,
  f: "txn",
  value:
    type === "ok" ? micro.map(([f, key, value = null]): Value => [f, key, value]) : asked(micro),
  timeNs: 0,
});

/** All at the same time. */
const together = (...rows: readonly Row[]): NewEvent[] => [
  ...rows.map(invoke),
  ...rows.map(complete),
];

/** One after the other. */
const inTurn = (...rows: readonly Row[]): NewEvent[] =>
  rows.flatMap((row) => [invoke(row), complete(row)]);

async function check(events: readonly NewEvent[], level: string): Promise<Verdict> {
  const history = historyOf(events);
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate !== undefined) {
    const verified = verifyCertificate({ certificate, history, budget: createBudget() });
    expect(verified).toMatchObject({ confirmed: true });
  }
  return verdict;
}

const kindsOf = ({ anomalies }: Verdict): readonly string[] => anomalies.map(({ kind }) => kind);

describe("contract", () => {
  const x = (process: number, ...micro: readonly Micro[]): Row => [process, micro];
  const contract = checkerContract({
    checker: transactional(),
    valid: inTurn(x(0, ["append", "x", 1]), x(1, ["r", "x", [1]], ["append", "x", 2])),
    violations: {
      "a stale read": inTurn(x(3, ["r", "x", [1]])),
      "write skew": together(
        x(3, ["r", "y", []], ["append", "z", 1]),
        x(4, ["r", "z", []], ["append", "y", 1]),
      ),
      "an element that nobody appended": inTurn(x(3, ["r", "x", [1, 2, 7]])),
    },
    unobserved: [invoke([9, [["append", "q", 1]]]), complete([9, [["append", "q", 1]], "info"])],
  });
  for (const { name, run } of contract) test(name, run);
});

describe("anomalies, each with the strongest level that allows it and the weakest that does not", () => {
  const cases: readonly (readonly [
    kind: string,
    allows: string,
    forbids: string,
    events: readonly NewEvent[],
  ])[] = [
    [
      "G0",
      "",
      "read-uncommitted",
      together(
        [
          0,
          [
            ["append", "x", 1],
            ["append", "y", 1],
          ],
        ],
        [
          1,
          [
            ["append", "x", 2],
            ["append", "y", 2],
          ],
        ],
        [
          2,
          [
            ["r", "x", [1, 2]],
            ["r", "y", [2, 1]],
          ],
        ],
      ),
    ],
    [
      "G1c",
      "read-uncommitted",
      "read-committed",
      together(
        [
          0,
          [
            ["append", "x", 1],
            ["r", "y", [1]],
          ],
        ],
        [
          1,
          [
            ["append", "y", 1],
            ["r", "x", [1]],
          ],
        ],
      ),
    ],
    [
      "G1a",
      "read-uncommitted",
      "read-committed",
      inTurn([0, [["append", "x", 1]], "fail"], [1, [["r", "x", [1]]]]),
    ],
    [
      "G1b",
      "read-uncommitted",
      "read-committed",
      together(
        [
          0,
          [
            ["append", "x", 1],
            ["append", "x", 2],
          ],
        ],
        [1, [["r", "x", [1]]]],
      ),
    ],
    [
      "dirty-update",
      "read-uncommitted",
      "read-committed",
      inTurn(
        [0, [["append", "x", 1]], "fail"],
        [1, [["append", "x", 2]]],
        [2, [["r", "x", [1, 2]]]],
      ),
    ],
    [
      "incompatible-order",
      "read-uncommitted",
      "read-committed",
      together(
        [0, [["append", "x", 1]]],
        [1, [["append", "x", 2]]],
        [2, [["r", "x", [1]]]],
        [3, [["r", "x", [2]]]],
      ),
    ],
    [
      "future-read",
      "read-uncommitted",
      "read-committed",
      inTurn([
        0,
        [
          ["r", "x", [1]],
          ["append", "x", 1],
        ],
      ]),
    ],
    [
      "internal",
      "read-committed",
      "read-atomic",
      inTurn([
        0,
        [
          ["append", "x", 1],
          ["r", "x", []],
        ],
      ]),
    ],
    [
      "lost-update",
      "read-committed",
      "cursor-stability",
      together(
        [
          0,
          [
            ["r", "x", []],
            ["append", "x", 1],
          ],
        ],
        [
          1,
          [
            ["r", "x", []],
            ["append", "x", 2],
          ],
        ],
      ),
    ],
    [
      "G-cursor-item",
      "read-committed",
      "cursor-stability",
      together(
        [
          0,
          [
            ["r", "x", []],
            ["append", "x", 1],
            ["append", "y", 1],
          ],
        ],
        [
          1,
          [
            ["append", "x", 2],
            ["append", "y", 2],
          ],
        ],
        [2, [["r", "y", [2, 1]]]],
      ),
    ],
    [
      "G-single-item",
      "cursor-stability",
      "consistent-view",
      together(
        [
          0,
          [
            ["append", "x", 1],
            ["append", "y", 1],
          ],
        ],
        [
          1,
          [
            ["r", "x", [1]],
            ["r", "y", []],
          ],
        ],
      ),
    ],
    [
      "G-nonadjacent-item",
      "parallel-snapshot-isolation",
      "snapshot-isolation",
      together(
        [0, [["append", "x", 1]]],
        [1, [["append", "y", 1]]],
        [
          2,
          [
            ["r", "x", [1]],
            ["r", "y", []],
          ],
        ],
        [
          3,
          [
            ["r", "y", [1]],
            ["r", "x", []],
          ],
        ],
      ),
    ],
    [
      "G2-item",
      "snapshot-isolation",
      "repeatable-read",
      together(
        [
          0,
          [
            ["r", "x", []],
            ["append", "y", 1],
          ],
        ],
        [
          1,
          [
            ["r", "y", []],
            ["append", "x", 1],
          ],
        ],
      ),
    ],
    [
      "G-single-item-process",
      "serializable",
      "strong-session-snapshot-isolation",
      inTurn([0, [["append", "x", 1]]], [0, [["r", "x", []]]]),
    ],
    [
      "G-single-item-realtime",
      "strong-session-serializable",
      "strong-snapshot-isolation",
      inTurn([0, [["append", "x", 1]]], [1, [["r", "x", []]]]),
    ],
    [
      "garbage-read",
      "",
      "read-uncommitted",
      inTurn([0, [["append", "x", 1]]], [1, [["r", "x", [1, 7]]]]),
    ],
    [
      "duplicate-elements",
      "",
      "read-uncommitted",
      inTurn([0, [["append", "x", 1]]], [1, [["r", "x", [1, 1]]]]),
    ],
    [
      "cyclic-versions",
      "",
      "read-uncommitted",
      inTurn(
        [
          0,
          [
            ["append", "x", 1],
            ["append", "x", 2],
          ],
        ],
        [1, [["r", "x", [2, 1]]]],
      ),
    ],
    [
      "reordered-writes",
      "read-uncommitted",
      "read-committed",
      inTurn(
        [
          0,
          [
            ["append", "x", 1],
            ["append", "x", 2],
          ],
          "info",
        ],
        [1, [["r", "x", [2, 1]]]],
      ),
    ],
  ];
  test.each(cases)("%s: %s may, %s may not", async (kind, allows, forbids, events) => {
    const refused = await check(events, forbids);
    expect(refused.verdict).toBe("invalid");
    expect(kindsOf(refused)).toContain(kind);
    if (allows === "") return;
    expect((await check(events, allows)).verdict).toBe("valid");
  });
});

test("a transaction's own writes are seen in their order, none left out", async () => {
  const events = inTurn(
    [
      0,
      [
        ["append", "x", 1],
        ["append", "x", 2],
        ["append", "x", 3],
      ],
    ],
    [1, [["r", "x", [1, 3]]]],
  );
  expect(kindsOf(await check(events, "read-uncommitted"))).toEqual(["cyclic-versions"]);
});

describe("indeterminate transactions", () => {
  test("have happened when any of their writes was read, and then all of them did", async () => {
    const open: Row = [
      0,
      [
        ["append", "x", 1],
        ["append", "y", 1],
      ],
      "info",
    ];
    const seen = together(open, [
      1,
      [
        ["r", "x", [1]],
        ["r", "y", []],
      ],
    ]);
    expect(kindsOf(await check(seen, "serializable"))).toContain("G-single-item");
    const unseen = together(open, [
      1,
      [
        ["r", "x", []],
        ["r", "y", []],
      ],
    ]);
    expect((await check(unseen, "strict-serializable")).verdict).toBe("valid");
  });

  test("precede nothing in time", async () => {
    const late = [
      ...inTurn([0, [["append", "x", 1]], "info"], [1, [["r", "x", []]]]),
      ...inTurn([2, [["r", "x", [1]]]]),
    ];
    expect((await check(late, "strict-serializable")).verdict).toBe("valid");
  });
});

describe("registers", () => {
  const skew = together(
    [
      0,
      [
        ["r", "x", null],
        ["w", "y", 1],
      ],
    ],
    [
      1,
      [
        ["r", "y", null],
        ["w", "x", 2],
      ],
    ],
  );

  test("the initial value comes before all others", async () => {
    const refused = await check(skew, "serializable");
    expect(refused.verdict).toBe("invalid");
    expect(refused.reason).toBe(
      'G2-item: transaction 0 read null of "x" before transaction 1 wrote 2 (which all writes follow); ' +
        'transaction 1 read null of "y" before transaction 0 wrote 1 (which all writes follow): so each would have to come before itself.',
    );
    expect((await check(skew, "snapshot-isolation")).verdict).toBe("valid");
  });

  test("the order of other versions is known by what is assumed, and is said to be", async () => {
    const stale = inTurn(
      [0, [["w", "x", 1]]],
      [
        1,
        [
          ["r", "x", 1],
          ["w", "x", 2],
        ],
      ],
      [
        2,
        [
          ["r", "x", 1],
          ["r", "y", null],
          ["w", "z", 1],
        ],
      ],
    );
    const history = historyOf(stale);
    const assume = async (...versions: readonly VersionRule[]): Promise<Verdict> =>
      transactional({ versions }).check(history, createBudget());
    // Without any rule either order is tried, and either is a cycle.
    const either = await assume();
    expect(kindsOf(either)).toEqual(["no-version-order"]);
    const refused = await assume("writes-follow-reads");
    expect(kindsOf(refused)).toEqual(["G-single-item-realtime"]);
    expect(refused.reason).toContain("4 read");
    for (const { certificate } of [either, refused]) {
      if (certificate === undefined) throw new Error("no certificate");
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified).toMatchObject({ confirmed: true });
    }
  });

  test("assumptions that contradict each other are an anomaly", async () => {
    const events = inTurn([0, [["w", "x", 1]]], [1, [["w", "x", 2]]], [2, [["r", "x", 1]]]);
    const history = historyOf([...events, ...inTurn([3, [["r", "x", 2]]])]);
    const verdict = await transactional({ versions: ["realtime"] }).check(history, createBudget());
    expect(kindsOf(verdict)).toEqual(["cyclic-versions"]);
    const { certificate } = verdict;
    if (certificate === undefined) throw new Error("no certificate");
    const verified = verifyCertificate({ certificate, history, budget: createBudget() });
    expect(verified).toMatchObject({ confirmed: true });
  });

  test("what rests on an assumption about versions refutes a level, but hides no order", async () => {
    // Whoever reads 3 comes before who writes it, by an assumption; in an order of all, after.
    const reads = [["r", "y", 3]] as const;
    const writes = [
      ["w", "y", 1],
      ["w", "y", 3],
    ] as const;
    const history = historyOf([...inTurn([0, reads]), ...inTurn([1, writes])]);
    const judge = async (level: string): Promise<Verdict> =>
      transactional({ level, versions: ["realtime"] }).check(history, createBudget());
    expect(kindsOf(await judge("snapshot-isolation"))).toEqual(["G-single-item"]);
    expect(await judge("monotonic-snapshot-read")).toMatchObject({ verdict: "valid" });
  });

  test("a read of what nobody wrote rules out every level", async () => {
    const verdict = await check(inTurn([0, [["w", "x", 1]]], [1, [["r", "x", 7]]]), "PL-1");
    expect(kindsOf(verdict)).toEqual(["garbage-read"]);
  });

  test("one key is a list or a register, not both", () => {
    const both = historyOf(
      inTurn([
        0,
        [
          ["w", "x", 1],
          ["append", "x", 2],
        ],
      ]),
    );
    expect(() => transactional().check(both, createBudget())).toThrow("expected one of both");
    expect(() => transactional({ versions: ["none" as VersionRule] })).toThrow(
      "no rule of versions",
    );
  });
});

test("an element that was appended twice: whose it is, is tried", async () => {
  const appends = [
    [0, [["append", "x", 1]]],
    [1, [["append", "x", 1]]],
  ] as const;
  // Whoever is read, the other had completed too.
  const stale = await check(inTurn(...appends, [2, [["r", "x", [1]]]]), "strict-serializable");
  expect(kindsOf(stale)).toEqual(["no-source", "G-single-item-realtime"]);
  const late = await check(inTurn(...appends, [2, [["r", "x", [1]]]]), "serializable");
  expect(late.verdict).toBe("valid");
  // It may be there as often as it was appended, and not more often.
  const both = await check(inTurn(...appends, [2, [["r", "x", [1, 1]]]]), "serializable");
  expect(both.verdict).toBe("valid");
  const thrice = await check(inTurn(...appends, [2, [["r", "x", [1, 1, 1]]]]), "serializable");
  expect(kindsOf(thrice)).toEqual(["duplicate-elements"]);
  // What is wrong whoever appended it, is wrong.
  const garbage = await check(inTurn(...appends, [2, [["r", "x", [7]]]]), "serializable");
  expect(kindsOf(garbage)).toEqual(["garbage-read"]);
});

test("who read what it appends later, and not the last, has lost no update", async () => {
  const events = together(
    [
      0,
      [
        ["r", "x", [2, 1]],
        ["append", "x", 1],
      ],
    ],
    [1, [["append", "x", 2]]],
    [2, [["append", "x", 3]]],
    [3, [["r", "x", [2, 1, 3]]]],
  );
  expect(kindsOf(await check(events, "cursor-stability"))).toContain("future-read");
  expect(kindsOf(await check(events, "cursor-stability"))).not.toContain("lost-update");
});

test("of more choices than are tried of whose elements are, the likeliest may do", async () => {
  const range = Array.from({ length: 7 }, (_, each) => each);
  const appends = range.map((each): Row => [each, [["append", "x", 1]]]);
  const all = await check(inTurn(...appends, [7, [["r", "x", range.map(() => 1)]]]), "PL-SS");
  expect(all.verdict).toBe("valid");
  // With this many nobody goes through all of 5,040, though each contradicts real time.
  const few = await check(
    inTurn(...appends, [7, [["r", "x", range.slice(1).map(() => 1)]]]),
    "PL-SS",
  );
  expect([few.verdict, few.reason]).toEqual([
    "unknown",
    expect.stringMatching(/more choices than are tried.*append each element, once/u),
  ]);
});

test("a read of nothing may be null, and a level may have another name", async () => {
  const events = inTurn([0, [["r", "x", null]]], [1, [["append", "x", 1]]]);
  expect((await check(events, "PL-3")).verdict).toBe("valid");
});

test("transactions that do not depend on each other are valid", async () => {
  const { verdict, details } = await check(inTurn([0, [["append", "x", 1]]]), "PL-SS");
  expect([verdict, details?.["edges"]]).toEqual(["valid", 1]);
});

test("nothing completed: nothing was proved", async () => {
  const { verdict, reason } = await check(inTurn([0, [["append", "x", 1]], "fail"]), "PL-3");
  expect([verdict, reason]).toEqual([
    "unknown",
    "Nothing was proved: none of the 1 transactions completed ok.",
  ]);
});

test("what is no level of transactions, and what is no transaction, is refused", () => {
  expect(() => transactional({ level: "linearizable" })).toThrow("is about single operations");
  expect(() => transactional({ level: "best" })).toThrow('no level "best"');
  const misshapen = historyOf([
    { type: "invoke", process: 0, f: "txn", value: [["swap", 1, 2]], timeNs: 0 },
  ]);
  expect(() => transactional().check(misshapen, createBudget())).toThrow(
    'event 0 is no transaction: its value has in it ["swap",1,2]; expected',
  );
});

describe("adversarial histories: twice as many transactions, about twice as many edges", () => {
  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const families: { readonly [name: string]: (count: number) => NewEvent[] } = {
    "all read nothing and append what nobody reads": (count) =>
      together(
        ...range(count).map((i): Row => [
          i,
          [
            ["r", "x", []],
            ["append", "x", i],
          ],
        ]),
      ),
    "half append before the other half begins": (count) => [
      ...together(...range(count).map((i): Row => [i, [["append", i, 1]]])),
      ...together(...range(count).map((i): Row => [count + i, [["r", i, []]]])),
    ],
    "one ring of anti-dependencies": (count) =>
      together(
        ...range(count).map((i): Row => [
          i,
          [
            ["r", i, []],
            ["append", (i + 1) % count, i],
          ],
        ]),
      ),
    "each reads what the one before wrote": (count) =>
      together(
        ...range(count).map((i): Row => [
          i,
          [
            ["r", i, [(i + count - 1) % count]],
            ["append", (i + 1) % count, i],
          ],
        ]),
      ),
    "one transaction with everything": (count) =>
      inTurn(
        [0, range(count).map((i): Micro => ["append", "x", i])],
        [1, [["r", "x", range(count)]]],
        [2, range(count).map((i): Micro => ["r", i, []])],
      ),
  };
  test.each(Object.keys(families))("%s", async (name) => {
    const make = families[name] as (count: number) => NewEvent[];
    const edgesOf = async (count: number): Promise<number> => {
      const history = historyOf(make(count));
      const { details, verdict } = await transactional().check(history, createBudget());
      expect(verdict).not.toBe("unknown");
      return (details?.["edges"] ?? 0) as number;
    };
    const small = await edgesOf(2_000);
    expect(await edgesOf(4_000)).toBeLessThan(2.1 * small + 100);
  });

  test("many anti-dependencies, of which two together make a cycle, but none alone", async () => {
    const count = 400;
    const rows = range(count).map((i): Row => {
      const own = i % 2 === 0 ? "a" : "b";
      const chain: Micro[] = i < 2 ? [] : [["r", `${own}${i}`, [1]]];
      const next: Micro = ["append", `${own}${i + 2}`, 1];
      if (i % 2 === 0) return [i, [...chain, next, ["append", `s${i}`, 1]]];
      const stale = Math.max(0, i - 1 - 2 * Math.floor(count / 8));
      return [
        i,
        [...chain, next, ["r", `s${stale}`, []], ...(i === 1 ? [["append", "z", 1] as const] : [])],
      ];
    });
    const [process, micro] = rows[count - 2] as Row;
    rows[count - 2] = [process, [...micro, ["r", "z", []]]];
    const events = together(...rows);
    const consistent = await transactional({ level: "consistent-view" }).check(
      historyOf(events),
      createBudget(),
    );
    expect(consistent.verdict).toBe("valid");
    expect(kindsOf(await check(events, "snapshot-isolation"))).toContain("G-nonadjacent-item");
  });
});
