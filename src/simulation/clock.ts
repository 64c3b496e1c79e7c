/** Clocks of the simulation: perfect ones, and ones that are off and run fast or slow. */
import type { Clock, Timer } from "../world/clock.js";
import type { Random } from "../random.js";
import type { ClockOptions } from "./options.js";
import type { Scheduler } from "./scheduler.js";
import type { Scope } from "./scope.js";

/** When every simulated run begins: 2024-01-01T00:00:00Z. */
const EPOCH_MS = 1_704_067_200_000;

/** How a clock is wrong. */
export interface ClockError {
  readonly offsetMs: number;
  /** Local time that passes per time that passes; 1 is right. */
  readonly rate: number;
}

/** The error of a clock that has none. */
export const PERFECT: ClockError = { offsetMs: 0, rate: 1 };

/** Draws the error of one node's clock, which it keeps over restarts. */
export function drawClockError(random: Random, options: ClockOptions): ClockError {
  const sign = (): number => random.float() * 2 - 1;
  return {
    offsetMs: Math.round(sign() * options.skewMsMax),
    rate: 1 + (sign() * options.driftPpmMax) / 1e6,
  };
}

/** Makes the clock of a scope; what it has promised is dropped when the scope dies. */
export function createClock(scheduler: Scheduler, scope: Scope, error: ClockError): Clock {
  const localNs = (): number => Math.floor(scheduler.nowNs() * error.rate);
  const timer = (delayMs: number, callback: () => void): Timer => {
    if (Number.isNaN(delayMs)) throw new RangeError("a timer's delay is a number of milliseconds");
    if (delayMs === Infinity) return { cancel: () => {} };
    const delayNs = Math.max(0, Math.round((delayMs * 1e6) / error.rate));
    const event = scheduler.after(delayNs, scope, callback);
    return { cancel: () => scheduler.cancel(event) };
  };
  return {
    nowNs: localNs,
    wallMs: () => EPOCH_MS + error.offsetMs + Math.floor(localNs() / 1e6),
    timer,
    sleep: (delayMs) =>
      new Promise((resolve) => {
        timer(delayMs, resolve);
      }),
  };
}
