/** The operation that says what was there before all transactions. */
import { HarnessError } from "../../src/errors.js";
import type { Operation } from "../../src/history/operation.js";

/**
 * The `init` among operations, if there is one.
 * @throws HarnessError `bad-argument` unless it is the only one, and ok before the first
 */
export function initOf(
  operations: readonly Operation[],
  first: Operation | undefined,
): Operation | undefined {
  const [init, another] = operations.filter(({ f }) => f === "init");
  if (init === undefined) return undefined;
  const isFirst =
    init.outcome === "ok" &&
    another === undefined &&
    (init.completion as number) < (first?.invocation ?? Infinity);
  if (isFirst) return init;
  throw new HarnessError(
    "bad-argument",
    `operation ${init.invocation} (init) says what is there before all transactions: expected one, ok before the first begins`,
    { event: init.invocation },
  );
}
