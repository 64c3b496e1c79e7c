/**
 * Confirms that operations cannot be explained by anything that they could have seen, by trying
 * everything.
 */
import { canonical } from "../history/value.js";
import type { Operation } from "../history/operation.js";
import { stateOf } from "../model/state.js";
import { createAccount } from "./account.js";
import { isExplained, type Caused } from "./causal-definitions.js";
import { claim, mustBeExplained, operationAt } from "./claims.js";
import { createPartedStep } from "./parted-step.js";
import { createStep } from "./step.js";
import { keepsGuarantees } from "./guarantee-definitions.js";
import type { VerificationRequest } from "./verify.js";
import type { UnexplainedCertificate } from "./visibility-certificate.js";

/**
 * Answers what was confirmed.
 * @throws ClaimRefused
 * @throws VerificationUndecided
 */
export function verifyUnexplained(
  certificate: UnexplainedCertificate,
  { history, model, budget }: VerificationRequest,
): string {
  const { part, promise } = certificate;
  const required = new Set(certificate.required);
  for (const invocation of required) {
    const operation = operationAt(history, invocation);
    claim(
      mustBeExplained(model, operation),
      () => `Operation ${invocation} need not be explained.`,
    );
  }
  const all: Caused[] = [];
  const earlier = new Map<unknown, number>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    const isRequired = required.has(invocation);
    if (operation.process === "nemesis" || !isOf(operation)) continue;
    if (!isRequired && !mayHaveHappened(operation)) continue;
    const before = earlier.get(operation.process) ?? 0;
    const at = all.push({ operation, earlier: before, isRequired }) - 1;
    if (isRequired) earlier.set(operation.process, before | (1 << at));
  }
  const account = createAccount(budget);
  const asked =
    part === undefined
      ? { ...createPartedStep(history, model, account), account }
      : {
          initial: stateOf(model, model.initial()),
          step: createStep(model, account),
          account,
        };
  const isPossible =
    typeof promise === "string"
      ? isExplained(all, promise, asked)
      : keepsGuarantees(all, promise, { asked, isUpdate: mayHaveHappened });
  claim(!isPossible, () => `What operations see can explain them.`);
  const told = typeof promise === "string" ? promise : promise.join(", ");
  return `Nothing that they could see explains ${required.size} operations (${told}).`;

  /** Whether it is of the part; a forgotten operation about all parts is of each. */
  function isOf(operation: Operation): boolean {
    if (part === undefined) return true;
    const own = model.partition?.(operation);
    claim(
      own !== undefined || !required.has(operation.invocation),
      () => `Operation ${operation.invocation} is about all parts.`,
    );
    return own === undefined || canonical(own) === canonical(part);
  }

  function mayHaveHappened(operation: Operation): boolean {
    return operation.outcome !== "fail" && model.readOnly?.(operation) !== true;
  }
}
