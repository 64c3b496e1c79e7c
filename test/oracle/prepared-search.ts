/**
 * What the tests of single searches start from: a short notation for histories, and the parts that
 * a search works with, laid out as the checker does it.
 */
import { Assumptions } from "../../checkers/linearizable/assumptions.js";
import { Spares } from "../../checkers/linearizable/configurations.js";
import { createKinds, type Kinds } from "../../checkers/linearizable/kinds.js";
import { Meter } from "../../checkers/linearizable/meter.js";
import { splitIntoParts, type Part } from "../../checkers/linearizable/parts.js";
import { layOut, type Problem } from "../../checkers/linearizable/problem.js";
import { Transitions } from "../../checkers/linearizable/transitions.js";
import { createBudget } from "../../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";

/** Type, process, function, value. */
export type Line = readonly [NewEvent["type"], number, string, Value];

/** A history whose events have their position as time. */
export function historyFrom(...lines: readonly Line[]): History {
  return historyOf(
    lines.map(([type, process, f, value], timeNs) => ({ type, process, f, value, timeNs })),
  );
}

/**
 * The same in short. `write0=1` invokes a write of 1 by process 0, `read2` a read without a value;
 * `!` before it is a completion (`!read2=1`), `?` one of unknown outcome, `x` one that failed.
 */
export function historyOfText(text: string): History {
  return historyFrom(...text.trim().split(/\s+/u).map(lineOf));
}

function lineOf(word: string): Line {
  const parts = /^(?<sign>[!?x]?)(?<f>[a-w]+)(?<process>\d+)(?:=(?<value>.*))?$/u.exec(word);
  if (parts?.groups === undefined) throw new Error(`what is ${word}?`);
  const { sign, f, process, value } = parts.groups;
  const type = ({ "!": "ok", "?": "info", x: "fail" } as const)[sign ?? ""] ?? "invoke";
  return [type, Number(process), f as string, JSON.parse(value ?? "null") as Value];
}

/** The model as one that the general search has to decide, without these of its declarations. */
export function searched(model: Model, less: readonly (keyof Model)[] = []): Model {
  const without = new Set<string>(["type", ...less]);
  return Object.fromEntries(
    Object.entries(model).filter(([name]) => !without.has(name)),
  ) as unknown as Model;
}

/** Everything that a search of one part needs. */
export interface PreparedSearch {
  readonly history: History;
  readonly model: Model;
  readonly part: Part;
  readonly problem: Problem;
  readonly kinds: Kinds;
  readonly transitions: Transitions;
  readonly assumptions: Assumptions;
  readonly meter: Meter;
  readonly spares: Spares;
}

/** Lays out the first part of a history. */
export function prepareSearch(
  model: Model,
  history: History,
  meter: Meter = new Meter(createBudget({ timeMs: Infinity })),
): PreparedSearch {
  const [part] = splitIntoParts(history, model).parts;
  if (part === undefined) throw new Error("nothing to search");
  const transitions = new Transitions(model, meter);
  const kinds = createKinds(history, transitions, model.observesProcess);
  const assumptions = new Assumptions(model, transitions, meter);
  const { completed, indeterminate } = part;
  const selection = { required: completed, optional: indeterminate };
  const problem = layOut(history, selection, kinds, meter);
  const spares = new Spares(meter);
  const parts = { history, model, part, problem, kinds, transitions, assumptions };
  return { ...parts, meter, spares };
}
