/** What properties of whole runs are handed, looked at before anything is run. */
import { HarnessError } from "../../errors.js";
import type { Nemesis } from "../../runner/nemesis.js";
import { assertCount, assertFunction, assertObject, named } from "./given.js";

/** A test, as far as it is looked at here. */
interface GivenTest {
  readonly system: unknown;
  readonly workload: unknown;
  readonly nemeses?: unknown;
  readonly nodeCount?: unknown;
  readonly concurrency?: unknown;
  readonly timeLimitMs?: unknown;
  readonly ratePerSecond?: unknown;
}

/** @throws HarnessError `bad-argument` for a test without what each run needs anew. */
export function assertTest(caller: string, test: GivenTest): void {
  const example = `${caller}({ system: () => quorum(), workload: () => register() })`;
  assertObject(caller, test, example);
  assertFunction("system", test.system, example);
  assertFunction("workload", test.workload, example);
  if (test.nemeses !== undefined) {
    const given = `${example.slice(0, -3)}, nemeses: () => [partition()] })`;
    assertFunction("nemeses", test.nemeses, given);
    assertNemeses((test.nemeses as () => unknown)(), given);
  }
  if (test.nodeCount !== undefined) assertCount("nodeCount", test.nodeCount, 1);
  if (test.concurrency !== undefined) assertCount("concurrency", test.concurrency, 1);
  if (test.timeLimitMs !== undefined) assertCount("timeLimitMs", test.timeLimitMs, 0);
  if (test.ratePerSecond !== undefined) assertRate(test.ratePerSecond);
  assertMade("system", (test.system as () => unknown)(), ["connect", "deployment"], example);
  assertMade("workload", (test.workload as () => unknown)(), ["generator", "checker"], example);
}

/** @throws HarnessError `bad-argument` unless it is a list of nemeses. */
export function assertNemeses(given: unknown, example: string): void {
  const isList =
    Array.isArray(given) &&
    given.every((each) => Array.isArray((each as Partial<Nemesis> | null | undefined)?.functions));
  if (isList) return;
  throw new HarnessError(
    "bad-argument",
    `nemeses is a list of what makes nemeses, called, as in ${example}`,
  );
}

/** @throws HarnessError `bad-argument` for a strategy that properties do not have. */
export function assertStrategy(explore: string): void {
  if (explore === "swarm" || explore === "uniform") return;
  throw new HarnessError(
    "bad-argument",
    `explore is "swarm" or "uniform", not ${JSON.stringify(explore)}` +
      (explore === "guided" ? "; what is guided learns from run to run: ordeal campaign" : ""),
  );
}

/** @throws HarnessError `bad-argument` unless it is the path of a file. */
export function assertPath(what: string, given: unknown, example: string): void {
  if (typeof given === "string" && given !== "") return;
  throw new HarnessError(
    "bad-argument",
    `${what} is the path of a file, as in ${example}; it was given ${named(given)}`,
  );
}

function assertRate(given: unknown): void {
  if (typeof given === "number" && given >= 0 && given < Infinity) return;
  throw new HarnessError(
    "bad-argument",
    `ratePerSecond is a number of at least 0; it was given ${named(given)}`,
  );
}

function assertMade(
  what: string,
  made: unknown,
  methods: readonly string[],
  example: string,
): void {
  const fields = (made ?? {}) as { readonly [field: string]: unknown };
  const missing = methods.find((method) => typeof fields[method] !== "function");
  if (missing === undefined) return;
  throw new HarnessError(
    "bad-argument",
    `${what} makes a ${what}, as in ${example}; what it made has no ${missing}()`,
  );
}
