/**
 * The contract of models: the laws of `model/model.ts`, for the models that ordeal ships and for
 * those of others. It walks through random sequential histories, made of operations that the caller
 * gives, and looks at every step. A walk mostly takes operations that are possible, so that it gets
 * far, and asks about the others all the same.
 *
 * Laws about what happens later compare all states that are possible, by what may follow them: two
 * sets of states may look different and allow the same.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import type { Model, ModelOperation } from "../model/model.js";
import { stateOf } from "../model/state.js";
import { createRandom, type Random } from "../random.js";
import { mustHold, type ContractCase } from "./contract.js";
import { assertShapes } from "./property/given.js";

/** What a model is tested with. */
export interface ModelContractOptions {
  readonly model: Model;
  /**
   * Completed operations that histories may hold, with right and wrong results, of several keys and
   * processes where the model looks at them. The laws are tested on nothing else.
   */
  readonly operations: readonly ModelOperation[];
  /** How many random histories are tried. Default 60. */
  readonly seedCount?: number;
  /** Operations in each of them. Default 12. */
  readonly stepCount?: number;
}

/** All that a model has to do. */
export function modelContract(options: ModelContractOptions): readonly ContractCase[] {
  const shapes = { model: ["initial", "step"], operations: "list" } as const;
  const example = "modelContract({ model: register(), operations })";
  assertShapes("modelContract", options, shapes, example);
  const { model } = options;
  const skipped = (has: boolean, what: string): { readonly skipped?: string } =>
    has ? {} : { skipped: `the model has no ${what}` };
  const law = (
    name: string,
    check: (walk: Walk) => void,
    more: { readonly skipped?: string } = {},
  ): ContractCase => ({
    name,
    ...more,
    run: async () => {
      mustHold(options.operations.length > 0, "the suite was given no operations");
      if (more.skipped !== undefined) return;
      for (let seed = 0; seed < (options.seedCount ?? 60); seed++) check(walkOf(options, seed));
    },
  });
  return [
    law("states are plain JSON", statesArePlain),
    law("a step is told by its arguments alone, and changes none of them", stepsArePure),
    law("does not see the process unless it observes processes", processesAreUnseen),
    law("what any result allows, an unknown result allows", unknownAllowsAll),
    law(
      "a read-only operation leaves the state",
      readOnlyLeaves,
      skipped(model.readOnly !== undefined, "readOnly"),
    ),
    law(
      "a failure that is an observation leaves the state",
      failuresLeave,
      skipped(model.observesFailure !== undefined, "observesFailure"),
    ),
    law(
      "a history is right exactly when each part is",
      partsAreExact,
      skipped(seesAllParts(options), "operation about all parts: each part has a state of its own"),
    ),
    law(
      "a right history stays right when it is projected to values",
      projectionsAreRight,
      skipped(model.values !== undefined, "values"),
    ),
    law(
      "what the look-ahead rules out is impossible",
      lookAheadHolds,
      skipped(model.lookAhead !== undefined, "lookAhead"),
    ),
    law("accepts no function that it does not name", functionsAreComplete),
    {
      name: "accepts every function that it names",
      ...skipped(model.functions !== undefined, "functions"),
      run: async () => functionsArePossible(options),
    },
    law(
      "the roles of its type are roles of its functions",
      rolesExist,
      skipped(model.type !== undefined, "type"),
    ),
  ];
}

/** A random history, and what the laws need to ask about it. */
interface Walk {
  readonly model: Model;
  /** All operations that there are; those of `history` are among them. */
  readonly operations: readonly ModelOperation[];
  /** Possible one after the other, but for now and then the last. */
  readonly history: readonly ModelOperation[];
  /** A state that each step of the history may have led to, from the initial one on. */
  readonly states: readonly Value[];
  readonly random: Random;
}

function walkOf({ model, operations, stepCount = 12 }: ModelContractOptions, seed: number): Walk {
  const random = createRandom(seed).fork("model");
  const history: ModelOperation[] = [];
  const states: Value[] = [stateOf(model, model.initial())];
  let possible: readonly Value[] = states;
  // Few operations meet more often.
  const drawn = random
    .shuffle(operations)
    .slice(0, Math.max(4, random.below(operations.length + 1)));
  const length = 1 + random.below(stepCount);
  while (history.length < length && possible.length > 0) {
    const able = drawn.filter((operation) => nextOf(model, possible, operation).length > 0);
    const choices = able.length === 0 || random.chance(0.1) ? drawn : able;
    const operation = random.pick(choices);
    history.push(random.chance(0.15) ? forgotten(operation) : operation);
    possible = nextOf(model, possible, history.at(-1) as ModelOperation);
    if (possible.length > 0) states.push(random.pick(possible));
  }
  return { model, operations, history, states, random };
}

function forgotten(operation: ModelOperation): ModelOperation {
  return { ...operation, output: undefined, outcome: "info" };
}

/** The states after the operation, each once, as checkers keep them. */
function nextOf(
  model: Model,
  states: readonly Value[],
  operation: ModelOperation,
): readonly Value[] {
  const next = new Map<string, Value>();
  for (const state of states) {
    for (const given of model.step(state, operation)) {
      const kept = stateOf(model, given);
      next.set(canonical(kept), kept);
    }
  }
  return [...next.values()];
}

function after(model: Model, history: readonly ModelOperation[]): readonly Value[] {
  let states: readonly Value[] = [stateOf(model, model.initial())];
  for (const operation of history) states = nextOf(model, states, operation);
  return states;
}

function isRight(model: Model, history: readonly ModelOperation[]): boolean {
  return after(model, history).length > 0;
}

function statesArePlain({ model, operations, states }: Walk): void {
  const problemOf = (make: () => unknown): string | undefined => {
    try {
      make();
      return undefined;
    } catch (error) {
      if (error instanceof HarnessError && error.code === "bad-argument") return error.message;
      throw error;
    }
  };
  for (const state of states) {
    for (const operation of operations) {
      const problem = problemOf(() => nextOf(model, [state], operation));
      mustHold(problem === undefined, problem ?? "");
    }
  }
}

function stepsArePure({ model, operations, states }: Walk): void {
  const answers = new Map<string, string>();
  const ask = (state: Value, operation: ModelOperation): void => {
    // Not frozen: a change in place must show, not throw.
    const given = structuredClone(state);
    const asked = structuredClone(operation);
    const answer = canonical([...model.step(given, asked)]);
    const where = `${shown(operation)} in ${canonical(state)}`;
    mustHold(sameValue(given, state), `${where} changes the state in place`);
    mustHold(shown(asked) === shown(operation), `${where} changes the operation in place`);
    const known = answers.get(where) ?? answer;
    mustHold(known === answer, `${where} leads to ${known}, and asked again to ${answer}`);
    answers.set(where, answer);
  };
  const first = canonical(model.initial());
  for (const state of states) for (const operation of operations) ask(state, operation);
  for (const state of states.toReversed()) {
    for (const operation of operations.toReversed()) ask(state, operation);
  }
  mustHold(canonical(model.initial()) === first, "the initial state is another one later");
}

function processesAreUnseen({ model, operations, states }: Walk): void {
  if (model.observesProcess === true) return;
  for (const operation of operations) {
    const { process: _, ...unseen } = operation;
    for (const state of states) {
      const told = canonical([...model.step(state, { ...unseen, process: 97 })]);
      const untold = canonical([...model.step(state, unseen)]);
      const message = `${shown(operation)} depends on its process, but observesProcess is not true`;
      mustHold(told === untold, message);
    }
  }
}

function unknownAllowsAll({ model, history }: Walk): void {
  if (!isRight(model, history)) return;
  for (const [place, operation] of history.entries()) {
    const less = history.with(place, forgotten(operation));
    mustHold(
      isRight(model, less),
      `possible: ${listed(history)}; but no longer when the result of operation ${place + 1} is unknown`,
    );
  }
}

function readOnlyLeaves({ model, operations, states }: Walk): void {
  for (const operation of [...operations, ...operations.map(forgotten)]) {
    if (model.readOnly?.(operation) === true) leaves(model, states, operation);
  }
}

function failuresLeave({ model, operations, states }: Walk): void {
  for (const operation of operations) {
    const failed: ModelOperation = { ...operation, outcome: "fail" };
    if (model.observesFailure?.(failed) === true) leaves(model, states, failed);
  }
}

function leaves(model: Model, states: readonly Value[], operation: ModelOperation): void {
  for (const state of states) {
    const others = nextOf(model, [state], operation).filter((next) => !sameValue(next, state));
    mustHold(
      others.length === 0,
      `${shown(operation)} is said to leave the state, but leads from ${canonical(state)} to ` +
        canonical(others[0] ?? null),
    );
  }
}

/** Only then do the states that steps see stand for all parts, so that there is a whole to ask. */
function seesAllParts({ model, operations }: ModelContractOptions): boolean {
  if (model.partition === undefined) return false;
  return operations.some((operation) => model.partition?.(operation) === undefined);
}

/**
 * Histories without an operation about all parts are asked about, each also with every other end,
 * most of them wrong, for both directions of the law.
 */
function partsAreExact({ model, operations, history }: Walk): void {
  const partOf = (operation: ModelOperation): Value | undefined => model.partition?.(operation);
  const split = history.filter((operation) => partOf(operation) !== undefined);
  const tries = [split];
  for (const operation of operations) {
    if (partOf(operation) !== undefined) tries.push([...split, operation]);
  }
  for (const whole of tries) {
    const parts = new Map<string, ModelOperation[]>();
    for (const operation of whole) {
      const name = canonical(partOf(operation) ?? null);
      parts.set(name, [...(parts.get(name) ?? []), operation]);
    }
    const right = [...parts.values()].every((part) => isRight(model, part));
    mustHold(
      isRight(model, whole) === right,
      `${right ? "each part is right, but not" : "a part is wrong, but not"} the whole: ${listed(whole)}`,
    );
  }
}

/** Keeps a random half of the values, together with those that an operation binds to them. */
function projectionsAreRight({ model, history, random }: Walk): void {
  const right = isRight(model, history) ? history : history.slice(0, -1);
  const valuesOf = (operation: ModelOperation): readonly Value[] | "all" | undefined =>
    model.values?.(operation);
  if (right.some((operation) => valuesOf(operation) === "all")) return;
  const names = right.flatMap(
    (operation) => (valuesOf(operation) as readonly Value[] | undefined) ?? [],
  );
  const kept = new Set(names.map((value) => canonical(value)).filter(() => random.chance(0.5)));
  const keeps = (value: Value): boolean => kept.has(canonical(value));
  for (let size = -1; size !== kept.size;) {
    size = kept.size;
    for (const operation of right) {
      const values = (valuesOf(operation) as readonly Value[] | undefined) ?? [];
      if (values.some(keeps)) for (const value of values) kept.add(canonical(value));
    }
  }
  const projected = right.flatMap((operation) => {
    const values = valuesOf(operation) as readonly Value[] | undefined;
    if (values === undefined || (values.length > 0 && !values.some(keeps))) return [];
    return [model.restrict?.(operation, keeps) ?? operation];
  });
  mustHold(
    isRight(model, projected),
    `possible: ${listed(right)}; but not about ${[...kept].join(", ")} alone: ${listed(projected)}`,
  );
}

function lookAheadHolds({ model, operations, states }: Walk): void {
  const { lookAhead } = model;
  if (lookAhead === undefined) return;
  for (const operation of [...operations, ...operations.map(forgotten)]) {
    const next = states.map((state) => nextOf(model, [state], operation));
    if (lookAhead.overwrites(operation)) {
      const [first = [], ...rest] = next.map((each) => canonical([...each]));
      const same = rest.every((each) => each === first);
      mustHold(
        same,
        `${shown(operation)} is said to overwrite, but what follows depends on the state`,
      );
    }
    for (const [place, state] of states.entries()) {
      if (!lookAhead.observes(operation)) {
        const possible = next[place]?.length !== 0;
        mustHold(
          possible,
          `${shown(operation)} is no observation, but impossible in ${canonical(state)}`,
        );
        continue;
      }
      if (lookAhead.mayLeadTo(state, operation)) continue;
      mustHold(
        next[place]?.length === 0,
        `${shown(operation)} is ruled out in ${canonical(state)}, but possible`,
      );
      for (const step of operations) {
        if (lookAhead.restores(step, operation)) continue;
        const back = nextOf(model, [state], step).some((each) =>
          lookAhead.mayLeadTo(each, operation),
        );
        mustHold(
          !back,
          `${shown(step)} is said not to restore, but from ${canonical(state)} leads to where ` +
            `${shown(operation)} is not ruled out`,
        );
      }
    }
  }
}

/** A name that no model has. */
const UNKNOWN = "no such function";

function functionsAreComplete({ model, operations, states }: Walk): void {
  const { functions } = model;
  if (functions === undefined) return;
  const foreign = operations.find(({ f }) => !functions.includes(f));
  mustHold(
    foreign === undefined,
    `the suite was given ${foreign?.f}, which functions does not name`,
  );
  for (const state of states) {
    for (const operation of operations) {
      const next = model.step(state, { ...operation, f: UNKNOWN });
      mustHold(next.length === 0, "a function that functions does not name is accepted");
    }
  }
}

/** Asks about the states of all walks, for a function may be possible late only. */
function functionsArePossible({ model, operations, ...options }: ModelContractOptions): void {
  const walks = Array.from({ length: options.seedCount ?? 60 }, (_, seed) =>
    walkOf({ model, operations, ...options }, seed),
  );
  for (const f of model.functions ?? []) {
    const given = operations.filter((operation) => operation.f === f);
    mustHold(given.length > 0, `functions names ${f}, but no operation of the suite has it`);
    const possible = walks.some(({ states }) =>
      given.some((operation) => nextOf(model, states, forgotten(operation)).length > 0),
    );
    mustHold(possible, `functions names ${f}, but with no result is it ever possible`);
  }
}

function rolesExist({ model }: Walk): void {
  for (const f of Object.keys(model.type?.roles ?? {})) {
    const known = model.functions?.includes(f) !== false;
    mustHold(known, `the type gives a role to ${f}, which is no function of the model`);
  }
}

function shown({ f, key, input, output, outcome, process }: ModelOperation): string {
  const by = process === undefined ? "" : `${process}: `;
  const of = key === undefined ? "" : ` of ${canonical(key)}`;
  const result = outcome === "ok" ? canonical(output ?? null) : outcome;
  return `${by}${f}${of} ${canonical(input)} → ${result}`;
}

function listed(history: readonly ModelOperation[]): string {
  return history.map(shown).join("; ");
}
