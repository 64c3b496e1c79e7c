import { describe, expect, test } from "vitest";
import { HarnessError } from "../errors.js";
import { runCampaign, type CampaignResult } from "./campaign.js";
import { createRandom } from "../random.js";
import { createExplorer, richnessOf, type Strategy } from "./explorer.js";
import { sizesOf, step, type Sizes } from "./sizes.js";
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
    messages: 100,
    signature,
    weathered: 3,
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
    for (const [index, { test: made, world }] of trialsOf("uniform", 20).entries()) {
      expect(made).toEqual({ ...SPACE.test, seed: 8 + index });
      expect(world).toEqual(SPACE.world);
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

  test("chooses sizes and nothing else when it is guided, in drawn faults and worlds", () => {
    const trials = trialsOf("guided", 200);
    expect(new Set(trials.map(({ test: { nemeses } }) => nemeses.join())).size).toBe(7);
    expect(new Set(trials.map(({ test: { seed } }) => seed)).size).toBe(200);
    const asked = trials.filter(({ world }) => world === SPACE.world);
    expect(asked.length).toBeGreaterThan(60);
    expect(asked.length).toBeLessThan(140);
    for (const { test: made } of asked) {
      expect({ ...made, ...sizesOf(SPACE.test), seed: 0 }).toEqual({ ...SPACE.test, seed: 0 });
    }
    for (const { world } of trials) expect(world["disk"]).toMatchObject({ capacityBytes: 1_000 });
  });

  test("makes every sixth trial as it was asked for when it is guided, whatever it learns", () => {
    for (const [index, { test: made, world }] of trialsOf("guided", 60).entries()) {
      if (index % 6 === 5) {
        expect([made, world]).toEqual([{ ...SPACE.test, seed: 8 + index }, SPACE.world]);
      }
    }
  });

  test("chooses no sizes where nothing strikes", () => {
    const explorer = createExplorer({ ...SPACE, test: { ...SPACE.test, nemeses: [] } }, "guided");
    const rates = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const trial = explorer.next();
      rates.add(trial.test.ratePerSecond);
      explorer.learn(trial, { ...outcomeOf([1]), messages: trial.test.ratePerSecond });
    }
    expect(rates).toEqual(new Set([30, 100, 200, 400]));
  });

  test("ends runs that cost many times what others did, once it knows some", () => {
    const explorer = createExplorer(SPACE, "guided");
    for (const messages of [1_000, 9_000, 2_000]) {
      const trial = explorer.next();
      expect(trial.messagesMax).toBeUndefined();
      explorer.learn(trial, { ...outcomeOf([1]), messages });
    }
    expect(explorer.next().messagesMax).toBe(16_000);
    for (const { messagesMax } of [...trialsOf("uniform", 9), ...trialsOf("swarm", 9)]) {
      expect(messagesMax).toBeUndefined();
    }
  });

  test.each([
    ["few nodes", ({ nodeCount }: Sizes) => -nodeCount],
    ["few operations", ({ ratePerSecond }: Sizes) => -Math.log(ratePerSecond)],
    ["many operations", ({ ratePerSecond }: Sizes) => Math.log(ratePerSecond)],
    ["frequent faults", ({ nemesisIntervalMs }: Sizes) => -Math.log(nemesisIntervalMs)],
    ["as many clients", ({ concurrency }: Sizes) => -Math.abs(Math.log(concurrency / 8))],
  ])("is guided to what is rich for its cost: %s", (_, goodness) => {
    const meanOf = (strategy: Strategy, from: number): number => {
      const explorer = createExplorer(SPACE, strategy);
      let sum = 0;
      for (let i = 0; i < 60; i++) {
        const trial = explorer.next();
        const good = goodness(sizesOf(trial.test));
        if (i >= from) sum += good;
        const messages = Math.round(10_000 * Math.exp(-good));
        explorer.learn(trial, { ...outcomeOf([1, 2, 3]), messages, operations: 0 });
      }
      return sum / (60 - from);
    };
    // After 20 trials, against what is drawn.
    const gain = meanOf("guided", 20) - meanOf("swarm", 0);
    expect(gain).toBeGreaterThan(0.3);
  });

  test("is guided by how many situations there were, and what was weathered", () => {
    const given = { ...outcomeOf([1, 2, 3, 4]), messages: 1_000, operations: 100 };
    const richer = { ...given, signature: [1, 2, 3, 4, 5] };
    expect(richnessOf(richer)).toBeGreaterThan(richnessOf(given));
    expect(richnessOf({ ...given, weathered: 9 })).toBeGreaterThan(richnessOf(given));
    expect(richnessOf({ ...given, messages: 2_000 })).toBeLessThan(richnessOf(given));
    expect(richnessOf({ ...given, operations: 200 })).toBeLessThan(richnessOf(given));
    const failed: TrialOutcome = { ...given, verdict: "invalid", anomaly: "lost-write" };
    expect(richnessOf(failed)).toBe(richnessOf(given));
  });
});

describe("a step of sizes", () => {
  test("leads to all that is within bounds, and nowhere else", () => {
    const random = createRandom(3);
    let sizes = sizesOf(SPACE.test);
    const seen = new Map<string, Set<number>>();
    for (let i = 0; i < 3_000; i++) {
      const next = step(sizes, SPACE, random);
      const changed = Object.entries(next).filter(([name, size]) => size !== sizes[name as never]);
      expect(changed.length).toBeLessThanOrEqual(2);
      for (const [name, size] of Object.entries(next)) {
        seen.set(name, (seen.get(name) ?? new Set()).add(size));
      }
      sizes = next;
    }
    const range = (name: string): readonly number[] => {
      const all = seen.get(name) ?? new Set();
      return [Math.min(...all), Math.max(...all)];
    };
    expect(range("nodeCount")).toEqual([3, 5]);
    expect(range("concurrency")).toEqual([2, 32]);
    expect(range("ratePerSecond")).toEqual([20, 800]);
    expect(range("nemesisIntervalMs")).toEqual([100, 4_000]);
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

  test("loses what is lost once it was told to end, but hides no failure of the harness", async () => {
    const interrupted = async (error: Error): Promise<CampaignResult> => {
      const controller = new AbortController();
      let count = 0;
      return runCampaign({
        ...options,
        workers: 1,
        explorer: createExplorer(SPACE, "uniform"),
        run: async () => {
          if (++count < 3) return outcomeOf([]);
          controller.abort();
          throw error;
        },
        signal: controller.signal,
      });
    };
    expect(await interrupted(new Error("the worker has ended"))).toMatchObject({ trials: 2 });
    const failure = new HarnessError("harness-failure", "no node starts");
    await expect(interrupted(failure)).rejects.toBe(failure);
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

test("each trial is told how much time is left", async () => {
  let nowMs = 1_000;
  const left: number[] = [];
  const { trials } = await runCampaign({
    explorer: createExplorer(SPACE, "uniform"),
    run: async (_trial, leftMs) => {
      left.push(leftMs);
      nowMs += 40;
      return outcomeOf([]);
    },
    workers: 1,
    trials: Infinity,
    timeMs: 100,
    nowMs: () => nowMs,
    failures: 1,
  });
  expect(left).toEqual([100, 60, 20]);
  expect(trials).toBe(3);
});
