/** How the everyday checkers name operations, values and times in their sentences. */
import { NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";

/** Longer values are cut in sentences; the operation itself is listed with the anomaly. */
const VALUE_LENGTH = 60;
/** How many elements of a list a sentence names. */
const NAMED = 5;

/** A value in a sentence. */
export function valueText(value: Value): string {
  const text = canonical(value);
  return text.length <= VALUE_LENGTH ? text : `${text.slice(0, VALUE_LENGTH - 1)}…`;
}

/** The first of several values. */
export function someValues(values: readonly Value[]): string {
  const named = values.slice(0, NAMED).map(valueText).join(", ");
  return values.length > NAMED ? `${named} and ${values.length - NAMED} more` : named;
}

/** A time of the history. */
export function timeText(timeNs: number): string {
  if (timeNs < 1e3) return `${timeNs} ns`;
  if (timeNs < 1e6) return `${round(timeNs / 1e3)} µs`;
  if (timeNs < 1e9) return `${round(timeNs / 1e6)} ms`;
  return `${round(timeNs / 1e9)} s`;
}

function round(number: number): string {
  return String(Number(number.toPrecision(4)));
}

/** Who did what, and when: `process 3's add of 5 (1.2 ms to 3.4 ms)`. */
export function callText(history: History, invocation: number): string {
  const { values, functions, functionNames, processes, types, pairs, timesNs } = history;
  const who =
    processes[invocation] === NEMESIS ? "the nemesis" : `process ${processes[invocation]}`;
  const f = functionNames[functions[invocation] as number];
  const input = history.valueAt(values[invocation] as number);
  const pair = pairs[invocation] as number;
  const begin = timeText(timesNs[invocation] as number);
  const ended = pair !== NONE && types[pair] === OK;
  const time = ended ? `${begin} to ${timeText(timesNs[pair] as number)}` : `from ${begin} on`;
  return `${who}'s ${f}${input === null ? "" : ` of ${valueText(input)}`} (${time})`;
}

/** `1 read`, `2 reads`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
