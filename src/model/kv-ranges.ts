/**
 * Ranges over a key-value store: an operation about many keys at once, for which the state has to
 * be the whole store. Only a history in which a range happened pays for that: every other is still
 * taken apart by key, and its states are then maps of one key.
 *
 * `range` of `[from, to]` (both included, null: no bound) answers the keys that hold something,
 * with their values, in the order of the keys: a list of `[key, value]`, or an object. Keys are
 * ordered as numbers before texts, numbers by size, texts by their UTF-16 code units.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import type { LookAhead, Model, ModelOperation } from "./model.js";

/** Key as JSON → value; keys that hold null are left out. */
interface Stored {
  readonly [key: string]: Value;
}

/**
 * The store whose every key is what `perKey` says, with `range` beside its functions.
 * @throws HarnessError `bad-argument` when keys that nobody wrote hold something
 */
export function withRanges(perKey: Model): Model {
  if (perKey.initial() !== null) {
    throw new HarnessError(
      "bad-argument",
      `a range cannot tell the keys that nobody wrote, which hold ${canonical(perKey.initial())}`,
    );
  }
  const { lookAhead, functions = [] } = perKey;
  return {
    name: perKey.name,
    options: { ...perKey.options, ranges: true },
    ...(perKey.origin === undefined ? {} : { origin: perKey.origin }),
    functions: [...functions, "range"],
    initial: (): Value => ({}),
    step: (state, operation): readonly Value[] => {
      const stored = state as Stored;
      if (operation.f === "range") return seesRange(stored, operation) ? [state] : [];
      const name = nameOf(operation);
      const values = perKey.step(heldBy(stored, name), operation);
      return values.map((value) => withValue(stored, name, value));
    },
    partition: (operation) => (operation.f === "range" ? undefined : (operation.key ?? null)),
    readOnly: (operation) => operation.f === "range" || perKey.readOnly?.(operation) === true,
    ...(lookAhead === undefined ? {} : { lookAhead: lookAheadByKey(lookAhead) }),
    observesFailure: (operation) =>
      operation.f !== "range" && perKey.observesFailure?.(operation) === true,
  };
}

/** What rules out a value of a key rules it out whatever the others hold; ranges rule out none. */
function lookAheadByKey(perKey: LookAhead): LookAhead {
  return {
    observes: (operation) => operation.f === "range" || perKey.observes(operation),
    mayLeadTo: (state, observation) =>
      observation.f === "range" ||
      perKey.mayLeadTo(heldBy(state as Stored, nameOf(observation)), observation),
    restores: (operation, observation) =>
      operation.f !== "range" &&
      nameOf(operation) === nameOf(observation) &&
      perKey.restores(operation, observation),
    // What other keys held still matters.
    overwrites: () => false,
  };
}

function nameOf({ key }: ModelOperation): string {
  return canonical(key ?? null);
}

function heldBy(stored: Stored, name: string): Value {
  return Object.hasOwn(stored, name) ? (stored[name] as Value) : null;
}

function withValue(stored: Stored, name: string, value: Value): Stored {
  const others = Object.entries(stored).filter(([other]) => other !== name);
  return Object.fromEntries(value === null ? others : [...others, [name, value]]);
}

/** Whether the result of the range is what the store holds. */
function seesRange(stored: Stored, operation: ModelOperation): boolean {
  const [from, to] = boundsOf(operation);
  if (operation.outcome !== "ok") return true;
  const held = Object.entries(stored)
    .map(([name, value]) => [JSON.parse(name) as Value, value] as const)
    .filter(([key]) => key !== null && isWithin(key, from, to))
    .sort(([one], [other]) => compareKeys(one, other));
  const { output = null } = operation;
  if (Array.isArray(output)) return sameValue(output as Value, held);
  if (output === null || typeof output !== "object") return false;
  const named = held.map(([key, value]) => [typeof key === "string" ? key : canonical(key), value]);
  return sameValue(output, Object.fromEntries(named) as Value);
}

function isWithin(key: Value, from: Value, to: Value): boolean {
  return (
    (from === null || compareKeys(from, key) <= 0) && (to === null || compareKeys(key, to) <= 0)
  );
}

/** Numbers before texts, and what is neither behind them, by its JSON. */
function compareKeys(one: Value, other: Value): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  const rank = (key: Value): number =>
    typeof key === "number" ? 0 : typeof key === "string" ? 1 : 2;
  if (rank(one) !== rank(other)) return rank(one) - rank(other);
  const [a, b] =
    typeof one === "string" ? [one, other as string] : [canonical(one), canonical(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function boundsOf({ input }: ModelOperation): readonly [Value, Value] {
  if (Array.isArray(input) && input.length === 2) return [input[0] as Value, input[1] as Value];
  throw new HarnessError(
    "malformed-input",
    `range needs the input [from, to], not ${canonical(input)}`,
  );
}
