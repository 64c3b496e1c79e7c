/** Makes values and keys small: 1, 2, 3 and a, b, c in the order in which they come up. */
import type { Value } from "../../history/value.js";
import type { Attempts } from "../attempts.js";
import type { FailingCase } from "../failing-case.js";
import type { ScriptedOperation } from "../script.js";

const OTHER_SEEDS = 1;

/** Keys first, then numbers, then texts; each kind as a whole or not at all. */
export async function renameValues(attempts: Attempts): Promise<void> {
  await attempts.take(renamed(attempts.best, "key", smallNames()), OTHER_SEEDS);
  for (const type of ["number", "string"] as const) {
    const names = smallNames();
    const only = (value: Value): Value => (typeof value === type ? names(value) : value);
    await attempts.take(renamed(attempts.best, "value", only), OTHER_SEEDS);
  }
}

/** The n-th number becomes n, the n-th text the n-th letter. */
function smallNames(): (value: Value) => Value {
  const known = new Map<Value, Value>();
  const count = { number: 0, string: 0 };
  return (value) => {
    if (typeof value !== "number" && typeof value !== "string") return value;
    let name = known.get(value);
    if (name === undefined) {
      const place = ++count[typeof value as "number" | "string"];
      name = typeof value === "number" ? place : letters(place);
      known.set(value, name);
    }
    return name;
  };
}

/** 1 is a, 26 is z, 27 is aa. */
function letters(place: number): string {
  let text = "";
  for (let rest = place; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCodePoint(97 + ((rest - 1) % 26)) + text;
  }
  return text;
}

function renamed(
  given: FailingCase,
  field: "key" | "value",
  change: (value: Value) => Value,
): FailingCase {
  const of = (operation: ScriptedOperation): ScriptedOperation => {
    const value = operation[field];
    return value === undefined ? operation : { ...operation, [field]: deeply(value, change) };
  };
  const { operations, final } = given.script;
  return {
    ...given,
    script: { ...given.script, operations: operations.map(of), final: final.map(of) },
  };
}

function deeply(value: Value, change: (value: Value) => Value): Value {
  if (Array.isArray(value)) return value.map((item) => deeply(item as Value, change));
  if (value === null || typeof value !== "object") return change(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, deeply(item, change)]),
  );
}
