/** `ordeal check --checker`: properties that need no model, and their options. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileIn, jsonLines, ordeal, temporaryDirectory, VALID } from "./command-line.js";

const generated = (...ids: readonly number[]): string =>
  jsonLines(
    ids.flatMap((id) => [
      { type: "invoke", process: 0, f: "generate", value: null },
      { type: "ok", process: 0, f: "generate", value: id },
    ]),
  );

describe("check --checker", () => {
  test("needs no model", async () => {
    const good = fileIn(temporaryDirectory(), "good.jsonl", generated(1, 2));
    const { exitCode, stdout } = await ordeal("check", good, "--checker", "unique-ids", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "valid",
      checker: "unique-ids",
      consistency: null,
      model: null,
      details: { ids: 2 },
    });
    const bad = fileIn(temporaryDirectory(), "bad.jsonl", generated(1, 2, 1));
    const human = await ordeal("check", bad, "--checker", "unique-ids");
    expect(human.exitCode).toBe(1);
    expect(human.stdout).toMatch(/^✗ invalid/);
    expect(human.stdout).toContain("was given the id 1");
  });

  test("beside a model: both must hold", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", VALID);
    const argv = ["check", file, "--model", "register", "--checker", "unique-ids", "--json"];
    const { exitCode, stdout } = await ordeal(...argv);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "unknown",
      consistency: "linearizable",
      parts: { linearizable: { verdict: "valid" }, "unique-ids": { verdict: "unknown" } },
    });
  });

  test("told as a consistency, it is said how it is asked for", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", VALID);
    const argv = ["check", file, "--model", "register", "--consistency", "k-atomicity"];
    const { exitCode, stderr } = await ordeal(...argv);
    expect(exitCode).toBe(254);
    expect(stderr).toContain("--checker k-atomicity in place of --consistency k-atomicity");
  });

  test("a value that it cannot read is refused where it stands, and only where that is sure", async () => {
    const shows = (value: unknown, key: object = {}): readonly object[] => [
      { type: "invoke", process: 1, f: "read", ...key, value: null },
      { type: "ok", process: 1, f: "read", ...key, value },
    ];
    const adds = (value: unknown): readonly object[] => [
      { type: "invoke", process: 0, f: "add", value },
      { type: "ok", process: 0, f: "add", value },
    ];
    const refused = async (checker: string, events: readonly object[]): Promise<string> => {
      const file = fileIn(temporaryDirectory(), "h.jsonl", jsonLines(events));
      const { exitCode, stderr } = await ordeal("check", file, "--checker", checker);
      expect(exitCode).toBe(254);
      expect(stderr).toContain(`the ${checker} checker cannot read`);
      return /h\.jsonl:(\d+:\d+)?/.exec(stderr)?.[1] ?? "no line";
    };
    expect(await refused("set-full", [...adds(1), ...shows("abc"), ...shows("abc")])).toBe("4:1");
    expect(await refused("counter", [...adds(1), ...adds("x"), ...shows(1)])).toBe("3:1");
    const keyed = [...shows([], { key: "a" }), ...shows(7, { key: "b" })];
    expect(await refused("set-full", keyed)).toBe("4:1");
    const polled = { type: "ok", process: 2, f: "poll", value: { a: [[0, 1], [2]] } };
    const polls = [{ type: "invoke", process: 2, f: "poll" }, polled];
    expect(await refused("stream", polls)).toBe("2:1");
    // An element may be anything, so that "abc" stands in two places.
    expect(await refused("set-full", [...adds("abc"), ...shows("abc")])).toBe("no line");
  });

  test("logs of a run's nodes, and of files that are named", async () => {
    const directory = temporaryDirectory();
    fileIn(directory, "history.jsonl", VALID);
    const argv = ["check", directory, "--checker", "log-patterns"];
    expect((await ordeal(...argv)).exitCode).toBe(2);
    const logs = join(directory, "logs");
    mkdirSync(logs);
    fileIn(logs, "n1.log", "0.000001 started\n0.000002 panic: disk is full\n");
    const { exitCode, stdout } = await ordeal(...argv, "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      anomalies: [
        { kind: "forbidden-line", details: { line: 2, text: "0.000002 panic: disk is full" } },
      ],
    });
    const other = fileIn(temporaryDirectory(), "other.log", "0.000001 started\n");
    const named = JSON.stringify([other]);
    expect((await ordeal(...argv, "--checker-option", `logs=${named}`)).exitCode).toBe(0);
    const absent = await ordeal(...argv, "--checker-option", `logs=["${other}.old"]`);
    expect(absent.stderr).toContain("cannot read the log");
    expect(absent.exitCode).toBe(254);
  });

  test("options", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", generated(1, 2));
    const argv = ["check", file, "--checker", "unique-ids", "--checker-option"];
    expect((await ordeal(...argv, "max=1")).exitCode).toBe(1);
    expect((await ordeal(...argv, "unique-ids.max=2")).exitCode).toBe(0);
    for (const [option, expected] of [
      ["total=1", "has no option total (it takes min, max)"],
      ["max=many", "the option max of unique-ids is a number"],
      ["max", "it is NAME=JSON"],
      ["other.max=1", "add --checker other"],
    ] as const) {
      const { exitCode, stderr } = await ordeal(...argv, option);
      expect(exitCode).toBe(254);
      expect(stderr).toContain(expected);
    }
    const without = await ordeal("check", file, "--checker-option", "max=1");
    expect(without.stderr).toContain("say which checker it is for");
  });

  test("names that are none, or need a model", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", VALID);
    const typo = await ordeal("check", file, "--checker", "unique-id");
    expect(typo.exitCode).toBe(254);
    expect(typo.stderr).toContain("did you mean unique-ids?");
    const promise = await ordeal("check", file, "--checker", "linearizable");
    expect(promise.stderr).toContain("use --consistency linearizable --model NAME");
  });
});
