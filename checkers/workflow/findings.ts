/**
 * What is found wrong with an instance, told once for each life or request that it is about: ten
 * loads that miss the same effect are one finding.
 */
import type { Anomaly } from "../../src/verdict/verdict.js";
import type { AnomalySink } from "../everyday/anomaly-list.js";

/** Tells of an anomaly of a kind, about a life or a request. */
export type Findings = (kind: string, about: string, make: () => Omit<Anomaly, "kind">) => void;

/** Hands each finding on once. */
export function onceEach(found: AnomalySink): Findings {
  const told = new Set<string>();
  return (kind, about, make) => {
    const name = `${kind} ${about}`;
    if (told.has(name)) return;
    told.add(name);
    found.add(kind, make);
  };
}
