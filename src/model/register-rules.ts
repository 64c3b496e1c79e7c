/**
 * The rules that the register-like models share: what a read, a write and a compare-and-set may do
 * to one value, and the options that decide what a client's answer means.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import type { ModelOperation } from "./model.js";

/** What the answers of clients mean; the same for every register-like model. */
export interface RegisterOptions {
  /** The value before the first write (of each key); default null. */
  readonly initial?: Value;
  /**
   * What an `ok` read of null says: `"value"` (default): the register holds null; `"unknown"`:
   * nothing, as in Knossos' histories.
   */
  readonly nilReads?: "value" | "unknown";
  /**
   * What a `fail` of a compare-and-set says: `"ignore"` (default): only that it did not happen;
   * `"observe"`: also that the register did not hold the expected value. Observing is wrong where a
   * `fail` may be a refused connection.
   */
  readonly failedCas?: "observe" | "ignore";
}

/** The options with every default filled in, as certificates name them. */
export interface RegisterSettings {
  readonly [name: string]: Value;
  readonly initial: Value;
  readonly nilReads: "value" | "unknown";
  readonly failedCas: "observe" | "ignore";
}

/** Fills in the defaults and refuses what is no option. */
export function registerSettings(options: RegisterOptions): RegisterSettings {
  const { initial = null, nilReads = "value", failedCas = "ignore" } = options;
  refuseUnless("nilReads", nilReads, ["value", "unknown"]);
  refuseUnless("failedCas", failedCas, ["observe", "ignore"]);
  return { initial, nilReads, failedCas };
}

/** A read sees the state; it never changes it. */
export function stepRead(
  state: Value,
  operation: ModelOperation,
  settings: RegisterSettings,
): readonly Value[] {
  if (operation.outcome !== "ok") return [state];
  const seen = operation.output ?? null;
  if (seen === null && settings.nilReads === "unknown") return [state];
  return sameValue(seen, state) ? [state] : [];
}

/**
 * A compare-and-set of `[old, new]`. An `ok` whose output is `false` says that it did not swap; any
 * other `ok` that it did. With outcome `info` it swaps when it can, and else changes nothing.
 */
export function stepCas(state: Value, operation: ModelOperation): readonly Value[] {
  const [expected, next] = casArguments(operation);
  const holds = sameValue(state, expected);
  if (operation.outcome === "info") return [holds ? next : state];
  if (operation.outcome === "fail" || operation.output === false) return holds ? [] : [state];
  return holds ? [next] : [];
}

/** Reads, and compare-and-sets that are known not to have swapped. */
export function changesNothing({ f, outcome, output }: ModelOperation): boolean {
  if (f === "read" || f === "get") return true;
  return f === "cas" && (outcome === "fail" || (outcome === "ok" && output === false));
}

/**
 * The values that an operation reads, writes or swaps. A compare-and-set that did not swap, and a
 * read that says nothing, changed nothing and show no value.
 */
export function valuesOf(
  operation: ModelOperation,
  settings: RegisterSettings,
): readonly Value[] | undefined {
  const { f, input, output, outcome } = operation;
  if (f === "read" || f === "get") {
    const seen = output ?? null;
    if (outcome !== "ok" || (seen === null && settings.nilReads === "unknown")) return undefined;
    return [seen];
  }
  if (f !== "cas") return [f === "delete" ? null : input];
  return changesNothing(operation) ? undefined : casArguments(operation);
}

/** The expected and the new value of a compare-and-set. */
export function casArguments(operation: ModelOperation): readonly [Value, Value] {
  const { input } = operation;
  if (!Array.isArray(input) || input.length !== 2) {
    throw new HarnessError(
      "malformed-input",
      `cas needs the input [old, new], not ${canonical(input)}`,
    );
  }
  return [input[0] as Value, input[1] as Value];
}

function refuseUnless(name: string, given: string, allowed: readonly string[]): void {
  if (allowed.includes(given)) return;
  throw new HarnessError(
    "bad-argument",
    `model option ${name} is ${allowed.map((value) => `"${value}"`).join(" or ")}, not "${given}"`,
  );
}
