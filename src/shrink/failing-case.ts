/**
 * A failing case: all that decides a run that breaks its promise, as plain data, with nothing left
 * to draw but what the world draws from its seed. It is what shrinking makes smaller and what
 * `ordeal replay FILE` carries out.
 */
import type { TestDescription } from "../runner/result.js";
import type { Value } from "../history/value.js";
import type { Script } from "./script.js";

/** Settings of a simulated world by group and name; see `SimulationOptions`. */
export interface WorldSettings {
  readonly [group: string]: { readonly [name: string]: number | boolean };
}

/** An order of events that was chosen, and not left to delays; see `src/explore`. */
export interface ChosenOrder {
  /** What might go wrong; see `ExploreBounds`. */
  readonly bounds: { readonly [name: string]: number | boolean };
  /** The names of the events in their order, and of what else was chosen on the way. */
  readonly choices: readonly string[];
}

/** A run that is known to fail. */
export interface FailingCase {
  /** Its seed, nodes and workers are those of this case, not of the run that it was found in. */
  readonly test: TestDescription;
  readonly script: Script;
  /** Options of the system beside its name; absent for none. */
  readonly systemOptions?: { readonly [name: string]: Value };
  /** What differs from the defaults of a simulated world. */
  readonly world: WorldSettings;
  /** Absent where the world's delays decide; else times count for nothing. */
  readonly order?: ChosenOrder;
}

/** How big a case is. */
export interface CaseSize {
  readonly operations: number;
  readonly faults: number;
  readonly workers: number;
  readonly nodes: number;
  /** From the first operation or fault to the end of the main phase, in milliseconds. */
  readonly lengthMs: number;
  /** How many choices made its order of events; absent where it was not chosen. */
  readonly choices?: number;
}

/** A choice that something goes wrong. */
const CHOSEN_FAULT = /^(?:kill|power-loss|pause|lose|delay) /;

/** Measures a case. */
export function sizeOf({ script, test, order }: FailingCase): CaseSize {
  const { operations, faults, final, untilNs } = script;
  const starts = [...operations, ...faults].map(({ atNs }) => atNs);
  const firstNs = starts.length === 0 ? untilNs : Math.min(...starts);
  return {
    operations: operations.length + final.length,
    faults:
      faults.filter(({ invocation }) => invocation.f.startsWith("start-")).length +
      (order?.choices.filter((choice) => CHOSEN_FAULT.test(choice)).length ?? 0),
    workers: new Set([...operations, ...final].map(({ worker }) => worker)).size,
    nodes: test.nodeCount,
    lengthMs: Math.round(Math.max(0, untilNs - firstNs) / 1e6),
    ...(order === undefined ? {} : { choices: order.choices.length }),
  };
}

/** A case with some of its script changed. */
export function withScript(given: FailingCase, change: Partial<Script>): FailingCase {
  return { ...given, script: { ...given.script, ...change } };
}

/** A case with some of its description changed. */
export function withTest(given: FailingCase, change: Partial<TestDescription>): FailingCase {
  return { ...given, test: { ...given.test, ...change } };
}
