/**
 * Confirms that a history is not linearizable, given operations that contradict one another: an
 * exhaustive search over these alone, small enough to be simple.
 *
 * What is confirmed, for the operations of one part:
 * 0. When the certificate names `values`: what follows is about the history projected to them. If
 *    there was a linearization of the history, what the model's `values` promises gives one of the
 *    projection; so there was none when the projection has none. Looked at is that no operation is
 *    about some of the values and others too; that the model keeps the promise is for the model's
 *    own tests.
 * 1. `required` are completed ones, and `forgotten` others that may have happened.
 * 2. Every other operation of the part that began before the last of `required` ended, and did not
 *    fail, changes no state: in each state that the search below reaches when that operation may
 *    take effect, its recorded result leads nowhere but to the same state. (When there are many, it
 *    is enough that the model says of it that it is read-only.) Suppose the history had a
 *    linearization. Walk along it, leaving out the omitted operations. By induction every state
 *    on the way is one that the search reaches, so the next omitted operation leaves it as it is,
 *    and can be left out. What remains is an order of `required` and some of `forgotten`.
 * 3. In no order that respects real time can the model explain `required`, each of `forgotten`
 *    being free to happen at any time after its invocation with any result, or not at all. So there
 *    was no linearization. A forgotten operation is stepped with outcome `info`, and with the
 *    result that was recorded.
 * 4. When the certificate says minimal: without the completion of any one of `required` there is
 *    such an order.
 *
 * The search goes from one return of a required operation to the next: the operation must have
 * taken effect by then, and any others that have begun may take effect before it. Of situations
 * that differ only in which forgotten operations have been used, those are kept that used fewest:
 * an operation that need not happen can always be kept for later. What the model's look-ahead rules
 * out is in hopeless.ts, what bounds show of counters in counter-bounds.ts.
 */
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { stateOf } from "../model/state.js";
import type { NonLinearizableCertificate } from "./certificate.js";
import { claim, createPartNames, mustBeExplained, operationAt } from "./claims.js";
import { createAccount, type Account } from "./account.js";
import { isOutOfBounds } from "./counter-bounds.js";
import { createHopeless } from "./hopeless.js";
import { createProjection } from "./project.js";
import { createStep, nameOf, type Step } from "./step.js";
import type { VerificationRequest } from "./verify.js";

/**
 * Confirms a refutation; answers what was confirmed.
 * @throws ClaimRefused
 * @throws VerificationUndecided
 */
export function verifyRefutation(
  certificate: NonLinearizableCertificate,
  { history, model, budget }: VerificationRequest,
): string {
  const { required, forgotten, omitted } = selectOperations(certificate, history, model);
  const account = createAccount(budget);
  claim(
    isOutOfBounds({ model, required, forgotten, omitted }) ||
      !hasOrder({ model, required, forgotten, omitted, account }),
    () => "The operations that are said to contradict one another can be ordered.",
  );
  const claimed = `no order of ${required.length} operations, with ${forgotten.length} others free to happen or not, is accepted by the model ${model.name}`;
  if (!certificate.minimal) return `Confirmed: ${claimed}.`;
  for (const one of required) {
    const rest = required.filter((other) => other !== one);
    const free = one.outcome === "ok" ? [...forgotten, one].sort(byInvocation) : forgotten;
    claim(
      hasOrder({ model, required: rest, forgotten: free, omitted: [], account }),
      () => `The counterexample is not minimal: operation ${one.invocation} is not needed.`,
    );
  }
  return `Confirmed: ${claimed}, and each of them is needed.`;
}

/** Point 1, and who is left for point 2. */
function selectOperations(
  certificate: NonLinearizableCertificate,
  history: History,
  model: Model,
): { required: Operation[]; forgotten: Operation[]; omitted: Operation[] } {
  const name = canonical(certificate.part);
  const partName = createPartNames(history, model);
  const project = createProjection(certificate.values, model);
  const take = (invocations: readonly number[], list: string): Operation[] =>
    invocations.map((invocation, position) => {
      const operation = operationAt(history, invocation);
      const own = partName(operation);
      claim(own === name, () => `Operation ${invocation} is of the part ${own}, not ${name}.`);
      const projected = project(operation);
      claim(
        projected !== undefined,
        () => `Operation ${invocation} is about none of the values that the claim is about.`,
      );
      claim(
        position === 0 || (invocations[position - 1] as number) < invocation,
        () => `The list "${list}" is not ascending.`,
      );
      return projected;
    });
  const required = take(certificate.required, "required");
  const forgotten = take(certificate.forgotten, "forgotten");
  claim(required.length > 0, () => "No operation is required, and nothing can be explained.");
  const end = required.reduce((last, one) => Math.max(last, completionOf(one)), -1);
  const named = new Set<number>();
  for (const operation of required) {
    const { invocation } = operation;
    claim(mustBeExplained(model, operation), () => `Operation ${invocation} did not complete.`);
    named.add(invocation);
  }
  for (const { invocation, outcome } of forgotten) {
    claim(!named.has(invocation), () => `Operation ${invocation} is both required and forgotten.`);
    claim(outcome !== "fail", () => `Operation ${invocation} failed: it did not happen.`);
    claim(invocation < end, () => `Operation ${invocation} begins after the last required ends.`);
    named.add(invocation);
  }
  const omitted: Operation[] = [];
  for (const invocation of history.invocations()) {
    if (invocation >= end || named.has(invocation)) continue;
    const operation = history.operation(invocation);
    if (operation.outcome === "fail" || partName(operation) !== name) continue;
    const projected = project(operation);
    if (projected !== undefined) omitted.push(projected);
  }
  return { required, forgotten, omitted };
}

/** One situation of the search. */
interface Situation {
  /** Required operations that have taken effect and not returned yet, ascending. */
  readonly done: readonly number[];
  readonly state: Value;
  /** How many of each group of forgotten operations have been used. */
  readonly used: readonly number[];
}

interface Question {
  readonly model: Model;
  /** By invocation. */
  readonly required: readonly Operation[];
  readonly forgotten: readonly Operation[];
  readonly omitted: readonly Operation[];
  readonly account: Account;
}

/**
 * Whether the required operations have an order that real time and the model allow: points 2 and 3.
 */
function hasOrder({ model, required, forgotten, omitted, account }: Question): boolean {
  const byReturn = [...required].sort((a, b) => completionOf(a) - completionOf(b));
  const groups = groupsOf(forgotten, model);
  const omittedForms = questionable(formsOf(omitted, model), model);
  const step = createStep(model, account);
  const look = createHopeless({ model, required, forgotten: groups, omitted });
  let level: Situation[] = [
    { done: [], state: stateOf(model, model.initial()), used: groups.map(() => 0) },
  ];
  let open: Operation[] = [];
  let begun = 0;
  for (const returning of byReturn) {
    const now = completionOf(returning);
    for (let next = required[begun]; next !== undefined && next.invocation < now;) {
      open.push(next);
      next = required[++begun];
    }
    const within = createSituations(account);
    const after = createSituations(account);
    const visit = (situation: Situation): void => {
      const survives = situation.done.includes(returning.invocation);
      const state = look({ ...situation, returned: survives ? now : now - 1 });
      if (state === undefined) return;
      const done = situation.done.filter((one) => one !== returning.invocation);
      (survives ? after : within).add({ ...situation, done, state });
    };
    for (const situation of level) {
      confirmOmitted(situation.state, omittedForms, now, step);
      visit(situation);
    }
    // The list grows while it is walked: what is reached within the level is explored within it.
    for (const situation of within.list) {
      const { done, state, used } = situation;
      confirmOmitted(state, omittedForms, now, step);
      for (const operation of open) {
        if (done.includes(operation.invocation)) continue;
        const more = [...done, operation.invocation].sort((a, b) => a - b);
        for (const next of step(state, operation)) visit({ done: more, state: next, used });
      }
      groups.forEach((group, index) => {
        const count = used[index] as number;
        if (count === group.begins.length || (group.begins[count] as number) >= now) return;
        const more = used.with(index, count + 1);
        for (const next of freely(state, group, step)) visit({ done, state: next, used: more });
      });
    }
    for (const { state } of after.list) confirmOmitted(state, omittedForms, now, step);
    account.forget(within.bytes());
    level = after.list;
    if (level.length === 0) return false;
    open = open.filter((operation) => operation !== returning);
  }
  return true;
}

/** Point 2 for one state. */
function confirmOmitted(state: Value, forms: readonly Form[], now: number, step: Step): void {
  for (const { operation, begin } of forms) {
    if (begin >= now) continue;
    claim(
      step(state, operation).every((next) => canonical(next) === canonical(state)),
      () =>
        `Operation ${operation.invocation} (${operation.f}) may change the state ${canonical(state)}, ` +
        "but is neither required nor forgotten.",
    );
  }
}

/**
 * Where a forgotten operation may lead: with any result, and with those that were recorded, whether
 * the model's `info` names these states or others that stand for them.
 */
function freely(state: Value, group: Group, step: Step): readonly Value[] {
  const found = new Map<string, Value>();
  for (const operation of [group.free, ...group.forms.map((form) => form.operation)]) {
    for (const next of step(state, operation)) found.set(canonical(next), next);
  }
  return [...found.values()];
}

/** Forgotten operations that differ in nothing but their beginning. */
interface Group {
  readonly free: Operation;
  /** Their invocations, ascending: the first one used is the one that began first. */
  readonly begins: readonly number[];
  readonly forms: readonly Form[];
}

function groupsOf(forgotten: readonly Operation[], model: Model): Group[] {
  const members = new Map<string, Operation[]>();
  for (const operation of forgotten) {
    const name = nameOf({ ...operation, output: undefined, outcome: "info" }, model);
    members.set(name, [...(members.get(name) ?? []), operation]);
  }
  return [...members.values()].map((operations) => ({
    free: { ...(operations[0] as Operation), output: undefined, outcome: "info" },
    begins: operations.map(({ invocation }) => invocation),
    forms: formsOf(operations, model),
  }));
}

/** What a model can tell apart of some operations, and when the first such one begins. */
interface Form {
  readonly operation: Operation;
  readonly begin: number;
}

function formsOf(operations: readonly Operation[], model: Model): Form[] {
  const forms = new Map<string, Form>();
  for (const operation of operations) {
    const name = nameOf(operation, model);
    if (!forms.has(name)) forms.set(name, { operation, begin: operation.invocation });
  }
  return [...forms.values()];
}

/** So many omitted forms are asked about whatever the model says of them. */
const FORMS_MAX = 64;

function questionable(forms: readonly Form[], model: Model): readonly Form[] {
  if (forms.length <= FORMS_MAX) return forms;
  return forms.filter(({ operation }) => model.readOnly?.(operation) !== true);
}

interface Situations {
  readonly list: Situation[];
  add(situation: Situation): void;
  bytes(): number;
}

/**
 * Situations, without those that used at least as many forgotten operations as another like them.
 */
function createSituations(account: Account): Situations {
  const list: Situation[] = [];
  const alike = new Map<string, (readonly number[])[]>();
  let bytes = 0;
  return {
    list,
    bytes: () => bytes,
    add: (situation) => {
      account.tick();
      const { done, state, used } = situation;
      const name = `${done.join(" ")} ${canonical(state)}`;
      const others = alike.get(name) ?? [];
      const fewer = (other: readonly number[]): boolean =>
        other.every((count, group) => count <= (used[group] as number));
      if (others.some(fewer)) return;
      const size = 200 + 2 * name.length + 8 * used.length;
      account.remember(size);
      bytes += size;
      others.push(used);
      alike.set(name, others);
      list.push(situation);
    },
  };
}

function byInvocation(a: Operation, b: Operation): number {
  return a.invocation - b.invocation;
}

function completionOf({ invocation, completion }: Operation): number {
  claim(completion !== undefined, () => `Operation ${invocation} did not complete.`);
  return completion;
}
