/** `ordeal check --consistency LEVEL`: transactions, which need no model, and their evidence. */
import { describe, expect, test } from "vitest";
import { fileIn, ordeal, temporaryDirectory } from "./command-line.js";

/** Write skew: two transactions that each read what the other wrote, before it did. */
const SKEW = `{:type :invoke, :process 0, :f :txn, :value [[:r :x nil] [:append :y 1]]}
{:type :invoke, :process 1, :f :txn, :value [[:r :y nil] [:append :x 2]]}
{:type :ok, :process 0, :f :txn, :value [[:r :x []] [:append :y 1]]}
{:type :ok, :process 1, :f :txn, :value [[:r :y []] [:append :x 2]]}
`;

describe("check --consistency LEVEL", () => {
  test.each([
    ["snapshot-isolation", 0, "snapshot"],
    ["PL-2", 0, "snapshot"],
    ["serializable", 1, undefined],
  ] as const)("%s: exit code %i, with evidence that is verified", async (level, code, manner) => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "skew.edn", SKEW);
    const out = `${directory}/result.json`;
    const argv = ["check", file, "--consistency", level, "--json", "--out", out];
    const { exitCode, stdout } = await ordeal(...argv);
    expect(exitCode).toBe(code);
    const result = JSON.parse(stdout) as { certificate: { manner?: string } };
    expect(result).toMatchObject({ model: null, consistency: level });
    expect(result.certificate.manner).toBe(manner);
    const verified = await ordeal("verify", out, file);
    expect(verified.stdout).toContain("✓ confirmed");
    expect(verified.exitCode).toBe(0);
  });

  test("names the cycle and the weakest levels that are ruled out", async () => {
    const file = fileIn(temporaryDirectory(), "skew.edn", SKEW);
    const { stdout } = await ordeal("check", file, "--consistency", "serializable", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      anomalies: [
        {
          kind: "G2-item",
          operations: [0, 1],
          message:
            'G2-item: 0 read "x" without 2, which 1 wrote; 1 read "y" without 1, which 0 wrote: so each would have to come before itself.',
        },
      ],
      details: { ruledOut: ["repeatable-read"], transactions: 2 },
    });
  });

  test("refuses flags that say nothing about transactions", async () => {
    const file = fileIn(temporaryDirectory(), "skew.edn", SKEW);
    const argv = ["check", file, "--consistency", "serializable"];
    for (const flag of ["--model=register", "--initial=0", "--nil-reads=value"]) {
      const { exitCode, stderr } = await ordeal(...argv, flag);
      expect(exitCode).toBe(254);
      expect(stderr).toContain("says nothing about serializable");
    }
  });

  test("without a level the error names one", async () => {
    const file = fileIn(temporaryDirectory(), "skew.edn", SKEW);
    const { exitCode, stderr } = await ordeal("check", file);
    expect(exitCode).toBe(254);
    expect(stderr).toContain("--consistency serializable");
  });

  test("levels of what a transaction sees: the text format of other tools, and evidence", async () => {
    const directory = temporaryDirectory();
    const lines = ["w(1,1,0,0)", "w(2,1,0,0)", "r(2,1,1,1)", "r(1,0,2,2)", "r(2,1,2,2)", ""];
    const file = fileIn(directory, "fractured.txt", lines.join("\n"));
    const out = `${directory}/result.json`;
    for (const [level, code] of [
      ["monotonic-atomic-view", 0],
      ["read-atomic", 1],
      ["strong-session-TCC", 1],
    ] as const) {
      const { exitCode } = await ordeal("check", file, "--consistency", level, "--out", out);
      expect(exitCode).toBe(code);
      const verified = await ordeal("verify", out, file);
      expect(verified.stdout).toContain("✓ confirmed");
    }
    const { stdout } = await ordeal("check", file, "--consistency", "strongest", "--json");
    const { details } = JSON.parse(stdout) as { details: { next: string[]; strongest: string[] } };
    expect(details.next).toContain("read-atomic");
    expect(details.strongest).toContain("strong-session-monotonic-atomic-view");
  });

  test.each([
    ["G-single-item", "w(1,1,0,0) w(2,1,0,0) r(1,0,1,1) r(2,1,1,1)", undefined],
    ["cyclic-versions", "r(1,1,0,0) w(1,2,0,0) r(1,2,1,1) w(1,1,1,1)", "writes-follow-reads"],
  ])("evidence about versions of registers is verified: %s", async (kind, lines, rule) => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "registers.txt", `${lines.replaceAll(" ", "\n")}\n`);
    const out = `${directory}/result.json`;
    const options = [
      "level=repeatable-read",
      ...(rule === undefined ? [] : [`versions=["${rule}"]`]),
    ];
    const argv = ["--checker", "transactional", ...options.flatMap((o) => ["--checker-option", o])];
    const { stdout } = await ordeal("check", file, ...argv, "--json", "--out", out);
    expect(stdout).toContain(kind);
    const verified = await ordeal("verify", out, file);
    expect(verified.stdout).toContain("✓ confirmed");
  });
});
