/**
 * What all contract suites are made of: cases as plain data, for any test runner.
 *
 * ```ts
 * for (const { name, skipped, run } of backendContract({ system, world })) {
 *   if (skipped === undefined) test(name, run);
 *   else test.skip(`${name} (${skipped})`, () => undefined);
 * }
 * ```
 */

/** One thing that an implementation has to do. */
export interface ContractCase {
  readonly name: string;
  /** Why the case does not apply to what is being tested; `run` then does nothing. */
  readonly skipped?: string;
  /** @throws ContractViolation when the implementation does something else. */
  readonly run: () => Promise<void>;
}

/** An implementation broke its contract; the message says what was expected and what came. */
export class ContractViolation extends Error {
  override readonly name = "ContractViolation";
}

/** Throws a `ContractViolation` unless the condition holds. */
export function mustHold(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ContractViolation(message);
}
