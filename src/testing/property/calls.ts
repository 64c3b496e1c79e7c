/**
 * What can be called on an object of each model, for property-based tests: a function, and an
 * arbitrary for its input.
 */
import * as fc from "fast-check";
import { HarnessError } from "../../errors.js";
import type { Value } from "../../history/value.js";
import type { Model } from "../../model/model.js";
import { assertFields, type Fields } from "./given-fields.js";
import { named } from "./given.js";

/** A function of an object, and what it may be called with. */
export interface Call {
  readonly f: string;
  readonly input: fc.Arbitrary<Value>;
}

/** A call as it is made. */
export interface CalledWith {
  readonly f: string;
  readonly key?: Value;
  readonly value: Value;
}

/** Which calls, where the model is one's own or others than the usual are wanted. */
export interface CallOptions {
  /** Default: those of the model, when it is one that ordeal ships. */
  readonly calls?: readonly Call[];
  /** The keys of operations; without them operations have none. */
  readonly keys?: readonly Value[];
}

/** Their names, for objects that have more. */
export const CALL_FIELDS: Fields<CallOptions> = { calls: true, keys: true };

const nothing = fc.constant<Value>(null);
/** Few, so that they meet. */
const small: fc.Arbitrary<Value> = fc.integer({ min: 0, max: 4 });
/** Many, so that they seldom do. */
const wide: fc.Arbitrary<Value> = fc.integer({ min: 0, max: 99_999 });
const text: fc.Arbitrary<Value> = fc.stringMatching(/^[a-z]{1,3}$/);

function calls(inputs: { readonly [f: string]: fc.Arbitrary<Value> }): readonly Call[] {
  return Object.entries(inputs).map(([f, input]) => ({ f, input }));
}

const pair: fc.Arbitrary<Value> = fc.tuple(small, small).map((both): Value => both);
const element: fc.Arbitrary<Value> = fc.oneof(small, wide);
const taken = (...names: readonly string[]): readonly Call[] =>
  names.map((f) => ({ f, input: nothing }));
const register = fc.constantFrom<Value>("x", "y", "z");
const micro: fc.Arbitrary<Value> = fc.oneof(
  register.map((name): Value => ["r", name, null]),
  fc.tuple(register, small).map(([name, value]): Value => ["w", name, value]),
);
const life = fc.constantFrom<Value>("a", "b");
const steps = fc.constantFrom<Value>(
  ["pending", "running"],
  ["running", "waiting"],
  ["running", "completed"],
  ["running", "failed"],
  ["waiting", "running"],
);

/** By the name of the model. */
const CALLS: { readonly [model: string]: readonly Call[] } = {
  register: calls({ read: nothing, write: wide }),
  "cas-register": calls({ read: nothing, write: small, cas: pair }),
  kv: calls({ get: nothing, put: text, append: text, delete: nothing }),
  mutex: taken("acquire", "release"),
  "reentrant-mutex": taken("acquire", "release"),
  "fenced-mutex": taken("acquire", "release"),
  semaphore: taken("acquire", "release"),
  lease: taken("acquire", "release"),
  set: calls({ add: element, remove: small, contains: small, read: nothing }),
  multiset: calls({ add: small, remove: small, count: small, read: nothing }),
  "fifo-queue": [...calls({ enqueue: wide }), ...taken("dequeue", "peek")],
  "unordered-queue": [...calls({ enqueue: wide }), ...taken("dequeue")],
  stack: [...calls({ push: wide }), ...taken("pop", "peek")],
  deque: [...calls({ "push-front": wide, "push-back": wide }), ...taken("pop-front", "pop-back")],
  "priority-queue": [...calls({ insert: wide }), ...taken("extract", "peek")],
  counter: calls({ add: small, read: nothing }),
  log: [...calls({ append: wide }), ...taken("read", "size")],
  "unique-ids": taken("generate"),
  "multi-register": calls({
    txn: fc.array(micro, { minLength: 1, maxLength: 3 }).map((list): Value => list),
  }),
  workflow: calls({ create: nothing, load: nothing, transition: steps, delete: nothing }),
  "workflow-instances": calls({
    create: life.map((each): Value => ({ life: each })),
    load: nothing,
    delete: life.map((each): Value => ({ life: each })),
  }),
};

/**
 * The calls of a model.
 * @throws HarnessError `bad-argument` for a model of one's own without `calls`.
 */
export function callsOf(model: Pick<Model, "name">, options: CallOptions = {}): readonly Call[] {
  const found = knownCalls(model, options);
  assertFields("callsOf", options, CALL_FIELDS);
  return found;
}

function knownCalls(model: Pick<Model, "name">, options: CallOptions): readonly Call[] {
  const { name } = (model ?? {}) as { readonly name?: unknown };
  if (typeof name !== "string" || typeof model === "function") {
    throw new HarnessError(
      "bad-argument",
      `expected a model, as in operationArbitrary(register()); it was given ${named(model)}`,
    );
  }
  assertList("calls", options.calls, '[{ f: "add", input: fc.nat() }]');
  assertList("keys", options.keys, '["x", "y"]');
  for (const call of options.calls ?? []) assertCall(call);
  const found = options.calls ?? CALLS[model.name];
  if (found !== undefined && found.length > 0) return found;
  throw new HarnessError(
    "bad-argument",
    `what can be called on a ${model.name}? Give calls: [{ f: "read", input: fc.constant(null) }, …]`,
  );
}

function assertList(what: string, given: unknown, example: string): void {
  if (given === undefined || Array.isArray(given)) return;
  throw new HarnessError(
    "bad-argument",
    `${what} is a list, as in ${example}; it was given ${named(given)}`,
  );
}

function assertCall(call: Call): void {
  const { f, input } = (call ?? {}) as { readonly f?: unknown; readonly input?: object };
  if (typeof f === "string" && typeof (input as { generate?: unknown })?.generate === "function") {
    return;
  }
  throw new HarnessError(
    "bad-argument",
    `each of calls has a function's name and an arbitrary for its input, as in { f: "add", input: fc.nat() }; one is ${JSON.stringify(call)}`,
  );
}

/** An operation of a model: a function with an input, and a key when there are keys. */
export function operationArbitrary(
  model: Pick<Model, "name">,
  options: CallOptions = {},
): fc.Arbitrary<CalledWith> {
  const drawn = drawnCalls(model, options);
  assertFields("operationArbitrary", options, CALL_FIELDS);
  return drawn;
}

/** The same for options that were looked at, and have more than the calls. */
export function drawnCalls(
  model: Pick<Model, "name">,
  options: CallOptions,
): fc.Arbitrary<CalledWith> {
  const each = knownCalls(model, options).map(({ f, input }) =>
    input.map((value): CalledWith => ({ f, value })),
  );
  const { keys = [] } = options;
  const called = fc.oneof(...each);
  if (keys.length === 0) return called;
  return fc
    .tuple(fc.constantFrom(...keys), called)
    .map(([key, { f, value }]): CalledWith => ({ f, key, value }));
}
