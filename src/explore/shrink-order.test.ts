/** Explored cases are made small, and what is left fails when its choices are made again. */
import { describe, expect, test } from "vitest";
import { makeSystem } from "../cli/catalog.js";
import { sizeOf, type FailingCase } from "../shrink/failing-case.js";
import { execute } from "./execution.js";
import { explore } from "./explore.js";
import { Following } from "./following.js";
import { recordedChooser } from "./recorded.js";
import { boundsOf, caseOf, operationsOf } from "./rerun.js";
import { shrinkOrder, type ShrunkOrder } from "./shrink-order.js";
import { exploredOf, partsOf, type SmallScope } from "../../test/oracle/small-scope.js";

/** Finds a case in a scope. */
async function found(scope: SmallScope): Promise<FailingCase> {
  const explored = exploredOf(scope);
  const nowMs = (): number => performance.now();
  const { violations } = await explore({ ...partsOf(explored), nowMs, rounds: [0, 1, 2] });
  expect(violations).toHaveLength(1);
  return caseOf({ ...explored, choices: violations[0]?.choices ?? [] });
}

async function shrunk(start: FailingCase, runs = Infinity): Promise<ShrunkOrder> {
  const budget = { runs, timeMs: Infinity, nowMs: () => performance.now() };
  const { min: nodesMin } = makeSystem(start.test.system).nodes;
  return shrinkOrder({ start, parts: partsOf, budget, nodesMin });
}

/** The kind of its first anomaly when its choices are made again. */
async function kindOf(failing: FailingCase): Promise<string | undefined> {
  const { test: described, order } = failing;
  const explored = { test: described, operations: operationsOf(failing), bounds: boundsOf(order) };
  const chooser = recordedChooser(order?.choices ?? []);
  const { judged } = await execute(partsOf(explored), { chooser, seen: new Set() });
  return judged?.verdict.anomalies[0]?.kind;
}

const TRANSFER = 'transfer:{"from":"a","to":"b","amount":5}';

describe("a case whose order was chosen", () => {
  test.each<readonly [SmallScope, Partial<ReturnType<typeof sizeOf>>]>([
    [
      {
        system: "primary-backup",
        workload: "register",
        nodes: 3,
        does: "write@x:2 write@x:1 read@x / read@y",
        bounds: { kills: 1, lost: 1 },
      },
      { operations: 2, faults: 1, workers: 1, nodes: 2 },
    ],
    [
      {
        system: "two-phase-commit:prepared-forgotten",
        workload: "bank",
        nodes: 3,
        does: `read read ${TRANSFER} read`,
        bounds: { kills: 1 },
      },
      { operations: 3, faults: 1, workers: 1, nodes: 2 },
    ],
    [
      {
        system: "raft:follower-reads",
        workload: "kv",
        nodes: 3,
        does: "put@x:1 get@x / get@x put@x:2",
      },
      { operations: 2, faults: 0, workers: 1, nodes: 2 },
    ],
  ])("of %j is made small: %j", async (scope, size) => {
    const start = await found(scope);
    const { reproduced, best, spent } = await shrunk(start);
    expect({ reproduced, spent }).toEqual({ reproduced: true, spent: false });
    expect(sizeOf(best)).toMatchObject(size);
    expect(sizeOf(best).choices).toBeLessThan(sizeOf(start).choices ?? 0);
    expect(await kindOf(best)).toBe(await kindOf(start));
  });

  test("stays as it is when it does not fail, or nothing may be spent", async () => {
    const {
      test: described,
      operations,
      bounds,
    } = exploredOf({
      system: "quorum",
      workload: "register",
      nodes: 1,
      does: "write@x:1 read@x",
    });
    const right = caseOf({ test: described, operations, bounds, choices: [] });
    expect(await shrunk(right)).toMatchObject({ reproduced: false, best: right, runs: 1 });
    const start = await found({
      system: "primary-backup",
      workload: "register",
      nodes: 2,
      does: "write@x:1 read@x",
      bounds: { kills: 1 },
    });
    const nothing = await shrunk(start, 1);
    expect(nothing).toMatchObject({ reproduced: true, best: start, spent: true });
  });
});

describe("choices that are followed", () => {
  const candidates = (...ids: string[]): { id: string; place: string; creator: number }[] =>
    ids.map((id) => ({ id, place: "n1", creator: -1 }));

  test("are made as far as they are there, and what was chosen in fact is known", () => {
    const chooser = new Following(["gone", "b", "lose m", "a", "never"]);
    expect(chooser.schedule(candidates("a", "b"))).toBe(1);
    expect(chooser.choose(["keep m", "lose m"])).toBe(1);
    expect(chooser.choose(["keep m", "lose m"])).toBe(0);
    expect(chooser.schedule(candidates("c", "a"))).toBe(1);
    expect(chooser.schedule(candidates("c", "d"))).toBe(0);
    expect(chooser.choices).toEqual(["b", "lose m", "a"]);
    expect(chooser.delays).toBe(2);
  });
});
