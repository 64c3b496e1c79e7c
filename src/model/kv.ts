/**
 * A key-value store. Keys are independent, so that the state is the value of one key, and a history
 * is linearizable exactly when each key's part is (Herlihy & Wing 1990, locality).
 */
import { canonical, type Value } from "../history/value.js";
import { byKey, type Model } from "./model.js";
import {
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
    observesFailure: (operation) => operation.f === "cas" && settings.failedCas === "observe",
  };
}

function textOf(value: Value): string {
  if (typeof value === "string") return value;
  return value === null ? "" : canonical(value);
}
