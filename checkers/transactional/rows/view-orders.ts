/**
 * Orders of commits with what each transaction sees (`views.ts`), for levels below snapshots.
 */
import { createLabelledDigraph } from "../../../src/graph/labelled-digraph.js";
import type { BaseIsolation } from "../../../src/consistency/level.js";
import type { RowSight } from "../../../src/verdict/isolation-certificate.js";
import { TIME_EDGES, type Time } from "../cycles.js";
import { UPDATE, WR } from "../dependencies.js";
import type { RowDependencies } from "./dependencies.js";
import { guessOrder, type Steps, type Trouble, type Way } from "./guess.js";
import { keepsTime, nodesOf, partOf, precedes } from "./nodes.js";
import { tryAllOrders, type Limits } from "./search.js";
import { RowViews, type Sight } from "./views.js";

/** What a transaction has to see at a level. */
export const SIGHTS: { readonly [base in BaseIsolation]?: Sight } = {
  "cursor-stability": "cursor",
  "monotonic-atomic-view": "monotonic",
  "read-atomic": "atomic",
  "causal-cerone": "causal",
  "consistent-view": "view",
  "parallel-snapshot-isolation": "view",
};

/** An order, and of what the reads are that may be of several versions. */
export interface ViewOrder {
  readonly order: readonly number[];
  readonly sights: readonly RowSight[];
}

/** All orders are tried of so few transactions. */
const LIMITS: Limits = { nodes: 8, steps: 5_000 };

/** Looks for an order of commits; `check` throws to end it. */
export function viewOrderIn(
  sight: Sight,
  time: Time,
  about: {
    readonly known: RowDependencies;
    readonly check: () => void;
    /** Whether all orders are tried, or one is guessed. */
    readonly isThorough: boolean;
  },
): ViewOrder | "none" | "open" {
  const { known, check, isThorough } = about;
  const { happened, nodeCount, transactions } = known.dependencies;
  const isBefore = (one: number, other: number): boolean => precedes(one, other, { time, known });
  const views = new RowViews(known, { sight, time, precedes: isBefore });
  const isInTime = (node: number): boolean =>
    happened[node] === 1 ||
    keepsTime(node, { time, known, isDone: (other) => views.isDone(other) });
  const whole = createLabelledDigraph(nodeCount, known.edges(true));
  const kinds = WR | TIME_EDGES[time] | (sight === "cursor" ? UPDATE : 0);
  const nodes = nodesOf(partOf(whole, kinds), known, (node) => node);
  const steps: Steps = {
    ...nodes,
    take: (node) => (isInTime(node) ? views.take(node) : undefined),
    takes: (node) => (isInTime(node) ? views.takes(node) : []),
    troublesOf: (node) =>
      views.misfits(node).map(({ writer, earlier, later }): Trouble => {
        const hopes = later.filter((other) => happened[other] === 1);
        const after = hopes.map((hope): Way => [hope, node]);
        if (writer === undefined) return { ways: after, hopes };
        const before = [[node, writer] as const, ...earlier.map((each) => [writer, each] as const)];
        const { completions, invocations } = transactions;
        const isLate = (completions[writer] as number) < (invocations[node] as number);
        return { ways: isLate ? [...after, ...before] : [...before, ...after], hopes };
      }),
    key: () => views.key(),
  };
  if (!isThorough) {
    const order = guessOrder(steps, check);
    return order === undefined ? "open" : { order, sights: views.sightsOf(order) };
  }
  const found = tryAllOrders(steps, LIMITS, check);
  return typeof found === "string" ? found : { order: found, sights: views.sightsOf(found) };
}
