/** Short ways to write small histories down, for the tests of checkers. */
import type { EventType, Process } from "../../src/history/operation.js";
import type { NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";

/** One event: type, process, function, value, key. */
export type EventRow = readonly [
  type: EventType,
  process: Process,
  f: string,
  value?: Value,
  key?: Value,
];

/** One operation: process, function, input, output, outcome, key. */
export type OperationRow = readonly [
  process: number,
  f: string,
  input?: Value,
  output?: Value,
  outcome?: "ok" | "fail" | "info",
  key?: Value,
];

/** Events one millisecond apart, the first at `startMs`. */
export function events(startMs: number, ...rows: readonly EventRow[]): readonly NewEvent[] {
  return rows.map((row, i) => eventOf(row, (startMs + i) * 1e6));
}

function eventOf([type, process, f, value = null, key]: EventRow, timeNs: number): NewEvent {
  const event = { type, process, f, value, timeNs };
  return key === undefined ? event : { ...event, key };
}

/** Operations one after the other, each of one millisecond, the first at `startMs`. */
export function operations(startMs: number, ...rows: readonly OperationRow[]): readonly NewEvent[] {
  return events(
    startMs,
    ...rows.flatMap(([process, f, input = null, output = null, outcome = "ok", key]) => {
      const last = outcome === "ok" ? output : input;
      const begun: EventRow =
        key === undefined ? ["invoke", process, f, input] : ["invoke", process, f, input, key];
      const ended: EventRow =
        key === undefined ? [outcome, process, f, last] : [outcome, process, f, last, key];
      return [begun, ended];
    }),
  );
}
