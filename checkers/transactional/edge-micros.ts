/**
 * Which micro-operations imply an edge, as data beside the sentence: `micro` of an edge names them
 * by transaction and place, first the one of `from`, then the one of `to`, then a third: the read
 * of who saw both, or the own write of an update. Of what is seen each step of the path names its
 * own as well. The certificate needs no places, for its verifier finds them itself.
 *
 * Transfers and balances of banks are single operations: there the edge says all there is.
 */
import type { History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { CounterEdge } from "../../src/verdict/counter-certificate.js";
import type {
  DependencyEdge,
  GivenEdge,
  IsolationPhenomenon,
  RowEdge,
  TimeEdge,
} from "../../src/verdict/isolation-certificate.js";

/** By the event that invoked the transaction, and from 0. */
type Place = readonly [transaction: number, micro: number];

type Edge = DependencyEdge | GivenEdge | RowEdge | TimeEdge | CounterEdge;

/** Edges with the micro-operations that imply them; those of time have none. */
export function withMicros(edges: readonly Edge[], history: History): readonly Value[] {
  const finder = new Finder(history);
  const told = (edge: Edge): Value => {
    const own = edge.by === "update" ? [finder.write(edge.from, edge.key)] : [];
    const micro = [...finder.find(edge), ...own].filter((place) => place !== undefined);
    return {
      ...edge,
      ...(edge.by === "visible" ? { path: edge.path.map(told) } : {}),
      ...(micro.length === 0 ? {} : { micro }),
    };
  };
  return edges.map(told);
}

/**
 * What a reader missed that it sees, with the write and the read; each step of the path from the
 * writer to it with its own.
 */
export function missedWithMicros(
  missed: Omit<Extract<IsolationPhenomenon, { readonly name: "missed-write" }>, "name">,
  history: History,
): { readonly [name: string]: Value } {
  const { writer, reader, key, written, path } = missed;
  const finder = new Finder(history);
  const places = [
    finder.write(writer, key, written),
    finder.read(reader, key, (value) => !shows(value, written)),
  ];
  const micro = places.filter((place) => place !== undefined);
  return { writer, reader, key, written, path: withMicros(path, history), micro };
}

/** A micro-operation: its function, what it is about, its value. */
type Micro = readonly [f: Value, key: Value, value?: Value];

class Finder {
  readonly #history: History;
  readonly #known = new Map<number, readonly Micro[]>();

  constructor(history: History) {
    this.#history = history;
  }

  find(edge: Edge): readonly (Place | undefined)[] {
    if (!("key" in edge)) return [];
    const { from, to, by, key } = edge;
    if ("given" in edge) {
      if (by === "ww") return [this.write(from, key), this.write(to, key)];
      const left = this.#microAt(this.write(edge.given[0], key))?.[2];
      return [
        this.read(from, key, (value) => left !== undefined && same(value, left)),
        this.write(to, key),
      ];
    }
    if (by === "visible") {
      const { reader, read, written } = edge;
      return [
        this.write(from, key, written),
        this.write(to, key, read),
        this.read(reader, key, (value) => shows(value, read) && !shows(value, written)),
      ];
    }
    if ("at" in edge) {
      // Of rows and counters the read is known; who writes has left the row, or added to the total.
      const reader = by === "wr" ? to : from;
      const writer = by === "wr" ? from : to;
      // Transfers and balances of banks have no micro-operations.
      if (this.#microOf(reader).length === 0) return [];
      if (by === "smaller") {
        return [
          [from, edge.at],
          [to, edge.toAt],
        ];
      }
      const element = "element" in edge ? edge.element : undefined;
      const places: readonly [Place | undefined, Place] = [
        this.write(writer, key, element),
        [reader, edge.at],
      ];
      return by === "wr" ? places : places.toReversed();
    }
    if ("step" in edge) {
      const { value, next } = edge.step;
      const isRead = by !== "ww";
      return [
        isRead ? this.read(from, key, (shown) => same(shown, value)) : this.write(from, key, value),
        this.write(to, key, next),
      ];
    }
    if (by === "ww") {
      return [
        this.write(from, key, edge.value),
        this.write(to, key, edge.next),
        this.read(edge.seenBy, key, (shown) => shows(shown, edge.value)),
      ];
    }
    if (by === "wr") {
      return [
        this.write(from, key, edge.value),
        this.read(to, key, (shown) => shows(shown, edge.value)),
      ];
    }
    return [
      this.read(from, key, (shown) => !shows(shown, edge.next)),
      this.write(to, key, edge.next),
    ];
  }

  /** The last that writes the key, or this to it. */
  write(transaction: number, key: Value, value?: Value): Place | undefined {
    const at = this.#microOf(transaction).findLastIndex(
      ([f, of, written]) =>
        !isRead(f) && sameKey(of, key) && (value === undefined || same(written, value)),
    );
    return at < 0 ? undefined : [transaction, at];
  }

  /** The first read of the key whose value fits. */
  read(
    transaction: number,
    key: Value,
    fits: (value: Value | undefined) => boolean,
  ): Place | undefined {
    const at = this.#microOf(transaction).findIndex(
      ([f, of, value]) => isRead(f) && sameKey(of, key) && fits(value),
    );
    return at < 0 ? undefined : [transaction, at];
  }

  #microAt(place: Place | undefined): Micro | undefined {
    return place === undefined ? undefined : this.#microOf(place[0])[place[1]];
  }

  #microOf(transaction: number): readonly Micro[] {
    const known = this.#known.get(transaction);
    if (known !== undefined) return known;
    const { f, outcome, input, output } = this.#history.operation(transaction);
    const list = outcome === "ok" ? output : input;
    const micro = f === "txn" && Array.isArray(list) ? (list as readonly Value[]) : [];
    const sound = micro.filter((each): each is readonly Value[] => Array.isArray(each));
    this.#known.set(transaction, sound as readonly (readonly Value[])[] as readonly Micro[]);
    return this.#known.get(transaction) as readonly Micro[];
  }
}

function isRead(f: Value): boolean {
  return f === "r" || f === "read" || f === "rp";
}

/** Whether what was read is this, or a list that has it. */
function shows(read: Value | undefined, value: Value): boolean {
  return Array.isArray(read) ? read.some((each) => same(each, value)) : same(read, value);
}

function same(one: Value | undefined, other: Value): boolean {
  if (one === other || (one ?? null) === other) return true;
  if (typeof one !== "object" || typeof other !== "object") return false;
  return canonical(one) === canonical(other);
}

/** A number where a row is named, a text where an object names it. */
function sameKey(one: Value, other: Value): boolean {
  const textOf = (key: Value): string => (typeof key === "string" ? key : canonical(key));
  return one === other || textOf(one) === textOf(other);
}
