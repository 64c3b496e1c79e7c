/**
 * Where things lie on the time axis, in units that the zoom then stretches: to scale, or spread out
 * in the order of events (see `event-order.ts`).
 */
import { bisectLeft, bisectRight } from "d3";
import { layOut, type Span } from "../../event-order.js";
import { timeUnitOf, type TimeUnit } from "../../time-unit.js";
import type { PageData, PageFault } from "../page-data.js";
import type { Operations } from "./operations.js";

/** A mapping from time, and from operations, to units between 0 and `size`. */
export interface TimeAxis {
  /** False when times are the places of events. */
  readonly timed: boolean;
  /** What times are told in. */
  readonly unit: TimeUnit;
  readonly size: number;
  /** The times that have a unit of their own; undefined when all is to scale. */
  readonly knots: readonly Knot[] | undefined;
  startOf(position: number): number;
  /** Where its completion lies (an info's too); `size` when there is none. */
  endOf(position: number): number;
  faultStart(fault: PageFault): number;
  faultEnd(fault: PageFault): number;
  unitOf(timeNs: number): number;
  timeOf(unit: number): number;
}

/** A time with its unit. */
export interface Knot {
  readonly timeNs: number;
  readonly unit: number;
}

/** Distance between neighbouring events when they are spread out, in pixels at zoom 1. */
const GAP = 30;
/** Room before the first event and after the last. */
const MARGIN = 24;
/** With more faults than this their ends get no room of their own. */
const FAULTS_MAX = 12;

/** All to scale: one unit a nanosecond. */
export function trueTime(operations: Operations, data: PageData): TimeAxis {
  const size = Math.max(1, data.endNs * 1.02);
  return {
    timed: data.timed,
    unit: timeUnitOf(data.endNs),
    size,
    knots: undefined,
    startOf: (position) => operations.startNs[position] as number,
    endOf: (position) => Math.min(size, operations.endNs[position] as number),
    faultStart: ({ startNs }) => startNs,
    faultEnd: ({ endNs }) => endNs ?? size,
    unitOf: (timeNs) => timeNs,
    timeOf: (unit) => unit,
  };
}

/** The events of these operations spread out, with room for the labels. */
export function eventOrder(
  operations: Operations,
  data: PageData,
  shown: { readonly positions: readonly number[]; readonly withKey: boolean },
): TimeAxis {
  const { positions, withKey } = shown;
  const spans: Span[] = [];
  const times = new Map<number, number>();
  for (const position of positions) {
    const start = operations.invocation[position] as number;
    const known = operations.outcome[position] !== 2;
    const end = known ? (operations.completion[position] as number) : Infinity;
    spans.push({ start, end, width: 34 + 6.8 * operations.caption(position, withKey).length });
    times.set(start, operations.startNs[position] as number);
    if (known) times.set(end, operations.endNs[position] as number);
  }
  const first = Math.min(...times.keys());
  const last = Math.max(...times.keys());
  const near = data.faults.filter((fault) => {
    return fault.startIndex < last && (fault.endIndex ?? Infinity) > first;
  });
  for (const { startIndex, endIndex, startNs, endNs } of near.length > FAULTS_MAX ? [] : near) {
    const inside = startIndex > first;
    if (inside) times.set(startIndex, startNs);
    if (inside) spans.push({ start: startIndex, end: Infinity, width: 0 });
    if (endIndex === null || endIndex > last || endNs === null) continue;
    times.set(endIndex, endNs);
    spans.push({ start: endIndex, end: Infinity, width: 0 });
  }
  const layout = layOut(spans, GAP);
  const size = layout.width + 2 * MARGIN;
  const indices = [...layout.columns.keys()];
  const units = [...layout.columns.values()].map((column) => column + MARGIN);
  const knots = indices.map((index, at) => ({
    timeNs: times.get(index) ?? 0,
    unit: units[at] as number,
  }));
  const knotTimes = knots.map(({ timeNs }) => timeNs);
  const unitAt = (index: number): number => {
    const at = bisectLeft(indices, index);
    if (indices[at] === index) return units[at] as number;
    if (at === 0) return 0;
    return at === indices.length ? size : ((units[at - 1] as number) + (units[at] as number)) / 2;
  };
  const unitOf = (timeNs: number): number =>
    between(knotTimes, units, timeNs) ?? (timeNs < (knotTimes[0] ?? 0) ? 0 : size);
  return {
    timed: data.timed,
    unit: timeUnitOf(data.endNs),
    size,
    knots,
    startOf: (position) => unitAt(operations.invocation[position] as number),
    endOf: (position) => {
      const completion = operations.completion[position] as number;
      return completion === -1 ? size : unitAt(completion);
    },
    faultStart: ({ startIndex }) => unitAt(startIndex),
    faultEnd: ({ endIndex }) => (endIndex === null ? size : unitAt(endIndex)),
    unitOf,
    timeOf: (unit) =>
      between(units, knotTimes, unit) ??
      (unit < (units[0] ?? 0) ? knotTimes[0] : knotTimes.at(-1)) ??
      0,
  };
}

/** Linear interpolation; undefined outside. */
function between(
  from: readonly number[],
  to: readonly number[],
  value: number,
): number | undefined {
  const at = bisectRight(from, value);
  if (at === 0) return undefined;
  const low = from[at - 1] as number;
  if (at === from.length) return value === low ? to[at - 1] : undefined;
  const share = (value - low) / ((from[at] as number) - low);
  return (to[at - 1] as number) + share * ((to[at] as number) - (to[at - 1] as number));
}
