/**
 * The unit in which a report tells moments: one for the whole report, so that they compare at a
 * glance. Simulated and logical clocks tick in nanoseconds; a run lasts for minutes.
 */

/** A unit, and how many nanoseconds it has. */
export interface TimeUnit {
  readonly name: "ns" | "µs" | "ms" | "s";
  readonly ns: number;
}

const UNITS: readonly TimeUnit[] = [
  { name: "ns", ns: 1 },
  { name: "µs", ns: 1e3 },
  { name: "ms", ns: 1e6 },
];
const SECOND: TimeUnit = { name: "s", ns: 1e9 };

/** The unit that suits a history that ends at this time: the first in which that is short. */
export function timeUnitOf(endNs: number): TimeUnit {
  return UNITS.find(({ ns }) => endNs < ns * 1000) ?? SECOND;
}

/** A moment in this unit, with at most so many decimals as it has nanoseconds: `12.345 s`. */
export function momentText(timeNs: number, { name, ns }: TimeUnit, decimals = 3): string {
  return `${(timeNs / ns).toFixed(Math.min(decimals, Math.log10(ns)))} ${name}`;
}
