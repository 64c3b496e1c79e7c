/**
 * Zones (Gibbons & Korach, "Testing shared memories", SIAM J. Comput. 26(4), 1997, section 4), for
 * reads that may have been invoked earlier than they were (Golab, Li & Shah, "Analyzing consistency
 * properties for fun and profit", PODC 2011, section 4).
 *
 * For a cluster let f be where the first of its accesses ends, s where the last of them is invoked.
 * Cluster a can come before b exactly when no access of b ends before one of a is invoked: s(a) <
 * f(b). Two clusters *conflict* when neither can come first; and without conflicts all of them have
 * an order: by f where f < s, else by s (see `register.ts` of the monitors for the proof).
 *
 * Moving the invocations of reads `shift` nanoseconds back makes s smaller, or the write's own
 * start, and changes no f, so that conflicts only go away when the shift grows. Places are pairs of
 * time and event; equal times are in the order of the events, so that a shift of 0 is event order.
 */
import { NONE } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import { sortedByKey } from "../linearizable/monitors/event-order.js";
import { INITIAL_END, INITIAL_START, type Clusters } from "./clusters.js";

/** Two clusters that conflict. */
export interface Conflict {
  readonly one: number;
  readonly other: number;
}

/** The clusters of one key, with invocations of reads that are shifted. */
export class Zones {
  readonly clusters: Clusters;
  readonly #times: Float64Array;
  readonly #meter: Meter;
  /** By cluster: where its last access is invoked, as time and event. */
  readonly #lastTimes: Float64Array;
  readonly #lastEvents: Int32Array;
  /** By place in `byFirstEnd`: of the clusters up to there the one whose last start is latest. */
  readonly #latest: Int32Array;
  #from = 0;
  #to = 0;
  #shiftNs = 0;

  /** `times`: by event, in nanoseconds, nowhere decreasing. */
  constructor(clusters: Clusters, times: Float64Array, meter: Meter) {
    const count = clusters.starts.at(-1) ?? 0;
    meter.reserve(16 * count);
    this.clusters = clusters;
    this.#times = times;
    this.#meter = meter;
    this.#lastTimes = new Float64Array(count);
    this.#lastEvents = new Int32Array(count);
    this.#latest = new Int32Array(count);
  }

  /** Two clusters of the key that conflict under this shift; undefined without any. */
  conflict(key: number, shiftNs: number): Conflict | undefined {
    this.#from = this.clusters.starts[key] as number;
    this.#to = this.clusters.starts[key + 1] as number;
    this.#meter.spend(this.#to - this.#from);
    this.#shift(shiftNs);
    const { byFirstEnd } = this.clusters;
    let latest = byFirstEnd[this.#from] as number;
    this.#latest[this.#from] = latest;
    for (let place = this.#from + 1; place < this.#to; place++) {
      const cluster = byFirstEnd[place] as number;
      if (this.#startsAfterEndOf(latest, cluster)) {
        // Clusters that end before this one starts for the last time can only come before it.
        const isForward = this.#startsAfterEndOf(cluster, cluster);
        const upTo = isForward ? place - 1 : this.#endsBeforeStartOf(cluster, place) - 1;
        const other = upTo < this.#from ? NONE : (this.#latest[upTo] as number);
        if (other !== NONE && this.#startsAfterEndOf(other, cluster)) {
          return { one: other, other: cluster };
        }
      }
      if (this.#isLater(cluster, latest)) latest = cluster;
      this.#latest[place] = latest;
    }
    return undefined;
  }

  /** The clusters of the key in an order without conflict, after `conflict` found none. */
  order(): Int32Array {
    const { firstEnds, byFirstEnd } = this.clusters;
    const order = byFirstEnd.slice(this.#from, this.#to);
    const times = new Float64Array(order.length);
    const events = new Int32Array(order.length);
    order.forEach((cluster, place) => {
      const isForward = this.#startsAfterEndOf(cluster, cluster);
      const event = (isForward ? firstEnds[cluster] : this.#lastEvents[cluster]) as number;
      times[place] = isForward ? this.#timeOf(event) : (this.#lastTimes[cluster] as number);
      events[place] = event;
    });
    const places =
      this.#shiftNs === 0
        ? sortedByKey(events.map((event) => event - INITIAL_START))
        : order.map((_, place) => place).sort((a, b) => compare(a, b, times, events));
    this.#meter.spend(order.length);
    return places.map((place) => order[place] as number);
  }

  #shift(shiftNs: number): void {
    const { accesses, lastReads, writeStarts } = this.clusters;
    this.#shiftNs = shiftNs;
    for (let cluster = this.#from; cluster < this.#to; cluster++) {
      let event = writeStarts[cluster] as number;
      let time = this.#timeOf(event);
      const read = lastReads[cluster] as number;
      if (read !== NONE) {
        const readEvent = accesses.invocations[read] as number;
        const readTime = (this.#times[readEvent] as number) - shiftNs;
        if (readTime > time || (readTime === time && readEvent > event)) {
          event = readEvent;
          time = readTime;
        }
      }
      this.#lastTimes[cluster] = time;
      this.#lastEvents[cluster] = event;
    }
  }

  #timeOf(event: number): number {
    return event === INITIAL_START || event === INITIAL_END
      ? -Infinity
      : (this.#times[event] as number);
  }

  /** s(one) > f(other): then `one` cannot come before `other`. */
  #startsAfterEndOf(one: number, other: number): boolean {
    const end = this.clusters.firstEnds[other] as number;
    const endTime = this.#timeOf(end);
    const time = this.#lastTimes[one] as number;
    return time > endTime || (time === endTime && (this.#lastEvents[one] as number) > end);
  }

  /** How many places before `place` have an f that is before s of the cluster. */
  #endsBeforeStartOf(cluster: number, place: number): number {
    const { byFirstEnd } = this.clusters;
    let low = this.#from;
    let high = place;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#startsAfterEndOf(cluster, byFirstEnd[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isLater(one: number, other: number): boolean {
    const time = this.#lastTimes[one] as number;
    const otherTime = this.#lastTimes[other] as number;
    if (time !== otherTime) return time > otherTime;
    return (this.#lastEvents[one] as number) > (this.#lastEvents[other] as number);
  }
}

function compare(a: number, b: number, times: Float64Array, events: Int32Array): number {
  const time = times[a] as number;
  const otherTime = times[b] as number;
  if (time !== otherTime) return time < otherTime ? -1 : 1;
  return (events[a] as number) - (events[b] as number);
}

/** Times of events that never go back: what comes later in the history is not earlier. */
export function timesOf({
  timesNs,
  length,
}: {
  timesNs: Float64Array;
  length: number;
}): Float64Array {
  let latest = -Infinity;
  let isRising = true;
  for (let event = 0; event < length && isRising; event++) {
    isRising = (timesNs[event] as number) >= latest;
    latest = timesNs[event] as number;
  }
  if (isRising) return timesNs;
  latest = -Infinity;
  return timesNs.map((time) => (latest = Math.max(latest, time)));
}

/** The accesses of clusters in this order: each write, then its reads as they were invoked. */
export function withinZones(clusters: Clusters, key: number, order: Int32Array): Int32Array {
  const { accesses, clusterOf, writes } = clusters;
  const from = clusters.starts[key] as number;
  const first = accesses.starts[key] as number;
  const last = accesses.starts[key + 1] as number;
  const next = new Int32Array(order.length);
  for (let access = first; access < last; access++) {
    const cluster = clusterOf[access] as number;
    if (cluster !== NONE && writes[cluster] !== access) (next[cluster - from] as number)++;
  }
  const inOrder = new Int32Array(last - first);
  let place = 0;
  for (let at = 0; at < order.length; at++) {
    const cluster = order[at] as number;
    const write = writes[cluster] as number;
    if (write !== NONE) inOrder[place++] = write;
    const reads = next[cluster - from] as number;
    next[cluster - from] = place;
    place += reads;
  }
  for (let access = first; access < last; access++) {
    const cluster = clusterOf[access] as number;
    if (cluster === NONE || writes[cluster] === access) continue;
    inOrder[(next[cluster - from] as number)++] = access;
  }
  return inOrder.subarray(0, place);
}
