/**
 * The port of models: sequential specifications, as pure functions over plain values.
 *
 * A model says which results are right when operations happen one after the other; checkers decide
 * whether a concurrent history can be explained by such an order.
 */
import type { Operation } from "../history/operation.js";
import type { Value } from "../history/value.js";

/** What a step sees of an operation. */
export type ModelOperation = Pick<Operation, "f" | "key" | "input" | "output" | "outcome">;

/**
 * A sequential specification. States are plain JSON and compared as such, so that a `Map`, a `Date`
 * or an instance of a class is refused; `step` gets them frozen.
 *
 * ```ts
 * const counter: Model<number> = {
 *   name: "counter",
 *   options: {},
 *   initial: () => 0,
 *   step: (count, { f, input, output, outcome }) => {
 *     if (f === "add") return [count + Number(input)];
 *     return outcome === "info" || output === count ? [count] : [];
 *   },
 * };
 * ```
 */
export interface Model<State extends Value = Value> {
  readonly name: string;
  /** What the model was made with, so that a certificate can name it; plain JSON. */
  readonly options: { readonly [name: string]: Value };
  /** The functions that the model knows, for early errors; a model without the list takes any. */
  readonly functions?: readonly string[];
  /** The state before the first operation (of each part, when the model has parts). */
  initial(): State;
  /**
   * The states that the operation may lead to: none when its result is impossible in `state`, more
   * than one for a nondeterministic model. With outcome `info` the output is not known and any is
   * possible: the answer holds every state that any output would allow. Must not change `state`,
   * and must depend on nothing else.
   */
  step(state: State, operation: ModelOperation): readonly State[];
  /**
   * The independent part that an operation belongs to. Given only by models for which a history is
   * right exactly when each part is (a kv store: the key).
   */
  partition?(operation: ModelOperation): Value;
  /**
   * True for operations that leave every state as it is, whatever they return (a read). Verdicts do
   * not depend on it, only the time to reach them: when the model does not say, the checker has to
   * find out.
   */
  readOnly?(operation: ModelOperation): boolean;
  /**
   * True for a `fail` that is an observation all the same (a compare-and-set that saw another
   * value): it is then stepped with outcome `fail`, and must leave the state as it is. Others that
   * failed did not happen.
   */
  observesFailure?(operation: ModelOperation): boolean;
}
