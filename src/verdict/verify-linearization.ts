/**
 * Confirms that a history is linearizable, given the order: every part is replayed through the
 * model.
 */
import { canonical, type Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { stateOf } from "../model/state.js";
import type { Operation } from "../history/operation.js";
import type { LinearizationCertificate } from "./certificate.js";
import { claim, createPartNames, mustBeExplained, operationAt } from "./claims.js";
import type { VerificationRequest } from "./verify.js";

/**
 * Confirms an order of all operations, in time linear in the history; answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyLinearization(
  certificate: LinearizationCertificate,
  { history, model }: VerificationRequest,
): string {
  const partName = createPartNames(history, model);
  const placed = new Set<number>();
  const parts = new Set<string>();
  for (const { part, order } of certificate.parts) {
    const name = canonical(part);
    claim(!parts.has(name), () => `The part ${name} is ordered twice.`);
    parts.add(name);
    const byPart = new Map<string, Operation[]>();
    const operations = order.map((invocation) => operationAt(history, invocation));
    for (const operation of operations) {
      const { invocation, outcome } = operation;
      const own = partName(operation);
      claim(
        own === name || certificate.allParts === true,
        () => `Operation ${invocation} is of the part ${own}, not ${name}.`,
      );
      claim(!placed.has(invocation), () => `Operation ${invocation} is in the order twice.`);
      claim(
        outcome === "info" || mustBeExplained(model, operation),
        () => `Operation ${invocation} failed, so that it has no place in the order.`,
      );
      placed.add(invocation);
      const before = byPart.get(own);
      if (before === undefined) byPart.set(own, [operation]);
      else before.push(operation);
    }
    confirmRealTime(operations);
    for (const own of byPart.values()) confirmResults(model, own);
  }
  claim(
    certificate.allParts !== true || certificate.parts.length === 1,
    () => "An order of all parts together is one order.",
  );
  for (const invocation of history.invocations()) {
    claim(
      placed.has(invocation) || !mustBeExplained(model, history.operation(invocation)),
      () => `Operation ${invocation} completed but is in no order.`,
    );
  }
  const where = certificate.allParts === true ? "over all parts" : `in ${parts.size} parts`;
  return `An order of ${placed.size} operations ${where} respects real time, and the model ${model.name} accepts it.`;
}

/**
 * No operation may stand before one that had ended when it began. The order of events decides, not
 * time stamps.
 */
function confirmRealTime(operations: readonly Operation[]): void {
  let earliest: Operation | undefined;
  for (const operation of [...operations].reverse()) {
    const end = endOf(earliest);
    claim(
      end > operation.invocation,
      () =>
        `Operation ${operation.invocation} stands before ${earliest?.invocation}, which had ended (event ${end}).`,
    );
    if (endOf(operation) < end) earliest = operation;
  }
}

function endOf(operation: Operation | undefined): number {
  if (operation === undefined || operation.outcome === "info") return Infinity;
  return operation.completion ?? Infinity;
}

/** The model accepts the operations of a part in this order. @throws ClaimRefused */
export function confirmResults(model: Model, operations: readonly Operation[]): void {
  let states: readonly Value[] = [stateOf(model, model.initial())];
  for (const operation of operations) {
    const next = new Map<string, Value>();
    for (const state of states) {
      for (const answer of model.step(state, operation)) {
        const after = stateOf(model, answer);
        next.set(canonical(after), after);
      }
    }
    claim(
      next.size > 0,
      () =>
        `The model ${model.name} refuses operation ${operation.invocation} (${operation.f}) ` +
        `in the state ${states.map((state) => canonical(state)).join(" or ")}.`,
    );
    states = [...next.values()];
  }
}
