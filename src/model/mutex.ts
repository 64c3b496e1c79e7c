/**
 * A lock that one holds at a time. Without owners, as in Knossos: to acquire it needs it free, to
 * release it needs it held, by whomever.
 */
import type { Value } from "../history/value.js";
import {
  answer,
  askerOf,
  checkedOwner,
  isRefusal,
  ownership,
  type OwnerOptions,
} from "./lock-rules.js";
import { byKey, type Model } from "./model.js";

/**
 * A lock with `acquire` and `release`, per key where the history has keys. The state is its holder,
 * null when it is free. The option `owner` (default `"none"`) says who may release it.
 */
export function mutex(options: OwnerOptions = {}): Model {
  const owner = checkedOwner(options.owner ?? "none");
  return {
    name: "mutex",
    options: { owner },
    origin: { module: import.meta.url, factory: "mutex" },
    functions: ["acquire", "release"],
    initial: () => null,
    step: (holder, operation): readonly Value[] => {
      const { f } = operation;
      if (f !== "acquire" && f !== "release") return [];
      const asker = askerOf(operation, owner);
      if (f === "acquire") return answer(holder, operation, holder === null ? asker : undefined);
      return answer(holder, operation, holder === asker ? null : undefined);
    },
    partition: byKey,
    ...ownership({ name: "mutex", owner, natural: "none" }),
    readOnly: isRefusal,
  };
}
