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

const PERFECT: ClockError = { offsetMs: 0, rate: 1 };

/** Draws the error of one node's clock, which it keeps over restarts. */
export function drawClockError(random: Random, options: ClockOptions): ClockError {
  const sign = (): number => random.float() * 2 - 1;
  return {
    offsetMs: Math.round(sign() * options.skewMsMax),
    rate: 1 + (sign() * options.driftPpmMax) / 1e6,
  };
}

/** A clock that is right. */
export function createPerfectClock(scheduler: Scheduler, scope: Scope): Clock {
  const perfect = clockFrom(PERFECT);
  return createClock(scheduler, scope, () => perfect);
}

/** The clock of a machine, whose error may change; it outlives the incarnations of its node. */
export interface MachineClock extends ClockError {
  /** When the rate last changed, and what the monotonic clock said then. */
  readonly sinceNs: number;
  readonly baseNs: number;
}

/** The ways to make the clock of a machine wrong; see `ClockControl`. */
export interface ClockFaults {
  jump(byMs: number): void;
  drift(rate: number): void;
  restore(): void;
  isWrong(): boolean;
}

/** The clock of a machine, which begins with an error of its own. */
export function createMachineClock(
  scheduler: Scheduler,
  own: ClockError,
): ClockFaults & { now(): MachineClock } {
  let clock = clockFrom(own);
  let isWrong = false;
  const setOffset = (offsetMs: number): void => {
    const { rate, sinceNs, baseNs } = clock;
    clock = { offsetMs, rate, sinceNs, baseNs };
  };
  /** It does not jump when its rate changes. */
  const setRate = (rate: number): void => {
    const nowNs = scheduler.nowNs();
    clock = {
      offsetMs: clock.offsetMs,
      rate,
      sinceNs: nowNs,
      baseNs: monotonicNs(clock, nowNs),
    };
  };
  return {
    now: () => clock,
    jump: (byMs) => {
      setOffset(clock.offsetMs + Math.round(byMs));
      isWrong = true;
    },
    drift: (rate) => {
      setRate(own.rate * rate);
      isWrong = true;
    },
    restore: () => {
      if (!isWrong) return;
      setRate(own.rate);
      const gainedNs = clock.baseNs - Math.floor(clock.sinceNs * own.rate);
      setOffset(own.offsetMs - Math.round(gainedNs / 1e6));
      isWrong = false;
    },
    isWrong: () => isWrong,
  };
}

function clockFrom(error: ClockError): MachineClock {
  return { offsetMs: error.offsetMs, rate: error.rate, sinceNs: 0, baseNs: 0 };
}

function monotonicNs({ rate, sinceNs, baseNs }: MachineClock, nowNs: number): number {
  return baseNs + Math.floor((nowNs - sinceNs) * rate);
}

/** Makes the clock of a scope; what it has promised is dropped when the scope dies. */
export function createClock(
  scheduler: Scheduler,
  scope: Scope,
  clockNow: () => MachineClock,
): Clock {
  const localNs = (): number => monotonicNs(clockNow(), scheduler.nowNs());
  const timer = (delayMs: number, callback: () => void): Timer => {
    if (Number.isNaN(delayMs)) throw new RangeError("a timer's delay is a number of milliseconds");
    if (delayMs === Infinity) return { cancel: () => {} };
    const delayNs = Math.max(0, Math.round((delayMs * 1e6) / clockNow().rate));
    const event = scheduler.after(delayNs, scope, callback);
    return { cancel: () => scheduler.cancel(event) };
  };
  return {
    nowNs: localNs,
    wallMs: () => EPOCH_MS + clockNow().offsetMs + Math.floor(localNs() / 1e6),
    timer,
    sleep: (delayMs) =>
      new Promise((resolve) => {
        timer(delayMs, resolve);
      }),
  };
}
