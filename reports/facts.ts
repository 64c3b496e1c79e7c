/**
 * What was run, as pairs of a name and a text: the same facts, in the same words, in every report.
 */
import type { Verdict } from "../src/verdict/verdict.js";
import { hasTimes } from "./moments.js";
import type { ReportSubject } from "./report-input.js";
import { counted, formatCount, formatDuration } from "./operation-label.js";

/** One line of what was run. */
export interface Fact {
  readonly name: string;
  readonly text: string;
}

/** The facts of a run or of a check, most telling first. */
export function factsOf(subject: ReportSubject): readonly Fact[] {
  const { result, verdict, counts } = subject;
  const facts: Fact[] = [];
  const add = (name: string, text: string): void => {
    facts.push({ name, text });
  };
  if (result !== undefined) {
    const { test } = result;
    add("Workload", test.workload);
    add("System", test.system);
    add("World", test.world);
    add("Faults", test.nemeses.length === 0 ? "none" : test.nemeses.join(", "));
    add("Seed", String(test.seed));
    add("Nodes", formatCount(test.nodeCount));
    add("Concurrency", counted(test.concurrency, "worker"));
    add("Rate", test.ratePerSecond === 0 ? "no limit" : `${formatCount(test.ratePerSecond)} / s`);
    if (test.file !== undefined) add("Test file", test.file);
    if (test.systemFile !== undefined) add("Module of the system", test.systemFile);
  }
  add("Operations", formatCount(counts.invoked));
  add("Outcomes", outcomesOf(subject));
  add("Faults injected", formatCount(counts.faults));
  if (hasTimes(subject.history)) add("Duration", formatDuration(subject.durationNs));
  add("Checker", verdict.checker);
  const level = levelAsked(verdict);
  if (level !== undefined) add("Level", level);
  add("Check took", formatDuration(verdict.elapsedMs * 1e6));
  return facts;
}

/** The level of isolation that a verdict is about; undefined where it is about no single one. */
export function levelAsked({ details }: Verdict): string | undefined {
  const level = details?.["level"];
  return typeof level === "string" ? level : undefined;
}

/** How the operations ended: `540 ok, 30 failed, 30 indeterminate`. */
export function outcomesOf({ counts }: ReportSubject): string {
  const { ok, fail, info } = counts;
  return `${formatCount(ok)} ok, ${formatCount(fail)} failed, ${formatCount(info)} indeterminate`;
}

/** What the reader must know beside the verdict. */
export function cautionsOf({ result }: ReportSubject): readonly string[] {
  if (result === undefined) return [];
  const early =
    result.endedEarly === undefined
      ? []
      : [`The run ended early (${result.endedEarly}); the verdict covers what was seen.`];
  return [...early, ...(result.notes ?? [])];
}
