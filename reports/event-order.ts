/**
 * A layout that keeps the order of events and gives up their distances: each event gets its own
 * column, and each operation the room for its label. A counterexample often joins a write and a
 * read that are seconds apart and took milliseconds; to scale nobody could read it. Also part of
 * the browser code.
 */

/** Something that lasts from one event to another. */
export interface Span {
  /** Position of its first event in the order. */
  readonly start: number;
  /** Position of its last event; Infinity when it never ends. */
  readonly end: number;
  /** Least distance between the two. */
  readonly width: number;
}

/** The columns of the events and where everything ends. */
export interface OrderLayout {
  /** Column of each distinct position, ascending in both. */
  readonly columns: ReadonlyMap<number, number>;
  /** One past the last column that is needed, endless spans included. */
  readonly width: number;
}

/** Lays spans out; positions are any ascending numbers (event indices). O(n log n). */
export function layOut(spans: readonly Span[], gap: number): OrderLayout {
  const startsOf = new Map<number, Span[]>();
  const endsOf = new Map<number, Span[]>();
  for (const span of spans) {
    startsOf.set(span.start, [...(startsOf.get(span.start) ?? []), span]);
    if (span.end !== Infinity) endsOf.set(span.end, [...(endsOf.get(span.end) ?? []), span]);
  }
  const positions = [...new Set([...startsOf.keys(), ...endsOf.keys()])].sort((a, b) => a - b);
  const columns = new Map<number, number>();
  let column = 0;
  let width = 0;
  for (const position of positions) {
    for (const span of endsOf.get(position) ?? []) {
      column = Math.max(column, (columns.get(span.start) ?? 0) + span.width);
    }
    columns.set(position, column);
    for (const span of startsOf.get(position) ?? []) {
      if (span.end === Infinity) width = Math.max(width, column + span.width);
    }
    width = Math.max(width, column);
    column += gap;
  }
  return { columns, width };
}
