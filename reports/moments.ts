/**
 * When an event was, in words. Some formats have no times (`INFO  jepsen.util - 3 :invoke …`):
 * their events count as one nanosecond apart, which is an order and no time, and is told as one.
 */
import type { History } from "../src/history/history.js";
import { formatDuration } from "./operation-label.js";
import { momentText, timeUnitOf } from "./time-unit.js";

/** How to tell the times of one history. */
export interface Moments {
  /** False when the history has an order, but no times. */
  readonly timed: boolean;
  /** `1.250 s`, or `event 12`. */
  at(index: number, decimals?: number): string;
  /** How long it was from one event to the other; undefined without times. */
  between(from: number, to: number): string | undefined;
}

/** Looks whether the history has times. */
export function momentsOf(history: History): Moments {
  const timed = hasTimes(history);
  const timeNs = (index: number): number => history.timesNs[index] ?? 0;
  const unit = timeUnitOf(history.timesNs.at(-1) ?? 0);
  return {
    timed,
    at: (index, decimals) => (timed ? momentText(timeNs(index), unit, decimals) : `event ${index}`),
    between: (from, to) => (timed ? formatDuration(timeNs(to) - timeNs(from)) : undefined),
  };
}

/** Whether the events have times of their own, not only their places. */
export function hasTimes({ timesNs }: History): boolean {
  return timesNs.some((timeNs, index) => timeNs !== index);
}
