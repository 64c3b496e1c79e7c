/**
 * What both verifiers ask of a history, and the two ways in which a verification ends early.
 */
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import type { Model } from "../model/model.js";

/** A claim of a certificate that does not hold. */
export class ClaimRefused extends Error {}

/** The budget of a verification ended. */
export class VerificationUndecided extends Error {}

/** Refuses the certificate unless the condition holds. */
export function claim(condition: boolean, otherwise: () => string): asserts condition {
  if (!condition) throw new ClaimRefused(otherwise());
}

/** The client operation invoked at this index, which comes from a file and may be anything. */
export function operationAt(history: History, invocation: number): Operation {
  claim(
    Number.isInteger(invocation) && invocation >= 0 && invocation < history.length,
    () => `The history has no event ${String(invocation)}.`,
  );
  const { type, process } = history.event(invocation);
  claim(
    type === "invoke" && process !== "nemesis",
    () => `Event ${invocation} is not the invocation of a client's operation.`,
  );
  return history.operation(invocation);
}

/**
 * Names the part that an operation belongs to. A history with an operation about all parts is one
 * part.
 */
export function createPartNames(history: History, model: Model): (operation: Operation) => string {
  const whole = canonical(null);
  if (model.partition === undefined) return () => whole;
  const parts = new Map<number, string>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    const part: Value | undefined = model.partition(operation);
    if (part !== undefined) parts.set(invocation, canonical(part));
    else if (operation.outcome === "info" || mustBeExplained(model, operation)) return () => whole;
  }
  return ({ invocation }) => parts.get(invocation) ?? whole;
}

/** Whether the operation has to be explained: it happened, or its failure says something. */
export function mustBeExplained(model: Model, operation: Operation): boolean {
  if (operation.outcome === "ok") return true;
  return operation.outcome === "fail" && (model.observesFailure?.(operation) ?? false);
}
