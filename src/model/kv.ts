/**
 * A key-value store. Keys are independent, so that the state is the value of one key, and a history
 * is linearizable exactly when each key's part is (Herlihy & Wing 1990, locality).
 */
import { canonical, type Value } from "../history/value.js";
import { byKey, type Model, type ModelOperation } from "./model.js";
import {
  casArguments,
  changesNothing,
  registerSettings,
  stepCas,
  stepRead,
  valuesOf,
  type RegisterOptions,
} from "./register-rules.js";

/**
 * A store with `get`, `put`, `append`, `delete`, `cas`, and `read`/`write` as other words for
 * get/put. An absent key is null; `append` concatenates texts, to an absent one as to "".
 */
export function kv(options: RegisterOptions = {}): Model {
  const settings = registerSettings(options);
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
    lookAhead: {
      observes: seesText,
      // Appends lengthen a text at its end, so that what was read starts with what was there.
      mayLeadTo: (state, { output }) => (output as string).startsWith(textOf(state)),
      restores: (operation, { output }) => {
        const seen = output as string;
        switch (operation.f) {
          case "put":
          case "write":
            return seen.startsWith(textOf(operation.input));
          case "delete":
            return true;
          case "cas":
            return (
              !changesNothing(operation) && seen.startsWith(textOf(casArguments(operation)[1]))
            );
          default:
            return false;
        }
      },
    },
    observesFailure: (operation) => operation.f === "cas" && settings.failedCas === "observe",
  };
}

function seesText({ f, outcome, output }: ModelOperation): boolean {
  return (f === "get" || f === "read") && outcome === "ok" && typeof output === "string";
}

function textOf(value: Value): string {
  if (typeof value === "string") return value;
  return value === null ? "" : canonical(value);
}
