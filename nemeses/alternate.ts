/**
 * The schedule that faults with a beginning and an end have in common.
 */
import { cycle, once, sequence, stagger } from "../src/generator/index.js";
import type { Generator, Invocation } from "../src/generator/generator.js";
import type { ScheduleOptions } from "../src/runner/nemesis.js";

/**
 * Begins, ends, begins … without end; the waits are random (exponential) with the given mean, so
 * that faults come both close together and far apart. What is drawn for a fault is drawn when it is
 * carried out.
 */
export function alternate(fault: string, options: ScheduleOptions): Generator {
  const begin: Invocation = { f: `start-${fault}`, value: null };
  const end: Invocation = { f: `stop-${fault}`, value: null };
  return stagger(options.intervalMs, cycle(sequence(once(begin), once(end))));
}
