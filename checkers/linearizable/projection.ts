/**
 * The history projected to a few of its values, as a history of its own: small, so that the general
 * search can confirm in it what a monitor found out in millions of operations. Why a contradiction
 * in the projection is one in the history: see `values` in the model port.
 */
import { createHistoryBuilder, NONE, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Model, ModelOperation } from "../../src/model/model.js";
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
 * allows no such projection.
 */
export function projectTo(
  values: readonly Value[],
  { history, part, model }: { history: History; part: Part; model: Model },
): Projection | undefined {
  if (model.values === undefined) return undefined;
  const kept = new Set(values.map((value) => canonical(value)));
  const keeps = (value: Value): boolean => kept.has(canonical(value));
  const staying = new Map<number, ModelOperation>();
  for (const invocation of [...part.completed, ...part.indeterminate]) {
    const operation = history.operation(invocation);
    const about = model.values(operation);
    if (about === "all") return undefined;
    if (about === undefined) continue;
    const named = about.filter((value) => keeps(value)).length;
    if (named !== 0 && named !== about.length) return undefined;
    if (about.length > 0 && named === 0) continue;
    staying.set(invocation, model.restrict?.(operation, keeps) ?? operation);
  }
  return rebuild(history, part, staying);
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
  const builder = createHistoryBuilder();
  origins.forEach((event, place) => {
    places.set(event, place);
    const given = history.event(event);
    if (given.type === "invoke") {
      builder.add(given);
      return;
    }
    // A restriction may know less than the operation did.
    const { outcome, output = null } = staying.get(
      history.pairs[event] as number,
    ) as ModelOperation;
    builder.add({ ...given, type: outcome, value: outcome === "ok" ? output : given.value });
  });
  const moved = (invocations: readonly number[], known: boolean): number[] =>
    invocations.flatMap((invocation) => {
      const stays = staying.get(invocation);
      if (stays === undefined || (stays.outcome !== "info") !== known) return [];
      return places.get(invocation) as number;
    });
  const mayHaveHappened = [
    ...moved(part.completed, false),
    ...moved(part.indeterminate, false),
  ].sort((a, b) => a - b);
  return {
    history: builder.build(),
    part: {
      part: part.part,
      completed: moved(part.completed, true),
      indeterminate: mayHaveHappened,
    },
    origins,
  };
}
