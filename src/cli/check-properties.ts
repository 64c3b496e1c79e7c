/**
 * The checkers of `--checker`, which need no model, with what `--checker-option` says of them:
 * `NAME=JSON` for every checker that has the option, `CHECKER.NAME=JSON` for one. What is no JSON
 * is a text.
 */
import type { Checker } from "../checker/checker.js";
import { HarnessError } from "../errors.js";
import type { Value } from "../history/value.js";
import { makeProperty, PROPERTIES } from "./catalog.js";
import { logsFor } from "./node-logs.js";

/** The flags, as they were given. */
export interface PropertyFlags {
  readonly checker?: readonly string[];
  readonly checkerOption?: readonly string[];
}

/**
 * The checkers that were asked for, by name; those that read logs get the ones of the input, once
 * there is one.
 * @throws HarnessError `bad-argument` for a name or option that is none, `unreadable-input` for a
 *   log that cannot be read.
 */
export function propertiesFor(
  flags: PropertyFlags,
  { input, promised }: { readonly input?: string; readonly promised?: string | undefined } = {},
): { readonly [name: string]: Checker } {
  const names = flags.checker ?? [];
  const given = givenOptions(flags, promised);
  return Object.fromEntries(
    names.map((name) => {
      const { logs, ...options } = ownOptions(given, name);
      const texts = input === undefined ? {} : logsFor(logs, input);
      const readsLogs = logs !== undefined || optionsOf(name).includes("logs");
      return [name, makeProperty(name, readsLogs ? { ...options, logs: texts } : options)];
    }),
  );
}

/**
 * What the flags say of the checker that decides a promise, which nobody names.
 * @throws HarnessError `bad-argument` for an option that is none
 */
export function promisedOptions(
  flags: PropertyFlags,
  promised: string,
): { readonly [option: string]: Value } {
  return ownOptions(givenOptions(flags, promised), promised);
}

function givenOptions(
  { checker = [], checkerOption = [] }: PropertyFlags,
  promised: string | undefined,
): readonly GivenOption[] {
  const names = promised === undefined ? checker : [...new Set([...checker, promised])];
  return checkerOption.map((text) => readOption(text, names));
}

function ownOptions(
  given: readonly GivenOption[],
  name: string,
): { readonly [option: string]: Value } {
  const own = given.filter((option) => option.checkers.includes(name));
  return Object.fromEntries(own.map((option) => [option.name, option.value] as const));
}

/** The words of a command line that asks for the same. */
export function propertyWords(flags: PropertyFlags): readonly string[] {
  return [
    ...(flags.checker ?? []).flatMap((name) => ["--checker", name]),
    ...(flags.checkerOption ?? []).flatMap((text) => ["--checker-option", text]),
  ];
}

interface GivenOption {
  readonly name: string;
  readonly value: Value;
  /** The checkers that it is for. */
  readonly checkers: readonly string[];
}

function readOption(text: string, names: readonly string[]): GivenOption {
  const parts = /^(?:(?<checker>[\w-]+)\.)?(?<name>\w+)=(?<value>[\s\S]*)$/.exec(text)?.groups;
  const name = parts?.["name"];
  if (name === undefined) {
    throw badOption(text, "it is NAME=JSON or CHECKER.NAME=JSON, as in total=100");
  }
  const value = readValue(parts?.["value"] ?? "");
  const checker = parts?.["checker"];
  if (checker !== undefined) {
    if (!names.includes(checker)) throw badOption(text, `add --checker ${checker}`);
    return { name, value, checkers: [checker] };
  }
  const having = names.filter((each) => optionsOf(each).includes(name));
  if (having.length > 0) return { name, value, checkers: having };
  if (names.length === 0) throw badOption(text, "say which checker it is for: --checker NAME");
  // The error of the checker itself says what it takes.
  if (names.length === 1) return { name, value, checkers: names };
  const taken = names.map((each) => `${each}: ${optionsOf(each).join(", ") || "none"}`);
  throw badOption(text, `none of the checkers has it (${taken.join("; ")})`);
}

function optionsOf(name: string): readonly string[] {
  return PROPERTIES.find((entry) => entry.name === name)?.options ?? [];
}

function readValue(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

function badOption(text: string, reason: string): HarnessError {
  return new HarnessError("bad-argument", `--checker-option ${text}: ${reason}`);
}
