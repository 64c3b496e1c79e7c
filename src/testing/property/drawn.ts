/**
 * How fast-check shows a history in a counterexample: as a small timeline, not as the typed arrays
 * that it consists of.
 */
import * as fc from "fast-check";
import { historyOf, type History, type NewEvent } from "../../history/history.js";
import { asciiTimeline } from "../../../reports/index.js";

/** Columns that terminals show without wrapping. */
const WIDTH = 90;
/** So many operations are drawn. */
const DRAWN_MAX = 100;

/** The same history, which fast-check draws. */
export function drawnHistory(events: readonly NewEvent[]): History {
  const history = historyOf(events);
  return shownAs(history, () => drawingOf(history));
}

/** The same events, which fast-check draws as a history. */
export function drawnEvents(events: readonly NewEvent[]): readonly NewEvent[] {
  return shownAs(events, () => drawingOf(historyOf(events)));
}

/** Beside the thing itself: whoever compares it does not see it. */
function shownAs<T extends object>(it: T, text: () => string): T {
  return Object.defineProperty(it, fc.toStringMethod, { value: text, enumerable: false });
}

function drawingOf(history: History): string {
  const operations = [...history.invocations()];
  const count = operations.length === 1 ? "1 operation" : `${operations.length} operations`;
  const drawing = asciiTimeline(history, operations, { width: WIDTH, limit: DRAWN_MAX });
  return operations.length === 0 ? "(no operations)" : `(${count})\n${drawing}\n`;
}
