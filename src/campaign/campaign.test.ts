import { describe, expect, test } from "vitest";
import { runCampaign } from "./campaign.js";
import { createExplorer, type Strategy } from "./explorer.js";
import type { SwarmSpace } from "./swarm.js";
import type { Trial, TrialOutcome } from "./trial.js";

const SPACE: SwarmSpace = {
  test: {
    version: 1,
    workload: "kv",
    system: "toy",
    world: "simulated",
    nemeses: ["partition", "crash", "pause"],
    seed: 7,
    nodeCount: 5,
    concurrency: 8,
    timeLimitMs: 1_000,
    ratePerSecond: 100,
    operationTimeoutMs: 1_000,
    nemesisIntervalMs: 500,
  },
  nodes: { min: 3, max: 5 },
  world: { disk: { capacityBytes: 1_000 } },
};

function outcomeOf(
  signature: readonly number[],
  verdict: "valid" | "invalid" = "valid",
): TrialOutcome {
  return {
    verdict,
    anomaly: verdict === "invalid" ? "lost-write" : "",
    message: "",
    operations: 10,
    virtualNs: 1e9,
    cpuMs: 1,
    signature,
    faults: [{ atNs: 5e8, invocation: { f: "start-crash", value: { nodes: ["n1"] } } }],
  };
}

function trialsOf(strategy: Strategy, count: number): readonly Trial[] {
  const explorer = createExplorer(SPACE, strategy);
  return Array.from({ length: count }, (_, index) => {
    const trial = explorer.next();
    explorer.learn(trial, outcomeOf([index % 7]));
    return trial;
  });
}

describe("an explorer", () => {
  test.each(["uniform", "swarm", "guided"] as const)("is repeatable: %s", (strategy) => {
    expect(trialsOf(strategy, 60)).toEqual(trialsOf(strategy, 60));
  });

  test("changes nothing but the seed when it is uniform", () => {
    for (const [index, { test: made, world, faults }] of trialsOf("uniform", 20).entries()) {
      expect(made).toEqual({ ...SPACE.test, seed: 8 + index });
      expect([world, faults]).toEqual([SPACE.world, undefined]);
    }
  });

  test("draws circumstances within the space, of every kind, when it swarms", () => {
    const trials = trialsOf("swarm", 200);
    expect(new Set(trials.map(({ test: { nodeCount } }) => nodeCount))).toEqual(new Set([3, 4, 5]));
    const chosen = new Set(trials.map(({ test: { nemeses } }) => nemeses.join()));
    expect(chosen.size).toBe(7);
    expect(chosen.has("")).toBe(false);
    for (const { world } of trials) expect(world["disk"]).toMatchObject({ capacityBytes: 1_000 });
  });

  test("is guided to trials of every way: drawn anew, and changed with other seeds", () => {
    const trials = trialsOf("guided", 200);
    for (const way of ["default", "drawn", "again", "redrawn", "elsewhere"]) {
      const made = trials.filter((trial) => trial.made === way);
      expect(made.length, way).toBeGreaterThan(5);
      for (const { faults } of made) expect(faults !== undefined).toBe(way === "again");
    }
    expect(new Set(trials.map(({ test: { seed } }) => seed)).size).toBe(200);
    for (const { test: made, world } of trials.filter((trial) => trial.made === "default"))
      expect([{ ...made, seed: 0 }, world]).toEqual([{ ...SPACE.test, seed: 0 }, SPACE.world]);
  });

  test("is guided by which ways bring something new", () => {
    for (const good of ["drawn", "elsewhere", "again"]) {
      const explorer = createExplorer(SPACE, "guided");
      let situation = 100;
      let chosen = 0;
      for (let i = 0; i < 200; i++) {
        const trial = explorer.next();
        const isGood = trial.made === good;
        if (isGood && i >= 100) chosen++;
        explorer.learn(trial, outcomeOf(isGood ? [++situation, ++situation] : [1, 2]));
      }
      // Of five ways, so that 20 of 100 would be by chance.
      expect(chosen, good).toBeGreaterThan(40);
    }
  });

  test("is guided to what was rare", () => {
    const explorer = createExplorer(SPACE, "guided");
    const sizes = new Set<number>();
    let ofRare = 0;
    let changed = 0;
    for (let i = 0; i < 300; i++) {
      const trial = explorer.next();
      const { nodeCount } = trial.test;
      if (trial.made === "redrawn") {
        changed++;
        if (nodeCount === 4) ofRare++;
      }
      // Runs of four nodes get somewhere each time, all others to the same few places.
      const signature = nodeCount === 4 ? [1000 + 3 * i, 1001 + 3 * i, 1002 + 3 * i] : [i % 9];
      sizes.add(nodeCount);
      explorer.learn(trial, outcomeOf(signature));
    }
    expect(sizes.size).toBe(3);
    expect(ofRare / changed).toBeGreaterThan(0.5);
  });
});

describe("a campaign", () => {
  const options = {
    workers: 3,
    trials: 50,
    timeMs: Infinity,
    nowMs: () => 0,
    failures: 1,
  };

  test("carries out as many trials as it may, so many at a time", async () => {
    let atOnce = 0;
    let most = 0;
    const result = await runCampaign({
      ...options,
      explorer: createExplorer(SPACE, "guided"),
      run: async () => {
        most = Math.max(most, ++atOnce);
        await Promise.resolve();
        atOnce--;
        return outcomeOf([1, 2]);
      },
    });
    expect(most).toBe(3);
    expect(result).toMatchObject({ trials: 50, valid: 50, operations: 500, situations: 2 });
  });

  test("ends at the first failure of enough kinds, and says which trial it was", async () => {
    let count = 0;
    const result = await runCampaign({
      ...options,
      workers: 1,
      explorer: createExplorer(SPACE, "uniform"),
      run: async () => outcomeOf([], ++count === 9 ? "invalid" : "valid"),
    });
    expect(result).toMatchObject({ trials: 9, valid: 8, invalid: 1 });
    expect(result.failures).toMatchObject([{ after: 9, trial: { test: { seed: 16 } } }]);
  });

  test("begins nothing after its time, or when it is told to end", async () => {
    let now = 0;
    const run = async (): Promise<TrialOutcome> => {
      now += 10;
      return outcomeOf([]);
    };
    const explorer = createExplorer(SPACE, "uniform");
    const common = { ...options, workers: 1, explorer, run, nowMs: () => now };
    expect((await runCampaign({ ...common, timeMs: 35 })).trials).toBe(4);
    const ended = AbortSignal.abort();
    expect((await runCampaign({ ...common, signal: ended })).trials).toBe(0);
  });

  test("throws what a trial threw, once nothing is under way", async () => {
    let underWay = 0;
    let begun = 0;
    const campaign = runCampaign({
      ...options,
      explorer: createExplorer(SPACE, "uniform"),
      run: async ({ test: { seed } }) => {
        underWay++;
        await new Promise((resolve) => setTimeout(resolve, seed % 3));
        underWay--;
        if (seed === 10) throw new Error("no such system");
        begun++;
        return outcomeOf([]);
      },
    });
    await expect(campaign).rejects.toThrow("no such system");
    expect(underWay).toBe(0);
    // Whoever waits for a minute to be told that there is no such system has waited in vain.
    expect(begun).toBeLessThan(10);
  });
});
