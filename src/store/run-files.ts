/**
 * Reads `test.json` and `results.json` of a run directory and checks every field that ordeal relies
 * on, so that a damaged or foreign file is one clear line and not a failure somewhere later.
 * Unknown fields are kept.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError } from "../errors.js";
import { JsonScanner } from "../history/codecs/json-scanner.js";
import { charactersIn, ScanError } from "../history/codecs/port.js";
import { canonical, type Value } from "../history/value.js";
import type { RunResult, TestDescription } from "../runner/result.js";
import { unreadable } from "./read-history-file.js";

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

/** What a field must be: a test and its words; a field that is `optional` may be absent. */
interface Field {
  readonly is: (value: Value) => boolean;
  readonly expected: string;
  readonly optional?: boolean;
}

const text: Field = { is: (value) => typeof value === "string", expected: "a string" };
const object: Field = {
  is: (value) => value !== null && typeof value === "object" && !Array.isArray(value),
  expected: "an object",
};
const texts: Field = {
  is: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  expected: "an array of strings",
};
const boolean: Field = { is: (value) => typeof value === "boolean", expected: "true or false" };
const number: Field = {
  is: (value) => typeof value === "number" && value >= 0,
  expected: "a number, 0 or more",
};
const count: Field = {
  is: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
  expected: "an integer, 0 or more",
};
const positive: Field = {
  is: (value) => count.is(value) && value !== 0,
  expected: "an integer, 1 or more",
};
const oneOf = (...names: string[]): Field => ({
  is: (value) => typeof value === "string" && names.includes(value),
  expected: names.map((name) => JSON.stringify(name)).join(" or "),
});
const version: Field = {
  is: (value) => value === 1,
  expected: "1, the version that this ordeal reads",
};
const optional = (field: Field): Field => ({ ...field, optional: true });

type Fields = { readonly [name: string]: Field };

const TEST_FIELDS: Fields = {
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
  file: optional(text),
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

function checkFields(
  where: { readonly file: string; readonly at: string; readonly fields: Fields },
  value: Value,
): { readonly [name: string]: Value | undefined } {
  const { file, at, fields } = where;
  if (!object.is(value)) {
    throw new HarnessError(
      "malformed-input",
      `${file}: not an object; expected fields such as "version"`,
    );
  }
  const holder = value as { readonly [name: string]: Value };
  for (const [name, field] of Object.entries(fields)) {
    const present = Object.hasOwn(holder, name);
    if (!present && field.optional === true) continue;
    const found = present ? holder[name] : undefined;
    if (found !== undefined && field.is(found)) continue;
    const shown = found === undefined ? "missing" : canonical(found).slice(0, 60);
    throw new HarnessError(
      "malformed-input",
      `${file}: field "${at}${name}" is ${shown}; expected ${field.expected}`,
    );
  }
  return holder;
}

/** The content of a JSON file; undefined when there is none. */
async function readJson(file: string): Promise<Value | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unreadable(file, error);
  }
  const scanner = new JsonScanner();
  scanner.reset(bytes, 0, bytes.length);
  try {
    const value = scanner.value(0);
    const rest = scanner.peek();
    if (rest >= 0) scanner.unexpected(rest, "nothing after the object");
    return value;
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    const lineStart = error.at === 0 ? 0 : bytes.lastIndexOf(10, error.at - 1) + 1;
    const line = bytes.subarray(0, lineStart).filter((byte) => byte === 10).length + 1;
    const column = charactersIn(bytes, lineStart, error.at) + 1;
    throw new HarnessError("malformed-input", `${file}:${line}:${column}: ${error.message}`, {
      cause: error,
    });
  }
}
