/**
 * From a history to the verdict of a run. A checker that throws has proved nothing, and neither has
 * a run in which every operation failed, nothing was read, or no fault took effect: those are
 * `unknown`, never a pass.
 */
import { askChecker } from "../checker/ask-checker.js";
import type { Budget, Checker } from "../checker/checker.js";
import { INVOKE, NEMESIS, NONE, OK, type History } from "../history/history.js";
import type { Verdict } from "../verdict/verdict.js";
import type { RunCounts } from "./result.js";

/** What a run must have shown for a pass to mean something. */
export interface Evidence {
  /** Functions whose answers show the state; a run must have got at least one. */
  readonly observes: readonly string[];
  /** Names of the nemeses that were to strike; empty when none were asked for. */
  readonly nemeses: readonly string[];
}

/** Checks the history and weighs what it shows. */
export async function judge(
  history: History,
  checker: Checker,
  options: Evidence & { readonly budget: Budget },
): Promise<Verdict> {
  const verdict = await askChecker(checker, history, options.budget);
  const gap = verdict.verdict === "valid" ? gapInEvidence(history, options) : undefined;
  return gap === undefined ? verdict : { ...verdict, verdict: "unknown", reason: gap };
}

/** Why a valid history of this run proves nothing; undefined when it does prove something. */
function gapInEvidence(history: History, evidence: Evidence): string | undefined {
  const counts = countsOf(history);
  if (counts.ok === 0) {
    return (
      `none of the ${counts.invoked} operations succeeded, so nothing was tested; ` +
      "look at the node logs and the errors in the history"
    );
  }
  if (evidence.observes.length > 0 && !observed(history, evidence.observes)) {
    return (
      `no ${evidence.observes.join(" or ")} succeeded, so nothing that the system keeps was ever seen; ` +
      "run longer or with milder faults"
    );
  }
  if (evidence.nemeses.length > 0 && counts.faults === 0) {
    return (
      `no fault of ${evidence.nemeses.join(", ")} took effect during the run, so only fault-free behaviour was ` +
      "tested; use a longer --time-limit or a shorter --nemesis-interval"
    );
  }
  return undefined;
}

function observed(history: History, functions: readonly string[]): boolean {
  const wanted = new Set(functions.map((f) => history.functionNames.indexOf(f)));
  for (let i = 0; i < history.length; i++) {
    if (history.types[i] === OK && wanted.has(history.functions[i] as number)) return true;
  }
  return false;
}

/** Counts the client operations and the faults that took effect. */
export function countsOf(history: History): RunCounts {
  const completions = [0, 0, 0, 0];
  let invoked = 0;
  for (let i = 0; i < history.length; i++) {
    if (history.processes[i] === NEMESIS) continue;
    const type = history.types[i] as number;
    if (type === INVOKE) invoked++;
    else completions[type] = (completions[type] as number) + 1;
  }
  const [, ok = 0, fail = 0] = completions;
  let faults = 0;
  for (const count of faultsOf(history).values()) faults += count;
  return { invoked, ok, fail, info: invoked - ok - fail, faults };
}

/** How often each `start-…` took effect. */
export function faultsOf(history: History): ReadonlyMap<string, number> {
  const begun = new Map<string, number>();
  const attempts = new Set<number>();
  for (let i = 0; i < history.length; i++) {
    if (history.processes[i] !== NEMESIS) continue;
    const f = history.functions[i] as number;
    const name = history.functionNames[f] as string;
    if (!name.startsWith("start-")) continue;
    // The nemesis writes two events a fault: that it begins, and what it did; one with an error did
    // nothing.
    if (!attempts.delete(f)) attempts.add(f);
    else if (history.errors[i] === NONE) begun.set(name, (begun.get(name) ?? 0) + 1);
  }
  return begun;
}
