/**
 * A number of permits that are taken and given back. Without owners anyone may give back what
 * anyone has taken, but not more: a release of permits that nobody holds is refused.
 */
import { HarnessError } from "../errors.js";
import { canonical, type Value } from "../history/value.js";
import {
  answer,
  argumentOf,
  askerOf,
  checkedCount,
  checkedOwner,
  isRefusal,
  ownership,
  type LockOwner,
  type OwnerOptions,
} from "./lock-rules.js";
import { byKey, type Model, type ModelOperation } from "./model.js";

/** The options of a semaphore. */
export interface SemaphoreOptions extends OwnerOptions {
  /** Default `"none"`. */
  readonly owner?: LockOwner;
  /** How many there are. Default 1. */
  readonly permits?: number;
}

/**
 * A semaphore with `acquire` and `release` of some permits (null: one), per key where the history
 * has keys. The state is how many each holder has, by name; without owners `somebody` has all.
 */
export function semaphore(options: SemaphoreOptions = {}): Model {
  const owner = checkedOwner(options.owner ?? "none");
  const permits = checkedCount("permits", options.permits ?? 1) ?? 1;
  return {
    name: "semaphore",
    options: { owner, permits },
    origin: { module: import.meta.url, factory: "semaphore" },
    functions: ["acquire", "release"],
    initial: (): Value => ({}),
    step: (state, operation): readonly Value[] => {
      const { f } = operation;
      if (f !== "acquire" && f !== "release") return [];
      const held = state as Held;
      const asker = askerOf(operation, owner);
      const wanted = wantedOf(operation, owner);
      const own = Object.hasOwn(held, asker) ? (held[asker] as number) : 0;
      if (f === "release") {
        const next = own < wanted ? undefined : withHolder(held, asker, own - wanted);
        return answer<Value>(state, operation, next);
      }
      const taken = Object.values(held).reduce((sum, count) => sum + count, 0);
      const next = taken + wanted > permits ? undefined : withHolder(held, asker, own + wanted);
      return answer<Value>(state, operation, next);
    },
    partition: byKey,
    ...ownership({ name: "semaphore", owner, natural: "none" }),
    readOnly: isRefusal,
  };
}

/** Holder → how many; holders of none are left out. */
interface Held {
  readonly [holder: string]: number;
}

function withHolder(held: Held, holder: string, count: number): Held {
  const others = Object.entries(held).filter(([name]) => name !== holder);
  return Object.fromEntries(count === 0 ? others : [...others, [holder, count]]);
}

function wantedOf(operation: ModelOperation, owner: LockOwner): number {
  const wanted = argumentOf(operation, "permits", owner) ?? 1;
  if (typeof wanted === "number" && Number.isSafeInteger(wanted) && wanted > 0) return wanted;
  throw new HarnessError(
    "malformed-input",
    `${operation.f} is about a positive number of permits, not ${canonical(wanted)}`,
  );
}
