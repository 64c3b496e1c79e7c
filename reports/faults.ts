/**
 * The faults of a history, as spans of time. By convention `start-X` begins a fault and `stop-X`
 * ends it (or plain `start` and `stop`); `heal` ends all. The nemesis of a run writes each twice,
 * before and after it acts, and a span reaches from the first word of the start to the last word of
 * the stop.
 */
import { NEMESIS, NONE, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";

/** One fault, from when it began to when it was healed. */
export interface Fault {
  readonly name: string;
  readonly startNs: number;
  /** Infinity when the history does not say that it ended. */
  readonly endNs: number;
  /** Index of the event that began it. */
  readonly startIndex: number;
  /** Index of the last event that ended it; Infinity when there is none. */
  readonly endIndex: number;
  /** What the nemesis said that it did. */
  readonly detail: Value;
}

interface Open {
  readonly name: string;
  readonly startNs: number;
  readonly startIndex: number;
  endNs: number;
  endIndex: number;
  detail: Value;
  /** Whether the second event of the start was seen. */
  confirmed: boolean;
  /** Set by the first event of the stop. */
  ending: boolean;
  /** The nemesis said that it could not do it. */
  refused: boolean;
}

/** Finds the faults that took effect, in order of their beginning. */
export function faultsOf(history: History): readonly Fault[] {
  const all: Open[] = [];
  const open = new Map<string, Open>();
  for (let index = 0; index < history.length; index++) {
    if (history.processes[index] !== NEMESIS) continue;
    const timeNs = history.timesNs[index] as number;
    const f = history.functionNames[history.functions[index] as number] as string;
    const value = history.pool[history.values[index] as number] as Value;
    const error = history.errors[index] !== NONE;
    const begins = nameAfter("start", f);
    const ends = nameAfter("stop", f);
    if (begins !== undefined) {
      const known = open.get(begins);
      if (known !== undefined && !known.ending) {
        // The second event of the start, or a fault of the same name on top: one span.
        if (!known.confirmed && error) {
          known.refused = true;
          open.delete(begins);
        }
        if (value !== null) known.detail = value;
        known.confirmed = true;
        continue;
      }
      const fault = {
        name: begins,
        startNs: timeNs,
        startIndex: index,
        endNs: Infinity,
        endIndex: Infinity,
        detail: value,
        confirmed: false,
        ending: false,
        refused: error,
      };
      all.push(fault);
      if (!error) open.set(begins, fault);
    } else if (ends !== undefined || f === "heal") {
      for (const fault of open.values()) {
        if (ends !== undefined && ends !== fault.name) continue;
        // A stop that failed ended nothing; a heal or a later stop may.
        if (error) {
          fault.endNs = Infinity;
          fault.endIndex = Infinity;
          fault.ending = false;
          continue;
        }
        fault.endNs = timeNs;
        fault.endIndex = index;
        if (fault.ending) open.delete(fault.name);
        fault.ending = true;
      }
    }
  }
  return all
    .filter(({ refused }) => !refused)
    .map(({ name, startNs, endNs, startIndex, endIndex, detail }) => {
      return { name, startNs, endNs, startIndex, endIndex, detail };
    });
}

function nameAfter(verb: string, f: string): string | undefined {
  if (f === verb) return "fault";
  return f.startsWith(`${verb}-`) ? f.slice(verb.length + 1) : undefined;
}
