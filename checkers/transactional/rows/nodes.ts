/**
 * Transactions on rows as nodes of a graph that is to be put in order: which of them have to be
 * there, who is guessed to come first, and who precedes in time.
 */
import { subgraphOf, type LabelledDigraph } from "../../../src/graph/labelled-digraph.js";
import { FAIL, NONE, OK } from "../../../src/history/history.js";
import type { Time } from "../cycles.js";
import { CONTINUES } from "../dependencies.js";
import type { RowDependencies } from "./dependencies.js";
import type { Steps } from "./guess.js";

/** What is the same however transactions are carried out; `transactionOf` a node. */
export function nodesOf(
  graph: LabelledDigraph,
  known: RowDependencies,
  transactionOf: (node: number) => number,
): Pick<Steps, "graph" | "priorities" | "roleOf"> {
  const { transactions, happened } = known.dependencies;
  const { count, outcomes, invocations, completions } = transactions;
  const priorities = new Float64Array(graph.count).fill(-1);
  for (let node = 0; node < graph.count; node++) {
    const each = transactionOf(node);
    if (each >= count) continue;
    const end = completions[each] as number;
    const isEnd = happened[each] === 1 && end !== NONE && outcomes[each] !== FAIL;
    priorities[node] = isEnd ? end : (invocations[each] as number);
  }
  return {
    graph,
    priorities,
    roleOf: (node) => {
      const each = transactionOf(node);
      if (each >= count) return "nothing";
      if (happened[each] === 1) return "must";
      return outcomes[each] === FAIL ? "never" : "may";
    },
  };
}

/** The same nodes with edges of some kinds, and those that only continue others. */
export function partOf(graph: LabelledDigraph, allowed: number): LabelledDigraph {
  const all = Int32Array.from({ length: graph.count }, (_, node) => node);
  return subgraphOf(graph, all, (label) => label === CONTINUES || (label & allowed) !== 0);
}

/** Whether all are done that an indeterminate transaction follows in time, if it happened. */
export function keepsTime(
  each: number,
  about: {
    readonly time: Time;
    readonly known: RowDependencies;
    readonly isDone: (transaction: number) => boolean;
  },
): boolean {
  const { time, isDone, known } = about;
  if (time === "") return true;
  const { outcomes } = known.dependencies.transactions;
  return outcomes.every((_, other) => isDone(other) || !precedes(other, each, { time, known }));
}

/** Whether one had completed before the other began, and that is kept. */
export function precedes(
  one: number,
  other: number,
  { time, known }: { readonly time: Time; readonly known: RowDependencies },
): boolean {
  const { completions, invocations, processes, outcomes } = known.dependencies.transactions;
  if (time === "" || outcomes[one] !== OK) return false;
  if (time !== "realtime" && processes[one] !== processes[other]) return false;
  return (completions[one] as number) <= (invocations[other] as number);
}
