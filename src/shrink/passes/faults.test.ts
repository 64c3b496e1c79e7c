import { describe, expect, test } from "vitest";
import type { RunOutcome } from "../../runner/run.js";
import type { Value } from "../../history/value.js";
import { Attempts } from "../attempts.js";
import type { FailingCase } from "../failing-case.js";
import { dropNodes } from "./faults.js";

function caseWith(nodeCount: number, f: string, value: Value): FailingCase {
  return {
    test: {
      version: 1,
      workload: "toy",
      system: "toy",
      world: "simulated",
      nemeses: ["toy"],
      seed: 7,
      nodeCount,
      concurrency: 1,
      timeLimitMs: 1_000,
      ratePerSecond: 0,
      operationTimeoutMs: 1_000,
      nemesisIntervalMs: 100,
    },
    script: {
      operations: [],
      faults: [{ atNs: 0, invocation: { f, value } }],
      untilNs: 1,
      final: [],
    },
    world: {},
  };
}

/** Drops nodes from a case that fails as long as `fails` says so. */
async function dropped(
  start: FailingCase,
  fails: (value: { readonly [name: string]: Value }, nodeCount: number) => boolean,
): Promise<{ readonly nodeCount: number; readonly value: Value; readonly runs: number }> {
  const rerun = async ({ script, test: { nodeCount } }: FailingCase): Promise<RunOutcome> => {
    const value = script.faults[0]?.invocation.value as { [name: string]: Value } | undefined;
    const isWrong = value !== undefined && fails(value, nodeCount);
    const verdict = { verdict: isWrong ? "invalid" : "valid", anomalies: [{ kind: "toy" }] };
    return { result: { verdict } } as unknown as RunOutcome;
  };
  const budget = { runs: Infinity, timeMs: Infinity, nowMs: () => 0 };
  const attempts = new Attempts(start, { rerun, budget });
  await attempts.reproduce();
  await dropNodes(attempts, 1);
  const { test: described, script } = attempts.best;
  const value = script.faults[0]?.invocation.value ?? null;
  return { nodeCount: described.nodeCount, value, runs: attempts.runs };
}

describe("nodes", () => {
  test("are those that the fault needs, wherever they stand, under new names", async () => {
    const groups = [
      ["n1", "n2"],
      ["n4", "n5"],
    ];
    const cuts = ["n1>n4", "n1>n5", "n2>n4", "n2>n5", "n4>n1", "n4>n2", "n5>n1", "n5>n2"];
    const value = { shape: "bridge", bridge: "n3", groups, cuts };
    const start = caseWith(5, "start-partition", value);
    const found = await dropped(start, ({ bridge, cuts: left }, nodeCount) => {
      return nodeCount >= 3 && bridge !== undefined && (left as readonly Value[]).length > 0;
    });
    expect(found).toMatchObject({
      nodeCount: 3,
      value: { shape: "bridge", bridge: "n2", groups: [["n1"], ["n3"]], cuts: ["n1>n3", "n3>n1"] },
    });
    expect(found.runs).toBeLessThan(150);
  });

  test("are the fewest of all when the fault does without them", async () => {
    const value = { nodes: ["n4", "n5"] };
    const found = await dropped(caseWith(5, "start-crash", value), () => true);
    expect(found).toMatchObject({ nodeCount: 1, value: { nodes: ["n1"] } });
  });

  test("take with them what asks one of them for something", async () => {
    const requests = [
      { at: "n1", remove: "n4" },
      { at: "n5", remove: "n1" },
      { at: "n2", remove: "n1" },
    ];
    const value = { requests, removed: ["n4", "n1"] };
    const found = await dropped(caseWith(5, "start-membership", value), (left, nodeCount) => {
      return nodeCount >= 2 && (left["requests"] as readonly Value[]).length > 0;
    });
    expect(found).toMatchObject({
      nodeCount: 2,
      value: { requests: [{ at: "n2", remove: "n1" }], removed: ["n1"] },
    });
  });

  test("stay when nothing smaller fails, after few runs even where there are many", async () => {
    const value = { nodes: ["n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9"] };
    const start = caseWith(9, "start-crash", value);
    const found = await dropped(start, (_, nodeCount) => nodeCount === 9);
    expect(found).toMatchObject({ nodeCount: 9, value });
    expect(found.runs).toBeLessThan(600);
  });
});
