/**
 * A user's own test file in TypeScript: a node program, a workload, a model and a nemesis of their
 * own, in both worlds, loaded by the built program without a build step.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { program, temporaryDirectory } from "./command-line.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/**
 * Uses what only a compiler can take away (an enum, a parameter property), and a module beside it.
 */
const OWN_TEST = `
import { createRpc, defineTest, generators, type Client, type Model, type Nemesis, type NodeContext, type NodeProgram, type Value, type Workload } from "ordeal";
import { linearizable } from "ordeal/checkers";
import { GREETING } from "./greeting.js";

enum Mood { Good = 1 }

class Own implements NodeProgram {
  private value: Value = null;
  constructor(private readonly greeting: string) {}
  async start({ network, clock, log }: NodeContext): Promise<void> {
    log(this.greeting + Mood.Good);
    createRpc(network, clock).serve((_from, body) => {
      const [f, value] = body as [string, Value];
      if (f === "write") this.value = value;
      return this.value;
    });
  }
}

export const own = ({ greeting }: { greeting: string }): NodeProgram => new Own(greeting);

const register: Model = {
  name: "own-register",
  options: {},
  initial: () => null,
  step: (state, { f, input, output, outcome }) =>
    f === "write" ? [input] : outcome === "info" || output === state ? [state] : [],
};

const workload: Workload = {
  name: "own-workload",
  description: "reads and writes",
  requires: ["read", "write"],
  optional: [],
  observes: ["read"],
  generator: () =>
    generators.mix(
      generators.repeat({ f: "read", value: null }),
      generators.repeat(({ index }) => ({ f: "write", value: index })),
    ),
  checker: () => linearizable({ model: register }),
};

const blink: Nemesis = {
  name: "blink",
  description: "pauses a node for a moment",
  needs: ["pause"],
  available: () => ({ available: true }),
  functions: ["start-blink", "stop-blink"],
  schedule: ({ intervalMs }) =>
    generators.cycle(
      generators.sequence(
        generators.sleep(intervalMs),
        generators.once({ f: "start-blink", value: null }),
        generators.sleep(50),
        generators.once({ f: "stop-blink", value: null }),
      ),
    ),
  invoke: async ({ f }, { cluster }) => {
    for (const node of cluster.nodes)
      await (f === "start-blink" ? cluster.processes.pause(node) : cluster.processes.resume(node));
    return { nodes: [...cluster.nodes] };
  },
  heal: async ({ cluster }) => {
    for (const node of cluster.nodes) await cluster.processes.resume(node);
  },
};

export default defineTest({
  system: {
    name: "own",
    description: "a system of the user's",
    worlds: ["simulated", "real"],
    functions: ["read", "write"],
    nodes: { min: 1, default: 1, max: 1 },
    promise: { consistency: "linearizable", under: ["pause"] },
    deployment: (nodeCount) => ({
      nodeCount,
      program: { module: import.meta.url, export: "own", options: { greeting: GREETING } },
    }),
    connect: async ({ endpoint, preferred, timeoutMs }): Promise<Client> => {
      const rpc = createRpc(endpoint.network, endpoint.clock);
      return {
        invoke: async ({ f, value }) => rpc.call(preferred, [f, value], { timeoutMs }),
        close: async () => endpoint.close(),
      };
    },
  },
  workload,
  nemeses: [blink],
  timeLimitMs: 1500,
});
`;

function projectWith(files: { readonly [name: string]: string }): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/ordeal"), "dir");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const project = (): string =>
  projectWith({ "own.test.ts": OWN_TEST, "greeting.ts": `export const GREETING = "hello ";\n` });

interface Result {
  readonly verdict: string;
  readonly test: { readonly nemeses: readonly string[] };
  readonly counts: { readonly faults: number };
  readonly replay: string;
  readonly directory: string;
}

describe("a system, workload, model and nemesis in a TypeScript file", () => {
  test.each(["simulated", "real"])("run in the %s world", async (world) => {
    const folder = project();
    const argv = ["run", "./own.test.ts", "--world", world, "--seed", "1", "--json", "--quiet"];
    const { exitCode, stdout, stderr } = await program(argv, { cwd: folder });
    expect(exitCode, stdout + stderr).toBe(0);
    const result = JSON.parse(stdout) as Result;
    expect(result.verdict).toBe("valid");
    expect(result.test.nemeses).toEqual(["blink"]);
    expect(result.counts.faults).toBeGreaterThan(0);
    expect(readFileSync(join(folder, result.directory, "logs/n1.log"), "utf8")).toContain(
      "hello 1",
    );
  });

  test("the command that is printed, and replay, give the simulated run again", async () => {
    const folder = project();
    const argv = ["run", "./own.test.ts", "--seed", "7", "--json", "--quiet", "--rate", "50"];
    const first = await program(argv, { cwd: folder });
    const { replay, directory } = JSON.parse(first.stdout) as Result;
    expect(replay).toBe("npx ordeal run ./own.test.ts --nemesis blink --seed 7 --rate 50");
    const again = await program([...replay.split(" ").slice(2), "--json", "--quiet"], {
      cwd: folder,
    });
    expect(again.exitCode, again.stderr).toBe(0);
    const { directory: second } = JSON.parse(again.stdout) as Result;
    expect(readFileSync(join(folder, second, "history.jsonl"), "utf8")).toBe(
      readFileSync(join(folder, directory, "history.jsonl"), "utf8"),
    );
    const replayed = await program(["replay", directory, "--quiet"], { cwd: folder });
    expect(replayed.stderr).toContain("byte for byte");
  });

  test("check says who can judge it again", async () => {
    const folder = project();
    await program(["run", "./own.test.ts", "--seed", "7", "--quiet"], { cwd: folder });
    const { exitCode, stderr } = await program(["check", "runs/latest"], { cwd: folder });
    expect(exitCode).toBe(254);
    expect(stderr).toContain("let ./own.test.ts judge it again: ordeal replay runs/latest");
  });
});

test("a run that is refused leaves nothing, and `latest` where it was", async () => {
  const folder = temporaryDirectory();
  const ran = await program(["run", "--time-limit", "1s", "--seed", "1", "--quiet"], {
    cwd: folder,
  });
  expect(ran.exitCode, ran.stderr).toBeLessThan(3);
  const before = readdirSync(join(folder, "runs"));
  const refused = await program(["run", "--system", "sqlite", "--world", "simulated"], {
    cwd: folder,
  });
  expect(refused.exitCode).toBe(254);
  expect(refused.stderr).toMatch(
    /^error: sqlite does not run in the simulated world; use --world real$/,
  );
  expect(readdirSync(join(folder, "runs"))).toEqual(before);
});

test("the rate may be less than one operation in a second", async () => {
  const folder = temporaryDirectory();
  const argv = ["run", "--rate", "0.5", "--seed", "1", "--json", "--quiet", "--nemesis", "none"];
  const { exitCode, stdout, stderr } = await program(argv, { cwd: folder });
  expect(exitCode, stderr).toBe(0);
  const result = JSON.parse(stdout) as Result & { readonly counts: { readonly invoked: number } };
  expect(result.counts.invoked).toBeGreaterThan(10);
  expect(result.counts.invoked).toBeLessThan(60);
  expect(result.replay).toContain("--rate 0.5");
});

describe("makeWorld in a test file", () => {
  const lossy = (kind: string): string => `
import { defineTest, realWorld, simulatedWorld } from "ordeal";
import { quorum } from "ordeal/backends";
export default defineTest({
  system: quorum(),
  nemeses: [],
  makeWorld: (seed) => ${kind},
  timeLimitMs: 5_000,
});
`;

  test("gives the simulated network another quality", async () => {
    const world = "simulatedWorld({ seed, network: { lossProbability: 0.3 } })";
    const folder = projectWith({ "lossy.test.ts": lossy(world) });
    const { exitCode, stdout } = await program(
      ["run", "./lossy.test.ts", "--seed", "1", "--json", "--quiet"],
      { cwd: folder },
    );
    expect(exitCode, stdout).toBe(0);
    const { counts } = JSON.parse(stdout) as { counts: { ok: number; info: number } };
    // Without faults, only a lost message can leave an operation without an answer.
    expect(counts.info).toBeGreaterThan(10);
    expect(counts.ok).toBeGreaterThan(10);
  });

  test("is refused when it makes the other kind", async () => {
    const folder = projectWith({ "other.test.ts": lossy("realWorld({ seed })") });
    const { exitCode, stderr } = await program(["run", "./other.test.ts"], { cwd: folder });
    expect(exitCode).toBe(254);
    expect(stderr).toContain("use --world real");
  });
});
