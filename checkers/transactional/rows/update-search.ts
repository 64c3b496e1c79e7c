/**
 * Update serializability of a few transactions on rows, by trying everything: each order of those
 * that write and may be serial, as far as it orders versions otherwise than those before, and of
 * each read every version that it may be of. So finding nothing proves that there is nothing.
 */
import { FAIL, OK } from "../../../src/history/history.js";
import type { Time } from "../cycles.js";
import type { RowDependencies } from "./dependencies.js";
import { keepsTime, precedes } from "./nodes.js";
import { RowReplay } from "./replay.js";
import { missedBy, leftBy, type Left, type PlacedRead } from "./serial-reads.js";
import type { UpdateOrders } from "./updates.js";
import { fits } from "./versions.js";
import { FewNodes } from "./few-nodes.js";

/** Of so many transactions everything is tried, in so many steps. */
const COUNT_MAX = 10;
const STEPS_MAX = 50_000;

/** Orders, that there are none, or that this is not known. */
export function tryAllUpdates(
  known: RowDependencies,
  about: {
    readonly time: Time;
    readonly isReader: (transaction: number) => boolean;
    readonly check: () => void;
  },
): UpdateOrders | "none" | "open" {
  const { outcomes } = known.dependencies.transactions;
  const all = Array.from(outcomes.keys()).filter((each) => outcomes[each] !== FAIL);
  if (all.length > COUNT_MAX) return "open";
  return new UpdateSearch(known, all, about).run();
}

class UpdateSearch {
  readonly #known: RowDependencies;
  readonly #time: Time;
  readonly #check: () => void;
  readonly #writers: readonly number[];
  readonly #readers: readonly number[];
  readonly #replay: RowReplay;
  readonly #order: number[] = [];
  /** Versions in orders that were looked at. */
  readonly #tried = new Set<string>();
  #steps = 0;

  constructor(
    known: RowDependencies,
    all: readonly number[],
    about: {
      readonly time: Time;
      readonly isReader: (transaction: number) => boolean;
      readonly check: () => void;
    },
  ) {
    this.#known = known;
    this.#time = about.time;
    this.#check = about.check;
    this.#readers = all.filter((each) => about.isReader(each));
    this.#writers = all.filter((each) => !about.isReader(each));
    this.#replay = new RowReplay(known.history, known.versions);
  }

  run(): UpdateOrders | "none" | "open" {
    const found = this.#go();
    if (found !== undefined) return found;
    return this.#steps > STEPS_MAX ? "open" : "none";
  }

  #isOver(): boolean {
    this.#check();
    return ++this.#steps > STEPS_MAX;
  }

  /** One more that writes; at most as deep as there are. */
  #go(): UpdateOrders | undefined {
    if (this.#isOver()) return undefined;
    const { happened } = this.#known.dependencies;
    const isDone = (each: number): boolean => this.#replay.isDone(each);
    if (this.#writers.every((each) => happened[each] === 0 || isDone(each))) {
      const found = this.#withReaders();
      if (found !== undefined) return found;
    }
    for (const each of this.#writers) {
      if (isDone(each) || !this.#isTime(each)) continue;
      const undo = this.#replay.carryOut(each, "serial");
      if (undo === undefined) continue;
      this.#order.push(each);
      const found = this.#go();
      if (found !== undefined) return found;
      this.#order.pop();
      undo();
    }
    return undefined;
  }

  #isTime(each: number): boolean {
    const about = { time: this.#time, known: this.#known };
    const isDone = (other: number): boolean => this.#replay.isDone(other);
    if (this.#known.dependencies.happened[each] === 0) {
      const isReadOrDone = (other: number): boolean =>
        isDone(other) || this.#readers.includes(other);
      if (!keepsTime(each, { ...about, isDone: isReadOrDone })) return false;
    }
    return this.#writers.every((other) => isDone(other) || !precedes(other, each, about));
  }

  /** With the versions of the order, of each read every one that it may be of. */
  #withReaders(): UpdateOrders | undefined {
    const lines = new Map<number, Left[]>();
    const { history, versions, dependencies } = this.#known;
    for (const writer of this.#order) {
      for (const [row, value] of leftBy(history.transactions[writer])) {
        const line = lines.get(row) ?? [];
        lines.set(row, line);
        line.push({ writer, value });
      }
    }
    const name = [...lines].map(
      ([row, line]) => `${row}:${line.map(({ writer }) => writer).join()}`,
    );
    const text = `${name.toSorted().join(" ")} ${this.#order.toSorted((a, b) => a - b).join()}`;
    if (this.#tried.has(text)) return undefined;
    this.#tried.add(text);
    const readings = [...this.#order, ...this.#readers]
      .filter((each) => dependencies.transactions.outcomes[each] === OK)
      .flatMap((each) => [...versions.readings(each)].filter(({ own }) => own === undefined));
    const graph = this.#graph(lines);
    const choose = (at: number): UpdateOrders | undefined => {
      const reading = readings[at];
      if (reading === undefined) return this.#orders(graph);
      const line = lines.get(reading.row) ?? [];
      for (let place = 0; place <= line.length; place++) {
        const left = line[place - 1];
        const value = place === 0 ? history.initial.get(reading.row) : left?.value;
        if (left?.writer === reading.transaction || !fits(reading, value)) continue;
        if (this.#isOver()) return undefined;
        const undo = this.#add({ reading, place }, { lines, graph });
        if (this.#isAllowed(graph, reading.transaction)) {
          const found = choose(at + 1);
          if (found !== undefined) return found;
        }
        undo();
      }
      return undefined;
    };
    return this.#isAllowed(graph, undefined) ? choose(0) : undefined;
  }

  #graph(lines: ReadonlyMap<number, readonly Left[]>): FewNodes {
    const graph = new FewNodes([...this.#order, ...this.#readers]);
    for (const line of lines.values()) {
      for (let place = 1; place < line.length; place++) {
        graph.add((line[place - 1] as Left).writer, (line[place] as Left).writer, "before");
      }
    }
    const about = { time: this.#time, known: this.#known };
    for (const one of graph.nodes) {
      for (const other of graph.nodes) {
        if (one !== other && precedes(one, other, about)) graph.add(one, other, "before");
      }
    }
    return graph;
  }

  #add(
    read: PlacedRead,
    {
      lines,
      graph,
    }: { readonly lines: ReadonlyMap<number, readonly Left[]>; readonly graph: FewNodes },
  ): () => void {
    const { transaction, row } = read.reading;
    const writer = lines.get(row)?.[read.place - 1]?.writer;
    const undos = [
      writer === undefined ? undefined : graph.add(writer, transaction, "before"),
      graph.add(transaction, missedBy(read, lines) ?? transaction, "misses"),
    ];
    return () => {
      for (const undo of undos.toReversed()) undo?.();
    };
  }

  /** Whether nothing contradicts the level so far, where something of one transaction was added. */
  #isAllowed(graph: FewNodes, changed: number | undefined): boolean {
    if (!graph.isAcyclic(graph.nodes, "before")) return false;
    if (this.#time !== "" && !graph.isView()) return false;
    const isReader = changed !== undefined && this.#readers.includes(changed);
    const each = isReader ? [changed] : this.#readers;
    if (each.length === 0) return graph.isAcyclic(this.#order, "all");
    return each.every((reader) => graph.isAcyclic([...this.#order, reader], "all"));
  }

  #orders(graph: FewNodes): UpdateOrders {
    const most = [...this.#order];
    const apart: number[] = [];
    for (const reader of this.#readers) {
      if (graph.isAcyclic([...most, reader], "all")) most.push(reader);
      else apart.push(reader);
    }
    const readers = apart.map((reader) => {
      return { reader, order: graph.ordered([...this.#order, reader], "all") };
    });
    const order = graph.ordered(most, "all");
    if (this.#time === "" || readers.length === 0) return { order, readers };
    return { order, readers, view: graph.ordered(graph.nodes, "before") };
  }
}
