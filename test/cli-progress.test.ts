/** Systems that stop: found by runs and campaigns, made small, replayed; by the command line. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { program, temporaryDirectory } from "./command-line.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** A register on one node, which answers so many requests and then none any more. */
const STUCK = `
import { createRpc, defineTest } from "ordeal";

export function node() {
  return {
    start: async ({ network, clock }) => {
      const kept = new Map();
      let requests = 0;
      createRpc(network, clock).serve(async (_from, [key, f, value]) => {
        if (++requests > 30) await new Promise(() => undefined);
        if (f === "write") kept.set(key, value);
        return kept.get(key) ?? null;
      });
      return { waitsFor: () => ["the moon"] };
    },
  };
}

export default defineTest({
  system: {
    name: "stuck",
    description: "stops after 30 requests",
    worlds: ["simulated"],
    functions: ["read", "write"],
    nodes: { min: 1, default: 1, max: 1 },
    promise: { consistency: "linearizable", under: ["pause"] },
    deployment: (nodeCount) => ({
      program: { module: import.meta.url, export: "node", options: {} },
      nodeCount,
    }),
    connect: async ({ endpoint, nodes, timeoutMs }) => {
      const rpc = createRpc(endpoint.network, endpoint.clock);
      return {
        invoke: async ({ f, key = null, value }) =>
          rpc.call(nodes[0], [JSON.stringify(key), f, value], { timeoutMs }),
        close: async () => endpoint.close(),
      };
    },
  },
  workload: "register",
});
`;

function project(): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/ordeal"), "dir");
  writeFileSync(join(folder, "stuck.mjs"), STUCK);
  return folder;
}

interface Result {
  readonly verdict: string;
  readonly anomalies: readonly { readonly kind: string; readonly message: string }[];
  readonly replay: string;
}

const RUN = ["run", "./stuck.mjs", "--seed", "1", "--time-limit", "5s", "--quiet", "--json"];

describe("a run of a system that stops", () => {
  test.each([[[]], [["--progress-within", "7s"]]])(
    "is invalid, as the bound is over: %j",
    async (more) => {
      const cwd = project();
      const { exitCode, stdout, stderr } = await program([...RUN, ...more], { cwd });
      expect([exitCode, stderr]).toEqual([1, ""]);
      const { verdict, anomalies, replay } = JSON.parse(stdout) as Result;
      expect(verdict).toBe("invalid");
      expect(anomalies.map(({ kind }) => kind)).toEqual(["no-progress"]);
      expect(anomalies[0]?.message).toContain("the moon");
      expect(replay.includes("--progress-within 7s")).toBe(more.length > 0);
      const again = await program([...replay.split(" ").slice(2), "--quiet", "--json"], { cwd });
      expect((JSON.parse(again.stdout) as Result).anomalies).toEqual(anomalies);
    },
  );

  test("is not asked for with none", async () => {
    const cwd = project();
    const { exitCode, stdout } = await program([...RUN, "--progress-within", "none"], { cwd });
    const { verdict, replay } = JSON.parse(stdout) as Result;
    expect([exitCode, verdict]).toEqual([0, "valid"]);
    expect(replay).toContain("--progress-within none");
  });

  test.each(["soon", "1s"])("takes no bound that is none: %s", async (bound) => {
    const cwd = project();
    const { exitCode, stderr } = await program([...RUN, "--progress-within", bound], { cwd });
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(/--progress-within/);
    if (bound === "1s") expect(stderr).toMatch(/must be 5s or more, or none/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

test("a campaign finds it, makes it small, and the case replays", async () => {
  const cwd = project();
  const argv = ["campaign", "./stuck.mjs", "--trials", "5", "--workers", "1", "--out", "c"];
  const { exitCode, stdout, stderr } = await program([...argv, "--quiet"], { cwd });
  expect([exitCode, stderr]).toEqual([1, ""]);
  expect(stdout).toMatch(/Found {3}by run 1 /);
  const [, from, to] = /Shrunk {2}operations ([\d,]+) → (\d+),/.exec(stdout) ?? [];
  expect(Number(to)).toBeLessThan(Number(from?.replace(",", "")));
  // Thirty are answered; what is asked then, is not.
  expect(Number(to)).toBeLessThanOrEqual(40);
  const [, command = ""] = /replay {2}npx ordeal (.*)/.exec(stdout) ?? [];
  expect(command).toBe("replay c/no-progress.json");
  const replayed = await program([...command.split(" "), "--quiet", "--out", "r"], { cwd });
  expect([replayed.exitCode, replayed.stderr]).toEqual([1, ""]);
  expect(replayed.stdout).toContain("the moon");

  const asked = await program([...argv.slice(0, -1), "n", "--progress-within", "none", "--quiet"], {
    cwd,
  });
  expect([asked.exitCode, asked.stderr]).toEqual([0, ""]);
}, 240_000);
