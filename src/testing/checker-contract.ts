/**
 * The contract of checkers: the laws of `checker/checker.ts` and of `verdict/verdict.ts`, for the
 * checkers that ordeal ships and for those of others. The caller gives a history that is right,
 * events that make it wrong, and events that nobody could notice; the suite does the rest.
 */
import type { Budget, Checker } from "../checker/checker.js";
import {
  createHistory,
  historyOf,
  INVOKE,
  NEMESIS,
  type History,
  type HistoryColumns,
  type NewEvent,
} from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import type { Verdict } from "../verdict/verdict.js";
import { mustHold, type ContractCase } from "./contract.js";
import { assertShapes } from "./property/given.js";

/** What a checker is tested with. */
export interface CheckerContractOptions {
  readonly checker: Checker;
  /** A history that is `valid`. */
  readonly valid: readonly NewEvent[];
  /** By name: events that, appended to the valid history, make it `invalid`. */
  readonly violations: { readonly [name: string]: readonly NewEvent[] };
  /**
   * An operation of a process of its own that takes part in neither, and whose effect nobody ever
   * sees: its invocation, and possibly its `info`. It is put before everything else. Absent when
   * any operation matters to the checker.
   */
  readonly unobserved?: readonly NewEvent[];
}

/** All that a checker has to do. */
export function checkerContract(options: CheckerContractOptions): readonly ContractCase[] {
  assertShapes(
    "checkerContract",
    options,
    { checker: ["check"], valid: "list", violations: "object" },
    'checkerContract({ checker: bank(), valid: events, violations: { "money lost": more } })',
  );
  const { checker, valid, violations, unobserved } = options;
  const right = historyOf(valid);
  const wrong = Object.entries(violations).map(
    ([name, events]) => [name, historyOf([...valid, ...events])] as const,
  );
  const all = [["the right history", right] as const, ...wrong];
  const law = (
    name: string,
    run: (history: History, what: string) => Promise<void>,
  ): ContractCase => ({
    name,
    run: async () => {
      for (const [what, history] of all) await run(history, what);
    },
  });
  return [
    {
      name: "accepts the right history",
      run: async () => {
        const verdict = await ask(checker, right);
        mustHold(verdict.verdict === "valid", `it is ${verdict.verdict}: ${verdict.reason}`);
      },
    },
    ...wrong.map(([name, history]): ContractCase => ({
      name: `rejects the history with ${name}`,
      run: async () => {
        const verdict = await ask(checker, history);
        mustHold(verdict.verdict === "invalid", `it is ${verdict.verdict}: ${verdict.reason}`);
      },
    })),
    law("its verdict has name, reason, and anomalies exactly when it is invalid", async (history) =>
      wellFormed(checker, await ask(checker, history), history),
    ),
    law("does not change the history", async (history, what) => {
      const before = snapshot(history);
      await ask(checker, history);
      mustHold(snapshot(history) === before, `${what} was changed`);
    }),
    law("gives the same answer to the same history", async (history, what) => {
      const first = answerOf(await ask(checker, history));
      mustHold(answerOf(await ask(checker, history)) === first, `another answer to ${what}`);
    }),
    law("does not care what processes are called", async (history, what) => {
      const renamed = withColumns(history, {
        processes: history.processes.map((each) => (each === NEMESIS ? each : 1000 - each)),
      });
      sameFindings(await ask(checker, history), await ask(checker, renamed), what);
    }),
    law("does not care when the run began", async (history, what) => {
      const shifted = withColumns(history, { timesNs: history.timesNs.map((time) => time + 1e9) });
      sameFindings(await ask(checker, history), await ask(checker, shifted), what);
    }),
    law("an exhausted budget is unknown", async (history, what) => {
      const { verdict, reason } = await checker.check(history, spentBudget());
      mustHold(verdict === "unknown", `without any time ${what} is ${verdict}: ${reason}`);
    }),
    {
      name: "an empty history is unknown",
      run: async () => {
        const { verdict, reason } = await ask(checker, historyOf([]));
        mustHold(verdict === "unknown", `it is ${verdict}: ${reason}`);
        mustHold(reason !== "", "it has no reason");
      },
    },
    {
      name: "an indeterminate operation that nobody noticed changes nothing",
      ...(unobserved === undefined ? { skipped: "every operation matters to it" } : {}),
      run: async () => {
        if (unobserved === undefined) return;
        await unnoticed(checker, valid, unobserved);
        for (const events of Object.values(violations)) {
          await unnoticed(checker, [...valid, ...events], unobserved);
        }
      },
    },
  ];
}

async function ask(checker: Checker, history: History): Promise<Verdict> {
  return checker.check(history, generousBudget());
}

/** Time stands still, so that no answer depends on the machine. */
function generousBudget(): Budget {
  return { timeMs: 60_000, memoryBytes: 2 ** 31, nowMs: () => 0 };
}

/** Every look at the clock finds that an hour has passed. */
function spentBudget(): Budget {
  let nowMs = 0;
  return { timeMs: 1, memoryBytes: 2 ** 31, nowMs: () => (nowMs += 3_600_000) };
}

function wellFormed(checker: Checker, verdict: Verdict, history: History): void {
  mustHold(verdict.checker === checker.name, `the verdict is by "${verdict.checker}"`);
  mustHold(verdict.reason !== "", "the verdict has no reason");
  const isInvalid = verdict.verdict === "invalid";
  mustHold(
    isInvalid === verdict.anomalies.length > 0,
    `${verdict.verdict} with ${verdict.anomalies.length} anomalies`,
  );
  for (const { kind, message, operations } of verdict.anomalies) {
    // Adya's phenomena begin with a capital.
    mustHold(
      /^G?[a-z0-9]+(-[a-z0-9]+)*$|^G(-[a-z0-9]+)+$/.test(kind),
      `the kind "${kind}" is no term in kebab-case`,
    );
    mustHold(message !== "", `an anomaly of the kind ${kind} has no message`);
    mustHold(operations.length > 0, `an anomaly of the kind ${kind} names no operation`);
    for (const [i, index] of operations.entries()) {
      mustHold(history.types[index] === INVOKE, `${kind}: event ${index} is no invocation`);
      mustHold(i === 0 || (operations[i - 1] as number) < index, `${kind}: not in order`);
    }
  }
  mustHold(
    canonical(JSON.parse(JSON.stringify(verdict)) as Value) === canonical(plain(verdict)),
    "the verdict is no plain JSON",
  );
}

async function unnoticed(
  checker: Checker,
  events: readonly NewEvent[],
  unobserved: readonly NewEvent[],
): Promise<void> {
  const without = await ask(checker, historyOf(events));
  const others = await ask(checker, historyOf([...unobserved, ...events]));
  const kinds = (verdict: Verdict): string => verdict.anomalies.map(({ kind }) => kind).join();
  mustHold(
    without.verdict === others.verdict && kinds(without) === kinds(others),
    `${without.verdict} (${kinds(without)}) becomes ${others.verdict} (${kinds(others)}): ${others.reason}`,
  );
}

/** Messages name processes and times, so that they may differ. */
function sameFindings(a: Verdict, b: Verdict, what: string): void {
  const findings = ({ verdict, anomalies }: Verdict): string =>
    canonical([verdict, ...anomalies.map(({ kind, operations }) => [kind, operations])]);
  mustHold(findings(a) === findings(b), `${what}: ${findings(a)} becomes ${findings(b)}`);
}

function answerOf(verdict: Verdict): string {
  return canonical(plain(verdict));
}

function plain(verdict: Verdict): Value {
  return verdict as unknown as Value;
}

function snapshot(history: History): string {
  const { types, processes, functions, functionNames, keys, values, errors, timesNs, pairs, pool } =
    history;
  const columns = [types, processes, functions, keys, values, errors, timesNs, pairs];
  return canonical([...columns.map((column) => Array.from(column)), functionNames, pool]);
}

function withColumns(history: History, columns: Partial<HistoryColumns>): History {
  return createHistory({ ...history, pool: history.pool, ...columns });
}
