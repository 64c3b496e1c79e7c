/**
 * Attempts at a smaller case: runs each candidate, with some other seeds when its own shows
 * nothing, and keeps the best that still fails in the same way.
 *
 * A candidate that leaves something out draws other latencies than the run that it was made from,
 * so that one run says little about whether the failure is still possible; a few more seeds say
 * more.
 */
import { HarnessError } from "../errors.js";
import type { RunOutcome } from "../runner/run.js";
import { withTest, type FailingCase } from "./failing-case.js";

/** Carries out a case. */
export type Rerun = (candidate: FailingCase) => Promise<RunOutcome>;

/** What attempts may cost; whatever ends first ends them. */
export interface ShrinkBudget {
  readonly runs: number;
  readonly timeMs: number;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Ends it at once when it says yes: somebody does not want to wait any longer. */
  readonly stopped?: () => boolean;
  /** Lets signals be heard between checks, which need not wait for anything. */
  readonly pause?: () => Promise<void>;
}

/** The best case so far, and the way to a better one. */
export class Attempts {
  readonly #rerun: Rerun;
  readonly #budget: ShrinkBudget;
  readonly #onBest: ((best: FailingCase, runs: number) => void) | undefined;
  readonly #endMs: number;
  /** Candidates that showed nothing, so that no pass asks twice. */
  readonly #fruitless = new Set<string>();
  /** Characters in it. */
  #remembered = 0;
  #kind = "";
  #best: FailingCase;
  #outcome: RunOutcome | undefined;
  #runs = 0;

  constructor(
    start: FailingCase,
    options: {
      readonly rerun: Rerun;
      readonly budget: ShrinkBudget;
      readonly onBest?: (best: FailingCase, runs: number) => void;
    },
  ) {
    this.#best = start;
    this.#rerun = options.rerun;
    this.#budget = options.budget;
    this.#onBest = options.onBest;
    this.#endMs = options.budget.nowMs() + options.budget.timeMs;
  }

  get best(): FailingCase {
    return this.#best;
  }

  /** What the run of the best case came to; undefined before `reproduce`. */
  get outcome(): RunOutcome | undefined {
    return this.#outcome;
  }

  get runs(): number {
    return this.#runs;
  }

  /** Whether nothing more may be spent. */
  get spent(): boolean {
    const { runs, nowMs, stopped } = this.#budget;
    return this.#runs >= runs || nowMs() >= this.#endMs || stopped?.() === true;
  }

  /** Runs the case as it was given. Says whether it fails; how it fails is what is kept. */
  async reproduce(): Promise<boolean> {
    this.#runs++;
    this.#outcome = await this.#rerun(this.#best);
    const { verdict } = this.#outcome.result;
    this.#kind = verdict.anomalies[0]?.kind ?? "";
    return verdict.verdict === "invalid";
  }

  /** Takes a candidate when it still fails, with its own seed or with one of so many others. */
  async take(candidate: FailingCase, otherSeeds = 0): Promise<boolean> {
    const name = `${otherSeeds} ${JSON.stringify(candidate)}`;
    if (this.#fruitless.has(name)) return false;
    for (let other = 0; other <= otherSeeds; other++) {
      if (this.spent) return false;
      const seed = other === 0 ? candidate.test.seed : other;
      if (await this.#fails(withTest(candidate, { seed }))) return true;
    }
    this.#remember(name);
    return false;
  }

  #remember(name: string): void {
    if (name.length > REMEMBERED_LENGTH) return;
    if (this.#remembered + name.length > REMEMBERED_MAX) {
      this.#fruitless.clear();
      this.#remembered = 0;
    }
    this.#fruitless.add(name);
    this.#remembered += name.length;
  }

  async #fails(candidate: FailingCase): Promise<boolean> {
    this.#runs++;
    const outcome = await this.#rerun(candidate).catch(refused);
    if (outcome === undefined) return false;
    const { verdict, anomalies } = outcome.result.verdict;
    if (verdict !== "invalid" || anomalies[0]?.kind !== this.#kind) return false;
    this.#best = candidate;
    this.#outcome = outcome;
    this.#onBest?.(candidate, this.#runs);
    return true;
  }
}

/** A run that cannot be (a partition of one node) shows nothing. */
function refused(error: unknown): undefined {
  if (error instanceof HarnessError) return;
  throw error;
}

/** Longer candidates are not remembered: they come up once. */
const REMEMBERED_LENGTH = 20_000;
/** So many characters of others are; then it is begun anew, for an hour of attempts is many. */
const REMEMBERED_MAX = 30_000_000;
