/**
 * Checks the fields of a JSON file, so that a damaged or foreign file is one clear line and not a
 * failure somewhere later. Unknown fields are kept.
 */
import { readFile } from "node:fs/promises";
import { HarnessError } from "../errors.js";
import { JsonScanner } from "../history/codecs/json-scanner.js";
import { charactersIn, ScanError } from "../history/codecs/port.js";
import { canonical, type Value } from "../history/value.js";
import { unreadable } from "./read-history-file.js";

/** What a field must be: a test and its words; a field that is `optional` may be absent. */
export interface Field {
  readonly is: (value: Value) => boolean;
  readonly expected: string;
  readonly optional?: boolean;
}

export const text: Field = { is: (value) => typeof value === "string", expected: "a string" };
export const object: Field = {
  is: (value) => value !== null && typeof value === "object" && !Array.isArray(value),
  expected: "an object",
};
export const texts: Field = {
  is: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  expected: "an array of strings",
};
export const boolean: Field = {
  is: (value) => typeof value === "boolean",
  expected: "true or false",
};
export const number: Field = {
  is: (value) => typeof value === "number" && value >= 0,
  expected: "a number, 0 or more",
};
export const count: Field = {
  is: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
  expected: "an integer, 0 or more",
};
export const positive: Field = {
  is: (value) => count.is(value) && value !== 0,
  expected: "an integer, 1 or more",
};
export const oneOf = (...names: string[]): Field => ({
  is: (value) => typeof value === "string" && names.includes(value),
  expected: names.map((name) => JSON.stringify(name)).join(" or "),
});
export const version: Field = {
  is: (value) => value === 1,
  expected: "1, the version that this ordeal reads",
};
export const optional = (field: Field): Field => ({ ...field, optional: true });

/** What the fields of an object must be. */
export type Fields = { readonly [name: string]: Field };

/** The object, when every field of it is what it must be. */
export function checkFields(
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
export async function readJson(file: string): Promise<Value | undefined> {
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
