/**
 * Databases at each isolation level: what they promise is found kept, and what the level above asks
 * for is found broken, in the simulation. `npm run bench:built -- isolation --seeds N` runs N seeds
 * of each workload instead of three. What the known bugs do is in `mutants.test.ts`.
 */
import { expect, describe, test } from "vitest";
import { locking, LOCKING_VARIANTS, type LockingVariant } from "../backends/locking.js";
import { mvcc, MVCC_VARIANTS, type MvccVariant } from "../backends/mvcc.js";
import { createBudget } from "../src/checker/checker.js";
import { encodeEvent } from "../src/history/codec.js";
import type { History } from "../src/history/history.js";
import type { System } from "../src/runner/system.js";
import type { Workload } from "../src/runner/workload.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import {
  bank,
  ISOLATION_LEVELS,
  listAppend,
  longFork,
  predicate,
  rwRegister,
  writeSkew,
} from "../workloads/index.js";
import { KEPT, runOn } from "./isolation/levels.js";
import { judgeIsolation } from "./judge-isolation.js";

const SEEDS = 3;
/** Within so many seeds what a level does not exclude is seen. */
const REFUTING_SEEDS = 5;
const MINUTES = 60_000;

describe.each(KEPT.map((kept) => [kept.system().name, kept] as const))("%s", (_, kept) => {
  const { system, keeps, refuted } = kept;
  test.each(keeps.map((make) => [make().name, make] as const))(
    `keeps %s, ${SEEDS} seeds`,
    async (__, make) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { result, history } = await runOn(system(), make(), seed);
        const budget = createBudget();
        const { verdict, reason, certificate } = result.verdict;
        expect(`${seed}: ${verdict} ${reason}`).toMatch(/: valid /);
        if (certificate !== undefined) {
          expect(verifyCertificate({ certificate, history, budget })).toMatchObject({
            confirmed: true,
          });
        }
      }
    },
    MINUTES,
  );

  if (refuted.length > 0) {
    test.each(refuted.map(([make, kind]) => [make().name, kind, make] as const))(
      "does not keep %s: %s",
      async (__, kind, make) => {
        expect(await kindsFound(system, make)).toContain(kind);
      },
    );
  }
});

/** By bug: a workload that shows it, and the anomaly that it has to be called. */
const LOCKING_CASES: {
  readonly [variant in LockingVariant]: readonly [() => Workload, string];
} = {
  "dirty-reads": [() => listAppend({ level: "read-committed" }), "G1a"],
  "dirty-writes": [() => listAppend({ level: "read-uncommitted" }), "G0"],
  "undo-forgotten": [() => listAppend({ level: "read-committed" }), "G1a"],
  "short-read-locks": [() => writeSkew({ level: "serializable" }), "G2-item"],
  "upgrade-gap": [() => rwRegister({ level: "cursor-stability" }), "lost-update"],
  phantoms: [() => predicate({ level: "serializable" }), "G2"],
  "cursor-released-early": [() => rwRegister({ level: "cursor-stability" }), "lost-update"],
  "left-rows-unchecked": [() => listAppend({ level: "cursor-stability" }), "lost-update"],
};

const MVCC_CASES: { readonly [variant in MvccVariant]: readonly [() => Workload, string] } = {
  "last-committer-wins": [() => rwRegister({ level: "snapshot-isolation" }), "lost-update"],
  "late-snapshot": [() => listAppend({ level: "snapshot-isolation" }), "G-single-item"],
  "fractured-snapshot": [() => listAppend({ level: "snapshot-isolation" }), "G-single-item"],
  "installed-too-soon": [() => rwRegister({ level: "read-committed" }), "G1a"],
  "own-writes-unseen": [() => listAppend({ level: "snapshot-isolation" }), "internal"],
  "long-fork": [longFork, "long-fork"],
  "ssi-later-writes-missed": [() => writeSkew({ level: "serializable" }), "G2-item"],
  "ssi-readers-forgotten": [() => writeSkew({ level: "serializable" }), "G2-item"],
  "ssi-phantoms": [() => predicate({ level: "serializable" }), "G2"],
  "stale-snapshot": [() => listAppend(), "G-single-item-realtime"],
  "cursor-unchecked": [() => rwRegister({ level: "cursor-stability" }), "lost-update"],
  "cursor-follows-rereads": [() => listAppend({ level: "cursor-stability" }), "G-cursor-item"],
};

describe("bugs have the name that they should have", () => {
  const locked = Object.entries(LOCKING_CASES).map(([variant, [make, kind]]) => {
    const system = (): System => locking({ variant: variant as LockingVariant });
    return { name: system().name, system, make, kind };
  });
  const versioned = Object.entries(MVCC_CASES).map(([variant, [make, kind]]) => {
    const system = (): System => mvcc({ variant: variant as MvccVariant });
    return { name: system().name, system, make, kind };
  });
  test.each([...locked, ...versioned])("$name: $kind", async ({ system, make, kind }) => {
    expect(await kindsFound(system, make)).toContain(kind);
  });

  test("each is listed", () => {
    expect(Object.keys(LOCKING_VARIANTS)).toEqual(Object.keys(LOCKING_CASES));
    expect(Object.keys(MVCC_VARIANTS)).toEqual(Object.keys(MVCC_CASES));
  });
});

/** What rows that are read by predicate show to be kept, of all levels that they were asked for. */
const ROWS: readonly (readonly [() => System, kept: readonly string[]])[] = [
  [() => locking({ isolation: "read-uncommitted" }), ["read-uncommitted"]],
  [() => locking({ isolation: "read-committed" }), ISOLATION_LEVELS.slice(3)],
  [() => locking({ isolation: "repeatable-read" }), ISOLATION_LEVELS.slice(2)],
  [() => locking({ variant: "phantoms" }), ISOLATION_LEVELS.slice(2)],
  [locking, ISOLATION_LEVELS],
  [() => mvcc({ isolation: "read-committed" }), ISOLATION_LEVELS.slice(3)],
  [
    () => mvcc({ isolation: "snapshot-isolation" }),
    ISOLATION_LEVELS.filter((level) => level !== "serializable" && level !== "repeatable-read"),
  ],
  [() => mvcc({ variant: "ssi-phantoms" }), ISOLATION_LEVELS.slice(1)],
  [() => mvcc({ isolation: "serializable" }), ISOLATION_LEVELS],
  [mvcc, ISOLATION_LEVELS],
];

test.each(ROWS.map(([make, kept]) => [make().name, make, kept] as const))(
  "rows of %s are decided at every level",
  async (_, make, kept) => {
    const { history } = await runOn(make(), predicate(), 1);
    for (const level of ISOLATION_LEVELS) {
      const { verdict, reason } = await judgeIsolation(level, history);
      const expected = kept.includes(level) ? "valid" : "invalid";
      expect(`${level}: ${verdict}`, reason).toBe(`${level}: ${expected}`);
    }
  },
  MINUTES,
);

test("a minute of rows that are changed and deleted is decided", { timeout: MINUTES }, async () => {
  for (const isolation of ["snapshot-isolation", "serializable"] as const) {
    const run = { seed: 3, timeLimitMs: 60_000 };
    const { result } = await runOn(mvcc({ isolation }), predicate({ level: isolation }), run);
    expect(result.verdict).toMatchObject({ verdict: "valid" });
    expect(result.counts.ok).toBeGreaterThan(3_000);
  }
});

test("parallel snapshot isolation is what two sites keep, and no more", async () => {
  const system = (): System => mvcc({ variant: "long-fork" });
  for (let seed = 1; seed <= SEEDS; seed++) {
    const make = listAppend({ level: "parallel-snapshot-isolation" });
    const { result } = await runOn(system(), make, seed);
    expect(`${seed}: ${result.verdict.verdict} ${result.verdict.reason}`).toMatch(/: valid /);
  }
  const snapshots = (): Workload => listAppend({ level: "snapshot-isolation" });
  expect(await kindsFound(system, snapshots)).toContain("G-nonadjacent-item");
});

test("who gets in whose way is decided: deadlocks, overdrafts, conflicts and pivots happen", async () => {
  expect(await codesOf(locking(), bank())).toEqual(
    new Set(["deadlock", "overdrawn", "rolled-back"]),
  );
  expect(await codesOf(mvcc(), writeSkew())).toEqual(new Set(["pivot", "rolled-back"]));
  expect(await codesOf(mvcc(), rwRegister())).toEqual(
    new Set(["write-conflict", "pivot", "rolled-back"]),
  );
  expect(await codesOf(mvcc(), predicate())).toEqual(new Set(["pivot", "rolled-back"]));
});

test.each([
  ["list-append", mvcc, (retries: number) => listAppend({ retries })],
  ["predicate", mvcc, (retries: number) => predicate({ retries })],
  ["bank", locking, (retries: number) => bank({ retries })],
] as const)("%s, tried again, is as right as before", async (_, system, make) => {
  /** Of all that was begun, the share that lost and was not tried again, up to the end. */
  const lost = async (retries: number): Promise<number> => {
    const { result, history } = await runOn(system(), make(retries), 1);
    expect(result.verdict).toMatchObject({ verdict: "valid" });
    let count = 0;
    for (let i = 0; i < history.length; i++) {
      const { type, process, f, value, error } = history.event(i);
      const [code] = (error ?? []) as readonly string[];
      if (type !== "fail" || !/^(deadlock|write-conflict|pivot)$/.test(code ?? "")) continue;
      const next = Array.from({ length: history.length - i - 1 }, (__, n) => i + 1 + n)
        .map((at) => history.event(at))
        .find((event) => event.process === process);
      const steps = (of: unknown): string => JSON.stringify(of).replaceAll(/\d+/g, "0");
      if (next === undefined || next.f !== f || steps(next.value) !== steps(value)) count++;
    }
    return count / result.counts.invoked;
  };
  const [once, again] = [await lost(0), await lost(20)];
  expect(once).toBeGreaterThan(0);
  expect(again).toBeLessThan(once / 4);
});

test("a level that is none is refused when the workload is made", () => {
  expect(() => listAppend({ level: "very-serializable" })).toThrow(/no level "very-serializable"/);
  expect(() => writeSkew({ level: "linearizable" })).toThrow(/single operations/);
});

test("the same seed gives the same history", async () => {
  for (const system of [locking, mvcc]) {
    const [first, second, other] = await Promise.all(
      [1, 1, 2].map(async (seed) => bytesOf((await runOn(system(), listAppend(), seed)).history)),
    );
    expect(first).toBe(second);
    expect(first).not.toBe(other);
  }
});

async function kindsFound(system: () => System, make: () => Workload): Promise<Set<string>> {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= REFUTING_SEEDS; seed++) {
    const { result } = await runOn(system(), make(), seed);
    for (const { kind } of result.verdict.anomalies) kinds.add(kind);
  }
  return kinds;
}

/** The codes of all failures of a run. */
async function codesOf(system: System, workload: Workload): Promise<Set<string>> {
  const codes = new Set<string>();
  for (const seed of [1, 2, 3]) {
    const { history } = await runOn(system, workload, seed);
    for (let i = 0; i < history.length; i++) {
      const event = history.event(i);
      if (event.type === "fail") codes.add((event.error as readonly string[])[0] as string);
    }
  }
  return codes;
}

function bytesOf(history: History): string {
  return Array.from({ length: history.length }, (_, i) => encodeEvent(history.event(i))).join("\n");
}
