/**
 * Small random histories of any model, for differential tests: processes call an object that takes
 * effect at a random moment between call and return, and every now and then the answer is a lie.
 * The object answers what the model allows, so that it is right by construction when nobody lies.
 */
import type { NewEvent } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Model, ModelOperation } from "../../src/model/model.js";

/** A random whole number from 0 to `sides` - 1. */
export type Dice = (sides: number) => number;

/** Dice of their own (mulberry32), apart from the project's generator. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** What the choice of an input may look at. */
export interface Moment {
  readonly dice: Dice;
  /** A number that no operation had before: 1, 2, … */
  readonly fresh: () => number;
  /** One of the fresh numbers so far, or 0 when there is none. */
  readonly known: () => number;
}

/** One function of an object under test. */
export interface CallShape {
  readonly f: string;
  /** How often, compared with the others; default 1. */
  readonly weight?: number;
  input(moment: Moment): Value;
  /** Every output that could be right or a plausible lie. */
  outputs(moment: Moment, input: Value): readonly Value[];
  /** Whether it may end as a failure that says something (a cas that saw another value). */
  readonly fails?: boolean;
}

/** What histories look like. */
export interface HistoryShape {
  readonly model: Model;
  readonly calls: readonly CallShape[];
  readonly operationsMax: number;
  readonly processesMax?: number;
  /** One operation in so many is indeterminate; default 6, 0 for none. */
  readonly indeterminate?: number;
  /** The keys of operations; without them operations have none. */
  readonly keys?: readonly Value[];
  /** Whether the model's state stands for one part only (a key, an id); default false. */
  readonly stateOfPart?: boolean;
}

interface Open {
  readonly f: string;
  readonly key: Value | undefined;
  readonly input: Value;
  readonly call: CallShape;
  done?: { readonly output: Value; readonly outcome: "ok" | "fail" };
}

/** The events of one history. */
export function randomHistory(dice: Dice, shape: HistoryShape): NewEvent[] {
  const { calls, indeterminate = 6 } = shape;
  const events: NewEvent[] = [];
  const processes = 1 + dice(shape.processesMax ?? 4);
  const names = Array.from({ length: processes }, (_, process) => process);
  const open = new Map<number, Open>();
  const lingering: Open[] = [];
  const count = 2 + dice(shape.operationsMax - 1);
  const lies = dice(3) === 0 ? 0 : 2 + dice(4);
  let nextProcess = processes;
  let last = 0;
  const states: States = new Map();
  const moment: Moment = {
    dice,
    fresh: () => ++last,
    known: () => (last === 0 ? 0 : 1 + dice(last)),
  };
  const weighted = calls.flatMap((call) => Array.from({ length: call.weight ?? 1 }, () => call));

  const takeEffect = (process: number, called: Open): void => {
    if (called.done !== undefined) return;
    const choices = possible(shape, states, { process, called, moment });
    const choice = choices[dice(Math.max(1, choices.length))];
    if (choice === undefined) return;
    called.done = choice;
    states.set(choice.part, choice.next);
  };

  let invoked = 0;
  while (invoked < count || open.size > 0) {
    const at = dice(processes);
    const process = names[at] as number;
    const called = open.get(process);
    const timeNs = Math.floor(events.length / 3);
    if (called === undefined) {
      if (invoked++ >= count) continue;
      const call = weighted[dice(weighted.length)] as CallShape;
      const key = shape.keys?.[dice(shape.keys.length)];
      const made: Open = { f: call.f, key, input: call.input(moment), call };
      open.set(process, made);
      events.push({ timeNs, type: "invoke", process, f: made.f, ...keyed(key), value: made.input });
      continue;
    }
    const ghost = lingering[dice(4)];
    if (ghost !== undefined && dice(4) === 0) takeEffect(-2, ghost);
    if (dice(2) === 0) {
      takeEffect(process, called);
      continue;
    }
    const common = { timeNs, process, f: called.f, ...keyed(called.key) };
    if (indeterminate > 0 && dice(indeterminate) === 0) {
      open.delete(process);
      names[at] = nextProcess++;
      lingering.push(called);
      if (dice(3) > 0) events.push({ ...common, type: "info", value: null });
      continue;
    }
    if (dice(20) === 0 && called.done === undefined) {
      open.delete(process);
      events.push({ ...common, type: "fail", value: called.input });
      continue;
    }
    takeEffect(process, called);
    if (called.done === undefined && (lies === 0 || dice(3) > 0)) {
      // It has to wait (a lock that is held); unless nobody else can ever free it.
      if (dice(6) > 0) continue;
      open.delete(process);
      events.push({ ...common, type: "fail", value: called.input });
      continue;
    }
    open.delete(process);
    const outputs = called.call.outputs(moment, called.input);
    const lie = called.done === undefined || (lies > 0 && dice(lies) === 0);
    const output = lie ? (outputs[dice(outputs.length)] ?? null) : called.done?.output;
    const type = lie && called.call.fails === true && dice(3) === 0 ? "fail" : "ok";
    events.push({
      ...common,
      type: lie ? type : (called.done?.outcome ?? "ok"),
      value: output ?? null,
    });
  }
  return events;
}

/** The state of each part by its name; all of it is one part unless the shape says otherwise. */
type States = Map<string, Value>;

interface Answer {
  readonly output: Value;
  readonly outcome: "ok" | "fail";
  readonly part: string;
  readonly next: Value;
}

/** Every answer that the model allows in this state, with a state that it leads to. */
function possible(
  { model, stateOfPart = false }: HistoryShape,
  states: States,
  asked: { readonly process: number; readonly called: Open; readonly moment: Moment },
): Answer[] {
  const { called, moment, process } = asked;
  const { f, key, input, call } = called;
  const answers = (output: Value, outcome: "ok" | "fail"): Answer[] => {
    const operation: ModelOperation = { f, key, input, output, process, outcome };
    const part = stateOfPart ? canonical(model.partition?.(operation) ?? null) : "";
    const state = states.has(part) ? (states.get(part) as Value) : model.initial();
    return model.step(state, operation).map((next) => ({ output, outcome, part, next }));
  };
  const found = call.outputs(moment, input).flatMap((output) => answers(output, "ok"));
  const failed: ModelOperation = { f, key, input, output: input, process, outcome: "fail" };
  const observes = call.fails === true && model.observesFailure?.(failed) === true;
  return observes ? [...found, ...answers(input, "fail")] : found;
}

function keyed(key: Value | undefined): { readonly key?: Value } {
  return key === undefined ? {} : { key };
}
