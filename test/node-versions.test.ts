/**
 * The same seed gives the same bytes of history on every version of Node that is supported: the
 * binaries of Node 22 and 24 come from the package registry, the one that runs this test is the
 * third.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { PROGRAM, temporaryDirectory } from "./command-line.js";

/** Pinned, so that a failure is ours. */
const VERSIONS = { n22: "22.23.3", n24: "24.21.0" } as const;

const RUNS: readonly (readonly string[])[] = [
  ["kv", "--system", "raft", "--nemesis", "partition,crash,pause,power-loss", "--seed", "7"],
  ["register", "--system", "quorum", "--seed", "11"],
  ["settled-set", "--system", "crdt", "--nemesis", "partition", "--seed", "3"],
  ["bank", "--system", "two-phase-commit", "--nemesis", "crash", "--seed", "5"],
];

test("a simulated run is the same, byte for byte, on Node 20, 22 and 24", async ({ skip }) => {
  const folder = temporaryDirectory();
  const packages = Object.entries(VERSIONS).map(
    ([name, version]) => `${name}@npm:node-${process.platform}-${process.arch}@${version}`,
  );
  const installed = await execa(
    "npm",
    ["install", "--no-audit", "--no-fund", "--no-save", "--prefix", folder, ...packages],
    { reject: false, env: { npm_config_loglevel: "error" } },
  );
  if (installed.failed && process.env["CI"] === undefined) {
    skip(`the other versions of Node cannot be installed here: ${installed.stderr}`);
  }
  expect(installed.stderr).toBe("");
  const binaries = [
    process.execPath,
    ...Object.keys(VERSIONS).map((name) => join(folder, "node_modules", name, "bin/node")),
  ];
  for (const [index, run] of RUNS.entries()) {
    const histories: string[] = [];
    for (const [at, binary] of binaries.entries()) {
      const out = join(folder, `${index}-${at}`);
      const { exitCode, stderr } = await execa(
        binary,
        [PROGRAM, "run", ...run, "--time-limit", "10s", "--out", out, "--quiet"],
        { reject: false, env: { NODE_OPTIONS: "" } },
      );
      expect({ binary, exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: "" });
      histories.push(readFileSync(join(out, "history.jsonl"), "utf8"));
    }
    expect(histories[0]?.length).toBeGreaterThan(10_000);
    expect(histories[1] === histories[0], `${run.join(" ")} on Node ${VERSIONS.n22}`).toBe(true);
    expect(histories[2] === histories[0], `${run.join(" ")} on Node ${VERSIONS.n24}`).toBe(true);
  }
}, 300_000);
