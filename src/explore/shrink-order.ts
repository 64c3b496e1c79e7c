/**
 * Makes a case small whose order of events was chosen: fewer operations, faults, clients and nodes,
 * fewer events that are put off, and fewer choices.
 *
 * The names of events depend on what happened before, so that the choices of a case fit no smaller
 * one as they are. Each smaller scope is tried with them as far as they go, and when that does not
 * fail in the same way, is explored for a while: it is small, and what fails in it with few delays
 * is soon found. Of what is found the choices are thinned out by delta debugging.
 */
import type { Invocation } from "../generator/generator.js";
import { ddmin } from "../shrink/ddmin.js";
import type { FailingCase } from "../shrink/failing-case.js";
import type { ShrinkBudget } from "../shrink/attempts.js";
import { COUNTED } from "./allowance.js";
import { execute, type ExecutionParts, type Explored } from "./execution.js";
import { explore, type FoundViolation } from "./explore.js";
import { Following } from "./following.js";
import { recordedChooser } from "./recorded.js";
import { boundsOf, caseOf, operationsOf } from "./rerun.js";

/** What is made small, and how. */
export interface ShrinkOrderOptions {
  readonly start: FailingCase;
  readonly parts: (explored: Explored) => ExecutionParts;
  readonly budget: ShrinkBudget;
  /** The fewest nodes that the system can have. */
  readonly nodesMin: number;
  readonly onBest?: (best: FailingCase, runs: number) => void;
}

/** What came of it. */
export interface ShrunkOrder {
  /** False when the case did not fail when it was run again; it is then as it was given. */
  readonly reproduced: boolean;
  readonly best: FailingCase;
  readonly runs: number;
  readonly spent: boolean;
}

/** A scope is explored for so many executions. */
const EXECUTIONS = 300;

/** Makes it as small as the budget allows. @throws what the executions throw. */
export async function shrinkOrder(options: ShrinkOrderOptions): Promise<ShrunkOrder> {
  const shrinking = new Shrinking(options);
  const reproduced = await shrinking.reproduce();
  if (reproduced) {
    let before: number;
    do {
      before = shrinking.smaller;
      for (const scope of shrinking.scopes()) if (await shrinking.tryScope(scope)) break;
    } while (shrinking.smaller > before && !shrinking.spent);
    await shrinking.thinOut();
  }
  const { best, runs, spent } = shrinking;
  return { reproduced, best, runs, spent };
}

interface Found extends Explored {
  readonly choices: readonly string[];
  readonly delays: number;
}

class Shrinking {
  readonly #options: ShrinkOrderOptions;
  readonly #endMs: number;
  #kind = "";
  #best: Found;
  #runs = 0;
  /** Scopes in which nothing was found. */
  readonly #fruitless = new Set<string>();
  /** How many smaller cases were found. */
  smaller = 0;

  constructor(options: ShrinkOrderOptions) {
    this.#options = options;
    const { budget, start } = options;
    this.#endMs = budget.nowMs() + budget.timeMs;
    const { test, order } = start;
    const operations = operationsOf(start);
    const choices = order?.choices ?? [];
    this.#best = { test, operations, bounds: boundsOf(order), choices, delays: Infinity };
  }

  get best(): FailingCase {
    return this.smaller === 0 ? this.#options.start : caseOf(this.#best);
  }

  get runs(): number {
    return this.#runs;
  }

  get spent(): boolean {
    const { runs, nowMs, stopped } = this.#options.budget;
    return this.#runs >= runs || nowMs() >= this.#endMs || stopped?.() === true;
  }

  async reproduce(): Promise<boolean> {
    const { choices } = this.#best;
    const chooser = recordedChooser(choices);
    this.#runs++;
    const execution = await execute(this.#options.parts(this.#best), { chooser, seen: new Set() });
    const { verdict } = execution.judged ?? {};
    this.#kind = verdict?.anomalies[0]?.kind ?? "";
    return verdict?.verdict === "invalid";
  }

  /** Smaller ones than the best, the smallest steps last. */
  *scopes(): Iterable<Explored> {
    const { test, operations, bounds } = this.#best;
    const within = { test, operations, bounds };
    for (let worker = operations.length - 1; worker >= 0 && operations.length > 1; worker--) {
      yield withOperations(within, operations.toSpliced(worker, 1));
    }
    for (let count = this.#options.nodesMin; count < test.nodeCount; count++) {
      yield { ...within, test: { ...test, nodeCount: count } };
    }
    for (const name of COUNTED) {
      if (bounds[name] > 0) yield { ...within, bounds: { ...bounds, [name]: bounds[name] - 1 } };
    }
    for (const name of ["disks", "final"] as const) {
      if (bounds[name]) yield { ...within, bounds: { ...bounds, [name]: false } };
    }
    for (const [worker, own] of [...operations.entries()].toReversed()) {
      for (let index = own.length - 1; index >= 0 && own.length > 1; index--) {
        yield withOperations(within, operations.with(worker, own.toSpliced(index, 1)));
      }
    }
  }

  /** Says whether it fails there in the same way; it is then the best. */
  async tryScope(scope: Explored): Promise<boolean> {
    const name = JSON.stringify(scope);
    if (this.spent || this.#fruitless.has(name)) return false;
    const followed = await this.#follow(scope, this.#best.choices);
    const found = followed ?? (await this.#search(scope));
    if (found === undefined) this.#fruitless.add(name);
    else this.#take(found);
    return found !== undefined;
  }

  #take(found: Found): void {
    this.#best = found;
    this.smaller++;
    this.#options.onBest?.(this.best, this.#runs);
  }

  async #follow(scope: Explored, wanted: readonly string[]): Promise<Found | undefined> {
    const chooser = new Following(wanted);
    this.#runs++;
    const { judged } = await execute(this.#options.parts(scope), { chooser, seen: new Set() });
    const { verdict, anomalies } = judged?.verdict ?? { verdict: "unknown", anomalies: [] };
    if (verdict !== "invalid" || anomalies[0]?.kind !== this.#kind) return undefined;
    return { ...scope, choices: chooser.choices, delays: chooser.delays };
  }

  /** Explores it, with few delays first. */
  async #search(scope: Explored): Promise<Found | undefined> {
    const { nowMs, runs } = this.#options.budget;
    const enough = new AbortController();
    const isMeant = ({ verdict }: FoundViolation): boolean =>
      verdict.anomalies[0]?.kind === this.#kind;
    const result = await explore({
      ...this.#options.parts(scope),
      reduction: "races",
      rounds: [0, 1, 2, Infinity],
      executions: Math.min(EXECUTIONS, runs - this.#runs),
      timeMs: Math.max(0, this.#endMs - nowMs()),
      nowMs,
      violations: Infinity,
      signal: enough.signal,
      onExecution: ({ violations }) => {
        if (violations.some(isMeant) || this.#options.budget.stopped?.() === true) enough.abort();
      },
    });
    this.#runs += result.executions;
    const found = result.violations.find(isMeant);
    return found === undefined ? undefined : this.#follow(scope, found.choices);
  }

  /** Leaves out choices for as long as fewer events are put off, or fewer choices are left. */
  async thinOut(): Promise<void> {
    if (this.spent) return;
    const { test, operations, bounds } = this.#best;
    const scope = { test, operations, bounds };
    const whole = await this.#follow(scope, this.#best.choices);
    if (whole === undefined) return;
    if (isShorter(whole, this.#best)) this.#take(whole);
    await ddmin(this.#best.choices, async (rest) => {
      if (this.spent) return false;
      const found = await this.#follow(scope, rest);
      if (found === undefined || !isShorter(found, this.#best)) return false;
      this.#take(found);
      return true;
    });
  }
}

function isShorter(a: Found, b: Found): boolean {
  if (a.delays !== b.delays) return a.delays < b.delays;
  return a.choices.length < b.choices.length;
}

function withOperations(
  { test, bounds }: Explored,
  operations: readonly (readonly Invocation[])[],
): Explored {
  return { test: { ...test, concurrency: operations.length }, bounds, operations };
}
