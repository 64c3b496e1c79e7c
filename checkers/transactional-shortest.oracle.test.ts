/**
 * The cycles that are told against all cycles there are, on thousands of histories of several
 * groups of transactions on keys of their own, each with anomalies of its own: the first of each
 * class is the shortest of that class in the whole history, and each class that needs no time is
 * told when there is one. The edges are those of the checker; the cycles are tried out here.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { LabelledDigraph } from "../src/graph/labelled-digraph.js";
import { OK } from "../src/history/history.js";
import { createRandom, type Random } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { SmallTransaction } from "../test/oracle/isolation.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { transactional } from "./transactional.js";
import { analyze } from "./transactional/analyze.js";
import { CYCLE_CLASSES, type CycleClass, type Step } from "./transactional/cycle-search.js";
import { findCycles, TIMES, type Time } from "./transactional/cycles.js";
import {
  CONTINUES,
  groupByKey,
  PROCESS,
  REALTIME,
  RW,
  UPDATE,
  WR,
  WW,
} from "./transactional/dependencies.js";
import { layOutTransactions } from "./transactional/layout.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 3_000);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 0);

/** Longer cycles are not tried. */
const LENGTH_MAX = 6;

/** Several histories in one, with keys and processes of their own, at about the same time. */
function severalGroups(random: Random): readonly SmallTransaction[] {
  const groups = 2 + random.below(2);
  return Array.from({ length: groups }, (_, group) => {
    const later = random.chance(0.5) ? 0 : random.below(8);
    return randomLists(random).map(({ process, outcome, begin, end, micro }): SmallTransaction => ({
      process: process + 3 * group,
      outcome,
      begin: begin + later + group * 0.0001,
      end: end + later + group * 0.0001,
      micro: micro.map((each) => Object.assign({}, each, { key: `${each.key}${group}` })),
    }));
  }).flat();
}

/** Steps between transactions: sessions and real time lead to all that come later. */
function stepsBetween(graph: LabelledDigraph, count: number): readonly (readonly Step[])[] {
  const from = (node: number, isWanted: (label: number) => boolean): readonly Step[] =>
    Array.from(
      graph.targets.subarray(graph.starts[node], graph.starts[node + 1]),
      (to, at): Step => ({
        from: node,
        to,
        kind: graph.labels[(graph.starts[node] as number) + at] as number,
      }),
    ).filter(({ kind }) => isWanted(kind));
  const reached = (node: number, kind: number, of: number): readonly number[] =>
    node < count && kind !== PROCESS
      ? [node]
      : [
          ...(node < count ? [node] : []),
          ...from(node, (label) => label === of).flatMap(({ to }) => reached(to, kind, of)),
        ];
  return Array.from({ length: count }, (_, node) =>
    from(node, () => true).flatMap(({ to, kind }) =>
      [...new Set(reached(to, kind, kind === PROCESS ? PROCESS : CONTINUES))].map((end): Step => ({
        from: node,
        to: end,
        kind,
      })),
    ),
  );
}

/** Whether steps that lead round are a cycle of the class, and need exactly this time. */
function isOf(name: CycleClass, time: Time, steps: readonly Step[]): boolean {
  const kinds = steps.map(({ kind }) => kind);
  const has = (kind: number): boolean => kinds.includes(kind);
  const timed = has(REALTIME) ? "realtime" : has(PROCESS) ? "process" : "";
  if (timed !== time) return false;
  const rest = kinds.filter((kind) => kind !== PROCESS && kind !== REALTIME);
  const only = (...allowed: readonly number[]): boolean =>
    rest.every((kind) => allowed.includes(kind));
  const rw = kinds.filter((kind) => kind === RW).length;
  const areAdjacent = kinds.some((kind, at) => kind === RW && kinds.at(at - 1) === RW);
  switch (name) {
    case "G0":
      return has(WW) && only(WW);
    case "G1c":
      return has(WR) && only(WW, WR);
    case "G-cursor":
      return has(UPDATE) && only(WW, WR, UPDATE);
    case "G-single":
      return rw === 1 && only(WW, WR, RW);
    case "G-nonadjacent":
      return rw > 1 && only(WW, WR, RW) && !areAdjacent;
    case "G2":
    default:
      return rw > 1 && only(WW, WR, RW) && areAdjacent;
  }
}

/** The length of the shortest cycle of each class and time, among those that are tried. */
function shortestOf(steps: readonly (readonly Step[])[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const go = (path: Step[], length: number): void => {
    const first = path[0] as Step;
    const last = path.at(-1) as Step;
    if (last.to === first.from) {
      if (path.length !== length) return;
      for (const name of CYCLE_CLASSES) {
        for (const time of TIMES) {
          const key = `${name} ${time}`;
          if (!found.has(key) && isOf(name, time, path)) found.set(key, length);
        }
      }
      return;
    }
    if (path.length === length || path.some(({ from }) => from === last.to)) return;
    for (const step of steps[last.to] as readonly Step[]) {
      // A cycle is tried from its smallest transaction only.
      if (step.to >= first.from) go([...path, step], length);
    }
  };
  for (let length = 2; length <= LENGTH_MAX; length++) {
    for (const each of steps) {
      for (const step of each) if (step.to > step.from) go([step], length);
    }
  }
  return found;
}

/** What is known of a history, its cycles and all that could be. */
function lookAt(transactions: readonly SmallTransaction[]): {
  readonly cycles: ReturnType<typeof findCycles>["cycles"];
  readonly shortest: ReadonlyMap<string, number>;
} {
  const laidOut = layOutTransactions(listHistory(transactions));
  const about = { rules: new Set<never>(), check: () => undefined };
  const { graph } = analyze(laidOut, groupByKey(laidOut), about);
  const { count, outcomes } = laidOut;
  const { cycles } = findCycles(graph, { count, isCertain: (each) => outcomes[each] === OK });
  return { cycles, shortest: shortestOf(stepsBetween(graph, count)) };
}

test("the first cycle of each class is the shortest there is", { timeout: 3_600_000 }, () => {
  const seen = new Map<string, number>();
  let several = 0;
  for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
    const { cycles, shortest } = lookAt(severalGroups(createRandom(seed)));
    const told = new Map<string, number>();
    for (const { class: name, time, steps, isShortest } of cycles) {
      const about = `seed ${seed}: ${name} ${time}`;
      const key = `${name} ${time}`;
      expect(isOf(name, time, steps), about).toBe(true);
      expect(new Set(steps.map(({ from }) => from)).size, about).toBe(steps.length);
      expect(steps.every(({ to }, at) => to === steps[(at + 1) % steps.length]?.from)).toBe(true);
      expect(isShortest, about).toBe(true);
      if (told.has(key)) several++;
      else told.set(key, steps.length);
    }
    for (const [key, length] of told) {
      seen.set(key, (seen.get(key) ?? 0) + 1);
      expect(length, `seed ${seed}: ${key}`).toBe(shortest.get(key) ?? length);
      if (!shortest.has(key)) expect(length, `seed ${seed}: ${key}`).toBeGreaterThan(LENGTH_MAX);
    }
    for (const name of CYCLE_CLASSES) {
      const key = `${name} `;
      if (shortest.has(key)) expect(told.has(key), `seed ${seed}: ${key}is not told`).toBe(true);
    }
  }
  expect(several).toBeGreaterThan(HISTORIES / 100);
  for (const key of ["G0 ", "G1c ", "G-single ", "G2 ", "G-single process", "G2 realtime"]) {
    expect(seen.get(key) ?? 0, key).toBeGreaterThan(HISTORIES / 600);
  }
});

/** Rings of so many transactions, each of which misses what the next one appends, or reads it. */
function rings(lengths: readonly number[], by: "rw" | "wr"): readonly SmallTransaction[] {
  let process = 0;
  return lengths.flatMap((length, ring) =>
    Array.from({ length }, (_, place): SmallTransaction => {
      const own = `k${ring}-${place}`;
      const next = `k${ring}-${(place + 1) % length}`;
      const read = { f: "r", key: next, value: by === "rw" ? [] : [1] } as const;
      const micro = [read, { f: "append", key: own, value: 1 } as const];
      return { process, outcome: "ok", begin: process++ / 1000, end: 10, micro };
    }),
  );
}

describe.each(["rw", "wr"] as const)("of several rings of %s", (by) => {
  test.each([[[9, 6]], [[6, 9]], [[12, 7, 5]], [[20, 8, 31, 40, 50, 7]], [[100, 50, 30, 29]]])(
    "of %j transactions the smallest is told first",
    async (lengths) => {
      const history = listHistory(rings(lengths, by));
      const verdict = await transactional({ level: "serializable" }).check(history, createBudget());
      expect(verdict.verdict).toBe("invalid");
      const [first] = verdict.anomalies;
      expect(first?.operations).toHaveLength(Math.min(...lengths));
      expect(first?.details?.["isShortest"]).toBe(true);
      const { certificate } = verdict;
      if (certificate === undefined) throw new Error("no certificate");
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified).toMatchObject({ confirmed: true });
    },
  );
});

test("where the search ends at its budget, it says so", async () => {
  // One component in which everybody is near everybody, but no cycle of this class is short.
  const random = createRandom(1);
  const count = 4_000;
  const missed: number[][] = Array.from({ length: count }, () => []);
  for (let each = 0; each < count; each++) {
    for (let edge = 0; edge < 12; edge++) {
      const layer = Math.floor(each / 100);
      const next = ((layer + 1) % 40) * 100 + random.below(100);
      (missed[each] as number[]).push(next);
    }
  }
  const transactions = missed.map((others, each): SmallTransaction => ({
    process: each,
    outcome: "ok",
    begin: each / 1e4,
    end: 10,
    micro: [
      { f: "append", key: `k${each}`, value: 1 },
      ...others.map((other) => ({ f: "r", key: `k${other}`, value: [] }) as const),
    ],
  }));
  const history = listHistory(transactions);
  const verdict = await transactional({ level: "serializable" }).check(history, createBudget());
  expect(verdict.verdict).toBe("invalid");
  const [first] = verdict.anomalies;
  expect(first?.details?.["isShortest"]).toBe(false);
  expect(first?.message).toContain("there may be a shorter one");
});
