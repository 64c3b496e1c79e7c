/**
 * A script: which worker did what and when, and which faults struck, taken from a history. A run
 * that follows a script does not ask the workload's generator, so that operations can be left out
 * one by one.
 */
import type { TimetableEntry } from "../generator/index.js";
import type { History } from "../history/history.js";
import type { HistoryEvent } from "../history/operation.js";
import type { Value } from "../history/value.js";
import { SETTLE_MS } from "../runner/phases.js";

/** An operation of a script. */
export interface ScriptedOperation {
  /** Which worker carries it out, from 0; a worker does one operation at a time. */
  readonly worker: number;
  /** When it begins if its worker is free by then, in nanoseconds; see `Script`. */
  readonly atNs: number;
  readonly f: string;
  readonly key?: Value;
  readonly value: Value;
}

/** What a run does, without anything that is drawn. */
export interface Script {
  /** The main phase; times are on the world's clock. */
  readonly operations: readonly ScriptedOperation[];
  /** Faults of the main phase, each with what it did as its value; on the world's clock too. */
  readonly faults: readonly TimetableEntry[];
  /** When the main phase ends at the earliest, and everything is healed. */
  readonly untilNs: number;
  /** What follows after healing; times count from the first question for them. */
  readonly final: readonly ScriptedOperation[];
}

/** The script of a run of so many workers. */
export function scriptOf(history: History, concurrency: number): Script {
  const operations: ScriptedOperation[] = [];
  const final: ScriptedOperation[] = [];
  const heal = healingOf(history);
  // When the runner first asked what follows.
  const finalNs = (heal?.endNs ?? 0) + SETTLE_MS * 1e6;
  for (const index of history.invocations()) {
    const event = history.event(index);
    const { f, key, value } = event;
    const worker = (event.process as number) % concurrency;
    const isFinal = heal !== undefined && index > heal.index;
    const atNs = isFinal ? Math.max(0, event.timeNs - finalNs) : event.timeNs;
    (isFinal ? final : operations).push(
      key === undefined ? { worker, atNs, f, value } : { worker, atNs, f, key, value },
    );
  }
  const last = history.length === 0 ? 0 : history.event(history.length - 1).timeNs;
  return { operations, faults: faultsOf(history), untilNs: heal?.timeNs ?? last, final };
}

/**
 * The faults of a run in the order in which they began: each at its time, with what it did then as
 * its value, so that a nemesis does the same again.
 */
export function faultsOf(history: History): readonly TimetableEntry[] {
  const faults: TimetableEntry[] = [];
  /** Where in `faults` the open fault of each function is: two events make one. */
  const open = new Map<string, number>();
  for (const { f, value, timeNs, error } of nemesisEvents(history)) {
    // The runner heals by itself at the end.
    if (f === HEAL) continue;
    const begun = open.get(f);
    if (begun === undefined) {
      open.set(f, faults.length);
      faults.push({ atNs: timeNs, invocation: { f, value } });
      continue;
    }
    open.delete(f);
    const { atNs } = faults[begun] as TimetableEntry;
    if (error === undefined) faults[begun] = { atNs, invocation: { f, value } };
  }
  return faults;
}

const HEAL = "heal";

interface Healing {
  readonly index: number;
  readonly timeNs: number;
  readonly endNs: number;
}

/** When the runner healed at the end; undefined for a run without faults. */
function healingOf(history: History): Healing | undefined {
  const [begin, end] = [...nemesisEvents(history)].filter(({ f }) => f === HEAL);
  if (begin === undefined) return undefined;
  const { index, timeNs } = begin;
  return { index, timeNs, endNs: end?.timeNs ?? timeNs };
}

function* nemesisEvents(history: History): Iterable<HistoryEvent> {
  for (let index = 0; index < history.length; index++) {
    const event = history.event(index);
    if (event.process === "nemesis") yield event;
  }
}
