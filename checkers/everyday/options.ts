/** Options of the everyday checkers are checked where a checker is made. */
import { HarnessError } from "../../src/errors.js";
import { canonical, type Value } from "../../src/history/value.js";
import { ShapeError } from "./shape-error.js";

/** Refuses what is no number from `least` on. @throws HarnessError `bad-argument` */
export function assertNumber(
  checker: string,
  options: { readonly [name: string]: unknown },
  least = 0,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === "number" && value >= least) continue;
    refuse(checker, name, `a number from ${least} on`, value);
  }
}

/** Refuses what is neither true nor false. @throws HarnessError `bad-argument` */
export function assertBoolean(
  checker: string,
  options: { readonly [name: string]: unknown },
): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== "boolean") refuse(checker, name, "true or false", value);
  }
}

/** Refuses what is no list of texts. @throws HarnessError `bad-argument` */
export function assertTexts(checker: string, options: { readonly [name: string]: unknown }): void {
  for (const [name, value] of Object.entries(options)) {
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) continue;
    refuse(checker, name, "a list of texts", value);
  }
}

/** Refuses what is none of the words. @throws HarnessError `bad-argument` */
export function assertWord(
  checker: string,
  option: { readonly name: string; readonly value: unknown; readonly words: readonly string[] },
): void {
  if (typeof option.value === "string" && option.words.includes(option.value)) return;
  refuse(checker, option.name, option.words.join(" or "), option.value);
}

function refuse(checker: string, name: string, expected: string, value: unknown): never {
  throw new HarnessError(
    "bad-argument",
    `the option ${name} of ${checker} is ${expected}, not ${canonical(value as Value)}`,
  );
}

/** An error about a value that the checker cannot read. */
export function misshapen(checker: string, what: string, value: Value): HarnessError {
  return new ShapeError(checker, what, value);
}
