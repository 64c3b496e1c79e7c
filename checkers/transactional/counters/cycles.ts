/**
 * Cycles of transactions on counters, by what totals say for certain: whom a total counts, whom it
 * does not, and that of two totals of what only grows one is smaller. All that holds from read
 * committed on, whatever the order of transactions is (Adya 1999, for lists whose elements add up
 * to the totals). That somebody unknown was counted by the one and not by the other is a node of
 * its own, between the two.
 */
import type { BaseIsolation } from "../../../src/consistency/level.js";
import { createLabelledDigraph, LabelledEdges } from "../../../src/graph/labelled-digraph.js";
import type { Value } from "../../../src/history/value.js";
import type { CounterEdge } from "../../../src/verdict/counter-certificate.js";
import { findCycles, type Cycle } from "../cycles.js";
import { PROCESS, REALTIME, RW, WR } from "../dependencies.js";
import type { CounterHistory, CounterTransaction } from "./layout.js";
import { lineOf, type Line, type ReadName } from "./line.js";
import { Moments } from "./moments.js";

/** A cycle with its reasons. */
export interface CounterCycleFound {
  readonly cycle: Cycle;
  readonly edges: readonly CounterEdge[];
  /** The reads from which these follow. */
  readonly reads: readonly ReadName[];
}

/** Pairs of reads that are compared. */
const PAIRS_MAX = 50_000;
/** Reads are left out in so many ways while fewer are looked for that still say the same. */
const ROUNDS_MAX = 100;
/** So many reads that contradict one another are looked at one by one. */
const ALONE_MAX = 64;

/** Looks for cycles among what these reads say, all by default; none where that is too much. */
export function counterCycles(
  history: CounterHistory,
  about: { readonly reads?: ReadonlySet<ReadName> | undefined; readonly check: () => void },
): readonly CounterCycleFound[] {
  const whole = Facts.of(history, about.reads);
  // Where all of it contradicts itself, what each read says alone does so as a cycle.
  const facts = whole === undefined ? aloneIn(history, about.reads) : [whole];
  if (facts.length === 0) return [];
  about.check();
  const { edges, graph, count } = graphOf(facts, history);
  const { transactions } = history;
  const isCertain = (node: number): boolean => transactions[node]?.operation.outcome !== "info";
  const { cycles } = findCycles(createLabelledDigraph(count, graph), { count, isCertain });
  return cycles.flatMap((cycle): CounterCycleFound[] => {
    about.check();
    const found = edgesOf(cycle, { edges, real: transactions.length });
    if (found.length < 2) return [];
    if (whole !== undefined) {
      return [{ cycle, edges: found, reads: supporting(found, history, whole.reads) }];
    }
    const reads = readsOf(found, history);
    return reads === undefined ? [] : [{ cycle, edges: found, reads }];
  });
}

/** The weakest levels that a cycle contradicts, without the time that it needs. */
export function basesAgainst(
  { edges }: CounterCycleFound,
  { kind, transactions }: CounterHistory,
): readonly BaseIsolation[] {
  const isBank = kind === "bank";
  const isAnti = edges.map(({ by }) => by === "rw" || by === "smaller");
  const count = isAnti.filter(Boolean).length;
  if (count === 0) return [isBank ? "cursor-stability" : "read-committed"];
  const bases: BaseIsolation[] = ["repeatable-read"];
  if (count === 1) bases.push("consistent-view");
  const isAdjacent = edges.some(
    ({ by }, at) => by === "rw" && isAnti[(at + 1) % edges.length] === true,
  );
  if (!isAdjacent) bases.push("snapshot-isolation");
  if (!isAdjacent && !isBank) bases.push("prefix");
  const named = new Set(edges.map(({ from }) => from));
  const readers = transactions.filter(
    ({ operation, sums }) => named.has(operation.invocation) && sums.size === 0,
  );
  if (readers.length < 2) bases.push("update-serializable");
  return bases;
}

type Reading = Line["readings"][number];

/** That a total counts a transaction for certain, or does not. */
interface CertainCount {
  readonly writer: number;
  readonly reader: number;
  readonly key: Value;
  readonly at: number;
  readonly isCounted: boolean;
}

/** What is known of each total at read committed. */
class Facts {
  readonly reads: readonly ReadName[];
  readonly #history: CounterHistory;
  readonly #line: Line;
  readonly #known: Moments;

  private constructor(history: CounterHistory, line: Line, known: Moments) {
    this.#history = history;
    this.#line = line;
    this.#known = known;
    this.reads = line.readings.map(
      ({ transaction, at }): ReadName => `${transaction} ${at[0] as number}`,
    );
  }

  /** Undefined where that is too much, or contradicts itself already. */
  static of(history: CounterHistory, reads: ReadonlySet<ReadName> | undefined): Facts | undefined {
    const line = lineOf(history, { kind: "committed", time: "", reads });
    if (line === undefined) return undefined;
    const known = new Moments(line);
    return known.begin() ? new Facts(history, line, known) : undefined;
  }

  /** Whom each total counts, and whom not. */
  *certain(): Iterable<CertainCount> {
    for (const { transaction: reader, at: ats, keys, places, terms } of this.#line.readings) {
      const [place, another] = places;
      if (place === undefined || another !== undefined) continue;
      const [key, at] = [this.#history.keys[keys[0] as number] as Value, ats[0] as number];
      for (const { moment } of terms) {
        const writer = this.#line.moments[moment]?.of as number;
        const isCounted = this.#known.isBefore(moment, place.moment);
        if (!isCounted && !this.#known.isBefore(place.moment, moment)) continue;
        yield { writer, reader, key, at, isCounted };
      }
    }
  }

  /** Two reads of what only grows, the one of a total and the other of the next greater one. */
  comparable(): readonly (readonly [Reading, Reading])[] {
    const byKey = new Map<number, Reading[]>();
    for (const reading of this.#line.readings) {
      if (!reading.isGrowing || reading.places.length > 1) continue;
      const key = reading.keys[0] as number;
      byKey.set(key, [...(byKey.get(key) ?? []), reading]);
    }
    const pairs: (readonly [Reading, Reading])[] = [];
    for (const all of byKey.values()) {
      for (const one of all) {
        for (const other of all) {
          if (pairs.length > PAIRS_MAX) return pairs;
          const isSmaller = (one.places[0]?.total ?? 0) < (other.places[0]?.total ?? 0);
          if (isSmaller && one.transaction !== other.transaction) pairs.push([one, other]);
        }
      }
    }
    return pairs;
  }

  /** The transactions that these reads are about. */
  get named(): ReadonlySet<number> {
    return new Set(this.#line.moments.map(({ of }) => of));
  }
}

/** What each of a few reads says, by itself. */
function aloneIn(
  history: CounterHistory,
  reads: ReadonlySet<ReadName> | undefined,
): readonly Facts[] {
  const all = history.transactions.flatMap(({ operation, deeds }, each) =>
    operation.outcome === "ok"
      ? deeds.filter(({ f }) => f === "read").map(({ at }): ReadName => `${each} ${at}`)
      : [],
  );
  const asked = reads === undefined ? all : all.filter((read) => reads.has(read));
  if (asked.length > ALONE_MAX) return [];
  return asked.flatMap((read) => Facts.of(history, new Set([read])) ?? []);
}

/** All that is known, as a graph with the reason of each edge. */
function graphOf(
  all: readonly Facts[],
  { transactions, keys }: CounterHistory,
): {
  readonly graph: LabelledEdges;
  readonly edges: ReadonlyMap<string, CounterEdge>;
  readonly count: number;
} {
  const graph = new LabelledEdges();
  const edges = new Map<string, CounterEdge>();
  const operationOf = (each: number): CounterTransaction["operation"] =>
    (transactions[each] as CounterTransaction).operation;
  const endsOf = (from: number, to: number): Pick<CounterEdge, "from" | "to"> => ({
    from: operationOf(from).invocation,
    to: operationOf(to).invocation,
  });
  let count = transactions.length;
  const certain = all.flatMap((facts) => [...facts.certain()]);
  const counted = new Set(certain.flatMap((each) => (each.isCounted ? [each.writer] : [])));
  for (const { writer, reader, key, at, isCounted } of certain) {
    const [from, to] = isCounted ? [writer, reader] : [reader, writer];
    const kind = isCounted ? WR : RW;
    const name = `${from} ${to} ${kind}`;
    const isThere = operationOf(writer).outcome === "ok" || counted.has(writer);
    if (edges.has(name) || !isThere) continue;
    edges.set(name, { ...endsOf(from, to), by: isCounted ? "wr" : "rw", key, at });
    graph.add(from, to, kind);
  }
  for (const [one, other] of all.flatMap((facts) => facts.comparable())) {
    const [from, to] = [one.transaction, other.transaction];
    const between = count++;
    const key = keys[one.keys[0] as number] as Value;
    const at = { at: one.at[0] as number, toAt: other.at[0] as number };
    edges.set(`${between}`, { ...endsOf(from, to), by: "smaller", key, ...at });
    graph.add(from, between, RW);
    graph.add(between, to, WR);
  }
  const named = new Set(all.flatMap((facts) => [...facts.named]));
  for (const one of named) {
    const { outcome, completion, process } = operationOf(one);
    if (outcome !== "ok") continue;
    for (const other of named) {
      if ((completion as number) > operationOf(other).invocation) continue;
      const isSame = process === operationOf(other).process;
      const kind = isSame ? PROCESS : REALTIME;
      const by = isSame ? "process" : "realtime";
      edges.set(`${one} ${other} ${kind}`, { ...endsOf(one, other), by });
      graph.add(one, other, kind);
    }
  }
  return { graph, edges, count };
}

/** The edges of a cycle; what leads through somebody unknown is one. */
function edgesOf(
  { steps }: Cycle,
  about: { readonly edges: ReadonlyMap<string, CounterEdge>; readonly real: number },
): readonly CounterEdge[] {
  const { edges, real } = about;
  return steps.flatMap(({ from, to, kind }): CounterEdge[] => {
    if (from >= real) return [];
    const name = to >= real ? `${to}` : `${from} ${to} ${kind}`;
    return [edges.get(name) as CounterEdge];
  });
}

/** The reads that count whom they read from; undefined where some edge is none of such. */
function readsOf(
  edges: readonly CounterEdge[],
  { transactions }: CounterHistory,
): readonly ReadName[] | undefined {
  const reads = new Set<ReadName>();
  for (const edge of edges) {
    if (!("key" in edge)) continue;
    if (edge.by !== "wr") return undefined;
    const by = transactions.findIndex(({ operation }) => operation.invocation === edge.to);
    reads.add(`${by} ${edge.at}`);
  }
  return [...reads];
}

/** As few reads as a bounded search finds from which the edges still follow. */
function supporting(
  edges: readonly CounterEdge[],
  history: CounterHistory,
  all: readonly ReadName[],
): readonly ReadName[] {
  const suffices = (reads: readonly ReadName[]): boolean => {
    const facts = Facts.of(history, new Set(reads));
    if (facts === undefined) return false;
    const { edges: all } = graphOf([facts], history);
    const known = [...all.values()].map((edge) => JSON.stringify(edge));
    const names = new Set(known);
    return edges.every((edge) => names.has(JSON.stringify(edge)) || !("key" in edge));
  };
  const named = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const own = all.filter((read) => {
    const by = history.transactions[Number(read.split(" ")[0])];
    return by !== undefined && named.has(by.operation.invocation);
  });
  let reads = own.length > 0 && suffices(own) ? own : all;
  let rounds = 0;
  for (let size = Math.ceil(reads.length / 2); size > 0; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < reads.length && rounds < ROUNDS_MAX; rounds++) {
      const rest = [...reads.slice(0, at), ...reads.slice(at + size)];
      if (rest.length > 0 && suffices(rest)) reads = rest;
      else at += size;
    }
  }
  return reads;
}
