/**
 * Small random histories for checkers that need no model: processes call functions, completions
 * come in any order, and results are drawn from what the caller thinks plausible, right or wrong.
 */
import type { NewEvent } from "../../src/history/history.js";
import type { Operation } from "../../src/history/operation.js";
import type { Checker } from "../../src/checker/checker.js";
import { createBudget } from "../../src/checker/checker.js";
import { historyOf } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { createDice, type Dice } from "./random-history.js";

/** An operation that a process may do; `output` is what an `ok` returns. */
export interface RandomCall {
  readonly f: string;
  readonly input: Value;
  readonly output: Value;
  readonly key?: Value;
}

/** What histories look like. */
export interface RandomShape {
  readonly operationsMax: number;
  /** Default 3. */
  readonly processesMax?: number;
  /** One operation in so many does not end `ok`; default 5. */
  readonly troubled?: number;
  call(dice: Dice): RandomCall;
  /** Events of the nemesis, one in about eight steps. */
  fault?(dice: Dice): string;
}

/** The events of one random history. */
function randomEvents(seed: number, shape: RandomShape): readonly NewEvent[] {
  const dice = createDice(seed);
  const { processesMax = 3, troubled = 5 } = shape;
  const processes = 1 + dice(processesMax);
  const total = 1 + dice(shape.operationsMax);
  const open = new Map<number, RandomCall>();
  const found: NewEvent[] = [];
  let begun = 0;
  const add = (event: Omit<NewEvent, "timeNs">): void => {
    found.push({ ...event, timeNs: found.length * 1e6 });
  };
  while (begun < total || (open.size > 0 && dice(8) > 0)) {
    if (shape.fault !== undefined && dice(8) === 0) {
      add({ type: "info", process: "nemesis", f: shape.fault(dice), value: null });
    }
    const process = dice(processes);
    const call = open.get(process);
    if (call === undefined) {
      if (begun === total) continue;
      begun++;
      const next = shape.call(dice);
      open.set(process, next);
      const { f, input, key } = next;
      add({ type: "invoke", process, f, value: input, ...(key === undefined ? {} : { key }) });
      continue;
    }
    open.delete(process);
    const { f, input, output } = call;
    if (dice(troubled) > 0) add({ type: "ok", process, f, value: output });
    else add({ type: dice(2) === 0 ? "fail" : "info", process, f, value: input });
  }
  return found;
}

/** An operation with the places of its events, for definitions that are written out. */
export interface Call extends Operation {
  readonly begin: number;
  /** Infinity for what is indeterminate. */
  readonly end: number;
}

/** All client operations of a history. */
function callsOf(events: readonly NewEvent[]): readonly Call[] {
  const history = historyOf(events);
  return Array.from(history.invocations(), (invocation) => {
    const operation = history.operation(invocation);
    const { completion, outcome } = operation;
    const end = outcome === "info" ? Infinity : (completion as number);
    return { ...operation, begin: invocation, end };
  });
}

/** What a definition says of a history: the kinds of anomalies that are in it. */
export type Definition = (calls: readonly Call[], events: readonly NewEvent[]) => Iterable<string>;

/** How often each answer came. */
export interface Tally {
  readonly histories: number;
  readonly invalid: number;
  readonly kinds: { readonly [kind: string]: number };
}

/**
 * Compares a checker with a definition on so many random histories.
 * @throws Error with the history that they differ on
 */
export async function compareWithDefinition(
  checker: Checker,
  definition: Definition,
  shape: RandomShape & { readonly histories: number },
): Promise<Tally> {
  const kinds: { [kind: string]: number } = {};
  let invalid = 0;
  for (let seed = 0; seed < shape.histories; seed++) {
    const events = randomEvents(seed, shape);
    const verdict = await checker.check(historyOf(events), createBudget());
    const got = [...new Set(verdict.anomalies.map(({ kind }) => kind))].sort();
    const wanted = [...new Set(definition(callsOf(events), events))].sort();
    if (canonical(got) !== canonical(wanted)) {
      const lines = events.map((event) => JSON.stringify(event)).join("\n");
      throw new Error(`seed ${seed}: got ${got.join()}, wanted ${wanted.join()}\n${lines}`);
    }
    if (got.length > 0) invalid++;
    for (const kind of got) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return { histories: shape.histories, invalid, kinds };
}
