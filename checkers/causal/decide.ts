/**
 * Decides a level of causal consistency, for registers whose reads have one possible source each;
 * those that have several say nothing here (see `resolve.ts`).
 */
import type { Meter } from "../linearizable/meter.js";
import { arbitrate } from "./arbitration.js";
import { causalOrder } from "./causal-order.js";
import type { Registers } from "./layout.js";
import { Proof, type Refutation } from "./proof.js";
import type { Answer } from "./resolve.js";
import { NOTHING, NOWHERE } from "./sources.js";
import { Viewer, type View } from "./views.js";
import { CONFLICT_BYTES, visibleWrites } from "./visible-writes.js";
import { createDigraph } from "../../src/graph/digraph.js";

/** What an edge of the graph that arbitrates takes: in a list that has grown, and in rows. */
const ARBITRATION_EDGE_BYTES = 24;

/** The levels, see `causal.ts`. */
export type CausalLevel = "causal" | "causal-convergence" | "causal-memory" | "pram";

/** An order of all operations, or one for each session; with the operation that it is of. */
export type Explained =
  | { readonly kind: "order"; readonly order: Int32Array }
  | {
      readonly kind: "views";
      readonly views: readonly { readonly of: number; readonly order: Int32Array }[];
    };

type Decided = Answer<Explained, Refutation>;

/** Decides. @throws LimitReached */
export function decideCausal(registers: Registers, level: CausalLevel, meter: Meter): Decided {
  const held = meter.bytes;
  try {
    const nowhere = registers.sources.indexOf(NOWHERE);
    if (nowhere !== -1) {
      return refuted({ pattern: "ThinAirRead", edges: [], path: [], read: nowhere });
    }
    if (level === "pram") return decideViews(registers, true, meter);
    return decideFromCauses(registers, level, meter);
  } finally {
    meter.release(meter.bytes - held);
  }
}

function decideFromCauses(
  registers: Registers,
  level: Exclude<CausalLevel, "pram">,
  meter: Meter,
): Decided {
  const proof = new Proof(registers);
  meter.spend(registers.count);
  const causes = causalOrder(registers);
  if (causes.kind === "cyclic") {
    const path = proof.way(causes.on, causes.on);
    return refuted({ pattern: "CyclicCO", edges: proof.edges, path });
  }
  const { order } = causes;
  const wanted = level === "causal-convergence";
  const seen = visibleWrites(registers, { order, meter, wanted });
  if (seen.kind === "initial-read") {
    const { write, read } = seen;
    const path = proof.way(write, read);
    return refuted({ pattern: "WriteCOInitRead", edges: proof.edges, path, read, view: read });
  }
  if (seen.kind === "overwritten") {
    const { by, read } = seen;
    const way = proof.way(registers.sources[read] as number, by);
    const path = [...way, proof.visible(by, read)];
    return refuted({ pattern: "WriteCORead", edges: proof.edges, path, view: read });
  }
  if (level === "causal-memory") return decideViews(registers, false, meter);
  const { conflicts, reads, inOrder } = seen;
  if (!wanted || inOrder) return { kind: "explained", explained: { kind: "order", order } };
  meter.spend(registers.count + conflicts.length);
  meter.reserve(CONFLICT_BYTES * conflicts.length);
  meter.reserve(ARBITRATION_EDGE_BYTES * (2 * registers.count + conflicts.length));
  const arbitration = arbitrate(registers, conflicts);
  if (arbitration.kind === "order") return { kind: "explained", explained: arbitration };
  const backwards = createDigraph(registers.count, conflicts, true);
  const into = (operation: number): Int32Array =>
    backwards.edges.subarray(backwards.starts[operation], backwards.starts[operation + 1]);
  const why = { list: conflicts, reads, into, follows: () => true };
  const explained = new Proof(registers, { why });
  const path = explained.chain(arbitration.chain);
  return refuted({ pattern: "CyclicCF", edges: explained.edges, path });
}

/** A view for each session; the first that there is none of refutes. */
function decideViews(registers: Registers, ownReadsOnly: boolean, meter: Meter): Decided {
  const { starts, parents, sources } = registers;
  const viewer = new Viewer(registers, ownReadsOnly, meter);
  const views: { readonly of: number; readonly order: Int32Array }[] = [];
  for (let session = 0; session + 1 < starts.length; session++) {
    const first = starts[session] as number;
    // What a session of one write of unknown outcome saw is what its parent saw.
    if ((parents[session] as number) >= 0 && sources[first] === NOTHING) continue;
    const view = viewer.of(session);
    if (view.kind !== "order") return refutedView(registers, view, session);
    views.push({ of: (starts[session + 1] as number) - 1, order: view.order });
  }
  return { kind: "explained", explained: { kind: "views", views } };
}

function refutedView(
  registers: Registers,
  view: Exclude<View, { readonly kind: "order" }>,
  session: number,
): Decided {
  const proof = new Proof(registers, { why: view.why, nested: true });
  const of = (registers.starts[session + 1] as number) - 1;
  if (view.kind === "initial-read") {
    const path = proof.way(view.write, view.read);
    const { read } = view;
    return refuted({ pattern: "WriteHBInitRead", edges: proof.edges, path, read, view: of });
  }
  const path = proof.way(view.on, view.on);
  return refuted({ pattern: "CyclicHB", edges: proof.edges, path, view: of });
}

function refuted(refutation: Refutation): Decided {
  return { kind: "refuted", refutation };
}
