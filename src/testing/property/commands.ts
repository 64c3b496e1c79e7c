/**
 * A bridge to fast-check's model-based tests (`fc.commands`): the commands of a model, run one
 * after the other against a real object, whose results must be those that the model allows.
 */
import * as fc from "fast-check";
import { HarnessError } from "../../errors.js";
import { canonical, type Value } from "../../history/value.js";
import type { Model } from "../../model/model.js";
import { CALL_FIELDS, drawnCalls, type CalledWith, type CallOptions } from "./calls.js";
import { assertFields, type Fields } from "./given-fields.js";
import { assertCount, assertInvokes, assertModel, assertObject } from "./given.js";
import { operationOf } from "./outputs.js";

/** An object under test; it says by throwing that an operation failed. */
export interface RealObject {
  invoke(operation: CalledWith): Promise<Value> | Value;
}

/** The states in which the model may be, by key. */
export interface ModelStates {
  readonly states: Map<string, readonly Value[]>;
}

/** A command, as `fc.asyncModelRun` takes it. */
export type ModelCommand = fc.AsyncCommand<ModelStates, RealObject>;

/** The model's side before the first command. */
export function modelStates(): ModelStates {
  return { states: new Map() };
}

/** How commands are made. */
export interface CommandOptions extends CallOptions {
  readonly model: Model;
  /** At most so many. Default 30. */
  readonly maxCommands?: number;
}

/**
 * Commands for `fc.assert(fc.asyncProperty(modelCommands({ model }), (commands) =>
 * fc.asyncModelRun(() => ({ model: modelStates(), real }), commands)))`.
 */
export function modelCommands(options: CommandOptions): fc.Arbitrary<Iterable<ModelCommand>> {
  assertObject("modelCommands", options, EXAMPLE);
  const { model, maxCommands = 30 } = options;
  assertModel("modelCommands", model, EXAMPLE);
  assertFields("modelCommands", options, FIELDS);
  assertCount("maxCommands", maxCommands, 1);
  const command = drawnCalls(model, options).map(
    (called): ModelCommand => new Command(model, called),
  );
  return fc.commands([command], { maxCommands });
}

const FIELDS: Fields<CommandOptions> = { model: true, ...CALL_FIELDS, maxCommands: true };
const EXAMPLE = "modelCommands({ model: fifoQueue() })";

class Command implements ModelCommand {
  readonly #model: Model;
  readonly #called: CalledWith;

  constructor(model: Model, called: CalledWith) {
    this.#model = model;
    this.#called = called;
  }

  check(): boolean {
    return true;
  }

  async run({ states }: ModelStates, real: RealObject): Promise<void> {
    const { f, key, value } = this.#called;
    if (!(states instanceof Map)) {
      throw new HarnessError(
        "bad-argument",
        "the model of a run is modelStates(), as in fc.asyncModelRun(() => ({ model: modelStates(), real }), run)",
      );
    }
    const part = canonical(key ?? null);
    const before = states.get(part) ?? [this.#model.initial()];
    assertInvokes("the real object", real);
    const output = (await real.invoke(this.#called)) ?? null;
    const operation = operationOf(this.#called, output, 0);
    const after = before.flatMap((state) => this.#model.step(state, operation));
    if (after.length === 0) {
      const expected = before.map((state) => canonical(state)).join(" or ");
      throw new Error(
        `${f}(${canonical(value)}) returned ${canonical(output)}, which the ${this.#model.name} model does not allow in state ${expected}`,
      );
    }
    states.set(part, after);
  }

  toString(): string {
    const { f, key, value } = this.#called;
    const of = key === undefined ? "" : `${canonical(key)}: `;
    return `${of}${f}(${value === null ? "" : canonical(value)})`;
  }
}
