/**
 * Confirms that reads are not staler than a bound (k-atomicity: Golab, Hurwitz & Li 2013;
 * Δ-atomicity: Golab, Li & Shah 2011), given the order of each key.
 */
import { canonical } from "../history/value.js";
import { claim, createPartNames, operationAt } from "./claims.js";
import type { StaleOrderCertificate } from "./certificate.js";
import { accessOf, Clock, type RegisterAccess } from "./register-accesses.js";
import type { VerificationRequest } from "./verify.js";

/**
 * Confirms an order of each key, in time linear in the history; answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyStaleOrder(
  certificate: StaleOrderCertificate,
  { history, model }: VerificationRequest,
): string {
  const { versions, deltaNs, parts } = certificate;
  claim(versions >= 1 && deltaNs >= 0, () => "The bounds are no bounds.");
  const clock = new Clock(history);
  const partName = createPartNames(history, model);
  const placed = new Set<number>();
  const named = new Set<string>();
  for (const { part, order } of parts) {
    const name = canonical(part);
    claim(!named.has(name), () => `The key ${name} is ordered twice.`);
    named.add(name);
    const accesses = order.map((invocation) => {
      const operation = operationAt(history, invocation);
      claim(
        partName(operation) === name,
        () => `Operation ${invocation} is not about the key ${name}.`,
      );
      claim(!placed.has(invocation), () => `Operation ${invocation} is in the order twice.`);
      claim(operation.outcome !== "fail", () => `Operation ${invocation} failed.`);
      placed.add(invocation);
      return accessOf(model, operation);
    });
    confirmTime(accesses, clock, deltaNs);
    confirmReads(accesses, canonical(model.initial()), versions);
  }
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    if (operation.outcome !== "ok" || placed.has(invocation)) continue;
    const { saw, wrote } = accessOf(model, operation);
    claim(
      saw === undefined && wrote === undefined && operation.f !== "cas",
      () => `Operation ${invocation} completed but is in no order.`,
    );
  }
  return `Orders of ${placed.size} operations on ${named.size} keys respect real time (reads begin up to ${deltaNs} ns earlier), and each read returns one of the last ${versions} values.`;
}

/** No operation may stand before one that had ended when it began. */
function confirmTime(accesses: readonly RegisterAccess[], clock: Clock, deltaNs: number): void {
  let earliestEnd = Infinity;
  for (const { operation, saw, wrote } of accesses.toReversed()) {
    const { invocation, outcome, completion } = operation;
    claim(
      saw === undefined || wrote === undefined,
      () => `Operation ${invocation} is a compare-and-set, of which an order says too little.`,
    );
    claim(
      !clock.isBefore(earliestEnd, invocation, saw === undefined ? 0 : deltaNs),
      () => `Operation ${invocation} stands before one that had ended (event ${earliestEnd}).`,
    );
    // In one history the earlier event is the one that ends first.
    if (outcome === "ok") earliestEnd = Math.min(earliestEnd, completion ?? Infinity);
  }
}

function confirmReads(
  accesses: readonly RegisterAccess[],
  initial: string,
  versions: number,
): void {
  /** Value → how many writes came up to its last one. */
  const written = new Map<string, number>([[initial, 0]]);
  let writes = 0;
  for (const { operation, saw, wrote } of accesses) {
    if (wrote !== undefined) written.set(wrote, ++writes);
    if (saw === undefined) continue;
    const at = written.get(saw);
    claim(
      at !== undefined && writes - at < versions,
      () =>
        `Operation ${operation.invocation} returned ${saw}, which is not among the last ${versions} values.`,
    );
  }
}
