/** Parts of a history: some of its operations whole, with the others left out or forgotten. */
import { historyOf, NEMESIS, type History } from "../history/history.js";
import type { HistoryEvent } from "../history/operation.js";

/** What else a part holds. */
export interface PartOptions {
  /** Whether the faults stay. Default false. */
  readonly faults?: boolean;
  /**
   * Whether the operations that are not chosen stay with their completions forgotten: they may have
   * happened at any later time, or never (see `verdict/certificate.ts`). Default false.
   */
  readonly forgets?: boolean;
}

/** The history of the operations with these invocations, in the order of the whole. */
export function subHistory(
  history: History,
  invocations: readonly number[],
  { faults = false, forgets = false }: PartOptions = {},
): History {
  const chosen = new Set(invocations);
  const wanted: number[] = [];
  /** A process does one operation at a time; one without an end is its last. */
  const strays = new Map<number, number>();
  let stray = history.processes.reduce((most, process) => Math.max(most, process), -1);
  for (const index of history.invocations()) {
    if (chosen.has(index)) {
      const { completion } = history.operation(index);
      wanted.push(index);
      if (completion !== undefined) wanted.push(completion);
    } else if (forgets) {
      wanted.push(index);
      strays.set(index, ++stray);
    }
  }
  if (faults) {
    for (let index = 0; index < history.length; index++)
      if (history.processes[index] === NEMESIS) wanted.push(index);
  }
  const events = wanted.toSorted((a, b) => a - b).map((index) => history.event(index));
  return historyOf(events.map((event) => asStray(event, strays.get(event.index))));
}

function asStray(event: HistoryEvent, process: number | undefined): HistoryEvent {
  return process === undefined ? event : { ...event, process };
}
