/**
 * How events are made while a run goes on, field by field. Objects that are spread and then given
 * more fields would be shorter, and miss the caches of V8 at each of these fields.
 */
import type { EventType, HistoryEvent, Process } from "./operation.js";
import type { NewEvent } from "./history.js";
import type { Value } from "./value.js";

/** What the events of one operation share. */
export interface EventSubject {
  readonly f: string;
  /** Undefined where there are no keys. */
  readonly key: Value | undefined;
  readonly process: Process;
}

/** What one of them tells. */
export interface EventNews {
  readonly type: EventType;
  readonly value: Value;
  readonly timeNs: number;
}

/** An event, without the fields that it does not have. */
export function newEvent(
  { f, key, process }: EventSubject,
  { type, value, timeNs }: EventNews,
  error?: Value,
): NewEvent {
  if (key === undefined) {
    return error === undefined
      ? { timeNs, type, process, f, value }
      : { timeNs, type, process, f, value, error };
  }
  return error === undefined
    ? { timeNs, type, process, f, key, value }
    : { timeNs, type, process, f, key, value, error };
}

/** The event with its place in the history. */
export function placed(event: NewEvent, index: number): HistoryEvent {
  const { timeNs, type, process, f, key, value, error } = event;
  if (key === undefined) {
    return error === undefined
      ? { index, timeNs, type, process, f, value }
      : { index, timeNs, type, process, f, value, error };
  }
  return error === undefined
    ? { index, timeNs, type, process, f, key, value }
    : { index, timeNs, type, process, f, key, value, error };
}
