/**
 * Nothing about transactions is quadratic: histories made to be hard, sixteen times as long,
 * take about sixteen times the processor time (256 times would be quadratic), and each is answered.
 */
import { expect, test } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { createHistoryBuilder, INVOKE, OK, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";

const SMALL = 4_000;
const TIMES = 16;
/** Linear is 16; caches and the collector of garbage take their part. */
const GROWTH_MAX = 36;
const ROUNDS = 2;

type Micro = readonly [f: "append" | "w" | "r", key: number, value: Value];
type Row = readonly Micro[];

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** One after the other by 20 processes, or all at the same time. */
function historyFrom(rows: readonly Row[], isTogether: boolean): History {
  const builder = createHistoryBuilder();
  const add = (type: typeof INVOKE | typeof OK, at: number, row: Row): void => {
    const process = isTogether ? at : at % 20;
    builder.append(type, process, "txn", undefined, row, undefined, builder.length);
  };
  for (const [at, row] of rows.entries()) {
    add(INVOKE, at, row);
    if (!isTogether) add(OK, at, row);
  }
  if (isTogether) for (const [at, row] of rows.entries()) add(OK, at, row);
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
    row.map(([f, key, value]): Micro => [f, key + count, value]),
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
  isTogether: boolean,
  make: (count: number) => Row[],
])[] = [
  ["one dense component", "strict-serializable", true, readsOfAnything],
  ["one dense component, and real time", "strict-serializable", false, readsOfAnything],
  [
    "one cycle through all, and no shorter one",
    "serializable",
    true,
    (count) =>
      range(count).map((i) => [
        ["r", i, []],
        ["append", (i + 1) % count, 1],
      ]),
  ],
  [
    "one list that all append to, and one transaction that reads it",
    "serializable",
    true,
    (count) => [...range(count).map((i): Row => [["append", 0, i]]), [["r", 0, range(count)]]],
  ],
  [
    "one register that all write",
    "snapshot-isolation",
    true,
    (count) => range(count).map((i): Row => [["w", 0, i + 1]]),
  ],
  [
    "one register that all update",
    "serializable",
    true,
    (count) =>
      range(count).map((i): Row => [
        ["r", 0, i === 0 ? null : i],
        ["w", 0, i + 1],
      ]),
  ],
  [
    "one transaction reads keys that others write",
    "strict-serializable",
    true,
    (count) => [
      ...range(count).map((i): Row => [["w", i, 1]]),
      range(count).map((i): Micro => ["r", i, i % 2 === 0 ? null : 1]),
    ],
  ],
  [
    "one transaction writes keys that others read",
    "strong-session-causal-cerone",
    true,
    (count) => [
      range(count).map((i): Micro => ["w", i, 1]),
      ...range(count).map((i): Row => [
        ["r", i, 1],
        ["r", (i + 1) % count, 1],
      ]),
    ],
  ],
  ["a long fork among many", "parallel-snapshot-isolation", true, forkAmongMany],
  ["a long fork among many", "update-serializable", true, forkAmongMany],
  ["a long fork beside one that writes all", "update-atomic", true, forkBesideAll],
];

test.each(FAMILIES)("%s: %s", async (_, level, isTogether, make) => {
  const cost = async (count: number): Promise<number> => {
    const history = historyFrom(make(count), isTogether);
    let best = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      const before = process.cpuUsage();
      const answer = await transactional({ level }).check(history, createBudget());
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
