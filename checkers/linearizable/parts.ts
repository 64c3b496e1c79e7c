/**
 * Takes a history apart: the operations that a verdict is about, by part of the model.
 *
 * What failed did not happen, and is left out, unless the model counts it as an observation.
 */
import { HarnessError } from "../../src/errors.js";
import { FAIL, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";

/** The operations of one part, as indices of invocations. */
export interface Part {
  readonly part: Value;
  /** What has to be explained (`ok`, and observed failures), in the order of completions. */
  readonly completed: number[];
  /** What may have happened, in the order of invocations. */
  readonly indeterminate: number[];
}

/** Parts in the order of their first operation, and how many operations there are of each kind. */
export interface Parts {
  readonly parts: readonly Part[];
  /** Operations of clients. */
  readonly operations: number;
  readonly ok: number;
}

/**
 * Splits the operations of clients by the model's partition.
 * @throws HarnessError `bad-argument` for a function that the model does not know
 */
export function splitIntoParts(history: History, model: Model): Parts {
  refuseUnknownFunctions(history, model);
  const parts = new Map<string, Part>();
  let operations = 0;
  let ok = 0;
  for (const invocation of history.invocations()) {
    operations++;
    const completion = history.pairs[invocation] as number;
    const type = completion === NONE ? NONE : history.types[completion];
    if (type === OK) ok++;
    const part = partOf(history, model, invocation, parts);
    if (type === OK || (type === FAIL && observes(history, model, invocation))) {
      part.completed.push(invocation);
    } else if (type !== FAIL) part.indeterminate.push(invocation);
  }
  for (const { completed } of parts.values()) {
    completed.sort((a, b) => (history.pairs[a] as number) - (history.pairs[b] as number));
  }
  return { parts: [...parts.values()], operations, ok };
}

function partOf(
  history: History,
  model: Model,
  invocation: number,
  parts: Map<string, Part>,
): Part {
  const part =
    model.partition === undefined ? null : model.partition(history.operation(invocation));
  const name = canonical(part);
  const known = parts.get(name);
  if (known !== undefined) return known;
  const made: Part = { part, completed: [], indeterminate: [] };
  parts.set(name, made);
  return made;
}

function observes(history: History, model: Model, invocation: number): boolean {
  return model.observesFailure?.(history.operation(invocation)) ?? false;
}

function refuseUnknownFunctions(history: History, model: Model): void {
  const known = model.functions;
  if (known === undefined) return;
  const unknown = new Set<number>();
  history.functionNames.forEach((f, number) => {
    if (!known.includes(f)) unknown.add(number);
  });
  if (unknown.size === 0) return;
  for (const invocation of history.invocations()) {
    const number = history.functions[invocation] as number;
    if (!unknown.has(number)) continue;
    const f = history.functionNames[number] as string;
    const near = known.find((name) => distance(name, f) <= 2);
    throw new HarnessError(
      "bad-argument",
      `the model ${model.name} has no function "${f}" (event ${invocation}); it has ${known.join(", ")}. ` +
        (near === undefined ? "Choose a model that has it." : `Did you mean "${near}"?`),
    );
  }
}

/** How many letters one has to insert, delete or replace to get from one name to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
