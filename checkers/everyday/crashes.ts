/** When nodes crashed, as the nemesis recorded it. */
import { NEMESIS, type History } from "../../src/history/history.js";
import { lastEvents } from "./heals.js";
import { timeText } from "./words.js";

/** A crash lies between two events: the nemesis begins it, and says what it did. */
export interface Crash {
  /** Index of the event with which it began: what ended before was there before the crash. */
  readonly begun: number;
  /** Index of the event at which it had happened: what begins after that sees what is left. */
  readonly struck: number;
}

/** The crashes with one of these names, in the order of the history. */
export function crashesOf(history: History, names: readonly string[]): readonly Crash[] {
  const { length, processes, functions, functionNames } = history;
  const isLast = lastEvents(history);
  const begun = new Map<number, number>();
  const crashes: Crash[] = [];
  for (let i = 0; i < length; i++) {
    const f = functions[i] as number;
    if (processes[i] !== NEMESIS || !names.includes(functionNames[f] as string)) continue;
    if (isLast[i] !== 1) {
      begun.set(f, i);
      continue;
    }
    crashes.push({ begun: begun.get(f) ?? i, struck: i });
    begun.delete(f);
  }
  return crashes;
}

/** The last crash that had happened before this event; undefined when there was none. */
export function lastCrashBefore(crashes: readonly Crash[], index: number): Crash | undefined {
  let [low, high] = [0, crashes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((crashes[middle] as Crash).struck < index) low = middle + 1;
    else high = middle;
  }
  return crashes[low - 1];
}

/** When the last crash before a read began, in a sentence. */
export function crashTime(history: History, crashes: readonly Crash[], read: number): string {
  const crash = lastCrashBefore(crashes, read);
  return crash === undefined ? "?" : timeText(history.timesNs[crash.begun] as number);
}
