/**
 * What each synchronization strategy promises, held on each of its algorithms: it keeps its level
 * under the faults that its system promises to survive, and it does not keep the level of the next
 * strategy up. Above `strong` is the isolation of batches, which no strategy promises. States are
 * asked where there are some, else the keys of a map.
 *
 * More seeds by hand: ORDEAL_STRATEGY_SEEDS=100.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  automerge,
  chain,
  crdt,
  gossip,
  multiPaxos,
  primaryBackup,
  quorum,
  raft,
  threePhaseCommit,
  twoPhaseCommit,
  yjs,
} from "../backends/index.js";
import {
  ALGORITHMS,
  IMPOSSIBLE,
  STATE_ALGORITHMS,
  STRATEGIES,
  STRATEGY_LEVELS,
  strategiesOf,
  synchronized,
  type Algorithm,
  type StateAlgorithm,
  type Strategy,
} from "../backends/synchronized.js";
import type { ConsistencyLevel } from "../checkers/consistency.js";
import { sessions as sessionsChecker } from "../checkers/sessions.js";
import { transactional } from "../checkers/transactional.js";
import { crash } from "../nemeses/crash.js";
import { partition } from "../nemeses/partition.js";
import { pause } from "../nemeses/pause.js";
import { powerLoss } from "../nemeses/power-loss.js";
import { distributedPersistenceOn } from "../persistence/index.js";
import { createBudget } from "../src/checker/checker.js";
import { createHistoryBuilder, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { kv } from "../src/model/kv.js";
import type { Nemesis } from "../src/runner/nemesis.js";
import { runTest, type RunOutcome } from "../src/runner/run.js";
import type { System } from "../src/runner/system.js";
import type { Workload } from "../src/runner/workload.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import type { StatePersistence } from "../src/state/persistence.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { FaultKind } from "../src/world/world.js";
import { eventual } from "../workloads/eventual.js";
import { kv as kvWorkload } from "../workloads/kv.js";
import { sessions } from "../workloads/sessions.js";
import { states } from "../workloads/states.js";

const SEEDS = Number(process.env["ORDEAL_STRATEGY_SEEDS"] ?? 3);
/** A violation has to show up in one of so many. */
const SEEDS_MAX = 20;

const pairs = (strategy: Strategy): readonly (readonly [Strategy, Algorithm])[] =>
  ALGORITHMS.filter((algorithm) => strategiesOf(algorithm).includes(strategy)).map(
    (algorithm) => [strategy, algorithm] as const,
  );

const NEMESES: { readonly [fault in FaultKind]?: () => Nemesis } = {
  kill: crash,
  "power-loss": powerLoss,
  pause,
  "cut-link": partition,
};

async function run(
  system: System,
  level: ConsistencyLevel,
  { seed, nemeses }: { readonly seed: number; readonly nemeses: readonly Nemesis[] },
): Promise<RunOutcome> {
  const workload = workloadFor(system, level);
  return runTest({
    test: {
      version: 1,
      workload: workload.name,
      system: system.name,
      world: "simulated",
      nemeses: nemeses.map(({ name }) => name),
      seed,
      nodeCount: system.nodes.default,
      concurrency: 10,
      timeLimitMs: 6_000,
      ratePerSecond: 200,
      operationTimeoutMs: 1_000,
      nemesisIntervalMs: 600,
    },
    system,
    workload,
    nemeses,
    world: simulatedWorld({ seed }),
    replay: "",
  });
}

/** Something that judges a level, and that the system has the functions for. */
function workloadFor({ functions }: System, level: ConsistencyLevel): Workload {
  if (functions.includes("state")) return states({ level });
  if (level === "eventual") return eventual();
  if (level === "linearizable") return kvWorkload();
  const guarantees = ["read-your-writes"] as const;
  return { ...sessions(), checker: () => sessionsChecker({ model: kv(), guarantees }) };
}

/** What stronger strategies keep too. */
const KEPT: { readonly [strategy in Strategy]: readonly ConsistencyLevel[] } = {
  strong: ["linearizable", "eventual", "read-your-writes"],
  eventual: ["eventual", "read-your-writes"],
  weak: ["read-your-writes"],
};

/** At these `eventual` does not keep what `weak` promises; the page says why. */
const EXCEPTIONS: readonly Algorithm[] = ["primary-backup", "yjs"];

describe.each(STRATEGIES.flatMap(pairs))("%s on %s", (strategy, algorithm) => {
  const system = synchronized({ strategy, algorithm });
  const isException = strategy === "eventual" && EXCEPTIONS.includes(algorithm);
  const kept = isException ? [strategy] : KEPT[strategy];
  test.each(kept)(
    "is %s under the faults that it promises to survive",
    async (level) => {
      let valid = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const nemeses = system.promise.under.flatMap((fault) => NEMESES[fault]?.() ?? []);
        const { result } = await run(system, level, { seed, nemeses });
        const { verdict, reason } = result.verdict;
        expect(verdict, `seed ${seed}: ${reason}`).not.toBe("invalid");
        if (verdict === "valid") valid++;
      }
      // A few seconds may be too short for a fault to strike, or to be healed.
      expect(valid).toBeGreaterThan(0);
    },
    120_000,
  );
});

const NOT_KEPT: readonly (readonly [Strategy, Algorithm, ConsistencyLevel])[] = [
  ...pairs("eventual").map(
    ([strategy, algorithm]) => [strategy, algorithm, "linearizable"] as const,
  ),
  ...pairs("weak").map(([strategy, algorithm]) => [strategy, algorithm, "eventual"] as const),
  ...EXCEPTIONS.map((algorithm) => ["eventual", algorithm, "read-your-writes"] as const),
];

test.each(NOT_KEPT)(
  "%s on %s is not %s",
  { timeout: 300_000 },
  async (strategy, algorithm, level) => {
    for (let seed = 1; seed <= SEEDS_MAX; seed++) {
      const system = synchronized({ strategy, algorithm });
      const { result, history } = await run(system, level, { seed, nemeses: [partition()] });
      if (result.verdict.verdict !== "invalid") continue;
      const { certificate } = result.verdict;
      if (level === "eventual") return;
      if (certificate === undefined) throw new Error("there is no evidence");
      const budget = createBudget();
      const confirmation = verifyCertificate({ certificate, history, model: kv(), budget });
      expect(confirmation).toMatchObject({ confirmed: true });
      return;
    }
    throw new Error(`none of ${SEEDS_MAX} seeds shows it`);
  },
);

describe("strong is not strict-serializable: who looks while a batch is under way sees a part of it", () => {
  const ofStates = STATE_ALGORITHMS.filter((each) => strategiesOf(each).includes("strong"));
  test.each(ofStates)("strong on %s", async (algorithm) => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= SEEDS_MAX && kinds.size === 0; seed++) {
      const history = await halfBatches(algorithm, seed);
      const verdict = await transactional().check(history, createBudget());
      for (const { kind } of verdict.anomalies) kinds.add(kind);
    }
    expect(kinds.size).toBeGreaterThan(0);
    // Nothing but the halves of batches is wrong: each state for itself is linearizable, as above.
    for (const kind of kinds) expect(kind).toMatch(/realtime|process|G-/);
  });
});

describe("what a system cannot be", () => {
  const impossible = ALGORITHMS.flatMap((algorithm) =>
    STRATEGIES.filter((strategy) => !strategiesOf(algorithm).includes(strategy)).map(
      (strategy) => [algorithm, strategy] as const,
    ),
  );
  test.each(impossible)("%s refuses to be %s, and says what it can be", (algorithm, strategy) => {
    const can = strategiesOf(algorithm).join(" or ");
    const reason = IMPOSSIBLE[algorithm][strategy] ?? "";
    const message = `${algorithm} cannot be ${strategy}: ${reason}`;
    const asked = { strategy: strategy as never };
    for (const make of [() => synchronized({ strategy, algorithm }), () => OWN[algorithm](asked)]) {
      expect(make).toThrow(message);
      expect(make).toThrow(`${algorithm} can be ${can}`);
    }
  });

  test("the page has what each can be, with the faults under which it keeps its level", () => {
    for (const algorithm of ALGORITHMS) expect(PAGE).toContain(rowOf(algorithm));
  });
});

const OWN: { readonly [algorithm in Algorithm]: (options: { strategy: never }) => System } = {
  raft,
  "multi-paxos": multiPaxos,
  chain,
  "two-phase-commit": twoPhaseCommit,
  "three-phase-commit": threePhaseCommit,
  gossip,
  quorum,
  "primary-backup": primaryBackup,
  crdt,
  yjs,
  automerge,
};

const PAGE = readFileSync(fileURLToPath(new URL("../docs/backends.md", import.meta.url)), "utf8");

const WORDS: { readonly [fault in FaultKind]?: string } = {
  kill: "kills",
  "power-loss": "losses of power",
  pause: "pauses",
  "cut-link": "cut links",
};

function rowOf(algorithm: Algorithm): string {
  const cells = STRATEGIES.map((strategy) => {
    if (!strategiesOf(algorithm).includes(strategy)) return "–";
    const { name, promise } = synchronized({ strategy, algorithm });
    const faults = promise.under.map((fault) => WORDS[fault]).join(", ");
    return `\`${name}\`: ${STRATEGY_LEVELS[strategy]}, under ${faults || "none of these faults"}`;
  });
  return `| \`${algorithm}\` | ${cells.join(" | ")} |`;
}

/** Batches of two states, and somebody who looks at one after the other. */
async function halfBatches(algorithm: StateAlgorithm, seed: number): Promise<History> {
  const world = simulatedWorld({ seed });
  const builder = createHistoryBuilder();
  const record = (event: Omit<NewEvent, "timeNs" | "f">): void => {
    builder.add({ ...event, f: "txn", timeNs: world.clock.nowNs() });
  };
  const batches = async (store: StatePersistence): Promise<void> => {
    for (let round = 1; round <= 20; round++) {
      const writes: Value = [
        ["w", "a", round],
        ["w", "b", round],
      ];
      record({ type: "invoke", process: 0, value: writes });
      await store.batch([
        { kind: "save", key: "a", value: round },
        { kind: "save", key: "b", value: round },
      ]);
      record({ type: "ok", process: 0, value: writes });
    }
  };
  const looks = async (store: StatePersistence): Promise<void> => {
    for (let round = 0; round < 40; round++) {
      for (const key of ["a", "b"]) {
        record({ type: "invoke", process: 1, value: [["r", key, null]] });
        const value = await store.loadState(key).then(
          (state) => state.value,
          () => null,
        );
        record({ type: "ok", process: 1, value: [["r", key, value]] });
      }
    }
  };
  await world.run(async () => {
    const system = synchronized({ algorithm });
    const cluster = await world.deploy(system.deployment(system.nodes.default), {
      onLog: () => undefined,
    });
    const writer = distributedPersistenceOn(cluster, { algorithm, name: "writer" });
    const reader = distributedPersistenceOn(cluster, { algorithm, name: "reader" });
    await Promise.all([batches(writer), looks(reader)]);
    await writer.close();
    await reader.close();
    await cluster.stop();
  });
  await world.close();
  return builder.build();
}
