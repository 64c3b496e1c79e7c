/**
 * The micro-operations that imply an edge, as data: each edge of a cycle that is not of time names
 * the two, and they do imply it.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";
import { counterHistory, randomCounters } from "../test/oracle/random-counters.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { randomRows } from "../test/oracle/random-rows.js";
import { randomListSites, randomSites } from "../test/oracle/random-sites.js";
import { historyOfRegisters, randomRegisters } from "../test/oracle/small-registers.js";
import { transactional } from "./transactional.js";

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly by: string;
  readonly key: Value;
  readonly seenBy?: number;
  readonly micro?: readonly (readonly [transaction: number, place: number])[];
}

const MAKERS: { readonly [kind: string]: (seed: number) => History } = {
  lists: (seed) => listHistory(randomLists(createRandom(seed))),
  registers: (seed) =>
    historyOfRegisters(
      randomRegisters(createRandom(seed), {
        transactionsMin: 2,
        transactionsMax: 5,
        writesPerKeyMax: 3,
      }),
    ),
  predicates: (seed) => randomRows(seed, "predicates"),
  sets: (seed) => randomRows(seed, "sets"),
  counters: (seed) => counterHistory(randomCounters(createRandom(seed))),
};

const LEVELS = ["read-uncommitted", "read-committed", "cursor-stability", "strict-serializable"];

/** The micro-operation at a place, as the history has it. */
function microAt(history: History, [transaction, place]: readonly [number, number]) {
  const { output, input, outcome } = history.operation(transaction);
  const list = (outcome === "ok" ? output : input) as readonly (readonly [string, Value, Value])[];
  const found = list[place];
  if (found === undefined) throw new Error(`${transaction} has no micro-operation ${place}`);
  return found;
}

function isRead([f]: readonly [string, ...Value[]]): boolean {
  return f === "r" || f === "rp";
}

/** Whether a read of a list or a register shows what was written. */
function shows(read: Value, written: Value): boolean {
  return Array.isArray(read) ? read.includes(written) : read === written;
}

function confirm(edge: Edge, history: History, kind: string): void {
  const { by, from, to, micro = [] } = edge;
  const ends = [from, to].filter((each) => history.operation(each).f === "txn");
  if (ends.length < 2) {
    // What was there at first nobody wrote by a micro-operation.
    expect(micro.map(([transaction]) => transaction)).toEqual(ends);
    return;
  }
  const named = micro.map((each) => microAt(history, each));
  const about = `${kind} ${JSON.stringify(edge)} ${JSON.stringify(named)}`;
  const third = by === "ww" ? [edge.seenBy ?? from] : by === "update" ? [from] : [];
  const isStepOfRegister = by === "ww" && edge.seenBy === undefined;
  const whose = [from, to, ...(isStepOfRegister ? [] : third)];
  expect(
    micro.map(([transaction]) => transaction),
    about,
  ).toEqual(whose);
  const [one, other, last] = named;
  if (one === undefined || other === undefined) throw new Error(about);
  const reads = by === "wr" ? [false, true] : by === "ww" ? [false, false] : [true, false];
  // A smaller total was read by the one, a greater by the other.
  expect([isRead(one), isRead(other)], about).toEqual(by === "smaller" ? [true, true] : reads);
  if (last !== undefined) expect(isRead(last), about).toBe(by === "ww");
  if (kind !== "lists" && kind !== "registers") return;
  for (const [, key] of named) expect(key, about).toEqual(edge.key);
  if (by === "wr") expect(shows(other[2], one[2]), about).toBe(true);
  if (by === "rw" || by === "update") expect(shows(one[2], other[2]), about).toBe(false);
  if (by === "ww" && last !== undefined) expect(shows(last[2], one[2]), about).toBe(true);
}

/** What is seen: who wrote the key, what was read of it instead, and each step that leads there. */
interface Seen extends Edge {
  readonly reader: number;
  readonly writer?: number;
  readonly written: Value;
  readonly read?: Value;
  readonly path: readonly Edge[];
}

function confirmSeen(seen: Seen, history: History, kind: string): void {
  const { from, to, reader, writer, key, written, read, path, micro = [] } = seen;
  const named = micro.map((each) => microAt(history, each));
  const about = `${kind} ${JSON.stringify(seen)} ${JSON.stringify(named)}`;
  const whose = micro.map(([transaction]) => transaction);
  expect(whose, about).toEqual(writer === undefined ? [from, to, reader] : [writer, reader]);
  for (const [, of] of named) expect(of, about).toEqual(key);
  const last = named.at(-1) ?? [];
  expect(named.map(([f]) => f === "r").slice(-2), about).toEqual([false, true]);
  expect(named[0]?.[2], about).toEqual(written);
  expect(shows(last[2] ?? null, written), about).toBe(false);
  if (read !== undefined) expect(shows(last[2] ?? null, read), about).toBe(true);
  expect(path.length, about).toBeGreaterThan(0);
  for (const step of path) confirmAny(step, history, kind);
}

function confirmAny(edge: Edge, history: History, kind: string): void {
  if (edge.by === "process" || edge.by === "realtime") expect(edge.micro).toBe(undefined);
  else if (edge.by === "visible") confirmSeen(edge as Seen, history, kind);
  else confirm(edge, history, kind);
}

const SEEN: readonly (readonly [string, (seed: number) => History])[] = [
  ["lists", (seed) => listHistory(randomListSites(createRandom(seed)))],
  ["registers", (seed) => historyOfRegisters(randomSites(createRandom(seed)))],
  ["registers", (seed) => (MAKERS["registers"] as (seed: number) => History)(seed)],
];

test("what is seen and missed, and cycles of which each order of versions has one", async () => {
  const seen = new Map<string, number>();
  const count = (name: string): void => {
    seen.set(name, (seen.get(name) ?? 0) + 1);
  };
  for (const [kind, make] of SEEN) {
    for (let seed = 1; seed <= 300; seed++) {
      const history = make(seed);
      for (const level of ["strong-session-causal-cerone", "update-atomic", "serializable"]) {
        const { anomalies } = await transactional({ level }).check(history, createBudget());
        for (const { details = {} } of anomalies) {
          for (const edge of (details["edges"] ?? []) as unknown as readonly Edge[]) {
            if (edge.by === "visible") count(`${kind} visible`);
            confirmAny(edge, history, kind);
          }
          if (details["path"] !== undefined) {
            count(`${kind} missed`);
            confirmSeen(details as unknown as Seen, history, kind);
          }
          const cycles = (details["cycles"] ?? []) as unknown as readonly { edges: Edge[] }[];
          for (const { edges } of cycles) {
            count(`${kind} cycles`);
            for (const edge of edges) confirmAny(edge, history, kind);
          }
        }
      }
    }
  }
  expect([...seen.keys()].toSorted()).toEqual([
    "lists missed",
    "registers cycles",
    "registers missed",
    "registers visible",
  ]);
});

test.each(Object.entries(MAKERS))("%s", async (kind, make) => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 400; seed++) {
    const history = make(seed);
    for (const level of LEVELS) {
      const { anomalies } = await transactional({ level }).check(history, createBudget());
      for (const { details } of anomalies) {
        for (const edge of (details?.["edges"] ?? []) as unknown as readonly Edge[]) {
          if (edge.by === "process" || edge.by === "realtime") expect(edge.micro).toBe(undefined);
          else if (edge.by !== "visible") {
            seen.add(edge.by);
            confirm(edge, history, kind);
          }
        }
      }
    }
  }
  expect([...seen].toSorted()).toEqual(expect.arrayContaining(["rw", "wr"]));
});
