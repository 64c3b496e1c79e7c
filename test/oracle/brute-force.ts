/**
 * Linearizability and sequential consistency by brute force: every order of every subset, by code
 * that shares nothing with the checkers but the model. Only for histories of about ten operations.
 *
 * Models whose state stands for one part only (one key, one id) cannot be asked about a whole
 * history: `hasLinearizationByPart` groups by the model's `partition`, and takes for granted that a
 * history is right exactly when each part is (Herlihy & Wing 1990, locality).
 */
import type { History } from "../../src/history/history.js";
import type { Operation } from "../../src/history/operation.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";

/** Whether one operation has to take effect before another, when both do. */
type Precedes = (one: Operation, other: Operation) => boolean;

const inRealTime: Precedes = (one, other) =>
  one.outcome !== "info" && (one.completion as number) < other.invocation;

/** Whether some order explains the history; the whole of it, without taking it apart. */
export function hasLinearization(history: History, model: Model): boolean {
  return hasOrder(operationsOf(history, model), model, inRealTime);
}

/** Whether each part has an order that explains it, for models whose state is that of one part. */
export function hasLinearizationByPart(history: History, model: Model): boolean {
  const parts = new Map<string, Operation[]>();
  for (const operation of operationsOf(history, model)) {
    const part = model.partition?.(operation);
    if (part === undefined) throw new Error(`${operation.f} of ${model.name} is about all parts`);
    const name = canonical(part);
    parts.set(name, [...(parts.get(name) ?? []), operation]);
  }
  return [...parts.values()].every((part) => hasOrder(part, model, inRealTime));
}

/** Whether some order that keeps the processes' own orders explains the history. */
export function hasSequentialOrder(history: History, model: Model): boolean {
  return hasOrder(
    operationsOf(history, model),
    model,
    (one, other) =>
      one.outcome !== "info" && one.process === other.process && one.invocation < other.invocation,
  );
}

/** What may have happened. */
function operationsOf(history: History, model: Model): readonly Operation[] {
  return [...history.invocations()]
    .map((invocation) => history.operation(invocation))
    .filter(
      (operation) => operation.outcome !== "fail" || model.observesFailure?.(operation) === true,
    );
}

function hasOrder(operations: readonly Operation[], model: Model, precedes: Precedes): boolean {
  return search(operations, model.initial(), { model, precedes, dead: new Set() });
}

function search(
  left: readonly Operation[],
  state: Value,
  context: { readonly model: Model; readonly precedes: Precedes; readonly dead: Set<string> },
): boolean {
  if (left.every(({ outcome }) => outcome === "info")) return true;
  const name = `${left.map(({ invocation }) => invocation).join()} ${JSON.stringify(state)}`;
  if (context.dead.has(name)) return false;
  for (const first of left) {
    if (left.some((other) => other !== first && context.precedes(other, first))) continue;
    const others = left.filter((other) => other !== first);
    for (const next of context.model.step(state, first)) {
      if (search(others, next, context)) return true;
    }
  }
  context.dead.add(name);
  return false;
}
