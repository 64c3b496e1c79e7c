/**
 * Monotonic snapshot reads and monotonic views (Adya 1999, chapter 4, PL-MSR and PL-2L): each read
 * is of what was there at some moment, moments of later reads do not come before those of earlier
 * ones, and all writes are made at one moment after them. That leaves an order of pieces
 * (split.ts), or a cycle of them in which whoever read what another overwrites had depended before,
 * or by that read, on who precedes it. For a monotonic view only cycles with one such step matter.
 *
 * ```
 * 2  r x → 1   r y → null        3  r y → 1   r x → null        neither order of 0 and 1 will do
 * 2  r x → 1   r y → null        4  r x → null   r y → 1        0, then 1
 * ```
 *
 * Of registers the order of versions is searched for, as for other levels; for a monotonic view
 * also of lists, where several appended what nobody read.
 */
import type { BaseIsolation, TransactionalLevel } from "../../../src/consistency/level.js";
import { topologicalOrder } from "../../../src/graph/digraph.js";
import { componentsOf } from "../../../src/graph/components.js";
import {
  createLabelledDigraph,
  LabelledEdges,
  type LabelledDigraph,
} from "../../../src/graph/labelled-digraph.js";
import { OK } from "../../../src/history/history.js";
import type { TransactionOrderCertificate } from "../../../src/verdict/isolation-certificate.js";
import type { Meter } from "../../linearizable/meter.js";
import type { Analysis } from "../analyze.js";
import { findCycles, type Time, type TransactionNodes } from "../cycles.js";
import { Dependencies, groupByKey, RW } from "../dependencies.js";
import { explainFinding, type Explained } from "../explain.js";
import { Findings } from "../findings.js";
import { checkInside } from "../internal.js";
import type { Judgement } from "../judge.js";
import { addKeyEdges } from "../key-edges.js";
import { okCountOf } from "../layout.js";
import { levelFacts, takenApart, variantOf, withStronger } from "../levels.js";
import { decideOrder } from "../polygraph/decide.js";
import { tellRefutation } from "../polygraph/tell.js";
import { hasLists } from "../weak/judge.js";
import { explainPieces } from "./explain.js";
import { chainOf, followersOf, momentsOf } from "./moments.js";
import { commitOf, splitTransactions, type Pieces, type Split } from "./split.js";

/** Levels that are decided here. */
export type PointBase = "monotonic-snapshot-read" | "monotonic-view";

/** Whether a level is decided here. */
function isOfPoints(base: BaseIsolation): base is PointBase {
  return base === "monotonic-snapshot-read" || base === "monotonic-view";
}

/**
 * Judges one of these levels for a history that has nothing wrong but what reads of one key say;
 * undefined when that is left open. @throws LimitReached
 */
export function judgePoints(
  analysis: Analysis,
  level: TransactionalLevel,
  meter: Meter,
): Judgement | undefined {
  const { base, time } = takenApart(level);
  const { transactions, dependencies } = analysis;
  const isOpen = dependencies.isAppendedTwice || dependencies.hasAmbiguous;
  if (!isOfPoints(base) || isOpen || !transactions.outcomes.includes(OK)) return undefined;
  const isView = base === "monotonic-view";
  const split = splitTransactions(transactions, isView);
  meter.check();
  const invalid = (explained: Explained, weakest: TransactionalLevel): Judgement => ({
    verdict: "invalid",
    reason: explained.anomaly.message,
    anomalies: [explained.anomaly],
    certificate: { kind: "isolation-violation", level, phenomenon: explained.phenomenon },
    details: { level, ...levelFacts(withStronger([weakest])) },
  });
  const torn = isView ? undefined : ownMissed(split);
  if (torn !== undefined) return invalid(torn, base);
  const byKey = groupByKey(split.pieces);
  const known = new Dependencies(split.pieces);
  addKeyEdges(known, byKey, new Set());
  meter.check();
  const pieces = { split, known, byKey };
  const found = findIn(pieces, { base, time, analysis, meter });
  if (found === undefined) return undefined;
  if ("explained" in found) return invalid(found.explained, variantOf(base, found.time));
  const order = found.order.map((piece) => split.pieces.invocations[piece] as number);
  const manner: TransactionOrderCertificate["manner"] = isView ? "commit" : "points";
  const ok = okCountOf(transactions);
  return {
    verdict: "valid",
    reason: `${ok} transactions: nothing contradicts ${level}, and one order of their ${isView ? "commits" : "reads and commits"} explains every read.`,
    anomalies: [],
    certificate: { kind: "transaction-order", level, manner, order },
    details: { level },
  };
}

/** An order of pieces (of commits alone for a monotonic view), or what leaves none. */
type Found =
  | { readonly order: readonly number[] }
  | { readonly explained: Explained; readonly time: Time };

interface Asked {
  readonly base: PointBase;
  readonly time: Time;
}

/** A read that contradicts what its transaction had written itself. */
function ownMissed({ pieces, whole, wholes, origins }: Split): Explained | undefined {
  const findings = new Findings();
  checkInside(pieces, findings);
  const [first] = findings.examples;
  if (first === undefined) return undefined;
  const transactions = first.transactions.map((each) => wholes[each] as number);
  const micro = first.micro.map((at) => origins[at] as number);
  return explainFinding({ ...first, transactions, micro }, whole);
}

/** A cycle of what is known contradicts the level; else an order is looked for. */
function findIn(
  pieces: Pieces,
  asked: Asked & { readonly analysis: Analysis; readonly meter: Meter },
): Found | undefined {
  const { split, known, byKey } = pieces;
  const { base, time, analysis } = asked;
  const isView = base === "monotonic-view";
  const graph = momentsOf(split, known, { byKey, time, fromWrites: isView });
  const whole = topologicalOrder(graph);
  const areKnown = known.registers.size === 0;
  if (whole.length < graph.count) {
    const { cycles, phenomena } = findCycles(graph, nodesOf(split));
    const cycle = cycles.find((each) => !isView || each.class === "G-single");
    if (cycle !== undefined) {
      return { explained: explainPieces(cycle, graph, { pieces, analysis }), time: cycle.time };
    }
    if (areKnown && (!isView || phenomena[time].oneRw !== false)) return undefined;
  }
  if (!areKnown) return searchedFor(pieces, asked);
  if (!isView) return { order: happenedIn(whole, pieces) };
  return viewOfLists(pieces, graph, time) ?? searchedFor(pieces, asked);
}

function nodesOf({ pieces }: Split): TransactionNodes {
  return { count: pieces.count, isCertain: (piece) => pieces.outcomes[piece] === OK };
}

/**
 * An order of commits that shows a monotonic view, where nothing contradicts it; undefined where
 * nothing shows who of several came first, and the order that suggests itself is none.
 */
function viewOfLists(pieces: Pieces, graph: LabelledDigraph, time: Time): Found | undefined {
  const { split, known, byKey } = pieces;
  const order = happenedIn(topologicalOrder(withoutCycles(graph)), pieces).filter((piece) =>
    isCommit(piece, split),
  );
  if (known.unordered.length === 0) return { order };
  // Several wrote to a key what nobody read: in this order, if nothing is against it.
  const places = new Map(order.map((piece, place) => [piece, place]));
  const chains = known.unordered.map((group) =>
    group.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0)),
  );
  const settled = momentsOf(split, known, { byKey, time, fromWrites: true, chains });
  const { phenomena } = findCycles(settled, nodesOf(split));
  return phenomena[time].oneRw === false ? { order } : undefined;
}

/** The order of versions is searched for. */
function searchedFor(
  pieces: Pieces,
  { base, time, meter }: Asked & { readonly meter: Meter },
): Found | undefined {
  const { split, known, byKey } = pieces;
  const { wholes } = split;
  const isView = base === "monotonic-view";
  const about = { transactions: split.pieces, dependencies: known, byKey };
  const answer = decideOrder(
    about,
    {
      isSnapshot: false,
      alone: true,
      minded: isView ? "none" : "all",
      areLists: isView && hasLists(split.whole),
      time,
      workMax: Infinity,
      isMadeSmall: true,
      parts: {
        wholes,
        chain: chainOf(split),
        ...(isView ? { followers: followersOf(split) } : {}),
      },
    },
    meter,
  );
  if ("refutation" in answer) {
    const { contradictions, steps } = answer.refutation;
    const between = contradictions.map(({ orders, edges }) => ({
      orders,
      edges: edges.filter(({ from, to }) => wholes[from] !== wholes[to]),
    }));
    return { explained: tellRefutation({ contradictions: between, steps }, about), time };
  }
  if (!("order" in answer)) return undefined;
  return { order: isView ? answer.order.filter((each) => isCommit(each, split)) : answer.order };
}

function isCommit(piece: number, split: Split): boolean {
  return piece === commitOf(split, split.wholes[piece] as number);
}

/** The pieces of those that happened, in an order of nodes. */
function happenedIn(order: Int32Array, { split, known }: Pieces): readonly number[] {
  const { pieces, wholes } = split;
  const isIn = (node: number): boolean =>
    node < pieces.count && known.happened[commitOf(split, wholes[node] as number)] === 1;
  return Array.from(order.filter((node) => isIn(node)));
}

/** Without the anti-dependencies that lie on cycles. */
function withoutCycles(graph: LabelledDigraph): LabelledDigraph {
  const { count, starts, targets, labels } = graph;
  const { of } = componentsOf(graph);
  const edges = new LabelledEdges(targets.length + 1);
  for (let from = 0; from < count; from++) {
    for (let place = starts[from] as number; place < (starts[from + 1] as number); place++) {
      const to = targets[place] as number;
      if (labels[place] !== RW || of[from] !== of[to]) edges.add(from, to, labels[place] as number);
    }
  }
  return createLabelledDigraph(count, edges);
}
