/** Transactions on counters, and banks: what totals tell, in words and as evidence. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { decodeHistory } from "../src/history/codec.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { IsolationPhenomenon } from "../src/verdict/isolation-certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { judgeIsolation } from "../test/judge-isolation.js";
import { transactional } from "./transactional.js";

type Step = readonly Value[];

/** Transactions one after the other, each of a process of its own; those marked failed. */
function counting(...transactions: readonly (readonly Step[] | "!")[]): History {
  const events: NewEvent[] = [];
  for (const [at, value] of transactions.entries()) {
    if (value === "!") continue;
    const about = { process: at, f: "txn", value, timeNs: 0 } as const;
    const type = transactions[at + 1] === "!" ? "fail" : "ok";
    events.push({ ...about, type: "invoke" }, { ...about, type });
  }
  return historyOf(events);
}

/** Operations of a bank one after the other, each of a process of its own. */
function banking(...operations: readonly (readonly [string, Value])[]): History {
  const events = operations.flatMap(([f, value], at): NewEvent[] => {
    const about = { process: at, f, value, timeNs: 0 } as const;
    return [
      { ...about, type: "invoke", ...(f === "read" ? { value: null } : {}) },
      { ...about, type: "ok" },
    ];
  });
  return historyOf(events);
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array<ArrayBuffer>> {
  yield new TextEncoder().encode(text);
}

async function kindsAt(level: string, history: History): Promise<readonly string[]> {
  const { verdict, anomalies } = await judgeIsolation(level, history);
  return [verdict, ...anomalies.map(({ kind }) => kind)];
}

const SKEWED = counting(
  [
    ["inc", "x", 1],
    ["inc", "y", 1],
  ],
  [
    ["r", "x", 1],
    ["r", "y", 0],
  ],
  [
    ["r", "x", 1],
    ["r", "y", 1],
  ],
);

/** Each reads the counter to which the other adds. */
const WRITE_SKEW = counting(
  [
    ["r", "x", 0],
    ["inc", "y", 1],
  ],
  [
    ["r", "y", 0],
    ["inc", "x", 1],
  ],
);

const LONG_FORK = counting(
  [["inc", "x", 1]],
  [["inc", "y", 1]],
  [
    ["r", "x", 1],
    ["r", "y", 0],
  ],
  [
    ["r", "x", 0],
    ["r", "y", 1],
  ],
);

const STALE = ["invalid", "G-single-item-realtime"];

/** One of the first two must have been seen, and neither was. */
const NEITHER = counting(
  [
    ["inc", "x", 1],
    ["inc", "y", 1],
  ],
  [
    ["inc", "x", 1],
    ["inc", "z", 1],
  ],
  [
    ["r", "x", 1],
    ["r", "y", 0],
    ["r", "z", 0],
  ],
);

describe("levels", () => {
  test("what adds up is strict serializable", async () => {
    const history = counting(
      [
        ["inc", "x", 2],
        ["r", "x", 2],
      ],
      [
        ["r", "x", 2],
        ["dec", "x"],
      ],
      [
        ["increment", "x", 4],
        ["decrement", "x", 1],
      ],
      [["r", "x", 4]],
    );
    expect(await kindsAt("strict-serializable", history)).toEqual(["valid"]);
  });

  test("a stale total is serializable, and not in real time", async () => {
    const history = counting([["inc", "x", 1]], [["r", "x", 0]]);
    expect(await kindsAt("serializable", history)).toEqual(["valid"]);
    expect(await kindsAt("strong-snapshot-isolation", history)).toEqual(STALE);
    expect(await kindsAt("strict-serializable", history)).toEqual(STALE);
  });

  test("read skew: one increment of two is seen", async () => {
    expect(await kindsAt("read-committed", SKEWED)).toEqual(["valid"]);
    expect(await kindsAt("cursor-stability", SKEWED)).toEqual(["valid"]);
    expect(await kindsAt("snapshot-isolation", SKEWED)).toEqual(["invalid", "G-single-item"]);
    expect(await kindsAt("consistent-view", SKEWED)).toEqual(["invalid", "G-single-item"]);
    const { reason } = await judgeIsolation("serializable", SKEWED);
    expect(reason).toBe(
      'G-single-item: transaction 2 read "y" as 0, which leaves no room for what transaction 0 added; transaction 2 read "x" as 1, which takes what transaction 0 added: so each would have to come before itself.',
    );
  });

  test("write skew: snapshots allow it, serial orders do not", async () => {
    expect(await kindsAt("snapshot-isolation", WRITE_SKEW)).toEqual(["valid"]);
    expect(await kindsAt("repeatable-read", WRITE_SKEW)).toEqual(["invalid", "G2-item"]);
    expect(await kindsAt("serializable", WRITE_SKEW)).toEqual(["invalid", "G2-item"]);
  });

  test("a long fork has no prefix, whoever added", async () => {
    expect(await kindsAt("read-committed", LONG_FORK)).toEqual(["valid"]);
    expect(await kindsAt("prefix", LONG_FORK)).toEqual(["invalid", "G-nonadjacent-item"]);
    expect(await kindsAt("snapshot-isolation", LONG_FORK)).toEqual([
      "invalid",
      "G-nonadjacent-item",
    ]);
    expect(await kindsAt("parallel-snapshot-isolation", LONG_FORK)).toEqual(["valid"]);
  });

  test("a lost update: two add to the same total", async () => {
    const history = counting(
      [
        ["r", "x", 0],
        ["inc", "x", 1],
      ],
      [
        ["r", "x", 0],
        ["inc", "x", 1],
      ],
    );
    expect(await kindsAt("prefix", history)).toEqual(["valid"]);
    for (const level of ["cursor-stability", "snapshot-isolation", "serializable"]) {
      expect((await kindsAt(level, history)).slice(0, 2)).toEqual(["invalid", "lost-update"]);
    }
    const { reason } = await judgeIsolation("cursor-stability", history);
    expect(reason).toBe(
      'lost-update: transactions 0 and 2 both read "x" as 0 and then added to it, though nothing is ever taken away: whoever was second did not see the first.',
    );
  });

  test("where something is taken away as well, the total may have come back", async () => {
    const history = counting(
      [
        ["r", "x", 0],
        ["inc", "x", 1],
      ],
      [["inc", "x", -1]],
      [
        ["r", "x", 0],
        ["inc", "x", 1],
      ],
    );
    expect(await kindsAt("serializable", history)).toEqual(["valid"]);
  });

  test("of those who added the same, either may have been seen", async () => {
    const history = counting(
      [
        ["inc", "x", 1],
        ["inc", "y", 1],
      ],
      [
        ["inc", "x", 1],
        ["inc", "z", 1],
      ],
      [
        ["r", "x", 1],
        ["r", "y", 0],
        ["r", "z", 1],
      ],
    );
    expect(await kindsAt("serializable", history)).toEqual(["valid"]);
    expect(await kindsAt("strict-serializable", history)).toEqual(STALE);
  });

  test("however long, one read at the end that lacks what was committed is found", async () => {
    const count = 2_000;
    const endingWith = (by: "inc" | "dec", last: number): History =>
      counting(
        ...Array.from({ length: count }, (_, at): Step[] => {
          const total = (at + 1) / 2;
          return [at % 2 === 0 ? [by, "x", 1] : ["r", "x", by === "inc" ? total : -total]];
        }),
        [["r", "x", last]],
      );
    expect(await kindsAt("strict-serializable", endingWith("inc", count / 2))).toEqual(["valid"]);
    for (const [by, last] of [
      ["inc", 0],
      ["inc", 5],
      ["inc", 700],
      ["dec", -700],
    ] as const) {
      const history = endingWith(by, last);
      for (const level of ["strict-serializable", "strong-prefix"]) {
        // The certificate is verified as well.
        expect(await kindsAt(level, history)).toEqual(["invalid", "no-order"]);
      }
    }
  });

  test("though nobody knows who was seen, no order explains the totals", async () => {
    expect(await kindsAt("read-committed", NEITHER)).toEqual(["valid"]);
    expect(await kindsAt("snapshot-isolation", NEITHER)).toEqual(["invalid", "no-order"]);
    const { reason } = await judgeIsolation("serializable", NEITHER);
    expect(reason).toBe(
      'no-order: whatever the order of the transactions, not all of these totals are there when they would have to be, as prefix demands: transaction 4 read "x" as 1; transaction 4 read "y" as 0; transaction 4 read "z" as 0.',
    );
  });

  test("smaller totals come first, whoever added", async () => {
    const history = counting(
      [["inc", "x", 1]],
      [["inc", "x", 1]],
      [["inc", "y", 1]],
      [["inc", "y", 1]],
      [
        ["r", "x", 1],
        ["r", "y", 0],
      ],
      [
        ["r", "x", 0],
        ["r", "y", 1],
      ],
    );
    const [verdict, kind] = await kindsAt("prefix", history);
    expect([verdict, kind]).toEqual(["invalid", "G-nonadjacent-item"]);
    const { reason } = await judgeIsolation("prefix", history);
    expect(reason).toBe(
      'G-nonadjacent-item: transaction 8 read "y" as 0, and transaction 10 read "y" as 1, which is more; transaction 10 read "x" as 0, and transaction 8 read "x" as 1, which is more: so each would have to come before itself.',
    );
  });

  test("powers of two tell who was seen", async () => {
    const history = counting(
      [
        ["inc", "x", 1],
        ["inc", "y", 1],
      ],
      [
        ["inc", "x", 2],
        ["inc", "z", 1],
      ],
      [
        ["r", "x", 1],
        ["r", "y", 0],
        ["r", "z", 1],
      ],
    );
    expect(await kindsAt("read-committed", history)).toEqual(["valid"]);
    expect(await kindsAt("serializable", history)).toEqual(["invalid", "G-single-item"]);
  });
});

describe("totals that are wrong by themselves", () => {
  const cases: readonly (readonly [string, level: string, History])[] = [
    ["garbage-read", "read-uncommitted", counting([["inc", "x", 2]], [["r", "x", 3]])],
    ["G1a", "read-committed", counting([["inc", "x", 2]], "!", [["r", "x", 2]])],
    [
      "G1b",
      "read-committed",
      counting(
        [
          ["inc", "x", 2],
          ["inc", "x", 3],
        ],
        [["r", "x", 2]],
      ),
    ],
    [
      "future-read",
      "read-committed",
      counting([
        ["r", "x", 2],
        ["inc", "x", 2],
      ]),
    ],
    [
      "dirty-read",
      "read-committed",
      counting(
        [
          ["inc", "x", 2],
          ["inc", "x", 9],
        ],
        [["inc", "x", 4]],
        "!",
        [["r", "x", 6]],
      ),
    ],
    [
      "internal",
      "repeatable-read",
      counting(
        [["inc", "x", 1]],
        [
          ["r", "x", 0],
          ["r", "x", 1],
        ],
      ),
    ],
    [
      "wrong-total",
      "consistent-view",
      counting(
        [
          ["inc", "x", 3],
          ["dec", "y", 3],
        ],
        [
          ["r", "x", 3],
          ["r", "y", 0],
        ],
      ),
    ],
  ];
  test.each(cases)("%s contradicts %s", async (kind, level, history) => {
    const [verdict, ...kinds] = await kindsAt(level, history);
    expect([verdict, kinds]).toEqual(["invalid", expect.arrayContaining([kind])]);
    const below = {
      "read-committed": "read-uncommitted",
      "repeatable-read": "read-committed",
      "consistent-view": "read-committed",
    }[level];
    if (below !== undefined) expect((await kindsAt(below, history))[0]).toBe("valid");
  });

  test("an indeterminate increment may be seen or not", async () => {
    const about = { process: 0, f: "txn", value: [["inc", "x", 2]], timeNs: 0 } as const;
    const read = (total: number): readonly NewEvent[] => {
      const value = [["r", "x", total]];
      const by = { process: 1, f: "txn", timeNs: 0, value } as const;
      return [
        { ...by, type: "invoke" },
        { ...by, type: "ok" },
      ];
    };
    const open = [{ ...about, type: "invoke" } as const];
    const once = historyOf([...open, ...read(0), ...read(2)]);
    expect(await kindsAt("strict-serializable", once)).toEqual(["valid"]);
    const back = historyOf([...open, ...read(2), ...read(0)]);
    expect(await kindsAt("serializable", back)).toEqual(["valid"]);
    expect((await kindsAt("strong-session-serializable", back))[0]).toBe("invalid");
  });
});

describe("banks", () => {
  const MOVED = ["transfer", { from: "a", to: "b", amount: 3 }] as const;

  test("what accounts have at first is what the reads say", async () => {
    const history = banking(["read", { a: 10, b: 0 }], MOVED, ["read", { a: 7, b: 3 }]);
    expect(await kindsAt("strict-serializable", history)).toEqual(["valid"]);
  });

  test("a total that changes contradicts a consistent view", async () => {
    const history = banking(["read", { a: 10, b: 0 }], MOVED, ["read", { a: 7, b: 0 }]);
    expect(await kindsAt("consistent-view", history)).toEqual(["invalid", "wrong-total"]);
    const { reason } = await judgeIsolation("serializable", history);
    expect(reason).toBe(
      'wrong-total: transaction 4 read 7 in all ("a" as 7, "b" as 0), of what is only moved from one to another: transaction 0 read another total.',
    );
    // Half of the transfer is there, which no snapshot shows.
    expect(await kindsAt("prefix", history)).toEqual(["invalid", "wrong-total"]);
    expect(await kindsAt("read-committed", history)).toEqual(["valid"]);
  });

  test("the total is right, and still no order explains it", async () => {
    const history = banking(
      ["init", { a: 5, b: 5, c: 5, d: 5 }],
      ["transfer", { from: "a", to: "b", amount: 1 }],
      ["transfer", { from: "c", to: "d", amount: 2 }],
      ["read", { a: 4, b: 6, c: 5, d: 5 }],
      ["read", { a: 5, b: 5, c: 3, d: 7 }],
    );
    expect(await kindsAt("serializable", history)).toEqual(["invalid", "G-nonadjacent-item"]);
    expect(await kindsAt("cursor-stability", history)).toEqual(["valid"]);
  });

  test("Jepsen's histories are read", async () => {
    const text = [
      "{:type :invoke, :f :read, :process 0, :time 1, :index 0}",
      "{:type :ok, :f :read, :process 0, :time 2, :index 1, :value {0 10, 1 0}}",
      "{:type :invoke, :f :transfer, :process 1, :time 3, :index 2, :value {:from 0, :to 1, :amount 3}}",
      "{:type :ok, :f :transfer, :process 1, :time 4, :index 3, :value {:from 0, :to 1, :amount 3}}",
      "{:type :invoke, :f :read, :process 0, :time 5, :index 4}",
      "{:type :ok, :f :read, :process 0, :time 6, :index 5, :value {0 7, 1 3}}",
    ].join("\n");
    const { history } = await decodeHistory(bytesOf(text), { file: "bank.edn" });
    expect(await kindsAt("strict-serializable", history)).toEqual(["valid"]);
    const wrong = text.replace("{0 7, 1 3}", "{0 7, 1 4}");
    const decoded = await decodeHistory(bytesOf(wrong), { file: "bank.edn" });
    const kinds = ["garbage-read", "wrong-total"];
    expect(await kindsAt("serializable", decoded.history)).toEqual(["invalid", ...kinds]);
  });

  test("transactions beside a bank are refused, with the event of what is fewer", async () => {
    const reading = ["txn", [["r", "x", null]]] as const;
    const asked = async (history: History): Promise<Verdict> =>
      transactional().check(history, createBudget());
    await expect(asked(banking(MOVED, ["read", { a: 5, b: 5 }], reading))).rejects.toMatchObject({
      code: "bad-argument",
      event: 4,
      message: expect.stringMatching(
        /^operation 4 is a transaction \(txn\) beside a bank .*"inc"/u,
      ),
    });
    await expect(asked(banking(reading, MOVED, reading))).rejects.toMatchObject({
      event: 2,
      message: expect.stringMatching(/^operation 2 is a transfer of a bank beside 2 transactions/u),
    });
    // What only has the name of a transfer moves nothing.
    const named = banking(["transfer", 5], ["txn", [["inc", "x", 1]]], ["txn", [["r", "x", 1]]]);
    expect((await asked(named)).verdict).toBe("valid");
  });

  test("transactions of counters in EDN", async () => {
    const text = [
      "{:type :invoke, :process 0, :value [[:inc :x 2] [:r :x nil]]}",
      "{:type :ok, :process 0, :value [[:inc :x 2] [:r :x 2]]}",
    ].join("\n");
    const { history } = await decodeHistory(bytesOf(text), { file: "counter.edn" });
    expect(await kindsAt("strict-serializable", history)).toEqual(["valid"]);
  });
});

test("additions are of counters where reads are numbers, of sets where they are lists", async () => {
  const numbers = counting([["add", "x", 2]], [["add", "x", 2]], [["r", "x", 4]]);
  expect(await kindsAt("strict-serializable", numbers)).toEqual(["valid"]);
  const sets = counting([["add", "x", 2]], [["add", "x", 3]], [["r", "x", [2, 3]]]);
  expect(await kindsAt("strict-serializable", sets)).toEqual(["valid"]);
});

async function phenomenonOf(level: string, history: History): Promise<IsolationPhenomenon> {
  const { certificate } = await judgeIsolation(level, history);
  if (certificate?.kind !== "isolation-violation") throw new Error("there is no certificate");
  return certificate.phenomenon;
}

function isConfirmed(history: History, phenomenon: IsolationPhenomenon): boolean {
  const level = "serializable";
  const certificate = { kind: "isolation-violation", level, phenomenon } as const;
  return verifyCertificate({ certificate, history, budget: createBudget() }).confirmed;
}

test("a refutation that is untrue is refused", async () => {
  const phenomenon = await phenomenonOf("serializable", NEITHER);
  if (phenomenon.name !== "no-counter-order") throw new Error(phenomenon.name);
  expect(isConfirmed(NEITHER, phenomenon)).toBe(true);
  const untrue: readonly IsolationPhenomenon[] = [
    { ...phenomenon, reads: phenomenon.reads.slice(1) },
    { ...phenomenon, reads: [[0, 1]] },
    { ...phenomenon, needs: "read-committed" },
    { ...phenomenon, needs: "strong-prefix" },
    { ...phenomenon, needs: "consistent-view" },
    { name: "counter-finding", kind: "lost-update", transactions: [0, 2], at: [0], key: "x" },
    { name: "counter-finding", kind: "garbage-read", transactions: [4], at: [0], key: "x" },
    { name: "counter-finding", kind: "G1a", transactions: [4], at: [0], key: "x" },
    { name: "counter-finding", kind: "internal", transactions: [4], at: [0], key: "x" },
    { name: "counter-finding", kind: "wrong-total", transactions: [4], at: [0, 1] },
  ];
  for (const each of untrue) expect([each, isConfirmed(NEITHER, each)]).toEqual([each, false]);
});

test("a cycle that is untrue is refused", async () => {
  const phenomenon = await phenomenonOf("serializable", WRITE_SKEW);
  if (phenomenon.name !== "counter-cycle") throw new Error(phenomenon.name);
  const [one, other] = phenomenon.edges;
  if (one === undefined || other === undefined) throw new Error("the cycle is short");
  expect(isConfirmed(WRITE_SKEW, phenomenon)).toBe(true);
  const untrue: readonly IsolationPhenomenon[] = [
    { ...phenomenon, edges: [one] },
    { ...phenomenon, edges: [one, { ...other, by: "wr" } as typeof other] },
    { ...phenomenon, edges: [one, { ...other, at: 1 } as typeof other] },
    { ...phenomenon, edges: [one, { ...other, by: "smaller", toAt: 0 } as typeof other] },
    { ...phenomenon, edges: [one, { from: other.from, to: other.to, by: "realtime" }] },
    { ...phenomenon, reads: phenomenon.reads.slice(0, 1) },
  ];
  for (const each of untrue) expect([each, isConfirmed(WRITE_SKEW, each)]).toEqual([each, false]);
  for (const [manner, order] of [
    ["serial", [0, 2]],
    ["snapshot", [0, 0, 2, 2]],
    ["commit", [0, 2]],
  ] as const) {
    const claimed = { kind: "transaction-order", level: "serializable", manner, order } as const;
    const budget = createBudget();
    const verified = verifyCertificate({ certificate: claimed, history: WRITE_SKEW, budget });
    expect(verified, manner).toMatchObject({ confirmed: false });
  }
});

test("what is no transaction on counters is refused", async () => {
  const cases: readonly (readonly [RegExp, History])[] = [
    [/nothing that is of counters: \["w"/, counting([["inc", "x", 1]], [["w", "x", 1]])],
    [/nothing that is of counters: 1.5/, counting([["inc", "x", 1.5]])],
    [/nothing that is of counters: \[1\]/, counting([["inc", "x", 1]], [["r", "x", [1]]])],
    [
      /init\) says what is there before/,
      banking(["transfer", { from: 1, to: 2, amount: 1 }], ["read", {}], ["init", { a: 1 }]),
    ],
    [
      /nothing that is of counters: {"from":"a"}/,
      banking(["transfer", { from: "a" }], ["read", {}]),
    ],
  ];
  for (const [message, history] of cases) {
    const check = async (): Promise<unknown> => transactional().check(history, createBudget());
    await expect(check()).rejects.toThrow(message);
  }
});

test("nothing is proved where nothing completed", async () => {
  const history = counting([["inc", "x", 1]], "!");
  const { verdict, reason } = await judgeIsolation("serializable", history);
  expect([verdict, reason]).toEqual([
    "unknown",
    "Nothing was proved: none of the 1 transactions completed ok.",
  ]);
});
