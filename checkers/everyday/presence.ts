/**
 * What became of each element: stable, lost, stale for a while, never read. The core of the
 * checkers of sets, broadcasts, effects and durable elements, which differ in their words and in
 * what they forgive.
 *
 * An element is *known* from the first moment at which it is certainly there: the end of an add, or
 * of a read that lists it. A read that begins after that and misses it is *stale*. When no read
 * that lists the element ends after the last stale one began, the element is *lost*.
 */
import { NONE, type History } from "../../src/history/history.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import type { ElementRead, Elements } from "./elements.js";
import { findAbsence } from "./absence.js";
import type { Limits } from "./limits.js";
import type { NoneColumns } from "./none-columns.js";
import { callText, timeText, valueText } from "./words.js";

/** What is asked of elements. */
export interface PresenceOptions {
  readonly limits: Limits;
  /** How long an element must have been known before a read has to show it, in nanoseconds. */
  readonly settleNs: number;
  /** The reads to look at, in the order of their invocations; of one place, for example. */
  readonly reads: readonly ElementRead[];
  /** Room for one entry an element, for who asks more than once. */
  readonly columns?: NoneColumns | undefined;
}

/** An element that a read misses. */
export interface Missed {
  readonly element: number;
  /** The last read that misses it. */
  readonly read: ElementRead;
  /** Of those that show it, the one that ended last; undefined when none does. */
  readonly seenBy: ElementRead | undefined;
  /** From when it was known to when that read began, in nanoseconds. */
  readonly latencyNs: number;
}

/** What became of the elements. */
export interface Presence {
  /** Shown by every read that had to. */
  readonly stable: number;
  /** Known, and no read began after that. */
  readonly neverRead: number;
  /** Missed, but not yet known for long enough. */
  readonly unsettled: number;
  /** Perhaps removed, and no read that shows it. */
  readonly removed: number;
  /** Never known, never seen. */
  readonly unseen: number;
  readonly lost: number;
  readonly stale: number;
}

/** Sorts the elements, and tells of each that is lost or stale. */
export function judgePresence(
  history: History,
  elements: Elements,
  options: PresenceOptions & {
    lost(missed: Missed): void;
    stale(missed: Missed): void;
    /** It was known, and no read began after that. */
    neverRead?(element: number): void;
  },
): Presence {
  const { timesNs } = history;
  const { reads, settleNs } = options;
  const { count, knownAt, firstRemove } = elements;
  const { lastAbsent, lastPresent } = findAbsence(elements, reads, options);
  const lastBegun = reads.at(-1)?.invocation ?? NONE;
  let [stable, neverRead, removed, unsettled, unseen, lost, stale] = [0, 0, 0, 0, 0, 0, 0];
  for (let element = 0; element < count; element++) {
    const known = knownAt[element] as number;
    if (known === NONE) {
      unseen++;
      continue;
    }
    const absent = lastAbsent[element] as number;
    const read = reads[absent];
    if (read === undefined || read.invocation < known) {
      if (lastBegun < known) {
        neverRead++;
        options.neverRead?.(element);
      } else if (firstRemove[element] !== NONE && lastPresent[element] === NONE) removed++;
      else stable++;
      continue;
    }
    const seenBy = reads[lastPresent[element] as number];
    const latencyNs = (timesNs[read.invocation] as number) - (timesNs[known] as number);
    const missed: Missed = { element, read, seenBy, latencyNs };
    if (seenBy !== undefined && seenBy.completion > read.invocation) {
      stale++;
      options.stale(missed);
    } else if (latencyNs < settleNs) unsettled++;
    else {
      lost++;
      options.lost(missed);
    }
  }
  return { stable, neverRead, removed, unsettled, unseen, lost, stale };
}

/**
 * Whether no element was ever at risk: none was acknowledged, and none was seen before the last
 * read began.
 */
export function nothingAtRisk({ acknowledgedAt, knownAt, reads }: Elements): boolean {
  const last = reads.at(-1)?.invocation ?? NONE;
  return acknowledgedAt.every((acknowledged, element) => {
    const known = knownAt[element] as number;
    return acknowledged === NONE && (known === NONE || known > last);
  });
}

/** The anomaly of an element that was there and is not. */
export function lostAnomaly(
  history: History,
  elements: Elements,
  { element, read, seenBy, latencyNs }: Missed,
): Omit<Anomaly, "kind"> {
  const value = history.valueAt(elements.values[element] as number);
  const known = elements.knownBy[element] as number;
  const last = seenBy === undefined ? "no read ever shows it" : "no later read shows it";
  return {
    message: `${callText(history, read.invocation)} misses ${valueText(value)}, which was there for ${timeText(latencyNs)} since ${callText(history, known)}; ${last}.`,
    operations: inOrder(
      elements.firstAdd[element] as number,
      known,
      ...(seenBy === undefined ? [] : [seenBy.invocation]),
      read.invocation,
    ),
    details: { element: value, knownForMs: latencyNs / 1e6 },
  };
}

/** Invocations in the order of the history, each once. */
export function inOrder(...invocations: readonly number[]): readonly number[] {
  return [...new Set(invocations)].sort((a, b) => a - b);
}
