/**
 * Each workload of an everyday checker on backends that keep what it asks for, and on one that does
 * not: the first is valid under its faults, the second has its anomaly. The table of both is in
 * docs/checkers.md.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { crdt } from "../backends/crdt.js";
import { file } from "../backends/file.js";
import { gossip } from "../backends/gossip.js";
import { memory } from "../backends/memory.js";
import { primaryBackup } from "../backends/primary-backup.js";
import { raft } from "../backends/raft.js";
import { fileStates, memoryStates } from "../persistence/index.js";
import { crash } from "../nemeses/crash.js";
import { partition } from "../nemeses/partition.js";
import { pause } from "../nemeses/pause.js";
import { powerLoss } from "../nemeses/power-loss.js";
import { deltaAtomicity } from "../checkers/delta-atomicity.js";
import { kAtomicity } from "../checkers/k-atomicity.js";
import { createBudget, type Checker } from "../src/checker/checker.js";
import { PROPERTIES, WORKLOADS } from "../src/cli/catalog.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Nemesis } from "../src/runner/nemesis.js";
import type { Verdict } from "../src/verdict/verdict.js";
import type { RunResult } from "../src/runner/result.js";
import { runTest } from "../src/runner/run.js";
import type { System } from "../src/runner/system.js";
import type { Workload } from "../src/runner/workload.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import {
  availability,
  bank,
  broadcast,
  causalReverse,
  counter,
  durability,
  eventual,
  exactlyOnce,
  leader,
  lock,
  longFork,
  monotonic,
  queue,
  register,
  sessions,
  set,
  settledCounter,
  settledSet,
  stream,
  uniqueIds,
  workflow,
} from "../workloads/index.js";
import { ordeal, temporaryDirectory } from "./command-line.js";
import { declaredKinds } from "./declared-kinds.js";

interface Scenario {
  readonly system: System;
  readonly nemeses?: readonly Nemesis[];
}

async function run(make: () => Workload, scenario: Scenario, seed: number): Promise<RunResult> {
  const { system, nemeses = [] } = scenario;
  const workload = make();
  const { result } = await runTest({
    test: {
      version: 1,
      workload: workload.name,
      system: system.name,
      world: "simulated",
      nemeses: nemeses.map(({ name }) => name),
      seed,
      nodeCount: system.nodes.default,
      concurrency: 6,
      timeLimitMs: 15_000,
      ratePerSecond: 50,
      operationTimeoutMs: 1_000,
      nemesisIntervalMs: 3_000,
    },
    system,
    workload,
    nemeses,
    world: simulatedWorld({ seed }),
    replay: "",
  });
  return result;
}

const lostWrites: Scenario = { system: memory({ variant: "lost-writes" }) };
const staleReads: Scenario = { system: memory({ variant: "stale-reads" }) };
const fracturedReads: Scenario = { system: memory({ variant: "fractured-reads" }) };
const atomic: readonly Scenario[] = [
  { system: memory(), nemeses: [pause()] },
  { system: file(), nemeses: [crash(), powerLoss()] },
];
/** Where a set, a lock or a log is replicated. */
const replicated: readonly Scenario[] = [
  ...atomic,
  { system: raft(), nemeses: [partition(), crash(), pause()] },
];
const stuck: Scenario = {
  system: memory({ variant: "stuck-after-restart" }),
  nemeses: [crash()],
};
const splitBrain: Scenario = { system: primaryBackup(), nemeses: [partition()] };

/** Clients of registers, whose reads are held against bounds of staleness. */
const registers = (checker: Checker) => (): Workload => {
  return { ...register(), optional: [], checker: () => checker };
};

/** By workload: who keeps it, and who breaks it with which kind of anomaly. */
const CASES: readonly (readonly [
  make: () => Workload,
  right: readonly Scenario[],
  wrong: readonly (readonly [Scenario, kind: string])[],
])[] = [
  [
    set,
    replicated,
    [
      [lostWrites, "lost-element"],
      [staleReads, "stale-read"],
      [splitBrain, "lost-element"],
    ],
  ],
  [
    queue,
    replicated,
    [
      [lostWrites, "lost-element"],
      [splitBrain, "lost-element"],
    ],
  ],
  [
    counter,
    atomic,
    [
      [lostWrites, "counter-below-bounds"],
      [splitBrain, "counter-below-bounds"],
    ],
  ],
  [
    uniqueIds,
    atomic,
    [
      [lostWrites, "duplicate-id"],
      [splitBrain, "duplicate-id"],
    ],
  ],
  [bank, replicated, [[fracturedReads, "wrong-total"]]],
  [monotonic, atomic, [[staleReads, "nonmonotonic-global"]]],
  [causalReverse, atomic, [[fracturedReads, "causal-reverse"]]],
  [lock, replicated, [[lostWrites, "two-holders"]]],
  [
    leader,
    atomic,
    [
      [lostWrites, "two-leaders"],
      [splitBrain, "two-leaders"],
    ],
  ],
  [
    exactlyOnce,
    atomic,
    [
      [lostWrites, "lost-effect"],
      [splitBrain, "lost-effect"],
    ],
  ],
  [longFork, atomic, [[fracturedReads, "long-fork"]]],
  [
    stream,
    replicated,
    [
      [{ system: memory({ variant: "early-sends" }) }, "G1c"],
      [{ system: memory({ variant: "torn-transactions" }) }, "lost-write"],
      [lostWrites, "inconsistent-offsets"],
      [splitBrain, "inconsistent-offsets"],
    ],
  ],
  [
    broadcast,
    [...atomic, { system: gossip(), nemeses: [partition()] }],
    [
      [lostWrites, "lost-message"],
      [{ system: gossip({ variant: "no-repair" }), nemeses: [partition()] }, "lost-message"],
    ],
  ],
  [
    durability,
    [
      { system: file(), nemeses: [crash(), powerLoss()] },
      { system: memory(), nemeses: [] },
    ],
    [
      [{ system: file({ variant: "no-fsync" }), nemeses: [powerLoss()] }, "lost-write"],
      [{ system: memory(), nemeses: [crash()] }, "lost-write"],
    ],
  ],
  [
    eventual,
    [...atomic, { system: gossip(), nemeses: [partition()] }],
    [[{ system: gossip({ variant: "no-repair" }), nemeses: [partition()] }, "diverged-replicas"]],
  ],
  [
    sessions,
    [
      { system: crdt(), nemeses: [partition()] },
      { system: gossip(), nemeses: [partition()] },
    ],
    [[staleReads, "monotonic-reads-violation"]],
  ],
  [
    settledSet,
    [{ system: crdt(), nemeses: [partition()] }],
    [[{ system: crdt({ variant: "no-repair" }), nemeses: [partition()] }, "resurrected-element"]],
  ],
  [
    settledCounter,
    [{ system: crdt(), nemeses: [partition()] }],
    [[{ system: crdt({ variant: "counter-in-one-slot" }) }, "counter-below-bounds"]],
  ],
  [
    availability,
    [
      { system: memory() },
      { system: memory(), nemeses: [pause()] },
      { system: file(), nemeses: [crash()] },
    ],
    [
      [{ system: memory({ variant: "bad-answers" }) }, "unhandled-error"],
      [stuck, "no-recovery"],
    ],
  ],
  [
    () => availability({ minAvailability: 0.9 }),
    [{ system: memory() }, { system: raft() }],
    [[stuck, "unavailable"]],
  ],
  [
    workflow,
    [{ system: fileStates(), nemeses: [crash()] }],
    [[{ system: memoryStates(), nemeses: [crash()] }, "lost-instance"]],
  ],
  [registers(kAtomicity()), atomic, [[staleReads, "stale-read"]]],
  [registers(deltaAtomicity()), atomic, [[staleReads, "stale-read"]]],
];

/**
 * Judged by tests of their own: isolation, and (below) the logs of nodes. The workload `predicate`
 * asks for the level of isolation itself, the checker of that name is for histories from elsewhere.
 */
const ELSEWHERE = new Set(["transactional", "predicate", "log-patterns"]);

const FAULT: readonly NewEvent[] = [
  { type: "info", process: "nemesis", f: "start-crash", value: null, timeNs: 0 },
];

/** The names of all that judge in a verdict. */
function judgesIn({ checker, parts = {} }: Verdict): readonly string[] {
  return [checker, ...Object.values(parts).flatMap((part) => judgesIn(part))];
}

/** The checkers that a workload asks. */
async function judgesOf(make: () => Workload): Promise<readonly string[]> {
  const workload = make();
  const functions = new Set([...workload.requires, ...workload.optional]);
  const checker = workload.checker({ functions, concurrency: 6 });
  // Some are only asked where there was a fault.
  return judgesIn(await checker.check(historyOf(FAULT), createBudget()));
}

const EVERYDAY = PROPERTIES.map(({ name }) => name).filter((name) => !ELSEWHERE.has(name));

/** Each checker with a workload, a backend that keeps it, and one on which it finds something. */
async function tableOfCases(): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const name of EVERYDAY) {
    for (const [make, right, wrong] of CASES) {
      if (!(await judgesOf(make)).includes(name)) continue;
      // Only what this checker can have found counts.
      const found = wrong.filter(([, kind]) => declaredKinds(name).includes(kind));
      if (found.length === 0 || right.length === 0) continue;
      const valid = right.map((scenario) => told(scenario)).join(", ");
      const broken = found.map(([scenario, kind]) => `${told(scenario)}: \`${kind}\``).join(", ");
      rows.push(`| \`${name}\` | \`${make().name}\` | ${valid} | ${broken} |`);
    }
  }
  return rows;
}

function told({ system, nemeses = [] }: Scenario): string {
  return `\`${[system.name, ...nemeses.map(({ name }) => `--nemesis ${name}`)].join(" ")}\``;
}

test("no everyday checker is left out, and the documentation has the table", async () => {
  const rows = await tableOfCases();
  const shown = new Set(rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? ""));
  expect([...shown].toSorted()).toEqual(EVERYDAY.toSorted());
  const path = fileURLToPath(new URL("../docs/checkers.md", import.meta.url));
  const text = readFileSync(path, "utf8");
  const between = /<!-- workloads:begin -->\n([\s\S]*?)<!-- workloads:end -->/.exec(text)?.[1];
  const head = "| Checker | Workload | Valid on | Finds, on |\n| --- | --- | --- | --- |";
  expect(between?.trim()).toBe([head, ...rows].join("\n"));
});

describe.each(CASES.map(([make, right, wrong]) => ({ name: make().name, make, right, wrong })))(
  "$name",
  ({ make, right, wrong }) => {
    test.each(right.map((scenario) => [scenario.system.name, scenario] as const))(
      "%s is valid",
      async (_, scenario) => {
        for (const seed of [1, 2, 3]) {
          const { verdict } = await run(make, scenario, seed);
          expect(`${verdict.verdict}: ${verdict.reason}`).toMatch(/^valid: /);
        }
      },
    );

    test.each(wrong.map(([scenario, kind]) => [scenario.system.name, kind, scenario] as const))(
      "%s has a %s",
      async (_, kind, scenario) => {
        const kinds = new Set<string>();
        for (let seed = 1; seed <= 10 && !kinds.has(kind); seed++) {
          const { verdict } = await run(make, scenario, seed);
          for (const anomaly of verdict.anomalies) kinds.add(anomaly.kind);
        }
        expect([...kinds]).toContain(kind);
      },
    );
  },
);

describe("log-patterns, on what the nodes of a run wrote", () => {
  const LOGS: readonly (readonly [argv: readonly string[], exitCode: number])[] = [
    [["--system", "raft", "--nemesis", "crash", "--nemesis", "partition"], 0],
    [["--system", "memory", "--nemesis", "pause"], 0],
    [["--system", "memory:panics", "--nemesis", "none"], 1],
  ];

  test.each(LOGS)("kv %j ends with %i", async (system, expected) => {
    const out = join(temporaryDirectory(), "run");
    const argv = ["run", "kv", ...system, "--time-limit", "5s", "--rate", "50", "--seed", "1"];
    const ran = await ordeal(...argv, "--out", out);
    // What clients see is right on all of them.
    expect(ran.stdout).toMatch(/VALID kv on /);
    const judge = ["check", out, "--checker", "log-patterns", "--json"];
    const every = 'every=["deployed"]';
    const { exitCode, stdout } = await ordeal(...judge, "--checker-option", every);
    expect(exitCode).toBe(expected);
    const { verdict, anomalies, details } = JSON.parse(stdout) as Verdict;
    expect(details?.["lines"]).toBeGreaterThan(0);
    expect(verdict).toBe(expected === 0 ? "valid" : "invalid");
    for (const { kind, message, operations } of anomalies) {
      expect(kind).toBe("forbidden-line");
      expect(message).toMatch(/n1\.log:\d+: .* panic: index out of range, while serving /);
      expect(operations).not.toHaveLength(0);
    }
  });
});

/** By name, and a system that has what it needs: transactions of several steps are not for all. */
const NAMES = WORKLOADS.map((entry) => {
  const isForAll = entry.make().requires.every((f) => memory().functions.includes(f));
  return [entry.name, isForAll ? "memory" : "mvcc"] as const;
});

test.each(NAMES)("ordeal run %s works from its name, on %s", async (name, system) => {
  const out = join(temporaryDirectory(), "run");
  const argv = ["run", name, "--system", system, "--nemesis", "none", "--time-limit", "3s"];
  const { exitCode, stdout } = await ordeal(...argv, "--rate", "50", "--seed", "1", "--out", out);
  expect(stdout).toMatch(new RegExp(`VALID ${name} on ${system}`));
  expect(exitCode).toBe(0);
});

test("without a system a workload gets one that has what it needs", async () => {
  for (const [name, system] of [
    ["kv", "quorum"],
    ["set", "raft"],
    ["list-append", "mvcc"],
  ] as const) {
    const out = join(temporaryDirectory(), "run");
    const argv = ["run", name, "--time-limit", "3s", "--nemesis", "none", "--seed", "1"];
    const { stdout } = await ordeal(...argv, "--rate", "50", "--out", out);
    expect(stdout).toMatch(new RegExp(`VALID ${name} on ${system}`));
  }
});
