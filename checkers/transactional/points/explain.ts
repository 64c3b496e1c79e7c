/**
 * Cycles of pieces as cycles of transactions, each edge with the micro-operations that imply it:
 * those of the piece to which it leads, and of the piece from which it does.
 */
import type { LabelledDigraph } from "../../../src/graph/labelled-digraph.js";
import type { DependencyEdge } from "../../../src/verdict/isolation-certificate.js";
import type { Analysis } from "../analyze.js";
import type { Step } from "../cycle-search.js";
import type { Cycle } from "../cycles.js";
import { WR, WW } from "../dependencies.js";
import { explainCycle, type Explained } from "../explain.js";
import { Justify } from "../justify.js";
import { commitOf, type Pieces } from "./split.js";

/** Explains a cycle of the graph of pieces. */
export function explainPieces(
  cycle: Cycle,
  graph: LabelledDigraph,
  { pieces, analysis }: { readonly pieces: Pieces; readonly analysis: Analysis },
): Explained {
  const { split, known, byKey } = pieces;
  const { wholes, firsts, origins } = split;
  const ofPieces = new Justify(known, byKey, new Set());
  const ofWholes = new Justify(analysis.dependencies, analysis.byKey, new Set());
  const edgeOf = ({ from, to, kind }: Step): DependencyEdge => {
    const transaction = wholes[to] as number;
    const commit = commitOf(split, transaction);
    // What leads to a piece leads on to the later ones of its transaction.
    if (kind === WR) {
      for (let piece = firsts[transaction] as number; piece <= to; piece++) {
        if (hasEdge(graph, { from, to: piece, kind })) {
          return ofPieces.edge({ from, to: piece, kind });
        }
      }
    }
    if (kind === WW && to !== commit) {
      const before = origins[split.pieces.starts[to] as number] as number;
      const whole = { from: wholes[from] as number, to: transaction, kind };
      return ofWholes.edge(whole, before);
    }
    return ofPieces.edge({ from, to: commit, kind });
  };
  const edges = cycle.steps.map((step) => edgeOf(step));
  return explainCycle(cycle, edges, split.whole);
}

function hasEdge({ starts, targets, labels }: LabelledDigraph, { from, to, kind }: Step): boolean {
  for (let place = starts[from] as number; place < (starts[from + 1] as number); place++) {
    if (targets[place] === to && labels[place] === kind) return true;
  }
  return false;
}
