/**
 * Elements that come back from the dead: a read shows what was removed before it began, and nobody
 * had added again.
 */
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import type { ElementFunctions, ElementRead, Elements } from "./elements.js";
import { elementValue } from "./element-faults.js";
import { maskOf, outcomeOf } from "./functions.js";
import { inOrder } from "./presence.js";
import { callText, valueText } from "./words.js";

/** An element that is there again. */
export interface Resurrected {
  readonly element: number;
  readonly read: ElementRead;
  /** The invocation of the remove. */
  readonly remove: number;
}

/**
 * Tells of each element that some read shows although a remove ended before the read began, and
 * every add that may have happened by the read's end was complete before the remove began.
 */
export function findResurrected(
  history: History,
  elements: Elements,
  options: {
    readonly functions: ElementFunctions;
    /** The remove must have ended before this event; the read's own beginning by default. */
    readonly boundary?: (read: ElementRead) => number;
    tell(found: Resurrected): void;
  },
): void {
  const { functions, boundary = ({ invocation }) => invocation } = options;
  const { firstRemove, reads, listed, values } = elements;
  if (firstRemove.every((remove) => remove === NONE)) return;
  const { adds, removes } = changesOf(
    history,
    functions,
    new Map(Array.from(values, (value, i) => [value, i])),
  );
  const told = new Set<number>();
  for (const read of reads) {
    const until = Math.min(boundary(read), read.invocation);
    for (let k = read.start; k < read.end; k++) {
      const element = listed.at(k);
      if (firstRemove[element] === NONE || told.has(element)) continue;
      const remove = (removes.get(element) ?? []).find(
        ({ begin, end }) =>
          end < until &&
          (adds.get(element) ?? []).every((add) => add.begin > read.completion || add.end < begin),
      );
      if (remove === undefined) continue;
      told.add(element);
      options.tell({ element, read, remove: remove.begin });
    }
  }
}

interface Change {
  readonly begin: number;
  /** Infinity when it is indeterminate. */
  readonly end: number;
}

/** The adds that did not fail and the removes that completed, of each element. */
function changesOf(
  history: History,
  { add, remove }: ElementFunctions,
  numberOf: ReadonlyMap<number, number>,
): {
  readonly adds: ReadonlyMap<number, Change[]>;
  readonly removes: ReadonlyMap<number, Change[]>;
} {
  const { length, types, processes, functions, pairs, values } = history;
  const isAdd = maskOf(history, add);
  const isRemove = maskOf(history, remove);
  const adds = new Map<number, Change[]>();
  const removes = new Map<number, Change[]>();
  for (let i = 0; i < length; i++) {
    if (types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    const f = functions[i] as number;
    const outcome = outcomeOf(history, i);
    const into =
      isAdd[f] === 1 && outcome !== FAIL
        ? adds
        : isRemove[f] === 1 && outcome === OK
          ? removes
          : undefined;
    const element = numberOf.get(values[i] as number);
    if (into === undefined || element === undefined) continue;
    const change = { begin: i, end: outcome === OK ? (pairs[i] as number) : Infinity };
    const known = into.get(element);
    if (known === undefined) into.set(element, [change]);
    else known.push(change);
  }
  return { adds, removes };
}

/** The anomaly of an element that is there again. */
export function resurrectedAnomaly(
  history: History,
  elements: Elements,
  { element, read, remove }: Resurrected,
): Omit<Anomaly, "kind"> {
  const value: Value = elementValue(history, elements, element);
  return {
    message: `${callText(history, read.invocation)} shows ${valueText(value)}, although ${callText(history, remove)} ended before it began and nobody added it again.`,
    operations: inOrder(elements.firstAdd[element] as number, remove, read.invocation),
    details: { element: value },
  };
}
