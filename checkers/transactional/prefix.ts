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
import { NONE } from "../../src/history/history.js";
import type { DependencyEdge } from "../../src/verdict/isolation-certificate.js";
import type { Meter } from "../linearizable/meter.js";
import { partOf, type Analysis } from "./analyze.js";
import type { Step as DependencyStep } from "./cycle-search.js";
import { CONTINUES, RW, WW } from "./dependencies.js";
import { explainCycle } from "./explain.js";
import type { Judgement } from "./judge.js";
import { Justify } from "./justify.js";
import { APPEND, okCountOf, READ, type Transactions } from "./layout.js";
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
  const beneath = new Beneath(analysis);
  const commits = commitGraph(partOf(graph, "G2", time), transactions.count, beneath);
  const order = topologicalOrder(commits);
  if (order.length < commits.count) return refuted(commits, { analysis, beneath }, level);
  const ok = okCountOf(transactions);
  const isKnown = dependencies.registers.size === 0;
  if (ok === 0) return undefined;
  const events = isKnown
    ? order.filter((node) => dependencies.happened[node >> 1] === 1)
    : time === "realtime" || hasLists(transactions)
      ? undefined
      : prefixOrder(analysis, time, meter);
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

/** Who appended what stands beneath the own elements of who reads them: it is in the snapshot. */
const BENEATH = 64;

interface Read {
  readonly from: number;
  readonly to: number;
  /** The read, and the position of the element. */
  readonly read: number;
  readonly element: number;
}

/** Reads that end with what their own transaction appended. */
class Beneath {
  readonly edges: Map<string, Read> = new Map<string, Read>();
  readonly #transactions: Transactions;

  constructor({ transactions, dependencies, byKey }: Analysis) {
    this.#transactions = transactions;
    const { kinds, values, owners, lists, keyCount } = transactions;
    for (let key = 0; key < keyCount; key++) {
      if (dependencies.registers.has(key)) continue;
      const micro = byKey.micro.subarray(byKey.starts[key], byKey.starts[key + 1]);
      const appenders = new Map<number, number>();
      for (const at of micro) {
        if (kinds[at] === APPEND) appenders.set(values[at] as number, owners[at] as number);
      }
      for (const read of micro) {
        if (kinds[read] !== READ || dependencies.versions[read] === NONE) continue;
        const start = lists.starts[values[read] as number] as number;
        const to = owners[read] as number;
        let place = start >= 0 ? start + (lists.items[start] as number) : start;
        const last = place;
        while (place > start && appenders.get(lists.items[place] as number) === to) place--;
        const element = lists.items[place] as number;
        const from = place > start ? appenders.get(element) : undefined;
        if (from === undefined || place === last) continue;
        this.edges.set(`${from} ${to}`, { from, to, read, element });
      }
    }
  }

  evidence({ from, to }: DependencyStep): DependencyEdge {
    const { invocations, keys, keyAt, valueAt } = this.#transactions;
    const found = this.edges.get(`${from} ${to}`);
    if (found === undefined) throw new Error("what stands beneath got lost");
    return {
      from: invocations[from] as number,
      to: invocations[to] as number,
      by: "wr",
      key: keyAt(keys[found.read] as number),
      value: valueAt(found.element),
    };
  }
}

/** Node `n` of the dependencies is here `2n`, its snapshot, and `2n + 1`, its commit. */
function commitGraph(
  graph: LabelledDigraph,
  transactions: number,
  beneath: Beneath,
): LabelledDigraph {
  const edges = new LabelledEdges();
  for (const { from, to } of beneath.edges.values()) edges.add(2 * from + 1, 2 * to, BENEATH);
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
  { analysis, beneath }: { readonly analysis: Analysis; readonly beneath: Beneath },
  level: TransactionalLevel,
): Judgement {
  const { dependencies, byKey, rules, transactions } = analysis;
  const { count, starts, targets, labels } = commits;
  const steps = shortCycleOf({ count, starts, targets, reasons: Int32Array.from(labels) });
  const justify = new Justify(dependencies, byKey, rules);
  const cycle = betweenTransactions(steps, transactions.count);
  const { time } = takenApart(level);
  const rw = cycle.filter(({ kind }) => kind === RW).length;
  const { anomaly, phenomenon } = explainCycle(
    { class: rw > 1 ? "G-nonadjacent" : rw === 1 ? "G-single" : "G1c", time, steps: cycle },
    cycle.map((step) => (step.kind === BENEATH ? beneath.evidence(step) : justify.edge(step))),
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
