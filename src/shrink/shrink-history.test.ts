import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memory } from "../../backends/memory.js";
import { runUnder } from "../../bench/mutants/scenario.js";
import { linearizable } from "../../checkers/linearizable.js";
import * as workloads from "../../workloads/index.js";
import { createBudget, type Checker } from "../checker/checker.js";
import { historyOf, type History, type NewEvent } from "../history/history.js";
import type { Value } from "../history/value.js";
import { casRegister } from "../model/cas-register.js";
import { fifoQueue } from "../model/fifo-queue.js";
import { log } from "../model/log.js";
import { mutex } from "../model/mutex.js";
import type { Model } from "../model/model.js";
import { register } from "../model/register.js";
import { set } from "../model/set.js";
import { createRandom } from "../random.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";
import { plantedHistoryArbitrary } from "../testing/property/histories.js";
import { verifyCertificate } from "../verdict/verify.js";
import { closureOf, type Meaning } from "./closure/closure.js";
import { shrinkHistory, type ShrunkHistory } from "./shrink-history.js";
import { subHistory } from "./sub-history.js";

async function shrink(
  history: History,
  checker: Checker,
  meaning: Meaning,
): Promise<ShrunkHistory> {
  const budget = { runs: Infinity, timeMs: 60_000, nowMs: () => performance.now() };
  return shrinkHistory({ history, checker, budget, meaningOf: () => meaning });
}

function sequence(...calls: readonly [f: string, input: Value, output: Value][]): History {
  return historyOf(
    calls.flatMap(([f, input, output], index): NewEvent[] => [
      { timeNs: index * 2, type: "invoke", process: index % 3, f, value: input },
      { timeNs: index * 2 + 1, type: "ok", process: index % 3, f, value: output },
    ]),
  );
}

const operationsIn = (history: History): readonly (readonly [string, Value])[] =>
  Array.from(history.invocations(), (index) => {
    const { f, input, output = null } = history.operation(index);
    return [f, input ?? output];
  });

describe("a shrunk history", () => {
  test("is about a write that is stale, not one that was left out", async () => {
    // The first write of 1 would leave a read of 1 that looks stale although it is not.
    const history = sequence(
      ["write", 1, 1],
      ["write", 2, 2],
      ["write", 1, 1],
      ["read", null, 1],
      ["write", 3, 3],
      ["write", 4, 4],
      ["read", null, 3],
    );
    const model = register();
    const { history: small } = await shrink(history, linearizable({ model }), {
      model,
      realTime: true,
    });
    expect(operationsIn(small)).toEqual([
      ["write", 3],
      ["write", 4],
      ["read", 3],
    ]);
  });

  test("of a lock keeps the releases", async () => {
    const history = sequence(
      ["acquire", null, null],
      ["release", null, null],
      ["acquire", null, null],
      ["release", null, null],
      ["acquire", null, null],
      ["acquire", null, null],
    );
    const model = mutex();
    const meaning = { model, realTime: true };
    const { history: small } = await shrink(history, linearizable({ model }), meaning);
    expect(small.invocations().length).toBe(6);
  });

  const MODELS: readonly Model[] = [register(), casRegister(), fifoQueue(), set(), log()];
  test.each(MODELS.map((model) => [model.name, model] as const))(
    "of %s is wrong for a reason that the whole has, and nothing can be taken from it",
    async (_, model) => {
      const checker = linearizable({ model, threads: 1 });
      const isWrong = (history: History): boolean => {
        const verdict = checker.check(history, createBudget());
        return !(verdict instanceof Promise) && verdict.verdict === "invalid";
      };
      const meaning = { model, realTime: true };
      await fc.assert(
        fc.asyncProperty(
          plantedHistoryArbitrary({ model, isWrong, stepsMax: 45 }),
          async ({ history }) => {
            const {
              history: small,
              verdict,
              spent,
              undecided,
            } = await shrink(history, checker, meaning);
            expect([spent, undecided]).toEqual([false, 0]);
            const { certificate } = verdict;
            if (certificate === undefined) throw new Error("no evidence");
            const request = { certificate, history: small, model, budget: createBudget() };
            expect(verifyCertificate(request)).toMatchObject({ confirmed: true });
            const again = [...small.invocations()];
            const closure = closureOf(small, meaning);
            for (const index of again) {
              const less = closure(again.filter((other) => other !== index));
              if (less.length < again.length) expect(isWrong(subHistory(small, less))).toBe(false);
            }
          },
        ),
        { numRuns: 40 },
      );
    },
  );
});

/** Workloads that a store in memory can serve, but for what takes long to check. */
const WORKLOADS: readonly (() => Workload)[] = [
  workloads.bank,
  workloads.broadcast,
  workloads.causalReverse,
  workloads.counter,
  workloads.eventual,
  workloads.exactlyOnce,
  workloads.leader,
  workloads.lock,
  workloads.longFork,
  workloads.monotonic,
  workloads.queue,
  workloads.sessions,
  workloads.set,
  workloads.settledCounter,
  workloads.settledSet,
  workloads.uniqueIds,
];

function checkerOf(workload: Workload, system: System): Checker {
  const known = [...workload.requires, ...workload.optional];
  const functions = new Set(known.filter((f) => system.functions.includes(f)));
  return workload.checker({ functions, concurrency: 8 });
}

describe("where no model says what operations depend on", () => {
  test.each(WORKLOADS.map((make) => [make().name, make] as const))(
    "a part of a right history is not taken for wrong: %s",
    async (_, make) => {
      const system = memory();
      const workload = make();
      const checker = checkerOf(workload, system);
      let parts = 0;
      for (let seed = 1; seed <= 2; seed++) {
        const { history } = await runUnder(
          { nemeses: () => [], workload: make, lengthMs: 2_000, rate: 50 },
          system,
          seed,
        );
        const random = createRandom(seed);
        const closure = closureOf(history, { realTime: false });
        for (let trial = 0; trial < 40; trial++) {
          const share = random.float();
          const chosen = closure([...history.invocations()].filter(() => random.chance(share)));
          const isWrong = async (options: object): Promise<boolean> =>
            (await checker.check(subHistory(history, chosen, options), createBudget())).verdict ===
            "invalid";
          if (await isWrong({})) expect(await isWrong({ faults: true, forgets: true })).toBe(false);
          parts++;
        }
      }
      expect(parts).toBe(80);
    },
  );

  test("what is left is about what was wrong, not about what leaving out has made wrong", async () => {
    /** Of two reads or more, those that do not tell how many additions there were. */
    const counting: Checker = {
      name: "counting",
      description: "for a test",
      check: (history) => {
        let additions = 0;
        let reads = 0;
        const wrong: number[] = [];
        for (const index of history.invocations()) {
          const { f, output, outcome } = history.operation(index);
          if (outcome !== "ok") continue;
          if (f === "add") additions++;
          else if (++reads > 0 && output !== additions) wrong.push(index);
        }
        return {
          verdict: reads > 1 && wrong.length > 0 ? "invalid" : "valid",
          checker: "counting",
          reason: "",
          operations: history.invocations().length,
          elapsedMs: 0,
          anomalies: wrong.map((index) => ({ kind: "count", message: "", operations: [index] })),
        };
      },
    };
    const history = sequence(
      ["add", null, null],
      ["add", null, null],
      ["read", null, 2],
      ["read", null, 2],
      ["add", null, null],
      ["read", null, 2],
    );
    const { verdict, operations } = await shrink(history, counting, { realTime: false });
    expect([operations, verdict.anomalies.length]).toEqual([5, 1]);
  });
});
