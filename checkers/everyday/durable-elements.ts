/**
 * Elements that are added, removed and listed: which of them a read after a crash must still list,
 * and which it must not.
 */
import { NONE, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { findAbsence } from "./absence.js";
import type { AnomalySink } from "./anomaly-list.js";
import { crashTime, lastCrashBefore, type Crash } from "./crashes.js";
import type { DurabilityFacts } from "./durable-values.js";
import { elementValue } from "./element-faults.js";
import { collectElements, type ElementRead } from "./elements.js";
import type { Limits } from "./limits.js";
import { inOrder } from "./presence.js";
import { findResurrected, resurrectedAnomaly } from "./resurrected.js";
import { callText, valueText } from "./words.js";

const ELEMENTS = { add: ["add"], remove: ["remove"], read: ["read"] };

interface Told {
  readonly history: History;
  readonly found: AnomalySink;
  readonly limits: Limits;
  readonly crashes: readonly Crash[];
}

/**
 * Follows the elements through the crashes.
 * @throws HarnessError `bad-argument` for a read whose result is no list
 */
export function followElements({ history, found, limits, crashes }: Told): DurabilityFacts {
  const strangers: { readonly value: Value; readonly read: ElementRead }[] = [];
  const elements = collectElements(history, {
    ...ELEMENTS,
    checker: "durability",
    limits,
    faults: {
      unexpected: (value, read) => strangers.push({ value, read }),
      // Copies are for other checkers.
      duplicated: () => undefined,
    },
  });
  const { count, acknowledgedAt, firstAdd, reads } = elements;
  const adds = new Map<string, number>();
  for (let element = 0; strangers.length > 0 && element < count; element++) {
    adds.set(canonical(elementValue(history, elements, element)), firstAdd[element] as number);
  }
  for (const { value, read } of strangers) {
    const add = adds.get(canonical(value));
    const who = callText(history, read.invocation);
    if (add === undefined) {
      found.add("unexpected-value", () => ({
        message: `${who} shows ${valueText(value)}, which nobody had tried to add, or only in vain.`,
        operations: [read.invocation],
        details: { value },
      }));
    } else {
      found.add("value-from-the-future", () => ({
        message: `${who} shows ${valueText(value)} before ${callText(history, add)} began.`,
        operations: inOrder(read.invocation, add),
        details: { value },
      }));
    }
  }
  const boundary = ({ invocation }: ElementRead): number =>
    lastCrashBefore(crashes, invocation)?.begun ?? NONE;
  findResurrected(history, elements, {
    functions: ELEMENTS,
    boundary,
    tell: (back) =>
      found.add("resurrected-value", () => resurrectedAnomaly(history, elements, back)),
  });
  const { lastAbsent } = findAbsence(elements, reads, { limits });
  const last = reads.at(-1);
  const final = crashes.at(-1)?.begun ?? NONE;
  const seenUntil = last === undefined ? NONE : boundary(last);
  let [atRisk, unread] = [0, 0];
  for (let element = 0; element < count; element++) {
    const acknowledged = acknowledgedAt[element] as number;
    if (acknowledged === NONE) continue;
    if (acknowledged < final) atRisk++;
    if (acknowledged < final && acknowledged > seenUntil) unread++;
    const read = reads[lastAbsent[element] as number];
    if (read === undefined || acknowledged > boundary(read)) continue;
    const add = firstAdd[element] as number;
    found.add("lost-write", () => ({
      message: `${callText(history, read.invocation)} misses ${valueText(elementValue(history, elements, element))}, although ${callText(history, add)} was acknowledged before the crash at ${crashTime(history, crashes, read.invocation)}.`,
      operations: inOrder(add, read.invocation),
      details: { element: elementValue(history, elements, element) },
    }));
  }
  const judged = reads.filter((read) => boundary(read) !== NONE).length;
  return { atRisk, judged, isUnread: unread > 0 };
}
