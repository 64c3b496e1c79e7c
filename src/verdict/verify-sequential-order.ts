/**
 * Confirms that a history is sequentially consistent (Lamport 1979), given the order: every process
 * keeps its own order, and every part is replayed through the model.
 */
import type { Operation } from "../history/operation.js";
import { claim, createPartNames, mustBeExplained, operationAt } from "./claims.js";
import type { SequentialOrderCertificate } from "./certificate.js";
import { confirmResults } from "./verify-linearization.js";
import type { VerificationRequest } from "./verify.js";

/**
 * Confirms an order of all operations, in time linear in the history; answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifySequentialOrder(
  certificate: SequentialOrderCertificate,
  { history, model }: VerificationRequest,
): string {
  const partName = createPartNames(history, model);
  const places = new Map<number, number>();
  const byPart = new Map<string, Operation[]>();
  certificate.order.forEach((invocation, place) => {
    const operation = operationAt(history, invocation);
    claim(!places.has(invocation), () => `Operation ${invocation} is in the order twice.`);
    claim(
      operation.outcome === "info" || mustBeExplained(model, operation),
      () => `Operation ${invocation} failed, so that it has no place in the order.`,
    );
    places.set(invocation, place);
    const name = partName(operation);
    const before = byPart.get(name);
    if (before === undefined) byPart.set(name, [operation]);
    else before.push(operation);
  });
  /** Process → the last of its completed operations so far. */
  const last = new Map<unknown, Operation>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    const required = mustBeExplained(model, operation);
    const place = places.get(invocation);
    claim(
      place !== undefined || !required,
      () => `Operation ${invocation} completed but is not in the order.`,
    );
    const before = last.get(operation.process);
    claim(
      place === undefined ||
        before === undefined ||
        (places.get(before.invocation) as number) < place,
      () =>
        `Operation ${invocation} stands before ${before?.invocation}, which its process did first.`,
    );
    // What is indeterminate may happen later than what its process did next.
    if (required) last.set(operation.process, operation);
  }
  for (const operations of byPart.values()) confirmResults(model, operations);
  return `An order of ${places.size} operations keeps the order of each process, and the model ${model.name} accepts it.`;
}
