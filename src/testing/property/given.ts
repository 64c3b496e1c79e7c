/**
 * What callers hand over, looked at before it is used: tests are written in JavaScript too, and
 * what is missing is to be said in the caller's words, not as a property of undefined.
 */
import { HarnessError } from "../../errors.js";

/** @throws HarnessError `bad-argument` unless it is an object; `example` shows the call. */
export function assertObject(caller: string, given: unknown, example: string): void {
  if (typeof given === "object" && given !== null) return;
  throw new HarnessError(
    "bad-argument",
    `${caller} takes an object of options, as in ${example}; it was given ${named(given)}`,
  );
}

/** @throws HarnessError `bad-argument` unless it is a model; `example` shows the call. */
export function assertModel(caller: string, given: unknown, example: string): void {
  const { name, initial, step } = (given ?? {}) as { readonly [field: string]: unknown };
  if (typeof name === "string" && typeof initial === "function" && typeof step === "function") {
    return;
  }
  throw new HarnessError(
    "bad-argument",
    `${caller} takes a model, as in ${example}; it was given ${named(given)}${hint(given)}`,
  );
}

/** @throws HarnessError `bad-argument` unless it is a checker; `example` shows the call. */
export function assertChecker(caller: string, given: unknown, example: string): void {
  const { name, check } = (given ?? {}) as { readonly [field: string]: unknown };
  if (typeof name === "string" && typeof check === "function") return;
  throw new HarnessError(
    "bad-argument",
    `${caller} takes a checker, as in ${example}; it was given ${named(given)}${hint(given)}`,
  );
}

/** @throws HarnessError `bad-argument` unless it is a function; `example` shows the call. */
export function assertFunction(what: string, given: unknown, example: string): void {
  if (typeof given === "function") return;
  throw new HarnessError(
    "bad-argument",
    `${what} is a function, as in ${example}; it was given ${named(given)}`,
  );
}

/** @throws HarnessError `bad-argument` unless it is an object whose operations can be invoked. */
export function assertInvokes(what: string, given: unknown): void {
  const { invoke } = (given ?? {}) as { readonly invoke?: unknown };
  assertFunction(`invoke of ${what}`, invoke, "{ invoke: async ({ f, key, value }) => … }");
}

/** @throws HarnessError `bad-argument` unless it is a whole number, and no less than that. */
export function assertCount(what: string, given: unknown, min: number): void {
  if (Number.isSafeInteger(given) && (given as number) >= min) return;
  throw new HarnessError(
    "bad-argument",
    `${what} is a whole number of at least ${min}; it was given ${named(given)}`,
  );
}

/** What an option has to be: a function, a list, or an object with these functions. */
export type Shape = "function" | "list" | "object" | readonly string[];

/** @throws HarnessError `bad-argument` unless all options are there as they have to be. */
export function assertShapes(
  caller: string,
  given: unknown,
  shapes: { readonly [option: string]: Shape },
  example: string,
): void {
  assertObject(caller, given, example);
  for (const [option, shape] of Object.entries(shapes)) {
    const value = (given as { readonly [option: string]: unknown })[option];
    if (fits(value, shape)) continue;
    const it =
      typeof shape === "string"
        ? `a ${shape}`.replace("a object", "an object")
        : `an object with ${shape.join("() and ")}()`;
    throw new HarnessError(
      "bad-argument",
      `${option} of ${caller} is ${it}, as in ${example}; it was given ${named(value)}${hint(value)}`,
    );
  }
}

function fits(value: unknown, shape: Shape): boolean {
  if (shape === "list") return Array.isArray(value);
  if (shape === "function") return typeof value === "function";
  if (typeof value !== "object" || value === null) return false;
  if (shape === "object") return true;
  return shape.every((name) => typeof (value as { [name: string]: unknown })[name] === "function");
}

/** The likeliest slip: the factory in place of what it makes. */
function hint(given: unknown): string {
  if (typeof given !== "function") return "";
  return `; call it: ${given.name === "" ? "it makes one" : `${given.name}()`}`;
}

/** A value as an error tells it. */
export function named(given: unknown): string {
  if (typeof given === "function") return `the function ${given.name || "(without a name)"}`;
  if (given === null || typeof given !== "object")
    return typeof given === "string" ? JSON.stringify(given) : String(given);
  if (Array.isArray(given)) return "an array";
  const { name } = given as { readonly name?: unknown };
  const fields = Object.keys(given);
  const has = fields.length === 0 ? "{}" : `an object with ${fields.slice(0, 5).join(", ")}`;
  return typeof name === "string" ? `${has} (${name})` : has;
}
