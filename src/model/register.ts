/**
 * The simplest shared object: one value that is read and written, per key where the history has
 * keys.
 */
import type { Value } from "../history/value.js";
import { byKey, type Model } from "./model.js";
import {
  changesNothing,
  registerSettings,
  stepRead,
  valuesOf,
  type RegisterOptions,
} from "./register-rules.js";

/** A read/write register: `read`, `write`. */
export function register(options: RegisterOptions = {}): Model {
  const settings = registerSettings(options);
  return {
    name: "register",
    options: settings,
    origin: { module: import.meta.url, factory: "register" },
    functions: ["read", "write"],
    initial: () => settings.initial,
    step: (state, operation): readonly Value[] => {
      if (operation.f === "read") return stepRead(state, operation, settings);
      if (operation.f === "write") return [operation.input];
      return [];
    },
    partition: byKey,
    type: { name: "register", roles: { read: "read", write: "write" } },
    values: (operation) => valuesOf(operation, settings),
    readOnly: changesNothing,
  };
}
