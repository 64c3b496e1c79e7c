/**
 * Confirms causal consistency of an object, given what each operation sees: the orders are closed,
 * keep causality, and are replayed through the model.
 */
import { canonical, type Value } from "../history/value.js";
import type { Operation } from "../history/operation.js";
import { createAccount } from "./account.js";
import { claim, mustBeExplained, operationAt } from "./claims.js";
import { createPartedStep } from "./parted-step.js";
import type { Step } from "./step.js";
import { verifyGuarantees } from "./verify-guarantees.js";
import type { VerificationRequest } from "./verify.js";
import type { VisibilityCertificate } from "./visibility-certificate.js";

/** An operation and what it sees. */
interface Sight {
  readonly operation: Operation;
  readonly order: readonly number[];
  readonly past: ReadonlySet<number>;
}

/**
 * Answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyVisibility(
  certificate: VisibilityCertificate,
  request: VerificationRequest,
): string {
  const { history, model, budget } = request;
  const { promise } = certificate;
  if (typeof promise !== "string") return verifyGuarantees(certificate, promise, request);
  const sights = new Map<number, Sight>();
  for (const { of, order } of certificate.sees) {
    const operation = operationAt(history, of);
    const past = new Set(order.map((each) => operationAt(history, each).invocation));
    claim(past.size === order.length, () => `Operation ${of} sees something twice.`);
    for (const each of past) {
      claim(
        history.operation(each).outcome !== "fail" ||
          mustBeExplained(model, history.operation(each)),
        () => `Operation ${each} failed.`,
      );
    }
    sights.set(of, { operation, order, past });
  }
  const { step, initial } = createPartedStep(history, model, createAccount(budget));
  const isQuiet = (operation: Operation): boolean => model.readOnly?.(operation) === true;
  /** By process: what had completed before each operation. */
  const earlier = new Map<number, readonly Operation[]>();
  const completed = new Map<unknown, Operation[]>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    const before = completed.get(operation.process) ?? [];
    earlier.set(invocation, [...before]);
    if (mustBeExplained(model, operation)) completed.set(operation.process, [...before, operation]);
  }
  const replay = (
    sight: Sight,
    keeps: (operation: Operation) => boolean,
    isLast: boolean,
  ): void => {
    const { operation, order } = sight;
    const steps = order.map((each) => history.operation(each));
    if (isLast) steps.push(operation);
    const states = replayed(steps, {
      step,
      initial,
      keeps: (each) => (isLast && each === operation) || keeps(each),
    });
    claim(states > 0, () => `What operation ${operation.invocation} sees does not explain it.`);
  };

  if (promise === "pram") {
    for (const operations of completed.values()) {
      const last = operations.at(-1) as Operation;
      const sight = sights.get(last.invocation);
      if (sight === undefined) {
        claim(false, () => `There is no order for process ${last.process}.`);
        continue;
      }
      for (const all of completed.values()) {
        for (const operation of all) {
          const isNeeded = operation.process === last.process || !isQuiet(operation);
          claim(
            !isNeeded || sight.past.has(operation.invocation),
            () => `Process ${last.process} does not see ${operation.invocation}.`,
          );
        }
      }
      confirmOrder(sight.order, (each) =>
        (earlier.get(each) ?? [])
          .filter((one) => one.process === last.process || !isQuiet(one))
          .map(({ invocation }) => invocation),
      );
      const isOwn = (each: Operation): boolean =>
        each.process === last.process && mustBeExplained(model, each);
      replay(sight, isOwn, false);
    }
    return `Each process has an order that explains what it saw (${promise}).`;
  }

  const sightOf = (invocation: number): Sight => {
    const sight = sights.get(invocation);
    claim(sight !== undefined, () => `It is not said what operation ${invocation} sees.`);
    return sight;
  };
  for (const operations of completed.values()) {
    for (const { invocation } of operations) sightOf(invocation);
  }
  /** What others have read is not there; what they had seen by then is. */
  const claimHolds = ({ operation, past }: Sight, other: Sight): void => {
    for (const each of other.past) {
      const seen = history.operation(each);
      const isOwn = seen.process === operation.process && mustBeExplained(model, operation);
      if (isQuiet(seen) && !isOwn) continue;
      claim(
        past.has(each),
        () =>
          `Operation ${operation.invocation} does not see ${each}, which what it sees has seen.`,
      );
    }
  };
  const places = new Map((certificate.arbitration ?? []).map((each, place) => [each, place]));
  for (const sight of sights.values()) {
    const { operation, order, past } = sight;
    const { invocation } = operation;
    claim(!past.has(invocation), () => `Operation ${invocation} sees itself.`);
    const isCertain = mustBeExplained(model, operation);
    for (const one of earlier.get(invocation) ?? []) {
      const isNeeded = !isQuiet(one) || (promise === "causal-memory" && isCertain);
      claim(
        !isNeeded || past.has(one.invocation),
        () =>
          `Operation ${invocation} does not see ${one.invocation}, which its process did before.`,
      );
      claimHolds(sight, sightOf(one.invocation));
    }
    for (const each of past) claimHolds(sight, sightOf(each));
    confirmOrder(order, (each) => [...sightOf(each).past]);
    if (promise === "causal-convergence") {
      const inOrder = (list: readonly number[]): boolean =>
        list.every((each, at) => {
          const place = places.get(each);
          return (
            place !== undefined &&
            (at === 0 || place > (places.get(list[at - 1] as number) as number))
          );
        });
      claim(inOrder(order), () => `Operation ${invocation} does not see things in the one order.`);
      const place = places.get(invocation) ?? Infinity;
      claim(
        order.every((each) => (places.get(each) as number) < place),
        () => `Operation ${invocation} comes before what it sees.`,
      );
    }
    if (!isCertain) continue;
    const before = new Set(earlier.get(invocation) ?? []);
    replay(
      sight,
      (each) =>
        promise === "causal-memory" &&
        [...before].some((one) => one.invocation === each.invocation),
      true,
    );
  }
  return `What ${sights.size} operations see explains their results (${promise}).`;
}

/** Whatever comes before an operation of the order, and is in it, stands before it. */
function confirmOrder(order: readonly number[], before: (each: number) => readonly number[]): void {
  const all = new Set(order);
  const placed = new Set<number>();
  for (const each of order) {
    for (const one of before(each)) {
      claim(!all.has(one) || placed.has(one), () => `Operation ${each} is seen before ${one}.`);
    }
    placed.add(each);
  }
}

/** How many states are left. */
function replayed(
  steps: readonly Operation[],
  about: {
    readonly step: Step;
    readonly initial: Value;
    keeps(operation: Operation): boolean;
  },
): number {
  let states: readonly Value[] = [about.initial];
  for (const operation of steps) {
    const { output: _, ...rest } = operation;
    const asked = about.keeps(operation) ? operation : ({ ...rest, outcome: "info" } as Operation);
    const next = states.flatMap((state) => about.step(state, asked));
    states = [...new Map(next.map((state) => [canonical(state), state])).values()];
  }
  return states.length;
}
