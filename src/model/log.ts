/**
 * A log that is only appended to. The state: all that is in it, nulls as runs. An offset is the
 * place of an entry, counted from 0.
 *
 * Nothing that a log does depends on what its entries are (*data independence*: Wolper 1986): a
 * right order stays right when entries are replaced by others wherever they are seen. A projection
 * replaces all but a few by null.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import { byKey, type LookAhead, type Model, type ModelOperation } from "./model.js";
import { isRun, lengthOf, runsOf, sliceOf, withEntry, type Runs } from "./runs.js";

/**
 * A log with `append`, which may answer the offset, `read` → the whole of it, or the slice that the
 * input `{from, limit}` names (without a limit to the end), and `size` → how many entries.
 */
export function log(): Model {
  const model: Model<Runs> = {
    name: "log",
    options: {},
    origin: { module: import.meta.url, factory: "log" },
    functions: ["append", "read", "size"],
    initial: () => [],
    step: (entries, operation): readonly Runs[] => {
      const { f, input, output, outcome } = operation;
      if (f === "append") {
        const tells = outcome === "ok" && typeof output === "number";
        return tells && output !== lengthOf(entries) ? [] : [withEntry(entries, input)];
      }
      if (f === "size") return outcome !== "ok" || output === lengthOf(entries) ? [entries] : [];
      if (f !== "read") return [];
      const { from, to } = boundsOf(operation);
      if (outcome !== "ok") return [entries];
      if (!Array.isArray(output)) return [];
      return sameValue(runsOf(output as Entries), sliceOf(entries, from, to)) ? [entries] : [];
    },
    partition: byKey,
    type: { name: "log", roles: { append: "append", read: "read", size: "size" } },
    // Where an entry is depends on all others.
    values: () => [],
    restrict: (operation, keeps) => {
      const { f, input, output } = operation;
      // Without offsets, too, those that do not matter are all the same.
      if (f === "append") return keeps(input) ? operation : anonymous(operation);
      if (!Array.isArray(output)) return operation;
      const entries = (output as Entries).map((entry) => (keeps(entry) ? entry : null));
      return { ...operation, output: entries };
    },
    readOnly: ({ f }) => f === "read" || f === "size",
    lookAhead: LOOK_AHEAD,
  };
  return model;
}

type Entries = readonly Value[];

function anonymous(operation: ModelOperation): ModelOperation {
  if (operation.outcome !== "ok") return { ...operation, input: null };
  return { ...operation, input: null, output: null };
}

/**
 * Entries are never taken back: what is seen later agrees with all that is there already. What is
 * not there yet, but seen later, has to be appended after this: an entry that is already somewhere
 * else has to be appended once more.
 */
const LOOK_AHEAD: LookAhead<Runs> = {
  observes: ({ f, outcome, output }) =>
    outcome === "ok" && (f !== "append" || typeof output === "number"),
  mayLeadTo: (entries, observation) => {
    const { f, output = null } = observation;
    if (typeof output === "number") return f !== "read" && lengthOf(entries) <= output;
    if (f !== "read" || !Array.isArray(output)) return false;
    const { from, to } = boundsOf(observation);
    const there = sliceOf(entries, from, to);
    const length = lengthOf(there);
    const seen = runsOf(output as Entries);
    if (!sameValue(there, sliceOf(seen, 0, length))) return false;
    return !sliceOf(seen, length).some((entry) => !isRun(entry) && includes(entries, entry));
  },
  restores: ({ f, input }, { f: look, output }) =>
    f === "append" &&
    input !== null &&
    look === "read" &&
    Array.isArray(output) &&
    includes(output as Entries, input),
  overwrites: () => false,
};

function isWhole({ input }: ModelOperation): boolean {
  return input === null || typeof input !== "object" || Array.isArray(input);
}

function includes(entries: Entries, entry: Value): boolean {
  if (typeof entry !== "object") return entries.includes(entry);
  return entries.some((other) => sameValue(entry, other));
}

function boundsOf(operation: ModelOperation): { from: number; to: number | undefined } {
  if (isWhole(operation)) return { from: 0, to: undefined };
  const { from = 0, limit = null } = operation.input as { readonly [name: string]: Value };
  if (isPlace(from) && (limit === null || isPlace(limit))) {
    return { from, to: limit === null ? undefined : from + limit };
  }
  throw new HarnessError(
    "malformed-input",
    `read needs {from, limit} in whole numbers from 0 on, not ${canonical(operation.input)}`,
  );
}

function isPlace(value: Value): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
