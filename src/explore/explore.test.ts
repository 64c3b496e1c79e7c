/**
 * Exploration of whole systems: what is left after pruning shows the same histories as all
 * interleavings; healthy ones are right in every order; known bugs are found.
 */
import { describe, expect, test } from "vitest";
import { runTest } from "../runner/run.js";
import { explore, type ExploreOptions, type ExploreResult } from "./explore.js";
import { caseOf, orderOf } from "./rerun.js";
import type { Reduction } from "./search.js";
import { exploredOf, partsOf, type SmallScope } from "../../test/oracle/small-scope.js";

function optionsOf(scope: SmallScope): ExploreOptions {
  return { ...partsOf(exploredOf(scope)), nowMs: () => performance.now() };
}

const PAIR: SmallScope = {
  system: "primary-backup",
  workload: "register",
  nodes: 2,
  does: "write@x:1 / read@x",
};

/** Of systems that keep a log. */
const LOG = { workload: "kv", nodes: 2, does: "put@x:1 / get@x" };

const DISKS = { disks: true };

const TRANSFER = 'transfer:{"from":"a","to":"b","amount":5}';

describe("an exploration", () => {
  test.each<SmallScope>([
    PAIR,
    { ...PAIR, does: "write@x:1 read@x / write@x:2" },
    { ...PAIR, does: "write@x:1", bounds: { lost: 1 } },
    { ...PAIR, does: "write@x:1", bounds: { late: 1 } },
    { ...PAIR, system: "quorum", nodes: 1, does: "write@x:1 / read@x" },
    { ...PAIR, does: "write@x:1 read@x", bounds: { kills: 1 } },
    { ...PAIR, system: "quorum", nodes: 1, does: "write@x:1", bounds: { kills: 1, disks: true } },
    { ...PAIR, system: "quorum", nodes: 1, does: "write@x:1", bounds: { powerLosses: 1 } },
    { ...PAIR, system: "quorum", does: "write@x:1", bounds: { lost: 1 } },
    { ...PAIR, system: "quorum", does: "write@x:1", bounds: { late: 1 } },
    { ...PAIR, system: "quorum", nodes: 1, does: "write@x:1 / read@x", bounds: { pauses: 1 } },
    { ...PAIR, does: "write@x:1", bounds: { pauses: 1 } },
    { ...PAIR, does: "write@x:1 read@x", bounds: { waits: 1 } },
    { ...PAIR, does: "write@x:1 read@x / read@x", bounds: { cuts: 1 } },
    { ...PAIR, system: "quorum", does: "write@x:1", bounds: { cuts: 1 } },
    { ...PAIR, system: "quorum", nodes: 1, does: "write@x:1 / read@x", bounds: { waits: 2 } },
    { ...PAIR, system: "quorum", nodes: 1, does: "read@x / write@x:1", bounds: { kills: 1 } },
  ])("loses no history by what it leaves out: $system, $does, $bounds", async (scope) => {
    const names = async (reduction: Reduction): Promise<ExploreResult> =>
      explore({ ...optionsOf(scope), reduction, executions: 20_000, violations: Infinity });
    const [all, asleep, races] = [await names("none"), await names("sleep"), await names("races")];
    const states = await names("states");
    for (const each of [all, asleep, races, states]) {
      const { histories, valid, invalid, empty } = all;
      expect(each).toMatchObject({ complete: true, histories, valid, invalid, empty });
    }
    const whole = ({ executions, redundant }: ExploreResult): number => executions - redundant;
    expect(races.executions).toBeLessThanOrEqual(asleep.executions);
    expect(whole(asleep)).toBeLessThanOrEqual(all.executions);
  });

  test.each<SmallScope>([
    { ...PAIR, system: "quorum", does: "write@x:1 / read@x" },
    { ...PAIR, system: "quorum", does: "write@x:1", bounds: { kills: 1 } },
    { ...PAIR, system: "quorum:no-write-back", does: "write@x:1 / read@x", bounds: { lost: 1 } },
    { ...PAIR, workload: "bank", system: "two-phase-commit", does: TRANSFER, bounds: { lost: 1 } },
    { ...PAIR, workload: "bank", system: "two-phase-commit", does: TRANSFER, bounds: { kills: 1 } },
    { ...PAIR, workload: "bank", system: "three-phase-commit", does: TRANSFER },
    { ...PAIR, system: "quorum", does: "write@x:1", bounds: { disks: true } },
    { ...PAIR, nodes: 1, system: "quorum", does: "write@x:1", bounds: { kills: 1, disks: true } },
    { ...LOG, nodes: 1, system: "raft", does: "put@x:1", bounds: { powerLosses: 1, disks: true } },
    { ...PAIR, workload: "bank", system: "two-phase-commit", does: TRANSFER, bounds: DISKS },
    { ...LOG, system: "raft" },
    { ...LOG, system: "raft:follower-reads" },
    { ...LOG, system: "raft", does: "put@x:1", bounds: { lost: 1 } },
    { ...LOG, system: "raft", does: "put@x:1", bounds: { cuts: 1 } },
    { ...LOG, system: "chain" },
    { ...LOG, system: "chain", does: "put@x:1", bounds: { lost: 1 } },
    { ...LOG, system: "chain:duplicates-applied", nodes: 1, bounds: { lost: 1 } },
    { ...LOG, system: "multi-paxos", does: "put@x:1" },
    { ...LOG, system: "multi-paxos", nodes: 1, bounds: { lost: 1 } },
  ])("sees the same through races and through states: $system, $does, $bounds", async (scope) => {
    const options = { ...optionsOf(scope), violations: Infinity };
    const races = await explore({ ...options, reduction: "races" });
    const states = await explore(options);
    const { histories, valid, invalid, empty, unknown } = races;
    const seen = { complete: true, histories, valid, invalid, empty, unknown };
    expect(races).toMatchObject({ reduction: "races", states: 0, complete: true });
    expect(states).toMatchObject({ reduction: "states", ...seen });
    expect(states.states).toBeGreaterThan(0);
  });

  test("lets time pass before what a client does next, and not for ever", async () => {
    const shown = async (waits: number): Promise<ExploreResult> =>
      explore({ ...optionsOf({ ...PAIR, does: "write@x:1", bounds: { waits } }) });
    const [one, none] = [await shown(1), await shown(0)];
    expect(one).toMatchObject({ complete: true, cutShort: 0 });
    expect(one.executions).toBeGreaterThan(none.executions);
    expect(one.longest).toBeGreaterThan(none.longest);
  });

  test("says how far it came when it may not go on", async () => {
    const result = await explore({ ...optionsOf({ ...PAIR, system: "quorum" }), executions: 10 });
    expect(result).toMatchObject({ complete: false, executions: 10, invalid: 0 });
    expect(result.share).toBeGreaterThan(0);
    expect(result.share).toBeLessThan(1);
    const ended = await explore({ ...optionsOf(PAIR), signal: AbortSignal.abort() });
    expect(ended).toMatchObject({ complete: false, share: 0, executions: 0, rounds: [] });
  });

  test("counts what the bound of steps cuts short, and is not complete then", async () => {
    const result = await explore(optionsOf({ ...PAIR, bounds: { steps: 5 } }));
    expect(result).toMatchObject({ complete: false, share: 1, longest: 5 });
    expect(result.cutShort).toBe(result.executions);
  });

  test("is repeatable, and goes round by round until nothing is kept out", async () => {
    const rounds = [0, 1, 2, Infinity];
    const once = async (): Promise<object> => {
      const { elapsedMs: _, ...rest } = await explore({ ...optionsOf(PAIR), rounds });
      return rest;
    };
    const first = await once();
    expect(await once()).toEqual(first);
    const { rounds: gone } = first as ExploreResult;
    expect(gone.map(({ delays }) => delays)).toEqual([0, 1, 2, Infinity]);
    expect(gone.map(({ complete }) => complete)).toEqual([true, true, true, true]);
    expect(gone[0]?.executions).toBe(1);
  });
});

describe("in every order", () => {
  test.each<SmallScope>([
    { ...PAIR, nodes: 3 },
    { ...PAIR, system: "quorum" },
    { ...PAIR, system: "quorum", does: "write@x:1 read@x / write@x:2" },
    { ...PAIR, workload: "kv", system: "raft", does: "put@x:1 / get@x" },
    { ...PAIR, workload: "bank", system: "two-phase-commit", does: TRANSFER, bounds: { lost: 1 } },
    { ...PAIR, workload: "bank", system: "two-phase-commit", does: TRANSFER, bounds: { kills: 1 } },
  ])("$system keeps its promise with $nodes nodes: $does, $bounds", async (scope) => {
    const result = await explore(optionsOf(scope));
    expect(result).toMatchObject({ complete: true, invalid: 0, cutShort: 0 });
    expect(result.histories).toBeGreaterThan(0);
  });
});

describe("a bug", () => {
  test.each<SmallScope>([
    {
      ...PAIR,
      workload: "bank",
      system: "two-phase-commit:prepared-forgotten",
      does: `read ${TRANSFER} read`,
      bounds: { kills: 1 },
    },
    {
      ...PAIR,
      workload: "bank",
      system: "two-phase-commit:coordinator-forgets",
      does: `read ${TRANSFER} read`,
      bounds: { lost: 1, kills: 1, waits: 1 },
      operationTimeoutMs: 1_000,
    },
    { ...PAIR, nodes: 2, does: "write@x:1 read@x", bounds: { kills: 1 } },
    { ...PAIR, workload: "kv", system: "raft:follower-reads", does: "put@x:1 get@x / get@x" },
    {
      ...PAIR,
      workload: "kv",
      system: "raft:local-reads",
      nodes: 3,
      does: "put@x:1 / / get@x",
      bounds: { cuts: 2, waits: 2 },
      operationTimeoutMs: 1_000,
    },
    {
      ...PAIR,
      workload: "kv",
      system: "chain:answers-at-head",
      does: "put@x:1 get@x",
      bounds: { kills: 1 },
    },
    {
      ...PAIR,
      workload: "bank",
      system: "two-phase-commit:silence-is-consent",
      does: `${TRANSFER} read`,
      bounds: { lost: 1 },
    },
  ])("of $system is found, and its case fails again: $does, $bounds", async (scope) => {
    const options = optionsOf(scope);
    const { violations } = await explore({ ...options, rounds: [0, 1, 2, Infinity] });
    const [found] = violations;
    expect(found?.verdict).toMatchObject({ verdict: "invalid" });
    const { test, operations, bounds } = options;
    const failing = caseOf({ test, operations, bounds, choices: found?.choices ?? [] });
    const { queue, options: ordered } = orderOf(failing);
    const system = options.system();
    const { result, history } = await runTest({
      test,
      system,
      workload: options.workload(),
      nemeses: [],
      world: options.world(queue),
      ...ordered(system),
      replay: "",
    });
    expect(result.verdict.anomalies[0]?.kind).toBe(found?.verdict.anomalies[0]?.kind);
    // What it does and no more, and nothing before what it follows.
    expect(result.counts.invoked).toBe(operations.flat().length);
    expect([...history.timesNs]).toEqual([...history.timesNs].toSorted((a, b) => a - b));
  });
});
