/** Reads `test.json` and `results.json` of a run directory. */
import { join } from "node:path";
import { HarnessError } from "../errors.js";
import type { RunResult, TestDescription } from "../runner/result.js";
import {
  boolean,
  checkFields,
  count,
  number,
  object,
  oneOf,
  optional,
  positive,
  readJson,
  text,
  texts,
  version,
  type Fields,
} from "./fields.js";

/**
 * The test description of a run directory.
 * @throws HarnessError `unreadable-input` or `malformed-input`.
 */
export async function readTest(directory: string): Promise<TestDescription> {
  const file = join(directory, "test.json");
  const value = await readJson(file);
  if (value === undefined) {
    throw new HarnessError(
      "unreadable-input",
      `${directory} is no run directory: it has no test.json; expected one that "ordeal run" made`,
    );
  }
  checkFields({ file, at: "", fields: TEST_FIELDS }, value);
  return value as unknown as TestDescription;
}

/**
 * The result of a run directory; undefined when the run never came to one.
 * @throws HarnessError `unreadable-input` or `malformed-input`.
 */
export async function readResult(directory: string): Promise<RunResult | undefined> {
  const file = join(directory, "results.json");
  const value = await readJson(file);
  if (value === undefined) return undefined;
  const { test, verdict, counts } = checkFields({ file, at: "", fields: RESULT_FIELDS }, value);
  checkFields({ file, at: "test.", fields: TEST_FIELDS }, test ?? null);
  checkFields({ file, at: "verdict.", fields: VERDICT_FIELDS }, verdict ?? null);
  checkFields({ file, at: "counts.", fields: COUNT_FIELDS }, counts ?? null);
  return value as unknown as RunResult;
}

/** Of a `TestDescription`. */
export const TEST_FIELDS: Fields = {
  version,
  workload: text,
  system: text,
  world: oneOf("simulated", "real"),
  nemeses: texts,
  seed: { ...count, expected: "an integer from 0 to 2^53 - 1" },
  nodeCount: positive,
  concurrency: positive,
  timeLimitMs: number,
  ratePerSecond: number,
  operationTimeoutMs: number,
  nemesisIntervalMs: number,
  failFast: optional(boolean),
  progressMs: optional(number),
  file: optional(text),
  systemFile: optional(text),
};

const RESULT_FIELDS: Fields = {
  version,
  test: object,
  verdict: object,
  counts: object,
  durationNs: number,
  elapsedMs: number,
  endedEarly: optional(text),
  firstViolation: optional(object),
  notes: optional(texts),
  replay: text,
};

const VERDICT_FIELDS: Fields = {
  verdict: oneOf("valid", "invalid", "unknown"),
  checker: text,
  reason: text,
  operations: count,
  elapsedMs: number,
  anomalies: { is: Array.isArray, expected: "an array" },
  certificate: optional(object),
  details: optional(object),
  parts: optional(object),
};

const COUNT_FIELDS: Fields = {
  invoked: count,
  ok: count,
  fail: count,
  info: count,
  faults: count,
};
