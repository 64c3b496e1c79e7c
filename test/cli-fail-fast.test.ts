/**
 * `ordeal run --fail-fast`: ends at the first violation, in both worlds, with the verdict, the
 * evidence and a replay like any other run.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunResult } from "../src/runner/result.js";
import { ordeal, temporaryDirectory } from "./command-line.js";

const historyOf = (run: string): string[] =>
  readFileSync(join(run, "history.jsonl"), "utf8").trim().split("\n");

const resultOf = (run: string): RunResult =>
  JSON.parse(readFileSync(join(run, "results.json"), "utf8")) as RunResult;

const SIMULATED = "run register --system primary-backup --nemesis partition --seed 1 --quiet".split(
  " ",
);

describe("a simulated run", () => {
  test("ends early, the same way each time, and replays", { timeout: 120_000 }, async () => {
    const out = temporaryDirectory();
    const [first, again, replayed, whole] = ["first", "again", "replayed", "whole"].map((name) =>
      join(out, name),
    ) as [string, string, string, string];
    const { exitCode, stdout } = await ordeal(...SIMULATED, "--fail-fast", "--out", first);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/INVALID/);
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
      /ended early \(stopped at the first violation, event \d+ at [\d.]+ s, found \d+ ms later\)/,
    );
    expect(stdout).toMatch(/--seed 1 --fail-fast/);

    await ordeal(...SIMULATED, "--fail-fast", "--out", again);
    expect(historyOf(again)).toEqual(historyOf(first));
    const { stderr } = await ordeal("replay", first, "--out", replayed, "--quiet");
    expect(stderr).toMatch(/the history is the same, byte for byte/);

    // To watch changes nothing: up to the stop it is the run that it would have been.
    await ordeal(...SIMULATED, "--out", whole);
    const events = historyOf(first);
    const driven = events.findIndex((line) => line.includes('"heal"'));
    expect(events.slice(0, driven)).toEqual(historyOf(whole).slice(0, driven));
    expect(driven).toBeLessThan(historyOf(whole).length / 2);

    const { firstViolation, verdict, test: description } = resultOf(first);
    expect(description.failFast).toBe(true);
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.anomalies[0]?.key).toBe(firstViolation?.part);
    expect(firstViolation?.event).toBeLessThan(driven);
    expect(firstViolation?.delayMs).toBeLessThanOrEqual(1_000);
    expect((await ordeal("verify", first)).exitCode).toBe(0);
  });

  test("of a right system goes on to its end", { timeout: 120_000 }, async () => {
    const out = join(temporaryDirectory(), "run");
    const argv = ["run", "kv", "--system", "quorum", "--seed", "3", "--time-limit", "20s"];
    const { exitCode } = await ordeal(...argv, "--fail-fast", "--quiet", "--out", out);
    expect(exitCode).toBe(0);
    const { endedEarly, firstViolation, notes, durationNs } = resultOf(out);
    expect({ endedEarly, firstViolation, notes }).toEqual({});
    expect(durationNs).toBeGreaterThan(20e9);
  });
});

describe("a real run", () => {
  test("ends within a second of its first violation", { timeout: 120_000 }, async () => {
    const out = join(temporaryDirectory(), "run");
    const argv = ["run", "register", "--system", "memory:stale-reads", "--world", "real"];
    const options = ["--nemesis", "none", "--seed", "1", "--time-limit", "100s", "--quiet"];
    const { exitCode, stderr } = await ordeal(...argv, ...options, "--fail-fast", "--out", out);
    expect(exitCode, stderr).toBe(1);
    const { firstViolation, verdict, durationNs, endedEarly } = resultOf(out);
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.certificate?.kind).toBe("non-linearizable");
    expect(endedEarly).toMatch(/^stopped at the first violation/);
    expect(firstViolation?.delayMs).toBeLessThan(1_000);
    expect(durationNs).toBeLessThan(90e9);
  });
});
