/**
 * `ordeal check` and `ordeal verify` from the outside: verdicts, evidence, conventions, outputs and
 * exit codes.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  fileIn,
  INVALID,
  jsonLines,
  ordeal,
  program,
  temporaryDirectory,
  VALID,
} from "./command-line.js";

interface Result {
  readonly file: string;
  readonly verdict: string;
  readonly reason: string;
  readonly operations: number;
  readonly elapsedMs: number;
  readonly certificate: { readonly kind: string } | null;
  readonly conventions: object;
  readonly model: { readonly name: string; readonly options: object };
  readonly format: string;
  readonly warnings: readonly string[];
}

const parse = (line: string): Result => JSON.parse(line) as Result;

describe("check", () => {
  test("valid: exit 0, a line, and an object with the order", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", VALID);
    const human = await ordeal("check", file, "--model", "register");
    expect(human).toMatchObject({ exitCode: 0, stderr: "" });
    expect(human.stdout).toMatch(/^✓ valid +.*h\.jsonl +2 operations/);
    const { exitCode, stdout, stderr } = await ordeal(
      "check",
      file,
      "--model",
      "register",
      "--json",
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(parse(stdout)).toMatchObject({
      file,
      verdict: "valid",
      operations: 2,
      format: "jsonl",
      model: { name: "register" },
      conventions: { initial: null, nilReads: "value", failedCas: "ignore" },
      warnings: [],
      certificate: { kind: "linearization" },
    });
    expect(parse(stdout).reason).not.toBe("");
    expect(parse(stdout).elapsedMs).toBeGreaterThanOrEqual(0);
  });

  test("invalid: exit 1, the sentence and the timeline, and an object with the contradiction", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", INVALID);
    const human = await ordeal("check", file, "--model", "register");
    expect(human.exitCode).toBe(1);
    expect(human.stdout).toMatch(/^✗ invalid/);
    expect(human.stdout).toContain("process 0");
    expect(human.stdout).toContain("process 1");
    const { exitCode, stdout } = await ordeal("check", file, "--model", "register", "--json");
    expect(exitCode).toBe(1);
    expect(parse(stdout)).toMatchObject({
      verdict: "invalid",
      certificate: { kind: "non-linearizable" },
    });
  });

  test("unknown: an empty history proves nothing; exit 2", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", "");
    const { exitCode, stdout } = await ordeal("check", file, "--model", "register", "--json");
    expect(exitCode).toBe(2);
    expect(parse(stdout)).toMatchObject({ verdict: "unknown", operations: 0, certificate: null });
  });

  test("valid: where nothing completed nothing is contradicted, and the reason says so", async () => {
    const failed = jsonLines([
      { type: "invoke", process: 0, f: "write", value: 1 },
      { type: "fail", process: 0, f: "write", value: 1 },
    ]);
    const faultsOnly = jsonLines([{ type: "info", process: "nemesis", f: "kill", value: null }]);
    for (const text of [failed, faultsOnly]) {
      const file = fileIn(temporaryDirectory(), "h.jsonl", text);
      const { exitCode, stdout } = await ordeal("check", file, "--model", "register", "--json");
      expect(exitCode).toBe(0);
      expect(parse(stdout)).toMatchObject({
        verdict: "valid",
        reason: expect.stringContaining("there was nothing to contradict") as string,
      });
    }
  });

  test("the meaning of null reads and of the initial value can be chosen, and is said", async () => {
    const file = fileIn(temporaryDirectory(), "h.jsonl", INVALID);
    const lax = await ordeal("check", file, "--model", "register", "--nil-reads", "unknown");
    expect(lax.exitCode).toBe(0);
    expect(lax.stdout).toContain("reads of null as unknown");
    const strict = await ordeal("check", file, "--model", "register", "--nil-reads", "value");
    expect(strict.exitCode).toBe(1);
    const zero = fileIn(
      temporaryDirectory(),
      "zero.jsonl",
      jsonLines([
        { type: "invoke", process: 0, f: "read", value: null },
        { type: "ok", process: 0, f: "read", value: 0 },
      ]),
    );
    expect((await ordeal("check", zero, "--model", "register")).exitCode).toBe(1);
    const from = await ordeal("check", zero, "--model", "register", "--initial", "0");
    expect(from.exitCode).toBe(0);
    expect(from.stdout).toContain("0 as the initial value");
  });

  test("null is an initial value like any other, also where the format has its own", async () => {
    const file = fileIn(
      temporaryDirectory(),
      "kv.txt",
      `{:process 0, :type :invoke, :f :get, :key "0", :value nil}
{:process 0, :type :ok, :f :get, :key "0", :value ""}
`,
    );
    const check = async (...more: readonly string[]): Promise<Result> =>
      parse((await ordeal("check", file, "--model", "kv", "--json", ...more)).stdout);
    expect(await check()).toMatchObject({
      format: "porcupine-kv",
      verdict: "valid",
      model: { options: { initial: "" } },
    });
    expect(await check("--initial", "null")).toMatchObject({
      verdict: "invalid",
      model: { options: { initial: null } },
    });
  });

  test("a failed cas is an observation only when that is asked for", async () => {
    const file = fileIn(
      temporaryDirectory(),
      "cas.jsonl",
      jsonLines([
        { type: "invoke", process: 0, f: "write", value: 1 },
        { type: "ok", process: 0, f: "write", value: 1 },
        { type: "invoke", process: 0, f: "cas", value: [1, 2] },
        { type: "fail", process: 0, f: "cas", value: [1, 2] },
      ]),
    );
    const check = async (...more: readonly string[]): Promise<number | undefined> =>
      (await ordeal("check", file, "--model", "cas-register", ...more)).exitCode;
    expect(await check()).toBe(0);
    expect(await check("--failed-cas", "observe")).toBe(1);
  });

  test("the conventions of a format are its own", async () => {
    const file = fileIn(
      temporaryDirectory(),
      "history.edn",
      `{:type :invoke, :f :write, :value 1, :process 0}
{:type :ok, :f :write, :value 1, :process 0}
{:type :invoke, :f :read, :value nil, :process 1}
{:type :ok, :f :read, :value nil, :process 1}
`,
    );
    const { stdout, exitCode } = await ordeal("check", file, "--model", "register", "--json");
    const { conventions } = parse(stdout) as unknown as { conventions: { nilReads: string } };
    expect(exitCode).toBe(conventions.nilReads === "unknown" ? 0 : 1);
  });

  test("several files: a line or an object each, and the exit code of the worst", async () => {
    const directory = temporaryDirectory();
    const valid = fileIn(directory, "valid.jsonl", VALID);
    const invalid = fileIn(directory, "invalid.jsonl", INVALID);
    const empty = fileIn(directory, "empty.jsonl", "");
    const check = async (
      ...files: readonly string[]
    ): Promise<[number | undefined, readonly string[]]> => {
      const { exitCode, stdout } = await ordeal("check", ...files, "--model", "register", "--json");
      return [
        exitCode,
        stdout
          .trim()
          .split("\n")
          .map((line) => parse(line).verdict),
      ];
    };
    expect(await check(valid, empty, invalid)).toEqual([1, ["valid", "unknown", "invalid"]]);
    expect(await check(empty, valid)).toEqual([2, ["unknown", "valid"]]);
    expect(await check(valid, valid)).toEqual([0, ["valid", "valid"]]);
    const human = await ordeal("check", valid, invalid, "--model", "register");
    expect(human.stdout).toMatch(/✓ valid .*valid\.jsonl/);
    expect(human.stdout).toMatch(/✗ invalid .*invalid\.jsonl/);
  });

  test("an unreadable file among several: the others are checked, its own object says why, exit 254", async () => {
    const directory = temporaryDirectory();
    const invalid = fileIn(directory, "invalid.jsonl", INVALID);
    const junk = fileIn(directory, "junk.jsonl", "{oops\n");
    const absent = join(directory, "absent.jsonl");
    const { exitCode, stdout, stderr } = await ordeal(
      "check",
      absent,
      junk,
      invalid,
      "--model",
      "register",
      "--json",
    );
    expect(exitCode).toBe(254);
    const results = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { verdict: string; error?: { code: string } });
    expect(results.map(({ verdict, error }) => [verdict, error?.code])).toEqual([
      ["unknown", "unreadable-input"],
      ["unknown", "malformed-input"],
      ["invalid", undefined],
    ]);
    expect(stderr.trim().split("\n")).toHaveLength(2);
  });

  test("--report and --out write files; what --out wrote verifies", async () => {
    const directory = temporaryDirectory();
    for (const [name, text] of [
      ["valid", VALID],
      ["invalid", INVALID],
    ] as const) {
      const file = fileIn(directory, `${name}.jsonl`, text);
      const out = join(directory, "deep", `${name}.json`);
      const report = join(directory, `${name}.html`);
      await ordeal("check", file, "--model", "register", "--out", out, "--report", report);
      expect(readFileSync(report, "utf8")).toMatch(/<!doctype html>/i);
      const verified = await ordeal("verify", out, file);
      expect(verified).toMatchObject({ exitCode: 0, stderr: "" });
      expect(verified.stdout).toContain("confirmed");
    }
  });

  test.each(["report.md", "report.xml", "report.json", "report.txt"])(
    "--report %s",
    async (name) => {
      const directory = temporaryDirectory();
      const file = fileIn(directory, "h.jsonl", INVALID);
      const report = join(directory, name);
      const { exitCode, stderr } = await ordeal(
        "check",
        file,
        "--model",
        "register",
        "--report",
        report,
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
      expect(readFileSync(report, "utf8")).toContain("that returned null");
    },
  );

  test("reads standard input", async () => {
    const { exitCode, stdout } = await program(["check", "-", "--model", "register", "--json"], {
      input: VALID,
    });
    expect(exitCode).toBe(0);
    expect(parse(stdout)).toMatchObject({ file: "-", verdict: "valid" });
  });
});

describe("verify", () => {
  async function resultOf(file: string): Promise<{ [name: string]: unknown }> {
    const { stdout } = await ordeal("check", file, "--model", "register", "--json");
    return JSON.parse(stdout) as { [name: string]: unknown };
  }

  test("refutes an order that contradicts the history, exit 1", async () => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "h.jsonl", VALID);
    const result = await resultOf(file);
    const certificate = structuredClone(result["certificate"]) as { parts: { order: number[] }[] };
    certificate.parts[0]?.order.reverse();
    const forged = fileIn(directory, "forged.json", JSON.stringify({ ...result, certificate }));
    const verified = await ordeal("verify", forged, file, "--json");
    expect(verified.exitCode).toBe(1);
    expect(JSON.parse(verified.stdout)).toMatchObject({ status: "refuted", confirmed: false });
  });

  test("refutes a verdict that its certificate does not speak for", async () => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "h.jsonl", VALID);
    const forged = fileIn(
      directory,
      "forged.json",
      JSON.stringify({ ...(await resultOf(file)), verdict: "invalid" }),
    );
    expect((await ordeal("verify", forged, file)).exitCode).toBe(1);
  });

  test("refutes a result of another history", async () => {
    const directory = temporaryDirectory();
    const valid = fileIn(directory, "valid.jsonl", VALID);
    const invalid = fileIn(directory, "invalid.jsonl", INVALID);
    const result = fileIn(directory, "r.json", JSON.stringify(await resultOf(valid)));
    expect((await ordeal("verify", result, invalid)).exitCode).toBe(1);
  });

  test("takes the nested verdict of a run, and the right line of several results", async () => {
    const directory = temporaryDirectory();
    const valid = fileIn(directory, "valid.jsonl", VALID);
    const invalid = fileIn(directory, "invalid.jsonl", INVALID);
    const nested = fileIn(
      directory,
      "run.json",
      JSON.stringify({ version: 1, verdict: await resultOf(valid) }),
    );
    expect((await ordeal("verify", nested, valid)).exitCode).toBe(0);
    const { stdout } = await ordeal("check", valid, invalid, "--model", "register", "--json");
    const results = fileIn(directory, "results.jsonl", stdout);
    expect((await ordeal("verify", results, invalid)).exitCode).toBe(0);
    expect((await ordeal("verify", results, nested)).exitCode).toBe(254);
  });

  test("an unknown has nothing to verify: exit 2", async () => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "h.jsonl", "");
    const result = fileIn(directory, "r.json", JSON.stringify(await resultOf(file)));
    const verified = await ordeal("verify", result, file);
    expect(verified.exitCode).toBe(2);
    expect(verified.stdout).toContain("nothing to verify");
  });

  test.each([
    ["no JSON", "nonsense"],
    ["no verdict", "{}"],
    ["a list", "[1]"],
    [
      "a foreign certificate",
      '{"verdict":"valid","certificate":{"kind":"magic","model":{"name":"register","options":{}}}}',
    ],
    [
      "a certificate without order",
      '{"verdict":"valid","certificate":{"kind":"linearization","model":{"name":"register","options":{}}}}',
    ],
    [
      "negative indices",
      '{"verdict":"valid","certificate":{"kind":"linearization","model":{"name":"register","options":{}},"parts":[{"part":null,"order":[-1]}]}}',
    ],
    [
      "an unknown model",
      '{"verdict":"valid","certificate":{"kind":"linearization","model":{"name":"regster","options":{}},"parts":[]}}',
    ],
    [
      "wrong options",
      '{"verdict":"valid","certificate":{"kind":"linearization","model":{"name":"register","options":{"nilReads":"perhaps"}},"parts":[]}}',
    ],
  ])("a malformed result (%s) is one clear line and exit 254", async (_, text) => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "h.jsonl", VALID);
    const result = fileIn(directory, "r.json", text);
    const { exitCode, stdout, stderr } = await ordeal("verify", result, file);
    expect(exitCode).toBe(254);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("r.json");
  });
});
