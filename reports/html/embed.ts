/**
 * Packs a history for the page. Beyond a cap the operations around the counterexample are kept
 * (without one, the first), and the page says what it leaves out.
 */
import { FAIL, NONE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { focusOf } from "../anomaly-kinds.js";
import { counterexampleOf, keyOf, witnessOf, type Counterexample } from "../counterexample.js";
import { faultsOf } from "../faults.js";
import { hasTimes } from "../moments.js";
import { createLabeller, formatValue } from "../operation-label.js";
import type { ReportSubject } from "../report-input.js";
import { packColumn } from "./columns.js";
import type { PageColumns, PageData } from "./page-data.js";

/** The page carries at most so many operations. */
const EMBEDDED_MAX = 200_000;
/** Values and errors are cut to so many characters. */
const TEXT_MAX = 400;
/** A history that begins later than this (an epoch, say) is shown from its first event on. */
const LATE_NS = 7 * 86_400e9;

/** What the page carries and what it leaves out. */
export interface Embedded {
  readonly data: PageData;
  readonly total: number;
}

/** Packs what the page shows. */
export function embed(subject: ReportSubject, max: number = EMBEDDED_MAX): Embedded {
  const { history, verdict } = subject;
  const all = history.invocations();
  const counterexample = counterexampleOf(verdict, history);
  const marked = [...(counterexample?.required ?? []), ...(counterexample?.forgotten ?? [])];
  const kept = choose(all, marked, max);
  const positions = new Map<number, number>();
  kept.forEach((invocation, position) => positions.set(invocation, position));
  const { firstNs, lastNs } = extentOf(history);
  const originNs = firstNs > LATE_NS ? firstNs : 0;
  const pool = createTexts(history);
  const columns = columnsOf(history, kept, { originNs, text: pool.text });
  const placed = (invocations: readonly number[]): readonly number[] =>
    invocations.flatMap((invocation) => positions.get(invocation) ?? []);
  const key = counterexample === undefined ? NONE : keyOf(counterexample, history);
  const witness = witnessOf(verdict);
  const data: PageData = {
    verdict: verdict.verdict,
    count: kept.length,
    originNs,
    timed: hasTimes(history),
    endNs: lastNs - originNs,
    functions: history.functionNames,
    answers: createLabeller(history).answers,
    columns,
    faults: faultsOf(history).map(({ name, startNs, endNs, startIndex, endIndex, detail }) => ({
      name,
      startIndex,
      endIndex: endIndex === Infinity ? null : endIndex,
      startNs: startNs - originNs,
      endNs: endNs === Infinity ? null : endNs - originNs,
      detail: detail === null ? "" : formatValue(detail, TEXT_MAX),
    })),
    ...(counterexample === undefined
      ? {}
      : {
          counterexample: {
            required: placed(counterexample.required),
            forgotten: placed(counterexample.forgotten),
            key: pool.text(key) - 1,
            ...captionsOf(history, counterexample, positions),
          },
        }),
    ...(witness === undefined ? {} : { witness: packColumn(placesOf(witness.parts, positions)) }),
    texts: pool.texts,
  };
  return { data, total: all.length };
}

/** Labels that show what the anomaly is about, where they would be too long as they are. */
function captionsOf(
  history: History,
  { required, anomaly }: Counterexample,
  positions: ReadonlyMap<number, number>,
): { readonly captions?: readonly string[] } {
  const focus = anomaly === undefined ? [] : focusOf(anomaly);
  if (focus.length === 0) return {};
  const { label } = createLabeller(history);
  const shown = required.filter((invocation) => positions.has(invocation));
  return { captions: shown.map((invocation) => label(invocation, { withKey: false, focus })) };
}

/** All operations, or those that are marked and the ones around them. */
function choose(all: Int32Array, marked: readonly number[], max: number): Int32Array {
  if (all.length <= max) return all;
  const [first] = marked;
  const last = marked.at(-1);
  const middle =
    first === undefined || last === undefined
      ? 0
      : all.findIndex((invocation) => invocation >= (first + last) / 2);
  const from = Math.max(0, Math.min(all.length - max, middle - Math.floor(max / 2)));
  const window = all.subarray(from, from + max);
  const inside = new Set(window);
  const outside = marked.filter((invocation) => !inside.has(invocation));
  return Int32Array.from([...window, ...outside]).sort();
}

function columnsOf(
  history: History,
  kept: Int32Array,
  { originNs, text }: { readonly originNs: number; readonly text: (position: number) => number },
): PageColumns {
  const { pairs, types, timesNs, errors } = history;
  const column = (at: (invocation: number, completion: number) => number): number[] =>
    Array.from(kept, (invocation) => at(invocation, pairs[invocation] as number));
  const nullAt = history.pool.indexOf(null);
  const outcomes = column((_, completion) => {
    const type = completion === NONE ? NONE : types[completion];
    return type === OK ? 0 : type === FAIL ? 1 : 2;
  });
  const input = column((invocation) => {
    const value = history.values[invocation] as number;
    return value === nullAt ? 0 : text(value);
  });
  const output = column((_, completion) => {
    const known = completion !== NONE && (types[completion] === OK || types[completion] === FAIL);
    return known ? text(history.values[completion] as number) : 0;
  });
  return {
    invocation: packColumn(differences(Array.from(kept))),
    completion: packColumn(column((from, to) => (to === NONE ? 0 : to - from))),
    process: packColumn(column((invocation) => history.processes[invocation] as number)),
    f: packColumn(column((invocation) => history.functions[invocation] as number)),
    key: packColumn(column((invocation) => text(history.keys[invocation] as number))),
    input: packColumn(input),
    output: packColumn(output),
    error: packColumn(column((_, to) => (to === NONE ? 0 : text(errors[to] as number)))),
    outcome: packColumn(outcomes),
    invoked: packColumn(
      differences(column((from) => Math.round((timesNs[from] as number) - originNs))),
    ),
    took: packColumn(
      column((from, to) => {
        if (to === NONE) return -1;
        return Math.max(0, Math.round((timesNs[to] as number) - (timesNs[from] as number)));
      }),
    ),
  };
}

function differences(numbers: readonly number[]): number[] {
  return numbers.map((number, at) => number - (at === 0 ? 0 : (numbers[at - 1] as number)));
}

/** Collects the texts that are used; `text` gives their position plus one, and 0 for none. */
function createTexts(history: History): {
  readonly texts: readonly string[];
  readonly text: (position: number) => number;
} {
  const texts: string[] = [];
  const known = new Map<number, number>();
  const text = (position: number): number => {
    if (position === NONE) return 0;
    const found = known.get(position);
    if (found !== undefined) return found;
    const made = texts.push(formatValue(history.pool[position] as Value, TEXT_MAX));
    known.set(position, made);
    return made;
  };
  return { texts, text };
}

function placesOf(
  parts: readonly { readonly order: readonly number[] }[],
  positions: ReadonlyMap<number, number>,
): Float64Array {
  const places = new Float64Array(positions.size);
  for (const { order } of parts) {
    order.forEach((invocation, at) => {
      const position = positions.get(invocation);
      if (position !== undefined) places[position] = at + 1;
    });
  }
  return places;
}

function extentOf(history: History): { readonly firstNs: number; readonly lastNs: number } {
  if (history.length === 0) return { firstNs: 0, lastNs: 0 };
  let firstNs = Infinity;
  let lastNs = -Infinity;
  for (const timeNs of history.timesNs) {
    firstNs = Math.min(firstNs, timeNs);
    lastNs = Math.max(lastNs, timeNs);
  }
  return { firstNs, lastNs };
}
