/**
 * The benchmark of the linearizability checker as a user runs it: small histories, a peer in the
 * same run, and the JSON that it writes.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { LINEARIZABLE } from "../bench/linearizable/cases.js";
import { readOptions } from "../bench/rows/options.js";
import { ownMsIn, verdictIn } from "../bench/rows/peer.js";
import type { Row } from "../bench/rows/row.js";
import type { Curve } from "../bench/rows/report.js";
import { fileIn, temporaryDirectory } from "./command-line.js";

/** Two rows of 200 operations. */
const SHORT = "--family cas --max-operations 200 --time-limit 1 --repeats 1".split(" ");
const ROOT = fileURLToPath(new URL("../", import.meta.url));

function bench(...options: readonly string[]) {
  const tsx = join(ROOT, "node_modules/tsx/dist/cli.mjs");
  return execa(process.execPath, [tsx, join(ROOT, "bench/main.ts"), "linearizable", ...options], {
    cwd: ROOT,
    reject: false,
  });
}

describe("npm run bench -- linearizable", () => {
  test("measures a family and a peer, and writes every figure as JSON", async () => {
    const folder = temporaryDirectory();
    const json = join(folder, "report.json");
    // A peer that looks at what it was handed, and is wrong about every second history.
    const peer = fileIn(
      folder,
      "peer.sh",
      'head -n 1 "$1" | grep -q "^# model cas-register$" || exit 9\n' +
        'grep -c "^i " "$1" >> "$2"\necho "valid, in 12.5 ms"\n',
    );
    const seen = join(folder, "seen");
    const { exitCode, stdout, stderr } = await bench(
      "--quick",
      "--family",
      "cas",
      "--max-operations",
      "1000",
      "--peer",
      `fake=sh ${peer} {file} ${seen}`,
      "--peer-format",
      "events",
      "--json",
      json,
      "--markdown",
      join(folder, "tables.md"),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const report = JSON.parse(readFileSync(json, "utf8")) as {
      benchmark: string;
      environment: { node: string };
      rows: Row[];
      curves: Curve[];
    };
    expect(report.benchmark).toBe("linearizable");
    expect(report.environment.node).toBe(process.version);
    const { rows } = report;
    expect(rows.length).toBeGreaterThanOrEqual(8);
    expect(rows.map(({ operations }) => operations)).toContain(200);
    for (const row of rows) {
      expect(row).toMatchObject({ family: "cas", indeterminate: 0, histories: 1 });
    }
    expect(new Set(rows.map(({ expected }) => expected.join()))).toEqual(
      new Set(["valid", "invalid"]),
    );
    for (const { ours, expected, peers } of rows) {
      if ("error" in ours) throw new Error(ours.error);
      expect(ours).toMatchObject({ verdicts: expected, correct: true, errors: [] });
      for (const figure of [ours.msCold, ours.msMedian, ours.peakMib]) {
        expect(figure).toBeGreaterThan(0);
      }
      expect(peers["fake"]).toMatchObject({
        verdicts: ["valid"],
        correct: expected[0] === "valid",
        ownMsMedian: 12.5,
        exitCodes: [0],
        timedOut: 0,
        calls: 1,
        printed: "valid, in 12.5 ms",
      });
    }
    // It was handed the whole history each time.
    const counts = readFileSync(seen, "utf8").trim().split("\n").map(Number);
    expect(counts).toEqual(rows.map(({ operations }) => operations));
    expect(report.curves[0]?.growthPerTenfold.length).toBeGreaterThan(0);
    expect(stdout).toContain("valid! 12.5 ms");
    const tables = readFileSync(join(folder, "tables.md"), "utf8");
    expect(tables).toContain("| family | what | operations | verdict | ms | cpu ms | cold ms |");
    expect(tables).toMatch(/\| C=20, right \| 200 \| valid \| .* \| 12\.50?, \d+ MiB \|$/m);
    expect(tables).toMatch(/\| C=20, impossible read \| 200 \| .* \*\*valid\*\* 12\.50?, /);
  });

  test("a peer that takes too long is ended, and one whose format cannot say it sits out", async () => {
    const folder = temporaryDirectory();
    const json = join(folder, "report.json");
    const { stdout } = await bench(
      ...SHORT,
      "--json",
      json,
      "--peer",
      "slow=sleep 60; : {file}",
      "--peer",
      "mute=cat {file}",
      "--peer-format",
      "intervals",
    );
    expect(stdout).toContain("time-out");
    const { rows } = JSON.parse(readFileSync(json, "utf8")) as { rows: Row[] };
    expect(rows).not.toEqual([]);
    for (const { peers } of rows) {
      expect(peers).toMatchObject({
        slow: { verdicts: ["none"], timedOut: 1 },
        mute: { skipped: expect.stringContaining("intervals") as string },
      });
    }
  });

  test.each([
    [["--family", "nonsense"], "no family nonsense"],
    [["--peer", "knossos run"], "no {file}"],
    [["--peer", "a=a {file}", "--peer-format", "xml"], 'no peer format "xml"'],
    [["--peer-format", "edn"], "comes after the --peer"],
    [["--repeats", "0"], "--repeats is a number above 0"],
  ])("refuses %j", (options, message) => {
    expect(() => readOptions(options, LINEARIZABLE)).toThrow(message);
  });

  test("says what is wrong with the command line, and how it is right", async () => {
    const { exitCode, stderr } = await bench("--family", "nonsense");
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/^no family nonsense; there are .*\n\nnpm run bench/);
  });
});

test.each([
  ["valid 12.5 ms", "valid", 12.5],
  ["Illegal in 3ms", "invalid", 3],
  ["not linearizable", "invalid", undefined],
  ["1 0.0125", "valid", 12.5],
  ["0 8.6e-05", "invalid", 0.086],
  ["{:valid? false}", "invalid", undefined],
  ["unknown: out of time", "unknown", undefined],
  ["Segmentation fault", "none", undefined],
])("what a peer printed: %s", (printed, verdict, ms) => {
  expect(verdictIn(printed)).toBe(verdict);
  if (ms === undefined) expect(ownMsIn(printed)).toBeUndefined();
  else expect(ownMsIn(printed)).toBeCloseTo(ms, 6);
});
