/**
 * A register with compare-and-set: what etcd, Consul and ZooKeeper offer per key, and what most
 * published Jepsen tests of linearizability use.
 */
import type { Value } from "../history/value.js";
import { byKey, type Model } from "./model.js";
import {
  changesNothing,
  registerSettings,
  stepCas,
  stepRead,
  valuesOf,
  type RegisterOptions,
} from "./register-rules.js";

/** A register with `read`, `write`, and `cas` of `[old, new]`. */
export function casRegister(options: RegisterOptions = {}): Model {
  const settings = registerSettings(options);
  return {
    name: "cas-register",
    options: settings,
    origin: { module: import.meta.url, factory: "casRegister" },
    functions: ["read", "write", "cas"],
    initial: () => settings.initial,
    step: (state, operation): readonly Value[] => {
      if (operation.f === "read") return stepRead(state, operation, settings);
      if (operation.f === "write") return [operation.input];
      if (operation.f === "cas") return stepCas(state, operation);
      return [];
    },
    partition: byKey,
    type: { name: "register", roles: { read: "read", write: "write", cas: "cas" } },
    values: (operation) => valuesOf(operation, settings),
    readOnly: changesNothing,
    observesFailure: (operation) => operation.f === "cas" && settings.failedCas === "observe",
  };
}
