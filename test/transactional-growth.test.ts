/**
 * Nothing about transactions is quadratic: histories made to be hard, sixteen times as long,
 * take about sixteen times the processor time (256 times would be quadratic), and each is answered.
 */
import { expect, test } from "vitest";
import { transactional } from "../checkers/transactional.js";
import type { VersionRule } from "../checkers/transactional/findings.js";
import { createBudget } from "../src/checker/checker.js";
import { createHistoryBuilder, INVOKE, OK, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";

const SMALL = 4_000;
const TIMES = 16;
/** Linear is 16; caches and the collector of garbage take their part. */
const GROWTH_MAX = 36;
const ROUNDS = 2;

type Micro = readonly [
  f: "append" | "w" | "r" | "add" | "insert",
  key: number | string,
  value: Value,
];
type Row = readonly Micro[];

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** One after the other by 20 processes, or all at the same time, but for the last. */
function historyFrom(rows: readonly Row[], manner: "in turn" | "together" | "last apart"): History {
  const isTogether = manner !== "in turn";
  const first = manner === "last apart" ? rows.slice(0, -1) : rows;
  const last = rows.length - 1;
  const builder = createHistoryBuilder();
  const add = (type: typeof INVOKE | typeof OK, at: number, row: Row): void => {
    const process = isTogether ? at : at % 20;
    builder.append(type, process, "txn", undefined, row, undefined, builder.length);
  };
  for (const [at, row] of first.entries()) {
    add(INVOKE, at, row);
    if (!isTogether) add(OK, at, row);
  }
  if (isTogether) for (const [at, row] of first.entries()) add(OK, at, row);
  if (first.length <= last) {
    add(INVOKE, last, rows[last] as Row);
    add(OK, last, rows[last] as Row);
  }
  return builder.build();
}

/** Every read of a list is of any beginning of what it will be at last. */
function readsOfAnything(count: number): Row[] {
  const random = createRandom(1);
  const keys = Math.ceil(count / 16);
  const lengths: number[] = Array.from({ length: keys }, () => 0);
  const asked = range(count).map(() => range(2).map(() => random.below(keys)));
  const rows = asked.map(([read, append]): [number, Micro] => {
    const length = (lengths[append as number] as number) + 1;
    lengths[append as number] = length;
    return [read as number, ["append", append as number, length]];
  });
  return rows.map(([key, append]) => {
    if (key === append[1]) return [append];
    const length = random.below((lengths[key] as number) + 1);
    return [["r", key, range(length).map((i) => i + 1)], append];
  });
}

/** All overlap, each in a session of its own; two readers see two writes in opposite orders. */
function forkAmongMany(count: number): Row[] {
  const many = range(count).map((i): Row =>
    i % 2 === 0 ? [["w", i % 100, i + 1]] : [["r", (i - 1) % 100, i]],
  );
  const [x, y] = [100, 101];
  const read = (x1: Value, y1: Value): Row => [
    ["r", x, x1],
    ["r", y, y1],
  ];
  return [...many, [["w", x, 1]], [["w", y, 1]], read(1, null), read(null, 1)];
}

/** One writes all keys, others one of them each; beside them the same fork. */
function forkBesideAll(count: number): Row[] {
  const fork = forkAmongMany(0).map((row) =>
    row.map(([f, key, value]): Micro => [f, Number(key) + count, value]),
  );
  const others = range(count).map((i): Row => [
    ["r", (i + 1) % count, null],
    ["w", i, 2],
  ]);
  return [range(count).map((i): Micro => ["w", i, 1]), ...others, ...fork];
}

const FAMILIES: readonly (readonly [
  name: string,
  level: string,
  manner: "in turn" | "together" | "last apart",
  make: (count: number) => Row[],
])[] = [
  ["one dense component", "strict-serializable", "together", readsOfAnything],
  ["one dense component, and real time", "strict-serializable", "in turn", readsOfAnything],
  [
    "one cycle through all, and no shorter one",
    "serializable",
    "together",
    (count) =>
      range(count).map((i) => [
        ["r", i, []],
        ["append", (i + 1) % count, 1],
      ]),
  ],
  [
    "one list that many read, beside a cycle",
    "serializable",
    "together",
    (count) => [
      [["append", 0, 1]],
      [
        ["r", 1, []],
        ["append", 2, 1],
      ],
      [
        ["r", 2, []],
        ["append", 1, 1],
      ],
      ...range(count).map((): Row => [["r", 0, [1]]]),
    ],
  ],
  [
    "one list that all append to, and one transaction that reads it",
    "serializable",
    "together",
    (count) => [...range(count).map((i): Row => [["append", 0, i]]), [["r", 0, range(count)]]],
  ],
  [
    "one register that all write",
    "snapshot-isolation",
    "together",
    (count) => range(count).map((i): Row => [["w", 0, i + 1]]),
  ],
  [
    "one register that all update",
    "serializable",
    "together",
    (count) =>
      range(count).map((i): Row => [
        ["r", 0, i === 0 ? null : i],
        ["w", 0, i + 1],
      ]),
  ],
  [
    "one register of which all lose an update",
    "snapshot-isolation",
    "together",
    (count) =>
      range(count).map((i): Row => [
        ["r", 0, null],
        ["w", 0, i + 1],
      ]),
  ],
  [
    "one register that half write and half read, beside a cycle",
    "snapshot-isolation",
    "together",
    (count) => [
      ...range(count).map((i): Row => [i % 2 === 0 ? ["w", 0, i + 1] : ["r", 0, i]]),
      [
        ["r", 1, null],
        ["w", 1, 1],
      ],
      [
        ["r", 1, null],
        ["w", 1, 2],
      ],
    ],
  ],
  [
    "one transaction reads keys that others write",
    "strict-serializable",
    "together",
    (count) => [
      ...range(count).map((i): Row => [["w", i, 1]]),
      range(count).map((i): Micro => ["r", i, i % 2 === 0 ? null : 1]),
    ],
  ],
  [
    "one transaction writes keys that others read",
    "strong-session-causal-cerone",
    "together",
    (count) => [
      range(count).map((i): Micro => ["w", i, 1]),
      ...range(count).map((i): Row => [
        ["r", i, 1],
        ["r", (i + 1) % count, 1],
      ]),
    ],
  ],
  [
    "one register that many write together and one reads later",
    "serializable",
    "last apart",
    (count) => [
      [
        ["r", 1, null],
        ["w", 2, 1],
      ],
      [
        ["r", 2, null],
        ["w", 1, 1],
      ],
      ...range(count).map((i): Row => [["w", 0, i + 1]]),
      [["r", 0, 1]],
    ],
  ],
  [
    "one set that half add to, and half read when it has one element",
    "read-committed",
    "together",
    (count) => range(count).map((i): Row => (i % 2 === 0 ? [["add", "s", i]] : [["r", "s", [0]]])),
  ],
  [
    "one row that all update",
    "serializable",
    "in turn",
    (count) => [
      [["insert", "other", 1]],
      ...range(count).map((i): Row => [
        ["r", "x", i === 0 ? null : i],
        ["w", "x", i + 1],
      ]),
    ],
  ],
  [
    "one row that all read as it was at first, and half write",
    "serializable",
    "together",
    (count) => [
      [["insert", "other", 1]],
      ...range(count).map((i): Row => {
        const read: Micro = ["r", "x", null];
        return i % 2 === 0 ? [read] : [read, ["w", "x", i]];
      }),
    ],
  ],
  [
    "a ring of long forks, of which none can be left out",
    "prefix",
    "together",
    (count) => [
      ...range(count / 2).map((i): Row => [["w", i, 1]]),
      ...range(count / 2).map((i): Row => [
        ["r", i, 1],
        ["r", (i + 1) % (count / 2), null],
      ]),
    ],
  ],
  ["a long fork among many", "parallel-snapshot-isolation", "together", forkAmongMany],
  ["a long fork among many", "update-serializable", "together", forkAmongMany],
  ["a long fork beside one that writes all", "update-atomic", "together", forkBesideAll],
];

test.each(FAMILIES)("%s: %s", async (_, level, manner, make) => {
  // Who reads after all others reads versions that real time has put in order.
  const versions: readonly VersionRule[] = manner === "last apart" ? ["realtime"] : [];
  const cost = async (count: number): Promise<number> => {
    const history = historyFrom(make(count), manner);
    let best = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      const before = process.cpuUsage();
      const answer = await transactional({ level, versions }).check(history, createBudget());
      const { user, system } = process.cpuUsage(before);
      expect(answer.verdict, answer.reason).not.toBe("unknown");
      if (make === readsOfAnything) {
        expect(answer.details?.["components"]).toBe(1);
        expect(answer.details?.["onCycles"]).toBeGreaterThan(0.9 * count);
      }
      best = Math.min(best, user + system);
    }
    return best / 1000;
  };
  const small = await cost(SMALL);
  const large = await cost(TIMES * SMALL);
  // What takes a few milliseconds is not measured, but a quadratic check of 64,000 would take more.
  expect(large / Math.max(small, 3), `${small} ms, ${large} ms`).toBeLessThan(GROWTH_MAX);
  process.stdout.write(`${level} ${small.toFixed(1)} ${large.toFixed(1)}\n`);
});

test("evidence of a long cycle is confirmed in about linear time", async () => {
  const cost = async (count: number): Promise<number> => {
    const rows = range(count).map((i): Row => [
      ["r", i, null],
      ["w", (i + 1) % count, 1],
    ]);
    const history = historyFrom(rows, "together");
    const checker = transactional({ level: "serializable" });
    const { certificate } = await checker.check(history, createBudget());
    if (certificate === undefined) throw new Error("there is no evidence");
    const before = process.cpuUsage();
    const answer = verifyCertificate({ certificate, history, budget: createBudget() });
    const { user, system } = process.cpuUsage(before);
    expect(answer).toMatchObject({ confirmed: true });
    return (user + system) / 1000;
  };
  const small = await cost(1_000);
  const large = await cost(TIMES * 1_000);
  expect(large / Math.max(small, 3), `${small} ms, ${large} ms`).toBeLessThan(GROWTH_MAX);
});

test("as many parts with a cycle each as no call takes arguments", async () => {
  const rows = range(140_000).flatMap((i): Row[] => [
    [
      ["r", 2 * i, []],
      ["append", 2 * i + 1, 1],
    ],
    [
      ["r", 2 * i + 1, []],
      ["append", 2 * i, 1],
    ],
  ]);
  const checker = transactional({ level: "serializable" });
  const answer = await checker.check(historyFrom(rows, "together"), createBudget());
  expect(answer).toMatchObject({ verdict: "invalid", details: { components: 140_000 } });
});
