/**
 * Confirms that a history is not sequentially consistent, given operations that contradict one
 * another: an exhaustive search over these alone.
 *
 * What is confirmed:
 * 0. When the certificate names parts or values, what follows is about the history without the
 *    operations of other parts, projected to the values. If the history had a right order, what it
 *    holds of a part would be right, and what `values` promises gives one of the projection.
 * 1. `required` are completed operations, and `forgotten` others that may have happened.
 * 2. Every other operation that is left changes no state: in each state of its part that the search
 *    reaches, its recorded result leads nowhere but to the same state, so that a right order stays
 *    right without it.
 * 3. No order of `required` and some of `forgotten` keeps the order in which each process invoked
 *    the required ones, has each forgotten one after those, and is accepted by the model.
 * 4. When the certificate says minimal: without any one of `required` there is such an order.
 */
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { stateOf } from "../model/state.js";
import { createAccount, type Account } from "./account.js";
import type { NonSequentialCertificate } from "./certificate.js";
import { claim, createPartNames, mustBeExplained, operationAt } from "./claims.js";
import { createProjection } from "./project.js";
import { createStep, nameOf, type Step } from "./step.js";
import type { VerificationRequest } from "./verify.js";

/**
 * Confirms a refutation; answers what was confirmed.
 * @throws ClaimRefused
 * @throws VerificationUndecided
 */
export function verifyNonSequential(
  certificate: NonSequentialCertificate,
  request: VerificationRequest,
): string {
  const { model, budget } = request;
  const { required, forgotten, omitted } = select(certificate, request);
  const account = createAccount(budget);
  const step = createStep(model, account);
  const question = { model, account, step, partName: createPartNames(request.history, model) };
  claim(
    !hasOrder({ ...question, required, forgotten, omitted }),
    () => "The operations that are said to contradict one another can be ordered.",
  );
  const claimed = `no order of ${required.length} operations that keeps the order of each process, with ${forgotten.length} others free to happen or not, is accepted by the model ${model.name}`;
  if (!certificate.minimal) return `Confirmed: ${claimed}.`;
  for (const one of required) {
    const rest = required.filter((other) => other !== one);
    const free = one.outcome === "ok" ? [...forgotten, one] : forgotten;
    claim(
      hasOrder({ ...question, required: rest, forgotten: free, omitted: [] }),
      () => `The counterexample is not minimal: operation ${one.invocation} is not needed.`,
    );
  }
  return `Confirmed: ${claimed}, and each of them is needed.`;
}

interface Selected {
  readonly required: readonly Operation[];
  readonly forgotten: readonly Operation[];
  readonly omitted: readonly Operation[];
}

/** Points 0 and 1, and who is left for point 2. */
function select(certificate: NonSequentialCertificate, request: VerificationRequest): Selected {
  const { history, model } = request;
  const partName = createPartNames(history, model);
  const project = createProjection(certificate.values, model);
  const parts =
    certificate.parts === undefined
      ? undefined
      : new Set(certificate.parts.map((part) => canonical(part)));
  const kept = (operation: Operation): Operation | undefined => {
    if (parts !== undefined && !parts.has(partName(operation))) return undefined;
    return project(operation);
  };
  const named = new Set<number>();
  const take = (invocations: readonly number[]): Operation[] =>
    invocations.map((invocation) => {
      const operation = kept(operationAt(history, invocation));
      claim(
        operation !== undefined,
        () => `Operation ${invocation} is about none of what the claim is about.`,
      );
      claim(!named.has(invocation), () => `Operation ${invocation} is named twice.`);
      named.add(invocation);
      return operation;
    });
  const required = take(certificate.required);
  claim(required.length > 0, () => "No operation is required, and nothing can be explained.");
  for (const operation of required) {
    const { invocation } = operation;
    claim(mustBeExplained(model, operation), () => `Operation ${invocation} did not complete.`);
  }
  const forgotten = take(certificate.forgotten);
  for (const { invocation, outcome } of forgotten) {
    claim(outcome !== "fail", () => `Operation ${invocation} failed: it did not happen.`);
  }
  const omitted: Operation[] = [];
  for (const invocation of history.invocations()) {
    if (named.has(invocation)) continue;
    const operation = history.operation(invocation);
    if (operation.outcome === "fail") continue;
    const projected = kept(operation);
    if (projected !== undefined) omitted.push(projected);
  }
  return { required, forgotten, omitted };
}

interface Question extends Selected {
  readonly model: Model;
  readonly account: Account;
  readonly step: Step;
  readonly partName: (operation: Operation) => string;
}

/** How far each process is, which forgotten ones have happened, and the state of each part. */
interface Situation {
  readonly done: readonly number[];
  readonly used: readonly number[];
  readonly states: readonly Value[];
}

/** Points 2 and 3. */
function hasOrder(question: Question): boolean {
  const { model, account, step, partName, required, forgotten, omitted } = question;
  const parts = new Map<string, number>();
  const partOf = (operation: Operation): number => {
    const name = partName(operation);
    if (!parts.has(name)) parts.set(name, parts.size);
    return parts.get(name) as number;
  };
  const sequences = byProcess(required);
  const free = forgotten.map((recorded) => {
    const operation: Operation = { ...recorded, output: undefined, outcome: "info" };
    return { operation, recorded, part: partOf(recorded), place: placeOf(recorded, sequences) };
  });
  const others = omittedForms(omitted, model).map((operation) => ({
    operation,
    part: partOf(operation),
  }));
  for (const operation of required) partOf(operation);
  const initial = stateOf(model, model.initial());
  const stack: Situation[] = [
    {
      done: sequences.map(() => 0),
      used: free.map(() => 0),
      states: [...parts.values()].map(() => initial),
    },
  ];
  const seen = new Set<string>();
  const visit = (situation: Situation): void => {
    const name = canonical([situation.done, situation.used, situation.states]);
    if (seen.has(name)) return;
    account.remember(2 * name.length + 200);
    seen.add(name);
    stack.push(situation);
  };
  for (let situation = stack.pop(); situation !== undefined; situation = stack.pop()) {
    account.tick();
    const { done, used, states } = situation;
    if (sequences.every((sequence, process) => done[process] === sequence.length)) return true;
    for (const { operation, part } of others) {
      const state = states[part] as Value;
      claim(
        step(state, operation).every((next) => canonical(next) === canonical(state)),
        () =>
          `Operation ${operation.invocation} (${operation.f}) may change the state ${canonical(state)}, ` +
          "but is neither required nor forgotten.",
      );
    }
    sequences.forEach((sequence, process) => {
      const operation = sequence[done[process] as number];
      if (operation === undefined) return;
      const part = partOf(operation);
      for (const next of step(states[part] as Value, operation)) {
        const further = done.with(process, (done[process] as number) + 1);
        visit({ done: further, used, states: states.with(part, next) });
      }
    });
    free.forEach(({ operation, recorded, part, place: { process, after } }, number) => {
      if (used[number] === 1 || (process !== -1 && (done[process] as number) < after)) return;
      const state = states[part] as Value;
      const allowed = [...step(state, operation), ...step(state, recorded)];
      for (const next of allowed) {
        visit({ done, used: used.with(number, 1), states: states.with(part, next) });
      }
    });
  }
  return false;
}

/** The required operations of each process, in the order in which it invoked them. */
function byProcess(required: readonly Operation[]): readonly (readonly Operation[])[] {
  const sequences = new Map<unknown, Operation[]>();
  for (const operation of [...required].sort((a, b) => a.invocation - b.invocation)) {
    const sequence = sequences.get(operation.process);
    if (sequence === undefined) sequences.set(operation.process, [operation]);
    else sequence.push(operation);
  }
  return [...sequences.values()];
}

/** How many required operations of its process come before a forgotten one. */
function placeOf(
  { process, invocation }: Operation,
  sequences: readonly (readonly Operation[])[],
): { readonly process: number; readonly after: number } {
  const number = sequences.findIndex((sequence) => sequence[0]?.process === process);
  const before = (sequences[number] ?? []).filter((one) => one.invocation < invocation);
  return { process: number, after: before.length };
}

/** One of each that the model cannot tell apart. */
function omittedForms(omitted: readonly Operation[], model: Model): readonly Operation[] {
  return [...new Map(omitted.map((one) => [nameOf(one, model), one])).values()];
}
