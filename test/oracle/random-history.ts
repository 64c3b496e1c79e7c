/**
 * Small random histories of any model, for differential tests: processes call an object that takes
 * effect at a random moment between call and return, and every now and then the answer is a lie.
 * The object answers what the model allows, so that it is right by construction when nobody lies.
 */
import type { NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
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
}

interface Open {
  readonly f: string;
  readonly input: Value;
  readonly call: CallShape;
  done?: { readonly output: Value; readonly outcome: "ok" | "fail" };
}

/** The events of one history. */
export function randomHistory(dice: Dice, shape: HistoryShape): NewEvent[] {
  const { model, calls, indeterminate = 6 } = shape;
  const events: NewEvent[] = [];
  const processes = 1 + dice(shape.processesMax ?? 4);
  const names = Array.from({ length: processes }, (_, process) => process);
  const open = new Map<number, Open>();
  const lingering: Open[] = [];
  const count = 2 + dice(shape.operationsMax - 1);
  const lies = dice(3) === 0 ? 0 : 2 + dice(4);
  let nextProcess = processes;
  let last = 0;
  let state = model.initial();
  const moment: Moment = {
    dice,
    fresh: () => ++last,
    known: () => (last === 0 ? 0 : 1 + dice(last)),
  };
  const weighted = calls.flatMap((call) => Array.from({ length: call.weight ?? 1 }, () => call));

  const takeEffect = (process: number, called: Open): void => {
    if (called.done !== undefined) return;
    const choices = possible(model, state, { process, called, moment });
    const choice = choices[dice(Math.max(1, choices.length))];
    if (choice === undefined) return;
    called.done = choice;
    state = choice.next;
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
      const made: Open = { f: call.f, input: call.input(moment), call };
      open.set(process, made);
      events.push({ timeNs, type: "invoke", process, f: made.f, value: made.input });
      continue;
    }
    const ghost = lingering[dice(4)];
    if (ghost !== undefined && dice(4) === 0) takeEffect(-2, ghost);
    if (dice(2) === 0) {
      takeEffect(process, called);
      continue;
    }
    const common = { timeNs, process, f: called.f };
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

/** Every answer that the model allows in this state, with a state that it leads to. */
function possible(
  model: Model,
  state: Value,
  asked: { readonly process: number; readonly called: Open; readonly moment: Moment },
): { output: Value; outcome: "ok" | "fail"; next: Value }[] {
  const { called, moment, process } = asked;
  const { f, input, call } = called;
  const outputs = call.outputs(moment, input);
  const about: Omit<ModelOperation, "outcome"> = {
    f,
    key: undefined,
    input,
    output: null,
    process,
  };
  const found = outputs.flatMap((output) =>
    model.step(state, { ...about, output, outcome: "ok" }).map((next) => ({
      output,
      outcome: "ok" as const,
      next,
    })),
  );
  if (call.fails !== true) return found;
  const failed: ModelOperation = { ...about, output: input, outcome: "fail" };
  if (model.observesFailure?.(failed) !== true) return found;
  return [
    ...found,
    ...model.step(state, failed).map((next) => ({ output: input, outcome: "fail" as const, next })),
  ];
}
