/**
 * When faults begin and end, as the nemesis recorded it: the moments at which the last one that was
 * going on was healed.
 */
import { NEMESIS, NONE, type History } from "../../src/history/history.js";

/** A moment from which on there is no fault. */
export interface Heal {
  /** Index of the event of the nemesis. */
  readonly index: number;
  readonly timeNs: number;
  readonly f: string;
  /** Index of the event with which the next fault begins; the length of the history if none. */
  readonly until: number;
}

/** The heals, in the order of the history; `names` are functions that heal everything. */
export function healsOf(history: History, names: readonly string[] | undefined): readonly Heal[] {
  const { length, processes, functions, functionNames, errors, timesNs } = history;
  const isLast = lastEvents(history);
  const going = new Set<string>();
  const heals: Heal[] = [];
  let broken = false;
  let open: Omit<Heal, "until"> | undefined;
  const close = (until: number): void => {
    if (open !== undefined) heals.push({ ...open, until });
    open = undefined;
  };
  for (let i = 0; i < length; i++) {
    if (processes[i] !== NEMESIS) continue;
    const f = functionNames[functions[i] as number] as string;
    const isHeal = names === undefined ? /^stop-|^heal$/.test(f) : names.includes(f);
    if (!isHeal) {
      // Whatever else it does may be a fault; only what says that it starts has to be stopped.
      close(i);
      broken = true;
      if (f.startsWith("start-")) going.add(f.slice("start-".length));
      continue;
    }
    if (isLast[i] !== 1 || errors[i] !== NONE) continue;
    if (names === undefined && f.startsWith("stop-")) going.delete(f.slice("stop-".length));
    else going.clear();
    if (going.size > 0 || !broken) continue;
    broken = false;
    close(i);
    open = { index: i, timeNs: timesNs[i] as number, f };
  }
  close(length);
  return heals;
}

/**
 * The nemesis writes two events a fault, that it begins and what it did. Where a function has an
 * even number of them, every second is the end; else each stands for itself.
 */
export function lastEvents({ length, processes, functions, functionNames }: History): Uint8Array {
  const counts = new Int32Array(functionNames.length);
  for (let i = 0; i < length; i++) {
    const f = functions[i] as number;
    if (processes[i] === NEMESIS) counts[f] = (counts[f] as number) + 1;
  }
  const seen = new Int32Array(functionNames.length);
  const isLast = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    if (processes[i] !== NEMESIS) continue;
    const f = functions[i] as number;
    seen[f] = (seen[f] as number) + 1;
    if ((counts[f] as number) % 2 === 1 || seen[f] % 2 === 0) isLast[i] = 1;
  }
  return isLast;
}
