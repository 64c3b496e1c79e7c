/** What the closures of all kinds of objects have in common. */
import type { Operation } from "../../history/operation.js";
import type { Model } from "../../model/model.js";

/** Operations by their invocations. */
export type Operations = ReadonlyMap<number, Operation>;
/** Makes, for the operations that were chosen, what each operation needs beside itself. */
export type Needs = (chosen: readonly number[]) => (at: number) => Iterable<number>;

/** Some operations of one object, with what they mean. */
export interface Part {
  readonly operations: Operations;
  readonly model: Model;
  readonly realTime: boolean;
}

/** Whether an operation may have changed anything. */
export function mayChange(operation: Operation, model: Model): boolean {
  return operation.outcome !== "fail" && model.readOnly?.(operation) !== true;
}

/** Whether its result says anything: one that failed did not happen, unless it observed. */
export function observes(operation: Operation, model: Model): boolean {
  const { outcome } = operation;
  return outcome === "ok" || (outcome === "fail" && model.observesFailure?.(operation) === true);
}
