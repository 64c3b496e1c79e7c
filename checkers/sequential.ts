/**
 * Sequential consistency (Lamport 1979): some order of all operations, of all keys together, keeps
 * the order in which each process invoked its own, and the model accepts it. Real time between
 * processes does not count.
 *
 * It is not compositional: a history can have such an order for each key and none for all, so that
 * it is never taken apart by key. Deciding it is NP-complete. Registers with unique writes are
 * saturated first (sequential/saturation.ts), which refutes most wrong histories at once and leaves
 * the search (sequential/search.ts) little to try. Of sets and logs that only grow, results say all
 * that matters of an order (causal/collections), so that they are decided in linear time.
 */
import type { Budget, Checker } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Model } from "../src/model/model.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { judgeCollections } from "./causal/collections/judge.js";
import { LimitReached, Meter, type LimitName } from "./linearizable/meter.js";
import { anomalyOf } from "./sequential/explain.js";
import { layOutByProcess, type Layout } from "./sequential/layout.js";
import { reduce, type Reduced } from "./sequential/reduce.js";
import { decideOrder, type Decided } from "./sequential/decide.js";

/** Options of `sequential`. */
export interface SequentialOptions {
  /** What is right when operations happen one after the other. */
  readonly model: Model;
  /**
   * The verdict when nothing contradicts because no operation completed `ok`: `"unknown"`
   * (default), since nothing was proved; or `"valid"`.
   */
  readonly nothingCompleted?: "unknown" | "valid";
}

/** Decides whether a history is sequentially consistent, with evidence either way. */
export function sequential(options: SequentialOptions): Checker {
  return {
    name: "sequential",
    description: "one order of all operations keeps each process's own order",
    check: (history, budget) => check(history, options, budget),
  };
}

function check(history: History, options: SequentialOptions, budget: Budget): Verdict {
  const { model, nothingCompleted = "unknown" } = options;
  const meter = new Meter(budget);
  const layout = layOutByProcess(history, model);
  const name = { name: model.name, options: model.options };
  const answer = (how: string): Omit<Verdict, "verdict" | "reason"> => ({
    checker: "sequential",
    operations: layout.operations,
    elapsedMs: meter.elapsedMs(),
    anomalies: [],
    details: {
      model: model.name,
      processes: layout.sequences.length,
      parts: layout.partNames.length,
      searches: how === "" ? {} : { [how]: 1 },
      work: meter.work,
      bytesMax: meter.bytesMax,
    },
  });
  let decided: Decided;
  try {
    meter.check();
    const question = { model, name: "sequential", promise: "sequential" } as const;
    const collected = judgeCollections(history, question, meter);
    if (collected !== undefined) return collected;
    decided = decideOrder(layout, model, meter);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return { ...answer(""), verdict: "unknown", reason: undecided(error.limit, layout, meter) };
  }
  if (decided.kind === "explained") {
    if (layout.ok === 0 && (nothingCompleted === "unknown" || history.length === 0)) {
      const reason = `Nothing was proved: none of the ${layout.operations} operations completed ok.`;
      return { ...answer(decided.search), verdict: "unknown", reason };
    }
    return {
      ...answer(decided.search),
      verdict: "valid",
      reason: `An order of the ${layout.operations} operations explains every result and keeps the order of each process.`,
      certificate: { kind: "sequential-order", model: name, order: decided.order },
    };
  }
  const reduced: Reduced = reduce(layout, decided.suspects, { model, meter });
  const anomaly = anomalyOf(history, reduced);
  const { parts, values, required, forgotten, minimal } = reduced;
  return {
    ...answer(decided.search),
    verdict: "invalid",
    reason: anomaly.message,
    anomalies: [anomaly],
    certificate: {
      kind: "non-sequential",
      model: name,
      ...optional("parts", parts),
      ...optional("values", values),
      required,
      forgotten,
      minimal,
    },
  };
}

function optional<Name extends string>(
  name: Name,
  values: readonly Value[] | undefined,
): { readonly [N in Name]?: readonly Value[] } {
  return values === undefined ? {} : ({ [name]: values } as { [N in Name]: readonly Value[] });
}

function undecided(limit: LimitName, layout: Layout, meter: Meter): string {
  const spent =
    limit === "memory"
      ? `${Math.round(meter.bytesMax / 2 ** 20)} MiB`
      : `${Math.round(meter.elapsedMs())} ms`;
  const option = limit === "memory" ? "--memory-budget" : "--time-budget";
  return (
    `Undecided: out of ${limit} after ${spent}. ${layout.count} operations of ${layout.sequences.length} ` +
    `processes on ${layout.partNames.length} keys, ${layout.optional.length} of them indeterminate, have too many orders. ` +
    `Raise ${option}, or shorten the run, use fewer processes, or values that are written once.`
  );
}
