/**
 * Prefix consistency: every transaction reads one snapshot, which holds the transactions up to some
 * point in the order of commits; unlike snapshot isolation it does not mind who else writes the
 * same (Terry et al. 1995; Cerone et al. 2015, section 3).
 *
 * As in `snapshot-graph.ts` a transaction is its snapshot and its commit. Who reads from another,
 * or follows it in time, takes its snapshot after that one's commit; who overwrites another commits
 * after it; who read without another's write took its snapshot before that one's commit. A cycle
 * refutes the level: one in which every rw comes right after a wr or the order of time, such as the
 * long fork:
 *
 * ```
 * 0  append x 1      2  r x → [1]  r y → []      0 wr 2 rw 1 wr 3 rw 0
 * 1  append y 1      3  r x → []   r y → [1]
 * ```
 *
 * Where all versions are known, as for lists, there is such an order exactly when there is no
 * cycle.
 */
import { topologicalOrder } from "../../src/graph/digraph.js";
import {
  createLabelledDigraph,
  LabelledEdges,
  type LabelledDigraph,
} from "../../src/graph/labelled-digraph.js";
import type { TransactionalLevel } from "../../src/consistency/level.js";
import { OK } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import { partOf, type Analysis } from "./analyze.js";
import type { Step as DependencyStep } from "./cycle-search.js";
import { CONTINUES, RW, WW } from "./dependencies.js";
import { explainCycle } from "./explain.js";
import type { Judgement } from "./judge.js";
import { Justify } from "./justify.js";
import { prefixOrder } from "./prefix-search.js";
import { explains } from "./replay.js";
import { levelFacts, takenApart, withStronger } from "./levels.js";
import { hasLists } from "./weak/judge.js";
import { shortCycleOf, type Step } from "./weak/short-cycle.js";

/**
 * Judges prefix consistency where the cycles that all levels share did not; undefined when nothing
 * contradicts it, but not all versions are known and no order of them was found.
 */
export function judgePrefix(
  analysis: Analysis,
  level: TransactionalLevel,
  meter: Meter,
): Judgement | undefined {
  const { graph, transactions, dependencies } = analysis;
  const { time } = takenApart(level);
  const commits = commitGraph(partOf(graph, "G2", time), transactions.count);
  const order = topologicalOrder(commits);
  if (order.length < commits.count) return refuted(commits, analysis, level);
  const ok = transactions.outcomes.filter((outcome) => outcome === OK).length;
  const isKnown = dependencies.registers.size === 0;
  if (ok === 0) return undefined;
  const events = isKnown
    ? order.filter((node) => dependencies.happened[node >> 1] === 1)
    : time === "realtime" || hasLists(transactions)
      ? undefined
      : prefixOrder(transactions, time, meter);
  if (events === undefined || !explains(transactions, events, false)) return undefined;
  const named = Array.from(events, (node) => transactions.invocations[node >> 1] as number);
  return {
    verdict: "valid",
    reason: `${ok} transactions: nothing contradicts ${level}, and one order of their snapshots and commits explains every read.`,
    anomalies: [],
    certificate: { kind: "transaction-order", level, manner: "snapshot", order: named },
    details: { level, transactions: transactions.count, ...levelFacts(new Set()) },
  };
}

/** Node `n` of the dependencies is here `2n`, its snapshot, and `2n + 1`, its commit. */
function commitGraph(graph: LabelledDigraph, transactions: number): LabelledDigraph {
  const edges = new LabelledEdges();
  for (let from = 0; from < graph.count; from++) {
    if (from < transactions) edges.add(2 * from, 2 * from + 1, CONTINUES);
    const end = graph.starts[from + 1] as number;
    for (let place = graph.starts[from] as number; place < end; place++) {
      const to = graph.targets[place] as number;
      const label = graph.labels[place] as number;
      if (label === CONTINUES) {
        edges.add(2 * from, 2 * to, label);
        edges.add(2 * from + 1, 2 * to + 1, label);
      } else {
        edges.add(2 * from + (label === RW ? 0 : 1), 2 * to + (isToCommit(label) ? 1 : 0), label);
      }
    }
  }
  return createLabelledDigraph(2 * graph.count, edges);
}

function isToCommit(label: number): boolean {
  return label === RW || label === WW;
}

function refuted(
  commits: LabelledDigraph,
  { dependencies, byKey, rules, transactions }: Analysis,
  level: TransactionalLevel,
): Judgement {
  const { count, starts, targets, labels } = commits;
  const steps = shortCycleOf({ count, starts, targets, reasons: Int32Array.from(labels) });
  const justify = new Justify(dependencies, byKey, rules);
  const cycle = betweenTransactions(steps, transactions.count);
  const { time } = takenApart(level);
  const rw = cycle.filter(({ kind }) => kind === RW).length;
  const { anomaly, phenomenon } = explainCycle(
    { class: rw > 1 ? "G-nonadjacent" : rw === 1 ? "G-single" : "G1c", time, steps: cycle },
    cycle.map((step) => justify.edge(step)),
    transactions,
  );
  return {
    verdict: "invalid",
    reason: anomaly.message,
    anomalies: [anomaly],
    certificate: { kind: "isolation-violation", level, phenomenon },
    details: { level, transactions: transactions.count, ...levelFacts(withStronger([level])) },
  };
}

/** The same between transactions: a step to a node that stands for many goes on to one of them. */
function betweenTransactions(
  steps: readonly Step[],
  transactions: number,
): readonly DependencyStep[] {
  const begin = steps.findIndex(
    ({ from, reason }) => reason !== CONTINUES && from >> 1 < transactions,
  );
  const cycle: DependencyStep[] = [];
  for (const { from, to, reason } of [...steps.slice(begin), ...steps.slice(0, begin)]) {
    const last = cycle.at(-1);
    if (reason !== CONTINUES && from >> 1 < transactions) {
      cycle.push({ from: from >> 1, to: to >> 1, kind: reason });
    } else if (last !== undefined && last.to === from >> 1 && last.to !== to >> 1) {
      cycle[cycle.length - 1] = { ...last, to: to >> 1 };
    }
  }
  return cycle;
}
