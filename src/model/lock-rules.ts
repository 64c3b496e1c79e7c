/**
 * The rules that locks share: who holds one, and what the answers of clients mean.
 *
 * An `ok` whose output is `false` is a refusal: a try-lock that saw the lock taken, a release by
 * somebody who saw that there was nothing of his to release. It is an observation, and as such
 * impossible where the lock would have obliged. Any other `ok` says that it did what was asked.
 * With outcome `info` a lock obliges where it can, and else refuses, which changes nothing.
 *
 * Arguments stand in the input: an object `{owner, token, permits}`, or one of them alone.
 */
import { HarnessError } from "../errors.js";
import { canonical, type Value } from "../history/value.js";
import type { Model, ModelOperation, ObjectType } from "./model.js";

/**
 * Who the holder of a lock is. `"none"`: nobody in particular, anyone may release it; `"process"`:
 * the process that acquired it; `"input"`: whom the client names in the input, as `owner`.
 */
export type LockOwner = "input" | "none" | "process";

/** The option that all locks have. */
export interface OwnerOptions {
  /** Who may release: anyone, the process that acquired, or who the client says that it is. */
  readonly owner?: LockOwner;
}

/** What stands for the holder of a lock without owners. */
const SOMEBODY = "somebody";

/** Refuses what is no kind of owner, or none that the lock can have. */
export function checkedOwner(
  owner: LockOwner,
  allowed: readonly LockOwner[] = ["none", "process", "input"],
): LockOwner {
  if (allowed.includes(owner)) return owner;
  const choices = allowed.map((each) => `"${each}"`).join(" or ");
  throw new HarnessError(
    "bad-argument",
    `model option owner is ${choices}, not ${canonical(owner)}`,
  );
}

/** Who asks. Holders are compared as texts, so that states stay small. */
export function askerOf(operation: ModelOperation, owner: LockOwner): string {
  if (owner === "none") return SOMEBODY;
  if (owner === "process") return String(operation.process);
  const { input } = operation;
  const name = fieldOf(input, "owner") ?? (isFields(input) ? null : input);
  if (name !== null) return canonical(name);
  throw new HarnessError(
    "malformed-input",
    `${operation.f} needs the name of the owner in its input, not ${canonical(input)}`,
  );
}

/**
 * An argument beside the owner, null where it is not given. It may be the whole input when that
 * does not name the owner.
 */
export function argumentOf(operation: ModelOperation, name: string, owner: LockOwner): Value {
  const { input } = operation;
  if (isFields(input)) return fieldOf(input, name) ?? null;
  return owner === "input" ? null : input;
}

/** True for a result that says that the lock did not do what was asked. */
export function isRefusal({ outcome, output }: ModelOperation): boolean {
  return outcome === "ok" && output === false;
}

/**
 * The outcomes of one request: `done` when the lock does what was asked, undefined when it cannot.
 */
export function answer<State extends Value>(
  state: State,
  operation: ModelOperation,
  done: State | undefined,
): readonly State[] {
  if (isRefusal(operation)) return done === undefined ? [state] : [];
  if (done !== undefined) return [done];
  return operation.outcome === "ok" ? [] : [state];
}

/** What `ownership` is told. */
export interface Ownership {
  readonly name: ObjectType["name"];
  readonly owner: LockOwner;
  /** The kind of owner that the type has by nature. */
  readonly natural: LockOwner;
  /** What else makes other results right than the type by nature has. */
  readonly variants?: readonly string[];
}

/**
 * The members that say who looks at what: steps see the process where it is the owner, and the
 * roles of the type tell its variants apart, for what is right depends on them. By nature they are
 * `acquire` and `release`; else `input-acquire`, `checked-release` and so on.
 */
export function ownership({
  name,
  owner,
  natural,
  variants = [],
}: Ownership): Pick<Model, "observesProcess" | "type"> {
  const prefix = [...(owner === natural ? [] : [owner]), ...variants]
    .map((word) => `${word}-`)
    .join("");
  return {
    ...(owner === "process" ? { observesProcess: true } : {}),
    type: { name, roles: { acquire: `${prefix}acquire`, release: `${prefix}release` } },
  };
}

/** Refuses what is no positive integer. */
export function checkedCount(name: string, count: number | null): number | null {
  if (count === null || (Number.isSafeInteger(count) && count > 0)) return count;
  throw new HarnessError(
    "bad-argument",
    `model option ${name} is a positive integer, not ${count}`,
  );
}

function isFields(input: Value): input is { readonly [name: string]: Value } {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

function fieldOf(input: Value, name: string): Value | undefined {
  return isFields(input) && Object.hasOwn(input, name) ? input[name] : undefined;
}
