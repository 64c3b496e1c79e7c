/**
 * A log that is only appended to. The state: all that is in it. An offset is the place of an entry,
 * counted from 0.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import type { Elements } from "./container-rules.js";
import { byKey, type LookAhead, type Model, type ModelOperation } from "./model.js";

/**
 * A log with `append`, which may answer the offset, `read` → the whole of it, or the slice that the
 * input `{from, limit}` names (without a limit to the end), and `size` → how many entries.
 */
export function log(): Model {
  const model: Model<Elements> = {
    name: "log",
    options: {},
    origin: { module: import.meta.url, factory: "log" },
    functions: ["append", "read", "size"],
    initial: () => [],
    step: (entries, operation): readonly Elements[] => {
      const { f, input, output, outcome } = operation;
      if (f === "append") {
        const wrong = outcome === "ok" && typeof output === "number" && output !== entries.length;
        return wrong ? [] : [[...entries, input]];
      }
      if (f === "size") return outcome !== "ok" || output === entries.length ? [entries] : [];
      if (f !== "read") return [];
      const { from, to } = sliceOf(operation);
      const seen = outcome !== "ok" || sameValue(output ?? null, entries.slice(from, to));
      return seen ? [entries] : [];
    },
    partition: byKey,
    type: { name: "log", roles: { append: "append", read: "read", size: "size" } },
    values: (operation) => {
      if (operation.f === "append") return [operation.input];
      const stays = operation.f === "read" && operation.outcome === "ok" && isWhole(operation);
      return stays ? [] : undefined;
    },
    restrict: (operation, keeps) => {
      const { f, output } = operation;
      // Where an entry is depends on those that are left out.
      if (f === "append") {
        return operation.outcome === "ok" ? { ...operation, output: null } : operation;
      }
      if (!Array.isArray(output)) return operation;
      return { ...operation, output: (output as Elements).filter((value) => keeps(value)) };
    },
    readOnly: ({ f }) => f === "read" || f === "size",
    lookAhead: LOOK_AHEAD,
  };
  return model;
}

/** Entries are never taken back: what is seen later agrees with all that is there already. */
const LOOK_AHEAD: LookAhead<Elements> = {
  observes: ({ f, outcome, output }) =>
    outcome === "ok" && (f !== "append" || typeof output === "number"),
  mayLeadTo: (entries, observation) => {
    const { f, output = null } = observation;
    if (typeof output === "number") return f !== "read" && entries.length <= output;
    if (f !== "read" || !Array.isArray(output)) return false;
    const { from, to } = sliceOf(observation);
    const there = entries.slice(from, to);
    return sameValue(there, (output as Elements).slice(0, there.length));
  },
  restores: () => false,
  overwrites: () => false,
};

function isWhole({ input }: ModelOperation): boolean {
  return input === null || typeof input !== "object" || Array.isArray(input);
}

function sliceOf(operation: ModelOperation): { from: number; to: number | undefined } {
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
