/**
 * The port of models: sequential specifications, as pure functions over plain values.
 *
 * A model says which results are right when operations happen one after the other; checkers decide
 * whether a concurrent history can be explained by such an order.
 */
import type { Operation } from "../history/operation.js";
import type { Value } from "../history/value.js";

/** What a step sees of an operation; of its process only when the model observes processes. */
export type ModelOperation = Pick<Operation, "f" | "key" | "input" | "output" | "outcome"> &
  Partial<Pick<Operation, "process">>;

/**
 * The abstract data type that a model is, for the checkers that know a faster way for that type
 * (`checkers/linearizable/monitors`). A claim: the model's steps must be those of the type, with
 * its functions in the roles that are given. A history that uses a function without a role, or
 * lacks what an algorithm needs, is decided by the general search.
 */
export interface ObjectType {
  readonly name:
    | "counter"
    | "fenced-mutex"
    | "fifo-queue"
    | "log"
    | "multiset"
    | "mutex"
    | "priority-queue"
    | "reentrant-mutex"
    | "register"
    | "semaphore"
    | "set"
    | "stack"
    | "unique-ids";
  /** Function of the model → role in the type (`read`, `write`, `cas`; `enqueue`, `dequeue`; …). */
  readonly roles: { readonly [f: string]: string };
}

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
   * right exactly when each part is (a kv store: the key). Undefined for an operation that is about
   * all parts (a read of a whole set): a history in which one happened is one part, `null`. What is
   * `byKey` takes a history apart fastest.
   */
  partition?(operation: ModelOperation): Value | undefined;
  /** The abstract data type that this is; see there. */
  readonly type?: ObjectType;
  /**
   * The values that an operation is about, for models that allow *projection*: given any values
   * such that no operation is about some of them and others too, a right order stays right when
   * every operation about other values is left out, and those that stay are replaced by their
   * `restrict`ion (a queue: what was enqueued and dequeued). None (`[]`) for an operation that
   * always stays (a dequeue from the empty queue, one whose result is unknown); undefined for one
   * that is always left out, for an order stays right without it (an observation of something
   * else); `"all"` for one beside which nothing may be left out. A refutation may then name the few
   * values that it is about, see `verdict/certificate.ts`.
   */
  values?(operation: ModelOperation): readonly Value[] | "all" | undefined;
  /**
   * What an operation that stays shows of the values that are kept (a read of a whole set: the
   * members among them); the operation itself when the model does not say.
   */
  restrict?(operation: ModelOperation, keeps: (value: Value) => boolean): ModelOperation;
  /**
   * Where another thread finds the model: a module (its URL) that exports a factory by this name,
   * which makes the same model from `options`. Without it all parts are checked in one thread.
   */
  readonly origin?: { readonly module: string; readonly factory: string };
  /**
   * True when steps look at the operation's process (a lock that has an owner). Otherwise no step
   * is told, so that operations of different processes count as the same.
   */
  readonly observesProcess?: boolean;
  /**
   * True for operations that leave every state as it is, whatever they return (a read). Verdicts do
   * not depend on it, only the time to reach them: when the model does not say, the checker has to
   * find out.
   */
  readOnly?(operation: ModelOperation): boolean;
  /** See `LookAhead`; a promise, like `partition`, that makes hard histories easy. */
  readonly lookAhead?: LookAhead<State>;
  /**
   * True for a `fail` that is an observation all the same (a compare-and-set that saw another
   * value): it is then stepped with outcome `fail`, and must leave the state as it is. Others that
   * failed did not happen.
   */
  observesFailure?(operation: ModelOperation): boolean;
}

/**
 * What a state rules out for later, for models whose states keep their past (a text that is
 * appended to, a set that only grows): a result that comes late tells much about the order of what
 * happened long before, and a search that cannot tell tries every order until it gets there. Only
 * used together with `readOnly`.
 *
 * A promise about every state and every operation. An *observation* is one that `observes`.
 * 1. Where `mayLeadTo(state, observation)` is false, `step(state, observation)` allows nothing.
 * 2. Where it is false and `restores(operation, observation)` is false as well, it is false for
 *    every state that `step(state, operation)` allows.
 * 3. What is no observation is possible in every state.
 * 4. What `overwrites` allows the same from every state.
 */
export interface LookAhead<State extends Value = Value> {
  /** True at least for the operations whose result may be impossible in some state. */
  observes(operation: ModelOperation): boolean;
  /** False when the observation is impossible in `state`, and in all that grows out of it. */
  mayLeadTo(state: State, observation: ModelOperation): boolean;
  /** False when `operation` cannot lead from a state that rules the observation out to another. */
  restores(operation: ModelOperation, observation: ModelOperation): boolean;
  /** True only for operations after which it does not matter what was before. */
  overwrites(operation: ModelOperation): boolean;
}

/** The partition by key, `null` where the history has none. */
export function byKey(operation: ModelOperation): Value {
  return operation.key ?? null;
}
