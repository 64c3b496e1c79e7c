/**
 * Collects the elements of a history, with an anomaly for each that is made up or doubled: what the
 * checkers of sets, broadcasts, effects and durable elements have in common.
 */
import type { History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import {
  collectElements,
  type ElementFunctions,
  type ElementRead,
  type Elements,
} from "./elements.js";
import { inOrder } from "./presence.js";
import type { Work } from "./rule.js";
import { callText, valueText } from "./words.js";

/** What a checker reads, and what it calls what is wrong. */
export interface ElementWords extends ElementFunctions {
  readonly checker: string;
  readonly unexpected: string;
  readonly duplicated: string;
}

/**
 * The elements.
 * @throws HarnessError `bad-argument` for a read whose result is no list
 */
export function elementsOf(
  history: History,
  { found, limits }: Work,
  words: ElementWords,
): Elements {
  const duplicates: { readonly element: number; readonly read: ElementRead }[] = [];
  const elements = collectElements(history, {
    ...words,
    limits,
    faults: {
      unexpected: (value, read) =>
        found.add(words.unexpected, () => ({
          message: `${callText(history, read.invocation)} shows ${valueText(value)}, which nobody had tried to ${words.add[0]} by then, or only in vain.`,
          operations: [read.invocation],
          details: { element: value },
        })),
      duplicated: (element, read) => duplicates.push({ element, read }),
    },
  });
  for (const { element, read } of duplicates) {
    const value = elementValue(history, elements, element);
    found.add(words.duplicated, () => ({
      message: `${callText(history, read.invocation)} lists ${valueText(value)} more than once.`,
      operations: inOrder(elements.firstAdd[element] as number, read.invocation),
      details: { element: value },
    }));
  }
  return elements;
}

/** The value of an element. */
export function elementValue(history: History, { values }: Elements, element: number): Value {
  return history.valueAt(values[element] as number);
}
