/**
 * A refutation as evidence and in sentences: each cycle with the micro-operations that imply its
 * edges, and with the orders that it follows from.
 */
import { NONE } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type {
  DependencyEdge,
  GivenEdge,
  OrderContradiction,
  PairOrder,
} from "../../../src/verdict/isolation-certificate.js";
import type { KeysKnown } from "../analyze.js";
import { RW, WR } from "../dependencies.js";
import { withMicros } from "../edge-micros.js";
import { EDGES_MAX, explainCycle, short, tellEdge, type Explained } from "../explain.js";
import { Justify } from "../justify.js";
import { READ, WRITE } from "../layout.js";
import { transactionsOf, type Order, type ProofEdge, type Refutation } from "./refutation.js";

/** At most so many cycles, and edges of each, are told one by one. */
const TOLD_MAX = 6;

/**
 * What a refutation by one cycle of what is known says, whatever the order of versions; undefined
 * when there is none such.
 */
export function tellCycle(
  { contradictions, steps }: Refutation,
  analysis: KeysKnown,
): Explained | undefined {
  const [only] = contradictions;
  if (only === undefined || contradictions.length > 1 || steps.length > 0) return undefined;
  const evidence = new Evidence(analysis);
  const edges = only.edges.map((edge) => evidence.edge(edge));
  const known = edges.filter((edge): edge is DependencyEdge => !("given" in edge));
  if (known.length < edges.length) return undefined;
  const kinds = new Set(known.map(({ by }) => by));
  const time = kinds.has("realtime") ? "realtime" : kinds.has("process") ? "process" : "";
  const isAnti = kinds.has("rw");
  const anti = isAnti ? [{ from: NONE, to: NONE, kind: RW }] : [];
  const cycle = { class: isAnti ? "G-single" : "G1c", time, steps: anti } as const;
  return explainCycle(cycle, known, analysis.transactions);
}

/** What a refutation says. */
export function tellRefutation(refutation: Refutation, analysis: KeysKnown): Explained {
  const { invocations } = analysis.transactions;
  const evidence = new Evidence(analysis);
  const named = ([first, second]: Order): PairOrder => [
    invocations[first] as number,
    invocations[second] as number,
  ];
  const contradictions = refutation.contradictions.map(({ orders, edges }): OrderContradiction => ({
    orders: orders.map(named),
    edges: edges.map((edge) => evidence.edge(edge)),
  }));
  const steps = refutation.steps.map((step) => step.map(named));
  const members = Array.from(transactionsOf(refutation), (each) => invocations[each] as number);
  const operations = [...new Set(members)];
  const told = contradictions
    .slice(0, TOLD_MAX)
    .map((contradiction) => tellContradiction(contradiction, analysis));
  const more = contradictions.length - told.length;
  if (more > 0) told.push(`And ${more} more such cycles leave no order.`);
  const count = operations.length;
  return {
    anomaly: {
      kind: "no-version-order",
      message: `no-version-order: no order of the versions explains what ${count} transactions read and wrote. ${told.join(" ")}`,
      operations,
      details: {
        contradictions: contradictions.length,
        steps: steps.length,
        cycles: cyclesOf(contradictions, analysis),
      },
    },
    phenomenon: { name: "no-version-order", contradictions, steps },
  };
}

/** The cycles as data, with micro-operations, as far as they have few edges together. */
function cyclesOf(
  contradictions: readonly OrderContradiction[],
  { transactions }: KeysKnown,
): readonly Value[] {
  const cycles: Value[] = [];
  let count = 0;
  for (const { orders, edges } of contradictions) {
    count += edges.length;
    if (count > EDGES_MAX) break;
    cycles.push({ orders, edges: withMicros(edges, transactions.history) });
  }
  return cycles;
}

function tellContradiction(
  { orders, edges }: OrderContradiction,
  { transactions }: KeysKnown,
): string {
  const given = orders.map(
    ([first, second]) => `transaction ${first} comes before transaction ${second}`,
  );
  const steps = edges
    .slice(0, TOLD_MAX)
    .map((edge) => ("given" in edge ? tellGiven(edge) : tellEdge(edge, transactions)));
  if (edges.length > TOLD_MAX) steps.push(`and ${edges.length - TOLD_MAX} more steps`);
  const cycle = `${steps.join("; ")}: a cycle.`;
  return given.length === 0 ? cycle : `If ${given.join(" and ")}: ${cycle}`;
}

function tellGiven({ from, to, by, key, given: [first] }: GivenEdge): string {
  return by === "ww"
    ? `transaction ${from} wrote ${short(key)} before transaction ${to} did`
    : `transaction ${from} read of ${short(key)} what transaction ${first} wrote, which transaction ${to} overwrote`;
}

class Evidence {
  readonly #analysis: KeysKnown;
  readonly #justify: Justify;

  constructor(analysis: KeysKnown) {
    this.#analysis = analysis;
    this.#justify = new Justify(analysis.dependencies, analysis.byKey, new Set());
  }

  edge({ from, to, by, key, given, kind }: ProofEdge): DependencyEdge | GivenEdge {
    const { invocations, keyAt, valueAt, values, nullAt } = this.#analysis.transactions;
    const ends = { from: invocations[from] as number, to: invocations[to] as number };
    const valueOf = (at: number): Value => valueAt(values[at] as number);
    switch (by) {
      case "process":
      case "realtime":
        return { ...ends, by };
      case "list":
        return this.#justify.edge({ from, to, kind: kind ?? NONE });
      case "wr":
        if (!this.#analysis.dependencies.registers.has(key)) {
          return this.#justify.edge({ from, to, kind: WR });
        }
        return { ...ends, by, key: keyAt(key), value: valueOf(this.#read(to, key, from)) };
      case "ww":
      case "rw":
      case "update":
      default: {
        if (given !== undefined) {
          const [first, second] = given;
          const order: PairOrder = [invocations[first] as number, invocations[second] as number];
          const at = key === NONE ? this.#sharedKey(first, second) : keyAt(key);
          return { ...ends, by, key: at, given: order };
        }
        const next = valueOf(this.#access(to, key, WRITE));
        const step = { value: valueAt(nullAt), next, rule: "initial", transactions: [] } as const;
        return { ...ends, by, key: keyAt(key), step, ...this.#justify.toSeenBy(to) };
      }
    }
  }

  /** The first read of a key of what another wrote there. */
  #read(transaction: number, key: number, writer: number): number {
    const { starts, keys, kinds, values } = this.#analysis.transactions;
    const written = new Set<number>();
    for (let at = starts[writer] as number; at < (starts[writer + 1] as number); at++) {
      if (keys[at] === key && kinds[at] === WRITE) written.add(values[at] as number);
    }
    for (let at = starts[transaction] as number; at < (starts[transaction + 1] as number); at++) {
      if (keys[at] === key && kinds[at] === READ && written.has(values[at] as number)) return at;
    }
    throw new Error(`transaction ${transaction} did not read what ${writer} wrote`);
  }

  /** What a transaction did to a key first, of a kind. */
  #access(transaction: number, key: number, kind: number): number {
    const { starts, keys, kinds } = this.#analysis.transactions;
    const end = starts[transaction + 1] as number;
    for (let at = starts[transaction] as number; at < end; at++) {
      if (keys[at] === key && kinds[at] === kind) return at;
    }
    throw new Error(`transaction ${transaction} does not show why it is in this order`);
  }

  /** A list that both appended to. */
  #sharedKey(first: number, second: number): Value {
    const { starts, keys, kinds, keyAt } = this.#analysis.transactions;
    const own = new Set<number>();
    for (let at = starts[first] as number; at < (starts[first + 1] as number); at++) {
      if (kinds[at] !== READ) own.add(keys[at] as number);
    }
    for (let at = starts[second] as number; at < (starts[second + 1] as number); at++) {
      if (kinds[at] !== READ && own.has(keys[at] as number)) return keyAt(keys[at] as number);
    }
    throw new Error(`transactions ${first} and ${second} wrote no key together`);
  }
}
