/**
 * Confirms session guarantees of an object, given one order of all updates and what of it each
 * operation sees: guarantee by guarantee, and by replaying what is seen.
 */
import { canonical, type Value } from "../history/value.js";
import type { Operation } from "../history/operation.js";
import { createAccount } from "./account.js";
import type { SessionGuarantee } from "./certificate.js";
import { claim, mustBeExplained, operationAt } from "./claims.js";
import { createPartedStep } from "./parted-step.js";
import type { VerificationRequest } from "./verify.js";
import type { VisibilityCertificate } from "./visibility-certificate.js";

/**
 * Answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyGuarantees(
  certificate: VisibilityCertificate,
  promise: readonly SessionGuarantee[],
  { history, model, budget }: VerificationRequest,
): string {
  const { step, initial } = createPartedStep(history, model, createAccount(budget));
  const places = new Map<number, number>();
  for (const each of certificate.arbitration ?? []) {
    const operation = operationAt(history, each);
    claim(operation.outcome !== "fail", () => `Operation ${each} failed.`);
    claim(!places.has(each), () => `Operation ${each} is in the order twice.`);
    places.set(each, places.size);
  }
  const sees = new Map(certificate.sees.map(({ of, order }) => [of, order]));
  const placeOf = (update: number): number => {
    const place = places.get(update);
    claim(place !== undefined, () => `Operation ${update} has no place in the order.`);
    return place;
  };
  const has = (guarantee: SessionGuarantee): boolean => promise.includes(guarantee);
  // What may return anything can see whatever it must, if own updates are in order anyway.
  const isForced =
    has("read-your-writes") && has("writes-follow-reads") && !has("monotonic-writes");
  const isBlind = (operation: Operation): boolean =>
    !isForced && model.lookAhead?.observes(operation) === false;
  const isUpdate = (operation: Operation): boolean =>
    operation.outcome !== "fail" && model.readOnly?.(operation) !== true;

  const before = new Map<unknown, Operation[]>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    const earlier = before.get(operation.process) ?? [];
    if (!mustBeExplained(model, operation)) {
      // It may have happened; when it has no place it is seen by nobody.
      if (places.has(invocation)) confirmPlace(operation, earlier);
      continue;
    }
    const order = sees.get(invocation);
    if (order === undefined) {
      claim(isBlind(operation), () => `It is not said what operation ${invocation} sees.`);
    } else confirmSight(operation, { order, earlier });
    if (isUpdate(operation)) confirmPlace(operation, earlier);
    before.set(operation.process, [...earlier, operation]);
  }
  return `One order of ${places.size} updates, and what operations see of it, explains their results (${promise.join(", ")}).`;

  function confirmSight(
    { invocation, ...rest }: Operation,
    {
      order,
      earlier,
    }: { readonly order: readonly number[]; readonly earlier: readonly Operation[] },
  ): void {
    const seen = new Set(order);
    claim(!seen.has(invocation), () => `Operation ${invocation} sees itself.`);
    claim(
      order.every((each, at) => at === 0 || placeOf(order[at - 1] as number) < placeOf(each)),
      () => `Operation ${invocation} does not see things in the one order.`,
    );
    for (const one of earlier) {
      claim(
        !has("read-your-writes") || !isUpdate(one) || seen.has(one.invocation),
        () => `Operation ${invocation} does not see ${one.invocation}, which its process did.`,
      );
      if (!has("monotonic-reads")) continue;
      for (const each of sees.get(one.invocation) ?? []) {
        claim(
          seen.has(each) || each === invocation,
          () => `Operation ${invocation} does not see ${each}, which its process has seen.`,
        );
      }
    }
    let states: readonly Value[] = [initial];
    for (const each of order) {
      const { output: _, ...asked } = history.operation(each);
      const next = states.flatMap((state) =>
        step(state, { ...asked, outcome: "info" } as Operation),
      );
      states = [...new Map(next.map((state) => [canonical(state), state])).values()];
    }
    const operation = { invocation, ...rest } as Operation;
    claim(
      states.some((state) => step(state, operation).length > 0),
      () => `What operation ${invocation} sees does not explain it.`,
    );
  }

  function confirmPlace({ invocation }: Operation, earlier: readonly Operation[]): void {
    const place = placeOf(invocation);
    for (const one of earlier) {
      claim(
        !has("monotonic-writes") || !isUpdate(one) || placeOf(one.invocation) < place,
        () =>
          `Operation ${invocation} comes before ${one.invocation}, which its process did first.`,
      );
    }
    if (!has("writes-follow-reads")) return;
    for (const one of [...earlier.map((each) => each.invocation), invocation]) {
      for (const each of sees.get(one) ?? []) {
        claim(
          placeOf(each) < place,
          () => `Operation ${invocation} comes before ${each}, which its process had seen.`,
        );
      }
    }
  }
}
