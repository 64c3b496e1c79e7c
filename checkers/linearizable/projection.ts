/**
 * The history projected to a few of its values, as a history of its own: small, so that the general
 * search can confirm in it what a monitor found out in millions of operations. Why a contradiction
 * in the projection is one in the history: see `values` in the model port.
 */
import { createHistoryBuilder, NONE, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Model, ModelOperation } from "../../src/model/model.js";
import { invocationsOf } from "./monitors/calls.js";
import type { Part } from "./parts.js";

/** A projection, and where its events come from. */
export interface Projection {
  readonly history: History;
  readonly part: Part;
  /** Event of the projection → event of the whole history; ascending. */
  readonly origins: Int32Array;
}

/**
 * The operations of a part that stay when it is projected to `values`; undefined when the model
 * allows no such projection. Those that change nothing stay only when they are named: where their
 * completions are forgotten they say nothing.
 */
export function projectTo(
  values: readonly Value[],
  {
    history,
    part,
    model,
    named: kept,
  }: { history: History; part: Part; model: Model; named?: ReadonlySet<number> },
): Projection | undefined {
  if (model.values === undefined) return undefined;
  const keeps = keeper(values);
  const staying = new Map<number, ModelOperation>();
  for (const invocation of invocationsOf(part, history)) {
    const operation = history.operation(invocation);
    const about = model.values(operation);
    if (about === "all") return undefined;
    if (about === undefined) continue;
    let named = 0;
    for (const value of about) if (keeps(value)) named++;
    if (named !== 0 && named !== about.length) return undefined;
    if (about.length > 0 && named === 0) continue;
    if (kept?.has(invocation) === false && model.readOnly?.(operation) === true) continue;
    staying.set(invocation, model.restrict?.(operation, keeps) ?? operation);
  }
  return rebuild(history, part, staying);
}

/** Whether a value is one of these; scalars, of which there may be millions, without a text. */
function keeper(values: readonly Value[]): (value: Value) => boolean {
  const scalars = new Set<Value>();
  const texts = new Set<string>();
  for (const value of values) {
    if (typeof value === "object") texts.add(canonical(value));
    else scalars.add(value);
  }
  return (value) =>
    typeof value === "object" ? texts.size > 0 && texts.has(canonical(value)) : scalars.has(value);
}

function rebuild(
  history: History,
  part: Part,
  staying: ReadonlyMap<number, ModelOperation>,
): Projection {
  const events: number[] = [];
  for (const invocation of staying.keys()) {
    events.push(invocation);
    const completion = history.pairs[invocation] as number;
    if (completion !== NONE) events.push(completion);
  }
  const origins = Int32Array.from(events).sort();
  const places = new Map<number, number>();
  const completed: number[] = [];
  const indeterminate: number[] = [];
  const builder = createHistoryBuilder();
  origins.forEach((event, place) => {
    const given = history.event(event);
    if (given.type === "invoke") {
      places.set(event, place);
      const { input, outcome } = staying.get(event) as ModelOperation;
      if (outcome === "info") indeterminate.push(place);
      builder.add({ ...given, value: input });
      return;
    }
    // A restriction may know less than the operation did.
    const invocation = history.pairs[event] as number;
    const { outcome, output = null } = staying.get(invocation) as ModelOperation;
    if (outcome !== "info") completed.push(places.get(invocation) as number);
    builder.add({ ...given, type: outcome, value: outcome === "ok" ? output : given.value });
  });
  return {
    history: builder.build(),
    part: { part: part.part, completed, indeterminate },
    origins,
  };
}
