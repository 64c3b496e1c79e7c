import { describe, expect, test } from "vitest";
import { quorum } from "../../backends/quorum.js";
import { crash } from "../../nemeses/crash.js";
import { partition } from "../../nemeses/partition.js";
import { register } from "../../workloads/register.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import { runTrial, type TrialParts } from "./run-trial.js";
import type { Trial, TrialOutcome } from "./trial.js";

const TRIAL: Trial = {
  test: {
    version: 1,
    workload: "register",
    system: "quorum",
    world: "simulated",
    nemeses: ["partition", "crash"],
    seed: 4,
    nodeCount: 3,
    concurrency: 4,
    timeLimitMs: 4_000,
    ratePerSecond: 50,
    operationTimeoutMs: 1_000,
    nemesisIntervalMs: 300,
  },
  world: {},
};

const PARTS: TrialParts = {
  system: () => quorum(),
  workload: () => register(),
  nemeses: () => [partition(), crash()],
  world: ({ test: { seed }, world }, onMessage) => simulatedWorld({ ...world, seed, onMessage }),
  checkMs: 10_000,
};

function withoutTimes(outcome: TrialOutcome): Omit<TrialOutcome, "cpuMs"> {
  const { cpuMs: _, ...rest } = outcome;
  return rest;
}

describe("a trial", () => {
  test("counts what it cost and what it weathered, and repeats", async () => {
    const outcome = await runTrial(TRIAL, PARTS);
    expect(outcome.verdict).toBe("valid");
    expect(outcome.messages).toBeGreaterThan(outcome.operations);
    expect(outcome.weathered).toBeGreaterThan(0);
    expect(outcome.weathered).toBeLessThan(outcome.operations);
    expect(withoutTimes(await runTrial(TRIAL, PARTS))).toEqual(withoutTimes(outcome));
    const calm = await runTrial({ ...TRIAL, test: { ...TRIAL.test, nemeses: [] } }, PARTS);
    expect(calm.weathered).toBe(0);
  });

  test("that is ended after so many messages is judged by what was seen", async () => {
    const whole = await runTrial(TRIAL, PARTS);
    const messagesMax = Math.round(whole.messages / 3);
    const ended = await runTrial({ ...TRIAL, messagesMax }, PARTS);
    expect(ended.verdict).toBe("valid");
    expect(ended.messages).toBeGreaterThanOrEqual(messagesMax);
    expect(ended.messages).toBeLessThan(whole.messages / 2);
    expect(ended.operations).toBeLessThan(whole.operations / 2);
  });

  test("whose time is over is ended", async () => {
    const whole = await runTrial(TRIAL, PARTS, 3_600_000);
    const ended = await runTrial(TRIAL, PARTS, 0);
    expect(withoutTimes(await runTrial(TRIAL, PARTS))).toEqual(withoutTimes(whole));
    expect(ended.messages).toBeLessThan(whole.messages / 2);
    expect(ended.verdict).not.toBe("invalid");
  });
});
