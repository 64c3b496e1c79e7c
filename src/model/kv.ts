/**
 * A key-value store. Keys are independent, so that the state is the value of one key, and a history
 * is linearizable exactly when each key's part is (Herlihy & Wing 1990, locality). Only ranges see
 * several keys: see `kv-ranges.ts`.
 */
import { canonical, sameValue, type Value } from "../history/value.js";
import { withRanges } from "./kv-ranges.js";
import { byKey, type LookAhead, type Model, type ModelOperation } from "./model.js";
import {
  casArguments,
  changesNothing,
  registerSettings,
  stepCas,
  stepRead,
  valuesOf,
  type RegisterOptions,
  type RegisterSettings,
} from "./register-rules.js";

/** The options of a store. */
export interface KvOptions extends RegisterOptions {
  /** Whether there is `range` of `[from, to]`, see `kv-ranges.ts`. Default false. */
  readonly ranges?: boolean;
}

/**
 * A store with `get`, `put`, `append`, `delete`, `cas`, and `read`/`write` as other words for
 * get/put. An absent key is null; `append` concatenates texts, to an absent one as to "".
 */
export function kv(options: KvOptions = {}): Model {
  const perKey = createStore(registerSettings(options));
  return options.ranges === true ? withRanges(perKey) : perKey;
}

function createStore(settings: RegisterSettings): Model {
  return {
    name: "kv",
    options: settings,
    origin: { module: import.meta.url, factory: "kv" },
    functions: ["get", "put", "append", "delete", "cas", "read", "write"],
    initial: () => settings.initial,
    step: (state, operation): readonly Value[] => {
      switch (operation.f) {
        case "get":
        case "read":
          return stepRead(state, operation, settings);
        case "put":
        case "write":
          return [operation.input];
        case "append":
          return [textOf(state) + textOf(operation.input)];
        case "delete":
          return [null];
        case "cas":
          return stepCas(state, operation);
        default:
          return [];
      }
    },
    partition: byKey,
    type: {
      name: "register",
      roles: {
        get: "read",
        read: "read",
        put: "write",
        write: "write",
        cas: "cas",
      },
    },
    values: (operation) => (operation.f === "append" ? "all" : valuesOf(operation, settings)),
    readOnly: changesNothing,
    lookAhead: createLookAhead(settings),
    observesFailure: (operation) => operation.f === "cas" && settings.failedCas === "observe",
  };
}

/**
 * Appends lengthen a text at its end, so that what is seen later starts with what was there before,
 * unless another value was put in between.
 */
function createLookAhead(settings: RegisterSettings): LookAhead {
  const grows = (from: Value, to: Value): boolean =>
    typeof to === "string" ? to.startsWith(textOf(from)) : sameValue(from, to);
  return {
    observes: (operation) => seenBy(operation, settings) !== undefined || refusesSwap(operation),
    mayLeadTo: (state, observation) => {
      const seen = seenBy(observation, settings);
      return seen === undefined || grows(state, seen);
    },
    restores: (operation, observation) => {
      const put = putBy(operation);
      const seen = seenBy(observation, settings);
      return put !== undefined && (seen === undefined || grows(put, seen));
    },
    overwrites: ({ f }) => f === "put" || f === "write" || f === "delete",
  };
}

/** The only value in which the result of the operation is possible; undefined without one. */
function seenBy(operation: ModelOperation, settings: RegisterSettings): Value | undefined {
  const { f, outcome, output } = operation;
  if (outcome !== "ok") return undefined;
  if (f === "cas") return output === false ? undefined : casArguments(operation)[0];
  if (f !== "get" && f !== "read") return undefined;
  const seen = output ?? null;
  return seen === null && settings.nilReads === "unknown" ? undefined : seen;
}

/** A value that the operation may put in the place of another one. */
function putBy(operation: ModelOperation): Value | undefined {
  const { f, input } = operation;
  if (f === "put" || f === "write") return input;
  if (f === "delete") return null;
  return f === "cas" && !refusesSwap(operation) ? casArguments(operation)[1] : undefined;
}

function refusesSwap({ f, outcome, output }: ModelOperation): boolean {
  return f === "cas" && (outcome === "fail" || (outcome === "ok" && output === false));
}

function textOf(value: Value): string {
  if (typeof value === "string") return value;
  return value === null ? "" : canonical(value);
}
