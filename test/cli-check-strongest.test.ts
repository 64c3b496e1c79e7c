/**
 * `ordeal check --consistency strongest`: the example of docs/consistency.md word for word, its
 * object, its reports, and what is said when memory runs out.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fileIn, INVALID, jsonLines, ordeal, temporaryDirectory, VALID } from "./command-line.js";

/** Two replicas that each apply the other's write last. */
const DIVERGED = jsonLines([
  { type: "invoke", process: 0, f: "write", value: 1 },
  { type: "ok", process: 0, f: "write", value: 1 },
  { type: "invoke", process: 1, f: "write", value: 2 },
  { type: "ok", process: 1, f: "write", value: 2 },
  { type: "invoke", process: 0, f: "read", value: null },
  { type: "ok", process: 0, f: "read", value: 2 },
  { type: "invoke", process: 1, f: "read", value: null },
  { type: "ok", process: 1, f: "read", value: 1 },
]);

interface Result {
  readonly verdict: string;
  readonly details: {
    readonly strongest: readonly string[];
    readonly next: readonly string[];
    readonly levels: readonly { readonly level: string; readonly verdict: string }[];
  };
  readonly parts: { readonly [level: string]: { readonly certificate?: object } };
}

const strongest = (file: string, ...more: readonly string[]): ReturnType<typeof ordeal> =>
  ordeal("check", file, "--model", "register", "--consistency", "strongest", ...more);

test("the example of the documentation", async () => {
  const directory = temporaryDirectory();
  const file = fileIn(directory, "history.jsonl", DIVERGED);
  const { stdout, exitCode } = await strongest(file);
  expect(exitCode).toBe(1);
  const page = readFileSync(
    fileURLToPath(new URL("../docs/consistency.md", import.meta.url)),
    "utf8",
  );
  const example = /<!-- strongest:begin -->\n```\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  // Whatever took its time took another time.
  const plain = (text: string): string =>
    text
      .replaceAll(`${directory}/`, "")
      .replaceAll(/(checked in|operations,) [\d.,]+ (?:ns|µs|ms|s)/g, "$1, a while")
      .trim();
  expect(plain(stdout).split("\n").slice(0, plain(example).split("\n").length)).toEqual(
    plain(example).split("\n"),
  );
});

test("as JSON: what holds, what is broken first, and the evidence of what was asked", async () => {
  const file = fileIn(temporaryDirectory(), "history.jsonl", DIVERGED);
  const { stdout } = await strongest(file, "--json");
  const { verdict, details, parts } = JSON.parse(stdout) as Result;
  expect(verdict).toBe("invalid");
  expect(details.strongest).toContain("causal-memory");
  expect(details.next).toEqual(["read-your-writes"]);
  expect(details.levels.map(({ level }) => level)).toContain("pram");
  expect(Object.keys(parts)).not.toContain("pram");
  for (const part of Object.values(parts)) expect(part.certificate).toBeDefined();
});

test("everything holds when the top does, and aliases name levels", async () => {
  const directory = temporaryDirectory();
  const valid = fileIn(directory, "valid.jsonl", VALID);
  const { stdout, exitCode } = await strongest(valid);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Strongest of what holds: linearizable.");
  expect(stdout).toMatch(/✓ monotonic-reads +follows from linearizable/);
  const invalid = fileIn(directory, "invalid.jsonl", INVALID);
  const byAlias = await ordeal("check", invalid, "--model", "register", "--consistency", "SC");
  expect(byAlias.exitCode).toBe(0);
});

test("the evidence of the answer is confirmed, and a page is written", async () => {
  const directory = temporaryDirectory();
  const file = fileIn(directory, "history.jsonl", DIVERGED);
  const out = join(directory, "result.json");
  const page = join(directory, "report.html");
  await strongest(file, "--out", out, "--report", page);
  const { exitCode, stdout } = await ordeal("verify", out, file);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain("causal-memory (valid), session-guarantees (invalid)");
  // Evidence of one part that is not true makes the whole untrue.
  const text = readFileSync(out, "utf8");
  const result = JSON.parse(text) as { parts: { [level: string]: object } };
  result.parts["causal-memory"] = { ...result.parts["causal-memory"], verdict: "invalid" };
  writeFileSync(out, JSON.stringify(result));
  const forged = await ordeal("verify", out, file);
  expect(forged.exitCode).toBe(1);
  expect(forged.stdout).toContain("causal-memory: the certificate is one for valid");
  expect(readFileSync(page, "utf8")).toContain("✓ causal-memory");
});

test("sets that only grow: evidence of every level, and the eventual ones after final reads", async () => {
  const directory = temporaryDirectory();
  const call = (process: number, f: string, asked: unknown, answer: unknown, time: number) => [
    { type: "invoke", process, f, value: asked, time },
    { type: "ok", process, f, value: answer, time: time + 1 },
  ];
  const calls = (last: readonly string[]): string =>
    jsonLines([
      ...call(0, "add", "question", "question", 0),
      ...call(1, "contains", "question", true, 2),
      ...call(1, "add", "answer", "answer", 4),
      ...call(2, "read", null, ["answer"], 6),
      ...call(0, "read", null, ["question", "answer"], 3e9),
      ...call(2, "read", null, last, 3e9 + 2),
    ]);
  const file = fileIn(directory, "history.jsonl", calls(["answer", "question"]));
  const out = join(directory, "result.json");
  const asked = ["--model", "set", "--consistency", "strongest", "--out", out];
  const told = async (of: string): Promise<string> =>
    (await ordeal("check", of, ...asked)).stdout.replaceAll(/\s+/g, " ");
  const all = await told(file);
  expect(all).toContain("Strongest of what holds: pram, session-guarantees and strong-eventual.");
  expect(all).toContain("Broken: causal (missing-element)");
  expect(all).toMatch(/✓ eventual +follows from strong-eventual/);
  const confirmed = await ordeal("verify", out, file);
  expect(confirmed.stdout).toContain("causal (invalid), pram (valid), session-guarantees (valid)");
  expect(confirmed.exitCode).toBe(0);
  const other = fileIn(directory, "other.jsonl", calls(["answer"]));
  expect(await told(other)).toContain("eventual (diverged-replicas)");
});

test("transactions need no model", async () => {
  const transaction = (process: number, ...steps: readonly (readonly unknown[])[]): object[] => {
    const asked = steps.map(([f, key, value]) => [f, key, f === "r" ? null : value]);
    return [
      { type: "invoke", process, f: "txn", value: asked },
      { type: "ok", process, f: "txn", value: steps },
    ];
  };
  // Read skew: the second transaction sees half of the first.
  const skew = jsonLines([
    ...transaction(0, ["append", "x", 1], ["append", "y", 1]),
    ...transaction(1, ["r", "x", [1]], ["r", "y", []]),
    ...transaction(1, ["r", "x", [1]], ["r", "y", [1]]),
  ]);
  const file = fileIn(temporaryDirectory(), "history.jsonl", skew);
  const { stdout, exitCode } = await ordeal("check", file, "--consistency", "strongest");
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/Ruled out\n[^]*✗ monotonic-view +G-single-item\n/);
  expect(stdout).toMatch(/ {2}serializable +✗ +✗ +✗\n/);
  expect(stdout).toMatch(/✓ strong-cursor-stability/);
});

test("without memory nothing is counted as kept", async () => {
  const file = fileIn(temporaryDirectory(), "history.jsonl", DIVERGED);
  const { stdout, exitCode } = await strongest(file, "--memory-budget", "1B");
  expect(exitCode).toBe(2);
  expect(stdout).toContain("No level was shown to hold. Undecided: linearizable, sequential,");
});
