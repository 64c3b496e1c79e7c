/**
 * A failing case as a file: JSON that people read and commit, one operation and one fault a line,
 * times in milliseconds.
 */
import { readFileSync, statSync } from "node:fs";
import { HarnessError } from "../errors.js";
import type { TimetableEntry } from "../generator/index.js";
import type { Value } from "../history/value.js";
import type { ChosenOrder, FailingCase, WorldSettings } from "../shrink/failing-case.js";
import type { Script, ScriptedOperation } from "../shrink/script.js";
import {
  checkFields,
  count,
  number,
  object,
  oneOf,
  optional,
  readJson,
  text,
  version,
  type Fields,
} from "./fields.js";
import { TEST_FIELDS } from "./run-files.js";

/** A case with what is known about it. */
export interface CaseFile {
  readonly failing: FailingCase;
  /** The kind of its gravest anomaly. */
  readonly anomaly: string;
  /** What goes wrong, in one sentence. */
  readonly about: string;
}

/** What the `format` field of such a file says. */
const FORMAT = "ordeal-case";
const NS_PER_MS = 1e6;

/** The text of a case file. */
export function encodeCase({ failing, anomaly, about }: CaseFile): string {
  const { test, script, systemOptions, world, order } = failing;
  const fields: [string, string][] = [
    ["format", JSON.stringify(FORMAT)],
    ["version", "1"],
    ["about", JSON.stringify(about)],
    ["anomaly", JSON.stringify(anomaly)],
    ["test", indented(test)],
    ...(systemOptions === undefined
      ? []
      : ([["systemOptions", JSON.stringify(systemOptions)]] as [string, string][])),
    ["world", indented(world)],
    ["operations", lines(script.operations.map(operationLine))],
    ["faults", lines(script.faults.map(faultLine))],
    ["untilMs", JSON.stringify(script.untilNs / NS_PER_MS)],
    ["final", lines(script.final.map(operationLine))],
    ...(order === undefined
      ? []
      : ([
          ["bounds", JSON.stringify(order.bounds)],
          ["choices", lines(order.choices.map((choice) => JSON.stringify(choice)))],
        ] as [string, string][])),
  ];
  return `{\n${fields.map(([name, value]) => `  ${JSON.stringify(name)}: ${value}`).join(",\n")}\n}\n`;
}

/**
 * Reads a case file.
 * @throws HarnessError `unreadable-input` or `malformed-input`, with file and field.
 */
export async function readCase(file: string): Promise<CaseFile> {
  const value = await readJson(file);
  if (value === undefined) {
    throw new HarnessError("unreadable-input", `there is no file ${file}`);
  }
  const whole = checkFields({ file, at: "", fields: CASE_FIELDS }, value);
  const test = checkFields({ file, at: "test.", fields: CASE_TEST_FIELDS }, whole["test"] as Value);
  const script: Script = {
    operations: readAll(file, "operations", whole["operations"]),
    faults: (whole["faults"] as readonly Value[]).map((item, index) =>
      readFault({ file, at: `faults[${index}].`, fields: FAULT_FIELDS }, item),
    ),
    untilNs: nanoseconds(whole["untilMs"]),
    final: readAll(file, "final", whole["final"]),
  };
  assertWorkers(file, script, test["concurrency"] as number);
  const { systemOptions, bounds, choices } = whole;
  return {
    about: whole["about"] as string,
    anomaly: whole["anomaly"] as string,
    failing: {
      test: whole["test"] as unknown as FailingCase["test"],
      script,
      world: whole["world"] as WorldSettings,
      ...(systemOptions === undefined
        ? {}
        : { systemOptions: systemOptions as { readonly [name: string]: Value } }),
      ...(choices === undefined
        ? {}
        : { order: { bounds: bounds ?? {}, choices } as unknown as ChosenOrder }),
    },
  };
}

function readAll(
  file: string,
  name: string,
  value: Value | undefined,
): readonly ScriptedOperation[] {
  return (value as readonly Value[]).map((item, index) =>
    readOperation({ file, at: `${name}[${index}].`, fields: OPERATION_FIELDS }, item),
  );
}

/** An operation of a worker that is not there would never be carried out. */
function assertWorkers(file: string, script: Script, concurrency: number): void {
  for (const name of ["operations", "final"] as const) {
    const index = script[name].findIndex(({ worker }) => worker >= concurrency);
    if (index === -1) continue;
    const { worker } = script[name][index] as ScriptedOperation;
    throw new HarnessError(
      "malformed-input",
      `${file}: field "${name}[${index}].worker" is ${worker}; expected less than test.concurrency, which is ${concurrency}`,
    );
  }
}

type Where = Parameters<typeof checkFields>[0];

function readOperation(where: Where, item: Value): ScriptedOperation {
  const { worker, atMs, f, key, value = null } = checkFields(where, item);
  const when = { worker: worker as number, atNs: nanoseconds(atMs) };
  return key === undefined
    ? { ...when, f: f as string, value }
    : { ...when, f: f as string, key, value };
}

function readFault(where: Where, item: Value): TimetableEntry {
  const { atMs, f, value = null } = checkFields(where, item);
  return { atNs: nanoseconds(atMs), invocation: { f: f as string, value } };
}

/** Whether a path is a file that says of itself that it is a case. */
export function isCaseFile(path: string): boolean {
  if (!isFile(path)) return false;
  return /^\s*\{\s*"format"\s*:\s*"ordeal-case"/.test(readFileSync(path, "utf8").slice(0, 200));
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const list = {
  is: (value: Value) => Array.isArray(value),
  expected: "an array",
};

/** Of time there is a year, so that nanoseconds stay exact to a few. */
const TIME_MS_MAX = 31_536_000_000;
const time = {
  is: (value: Value) => number.is(value) && (value as number) <= TIME_MS_MAX,
  expected: `a number of milliseconds, 0 to ${TIME_MS_MAX}`,
};
const GROUPS: ReadonlySet<string> = new Set(["network", "disk", "clock"]);

const CASE_FIELDS: Fields = {
  format: {
    is: (value) => value === FORMAT,
    expected: `"${FORMAT}"; ordeal shrink makes such files`,
  },
  version,
  about: text,
  anomaly: text,
  test: object,
  systemOptions: optional(object),
  world: {
    is: (value) =>
      object.is(value) &&
      Object.entries(value as object).every(([name, it]) => GROUPS.has(name) && object.is(it)),
    expected: "an object of objects: settings of the world by group (network, disk, clock)",
  },
  operations: list,
  faults: list,
  untilMs: time,
  final: list,
  bounds: optional({
    is: (value) =>
      object.is(value) &&
      Object.values(value as object).every((it) => typeof it === "boolean" || number.is(it)),
    expected: "an object of numbers and truth values: the bounds of an exploration",
  }),
  choices: optional({
    is: (value) => Array.isArray(value) && value.every((it) => typeof it === "string"),
    expected: "an array of texts: what was chosen in an exploration",
  }),
};

const OPERATION_FIELDS: Fields = { worker: count, atMs: time, f: text };
const FAULT_FIELDS: Fields = { atMs: time, f: text };
/** Only the simulation does what a case says. */
const CASE_TEST_FIELDS: Fields = { ...TEST_FIELDS, world: oneOf("simulated") };

function operationLine({ worker, atNs, ...invocation }: ScriptedOperation): string {
  return JSON.stringify({ worker, atMs: atNs / NS_PER_MS, ...invocation });
}

function faultLine({ atNs, invocation }: TimetableEntry): string {
  return JSON.stringify({ atMs: atNs / NS_PER_MS, ...invocation });
}

function lines(items: readonly string[]): string {
  return items.length === 0 ? "[]" : `[\n    ${items.join(",\n    ")}\n  ]`;
}

function indented(value: object): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
}

function nanoseconds(ms: Value | undefined): number {
  return Math.round((ms as number) * NS_PER_MS);
}
